"""Options that all imports have: which column is which, and how a file is written."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

_ASCII = bytes(range(32, 127))
# They read ASCII as itself, and yet are for something else than files.
_FOR_OTHER_USE = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape"})
_FOR_CSV = {
    "mapping": "--map",
    "ignores_others": "--ignore-others",
    "encoding": "--encoding",
    "currency": "--currency",
    "date_formats": "--date-format",
    "decimal": "--decimal",
    "ids_per_customer": "--ids-per-customer",
}


def import_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the file argument and the options of all imports."""
    for flag in reversed(
        (
            click.argument("file", type=click.Path(path_type=Path)),
            click.option(
                "--map",
                "mapping",
                multiple=True,
                metavar="THEIRS=OURS",
                help="What a column of the file is, or a value: online=advertising.",
            ),
            click.option(
                "--ignore-others", "ignores_others", is_flag=True, help="Leave out columns that nobody knows."
            ),
            click.option(
                "--encoding",
                metavar="NAME",
                callback=_check_encoding,
                help="Of a file that is neither UTF-8 nor UTF-16: cp1252, cp1250.",
            ),
            click.option(
                "--rejects",
                type=click.Path(path_type=Path),
                help="Write refused rows to this file, as they are.",
            ),
        )
    ):
        command = flag(command)
    return command


def refuse_for_ndjson(**given: Any) -> None:
    """Refuse what is for the cells of a CSV file; raises click.UsageError."""
    for name, option in _FOR_CSV.items():
        if given.get(name):
            raise click.UsageError(
                f"{option} is for a CSV file: NDJSON has fields, and values of the contract"
            )


def _check_encoding(_ctx: click.Context, _param: click.Parameter, name: str | None) -> str | None:
    """Return how Python calls an encoding; raises click.BadParameter for what no file is written in."""
    if name is None:
        return None
    try:
        found = codecs.lookup(name).name
        is_text = _ASCII.decode(found) == _ASCII.decode("ascii") and found not in _FOR_OTHER_USE
    except (LookupError, UnicodeError, ValueError):
        found, is_text = "", name.lower().startswith("utf-16")
    if not is_text:
        raise click.BadParameter(
            f'"{name}" is no encoding of text files; e.g. cp1252, cp1250, iso8859-2, koi8-r'
        )
    # UTF-8 and UTF-16 are found by themselves, with their marks.
    return None if not found or found.startswith("utf") else found
