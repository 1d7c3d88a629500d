"""`--map` for values: translates a file's values to ours, `--map online=advertising`.

Rules: THEIRS=OURS maps a column if the file has one named THEIRS, else a value: OURS is then a choice of some
columns, and the mapping holds in all of these. COLUMN:THEIRS=OURS names the column, which may be any:
`--map "currency:€=EUR"`. The file's values are compared case-insensitively.
Read next: csv_columns.py, enum_choices.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from clientela_client.cli.words import enum_choices

Values = dict[str, dict[str, str]]
#: The choices of each column that has some.
CHOICES_BY_COLUMN: Mapping[str, Sequence[str]] = {
    "channel": enum_choices.CHANNELS,
    "contact_channels": enum_choices.CONTACT_CHANNELS,
    "marketing_consent": ("yes", "no"),
    "party": ("person", "organization"),
    "purpose": enum_choices.PURPOSES,
    "sales_path": enum_choices.SALES_PATHS,
}


def split_mapping(
    mapping: Mapping[str, str], header: Sequence[str]
) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Split a mapping into that of columns and that of values: (column or "", theirs) -> ours."""
    of_columns, of_values = dict[str, str](), dict[tuple[str, str], str]()
    for theirs, ours in mapping.items():
        column, colon, value = theirs.partition(":")
        if theirs in header:
            of_columns[theirs] = ours
        elif colon and value:
            of_values[column.strip(), value.strip().casefold()] = ours
        elif any(_word(ours, each) for each in CHOICES_BY_COLUMN.values()):
            of_values["", theirs.casefold()] = ours
        else:
            of_columns[theirs] = ours
    return of_columns, of_values


def values_of(
    said: Mapping[tuple[str, str], str], places: Mapping[str, int], header: Sequence[str]
) -> Values:
    """Return the value mapping of each of our columns; raise click.UsageError for an unknown column."""
    values: Values = {}
    for (column, theirs), ours in said.items():
        if found := _meant(column, ours, places, header):
            for each in found:
                values.setdefault(each, {})[theirs] = _word(ours, CHOICES_BY_COLUMN.get(each, ())) or ours
            continue
        fact = f'there is no column "{column or theirs}"' + (
            "" if column else f', and none that takes "{ours}"'
        )
        raise click.UsageError(f"--map: {fact}; the file has: {', '.join(header)}")
    return values


def _meant(column: str, ours: str, places: Mapping[str, int], header: Sequence[str]) -> list[str]:
    """Return the columns that a value mapping applies to."""
    if not column:
        return [each for each in places if _word(ours, CHOICES_BY_COLUMN.get(each, ()))]
    found = [each for each, place in places.items() if column in (each, header[place])]
    for each in found:
        if ours and each in CHOICES_BY_COLUMN and not _word(ours, CHOICES_BY_COLUMN[each]):
            raise click.UsageError(
                f'--map: "{ours}" is none of {enum_choices.comma_separated(CHOICES_BY_COLUMN[each])}'
            )
    return found


def _word(text: str, among: Sequence[str]) -> str:
    """Return the choice that a text spells, in any case or as the enum value's name, or ""."""
    word = text.strip().casefold().replace("-", "_").replace(" ", "_")
    for prefix in enum_choices.PREFIXES.values():
        word = word.removeprefix(prefix.casefold())
    return word if word in among else ""
