"""Maps a CSV file's columns to ours, by the header or by `--map`.

Rule: each of our columns comes from one of the file's; an unknown column is an error that names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click


def columns(
    header: Sequence[str],
    mapping: Mapping[str, str],
    known: Sequence[str],
    ignored: frozenset[str] = frozenset(),
    aliases: Mapping[str, str] | None = None,
    *,
    ignores_others: bool = False,
) -> dict[str, int]:
    """Return the index of each of our columns in the file; raise click.UsageError.

    mapping: the file's column -> ours, or "" to ignore it. known: our columns; one that ends in "." is a
    prefix. aliases: other names of our columns, resolved in the result. ignores_others: ignore unknown and
    unnamed columns.
    """
    found = f"the file has: {', '.join(header)}"
    if missing := [theirs for theirs in mapping if theirs not in header]:
        raise click.UsageError(
            f'--map: there is no column "{missing[0]}"; {found}\n'
            f'Try: --map "COLUMN:{missing[0]}={mapping[missing[0]]}" if it is a value of a column'
        )
    places: dict[str, int] = {}
    for place, theirs in enumerate(header):
        ours = mapping.get(theirs, "" if theirs in ignored else theirs)
        if not ours and theirs in (*mapping, *ignored):
            continue
        if ignores_others and theirs not in mapping and not _is_known(ours, known):
            continue
        if not ours:
            raise click.UsageError(
                f"column {place + 1} of the file has no name; {found}\n"
                "Try: --ignore-others to leave out all columns that nobody knows"
            )
        if not _is_known(ours, known):
            raise _unknown(ours, theirs, known, header)
        ours = (aliases or {}).get(ours, ours)
        if ours in places:
            raise _twice(ours, header[places[ours]], theirs, found)
        places[ours] = place
    return places


def _is_known(column: str, known: Sequence[str]) -> bool:
    beginnings = tuple(name for name in known if name.endswith("."))
    return column not in beginnings and (column in known or column.startswith(beginnings))


def _unknown(ours: str, theirs: str, known: Sequence[str], header: Sequence[str]) -> click.UsageError:
    said = f'unknown column "{ours}"; the file has: {", ".join(header)}\nKnown: {", ".join(known)}\n'
    return click.UsageError(
        f'{said}Try: --map "{theirs}=OURS" to say what it is, --map "{theirs}=" to leave it out, or '
        "--ignore-others to leave out all that nobody knows"
    )


def _twice(ours: str, one: str, other: str, found: str) -> click.UsageError:
    if one == other:
        return click.UsageError(f'there are two columns "{one}"; {found}')
    return click.UsageError(
        f'there are two columns "{ours}": "{one}" and "{other}"; {found}\n'
        f'Try: --map "{other}=" to leave one out'
    )


def parse_mapping(entries: Sequence[str]) -> dict[str, str]:
    """Return the `--map` options as a dict; raise click.BadParameter."""
    mapping: dict[str, str] = {}
    for entry in entries:
        theirs, equals, ours = entry.rpartition("=")
        theirs = theirs.strip()
        if not equals or not theirs:
            raise click.BadParameter(f'"{entry}" is not THEIR_COLUMN=OURS', param_hint="--map")
        if theirs in mapping:
            raise click.BadParameter(f'column "{theirs}" is given twice', param_hint="--map")
        mapping[theirs] = ours.strip()
    return mapping
