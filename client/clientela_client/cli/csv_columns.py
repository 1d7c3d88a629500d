"""The columns of a CSV file: which of ours each is, by its header or by `--map`.

Rule: each of our columns comes from one of theirs, by whatever name; what nobody knows is named.
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
) -> dict[str, int]:
    """Return where each of our columns is in the file; raises click.UsageError that names what was found.

    mapping: their column -> ours, or "" to leave it out. A column ending in "." is known by its beginning.
    aliases: other names of ours; the answer has the names that the aliases stand for.
    """
    found = f"the file has: {', '.join(header)}"
    if missing := [theirs for theirs in mapping if theirs not in header]:
        raise click.UsageError(f'--map: there is no column "{missing[0]}"; {found}')
    places: dict[str, int] = {}
    for place, theirs in enumerate(header):
        ours = mapping.get(theirs, "" if theirs in ignored else theirs)
        if not ours and theirs in (*mapping, *ignored):
            continue
        if not ours:
            raise click.UsageError(f"column {place + 1} of the file has no name; {found}")
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
    if separator := next((each for each in ";\t|" if len(header) == 1 and each in ours), ""):
        return click.UsageError(f"{said}Try: the same file with commas between the cells, not {separator!r}")
    if theirs.lower().startswith("sep="):
        return click.UsageError(f"{said}Try: the same file without its first line, {theirs}")
    return click.UsageError(
        f'{said}Try: --map "{theirs}=OURS" to say what it is, or --map "{theirs}=" to leave it out'
    )


def _twice(ours: str, one: str, other: str, found: str) -> click.UsageError:
    if one == other:
        return click.UsageError(f'there are two columns "{one}"; {found}')
    return click.UsageError(
        f'there are two columns "{ours}": "{one}" and "{other}"; {found}\n'
        f'Try: --map "{other}=" to leave one out'
    )


def parse_mapping(entries: Sequence[str]) -> dict[str, str]:
    """Return the `--map` options as a dict; raises click.BadParameter."""
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
