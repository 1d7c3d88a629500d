"""Arguments that are not UTF-8, such as a name cut within a character.

Python holds such bytes as lone surrogates (PEP 383), which protobuf rejects. File paths may have any bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import click

_SURROGATE = re.compile("[\ud800-\udfff]")


def refuse_invalid_utf8(ctx: click.Context, params: Iterable[click.Parameter]) -> None:
    """Raise click.BadParameter for an argument that is not UTF-8."""
    for param in params:
        if param.name and not isinstance(param.type, click.Path | click.File):
            refuse_invalid_utf8_value(ctx, param, ctx.params.get(param.name))


def refuse_invalid_utf8_value(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Raise click.BadParameter if the value of an option or argument is not UTF-8."""
    for word in _words(value):
        if isinstance(word, str) and _SURROGATE.search(word):
            shown = word.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            fact = f'"{shown}" is not UTF-8: it was cut, or is in another encoding'
            raise click.BadParameter(fact, ctx, param)


def _words(value: Any) -> Iterable[Any]:
    """Return the parts of a value: each item of a repeated one, keys and values of a dict."""
    if isinstance(value, dict):
        return *value, *value.values()
    return value if isinstance(value, tuple) else (value,)
