"""The discovery file: lets clients of the same account connect without options while the server runs.

It is named after the server's address. Line 1 is the path of the
administrator's token; with TLS, line 2 is the file to trust and line 3 the name that the certificate is
for. The other side is `clientela_client/connection/discovery.py`.
"""

from contextlib import suppress
from pathlib import Path

import structlog

from clientela_server.config import Address, discovery_folder

_log = structlog.get_logger("server")


class DiscoveryFile:
    """A context in which the file exists; failing to write it is logged and not fatal."""

    def __init__(self, address: Address, token_file: Path, trusted: Path | None, name: str) -> None:
        self._path = discovery_folder() / f"{address.host}_{address.port}"
        self._wanted = trusted is not None or token_file.exists()
        self._lines = [str(token_file), *([] if trusted is None else [str(trusted), name])]

    def __enter__(self) -> None:
        if not self._wanted:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text("".join(f"{line}\n" for line in self._lines))
        except OSError as error:
            _log.warning("clients must be told the token: its place can't be noted", error=error.strerror)

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._path.unlink()
