"""Words of a command line that are no text: bytes that are not UTF-8, as of a name that was cut.

Python keeps such bytes as half characters, which no message holds. The name of a file may have any bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import click

_SURROGATE = re.compile("[\ud800-\udfff]")


def refuse_invalid_utf8(ctx: click.Context, params: Iterable[click.Parameter]) -> None:
    """Refuse the words of a command that are no text; raises click.BadParameter."""
    for param in params:
        if param.name and not isinstance(param.type, click.Path | click.File):
            refuse_invalid_utf8_value(ctx, param, ctx.params.get(param.name))


def refuse_invalid_utf8_value(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Refuse the value of one option or argument that is no text; raises click.BadParameter."""
    for word in _words(value):
        if isinstance(word, str) and _SURROGATE.search(word):
            shown = word.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            fact = f'"{shown}" is not UTF-8: it was cut, or is in another encoding'
            raise click.BadParameter(fact, ctx, param)


def _words(value: Any) -> Iterable[Any]:
    """Return the words of a value: of one that is repeated, and of what KEY=VALUE was read into, each."""
    if isinstance(value, dict):
        return *value, *value.values()
    return value if isinstance(value, tuple) else (value,)
