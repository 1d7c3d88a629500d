"""A failed call as a transport reports it. Read next: calls/status.py."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TypeAlias

Metadata: TypeAlias = tuple[tuple[str, str | bytes], ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A status other than OK. left: False only if the call certainly never left this machine.

    `reason`: why there can be no connection however long one waits, where that is known (tls.py).
    """

    code: str
    details: str
    headers: Metadata = ()
    trailers: Metadata = ()
    _: KW_ONLY
    left: bool = True
    reason: str = ""
