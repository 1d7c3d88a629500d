"""Views of resources: columns for lists, facts for a single one, a name, and fields for programs.

Every value has a plain form (exact, for pipes and CSV) and a pretty one (for people). Text from the server
is escaped on output: a control character in a name must neither drive a terminal nor break a row.
Read next: harmless.py, customer_view.py, answer_writer.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from clientela_client.cli.words.amounts import plain_amount, pretty_amount, rounded_amount
from clientela_client.cli.words.enum_choices import pluralized
from clientela_client.cli.words.times import pretty_time
from clientela_client.harmless import guarded, one_line

if TYPE_CHECKING:
    from clientela_client.messages import Date, Money, Timestamp

T = TypeVar("T")

_TO_MINUTE_OR_DAY = (len("1997-01-31 08:26"), len("1997-01-31"))


@dataclass(frozen=True)
class Column(Generic[T]):
    """A column of a list. plain: the exact value; pretty: the form for people, if another.

    for_people: whether tables have the column; is_number: the cell is a number of ours, which may begin with
    "-" and needs no formula guard.
    On a narrow terminal: truncatable: the cell may be cut; is_id: it is cut where there is no other way;
    cut_lengths: the lengths in characters to which a time may be cut, to its minute or day; drop_priority:
    columns with a higher one are dropped first.
    live_width: the width in cells in a watched list, whose rows can't be measured in advance.
    """

    title: str
    plain: Callable[[T], str]
    pretty: Callable[[T], str] | None = None
    _: KW_ONLY
    align_right: bool = False
    is_number: bool = False
    for_people: bool = True
    truncatable: bool = False
    is_id: bool = False
    cut_lengths: tuple[int, ...] = ()
    drop_priority: int = 0
    live_width: int = 10

    def for_terminal(self, item: T) -> str:
        """Return the cell for people, escaped."""
        return one_line((self.pretty or self.plain)(item))

    def for_csv(self, item: T) -> str:
        """Return the cell for CSV, guarded against being read as a formula."""
        text = self.plain(item)
        return text if self.is_number else guarded(text)

    def for_pipe(self, item: T) -> str:
        """Return the plain cell on one line, for pipes."""
        return one_line(self.plain(item))


@dataclass(frozen=True)
class Fact:
    """A labelled value of a resource. key: the field's path, from which the label is derived.

    pretty: the form for people, if not the plain one; a fact without text is omitted. title: overrides the
    label. below: a second, dimmed line for people. under: a heading above the first fact that has it.
    """

    key: str
    plain: str
    pretty: str | None = None
    title: str = ""
    _: KW_ONLY
    below: str = ""
    under: str = ""

    @property
    def label(self) -> str:
        """The last part of the key as a word: "person.given_name" is "Given name"."""
        return self.title or self.key.rpartition(".")[2].replace("_", " ").capitalize()

    @property
    def for_people(self) -> str:
        """The text that people see."""
        return one_line(self.plain if self.pretty is None else self.pretty)


@dataclass(frozen=True)
class View(Generic[T]):
    """How one type of resource is written in each output format.

    table: columns of a table; flat: columns of CSV; name: for `-o name`; fields: for JSON and YAML.
    picked: the columns were chosen by `--columns`.
    """

    singular: str
    _: KW_ONLY
    plural: str
    table: tuple[Column[T], ...]
    flat: tuple[Column[T], ...]
    facts: Callable[[T], Iterable[Fact]]
    name: Callable[[T], str]
    fields: Callable[[T], dict[str, Any]]
    picked: bool = False

    def pluralized(self, number: int) -> str:
        """Return "1 customer", "2,357 customers"."""
        return pluralized(number, self.singular, self.plural)


def message_fields(message: Any) -> dict[str, Any]:
    """Return a message by the ProtoJSON mapping."""
    from clientela_client.plain_values import to_dict

    return to_dict(message)


def money(amount: Money) -> str:
    """Return "6552.70"."""
    return plain_amount(amount.units, amount.nanos, amount.currency_code)


def pretty_money(amount: Money) -> str:
    """Return "6,552.70 USD"."""
    return pretty_amount(amount.units, amount.nanos, amount.currency_code)


def rounded_money(amount: Money) -> str:
    """Return "6,552.70", rounded to the currency's minor unit, without the currency."""
    return rounded_amount(amount.units, amount.nanos, amount.currency_code)


def about(amount: Money) -> str:
    """Return "6,552.70 USD", rounded to the minor unit."""
    return f"{rounded_money(amount)} {amount.currency_code}"


def date(day: Date) -> str:
    """Return "1997-01-31"."""
    return f"{day.year:04d}-{day.month:02d}-{day.day:02d}"


def time(message: Any, field: str) -> str:
    """Return a Timestamp field as RFC 3339 in UTC, "" where it is unset."""
    moment: Timestamp = getattr(message, field)
    return moment.ToJsonString() if message.HasField(field) else ""


def time_for_people(message: Any, field: str) -> str:
    """Return a Timestamp field as "1997-01-31" or "1997-01-31 08:26:00", "" where it is unset."""
    return pretty_time(time(message, field))


def time_column(title: str, times: Callable[[T], Iterable[str]], **more: Any) -> Column[T]:
    """Return a column of times as RFC 3339; tables have the latest only, cut to minute or day if narrow."""
    return Column(
        title,
        lambda item: ";".join(times(item)),
        lambda item: pretty_time(max(times(item), default="")),
        cut_lengths=_TO_MINUTE_OR_DAY,
        **more,
    )


def word(message: Any, field: str) -> str:
    """Return an enum field's word, "referral" for ACQUISITION_CHANNEL_REFERRAL; "" if unspecified."""
    return enum_word(message, field, getattr(message, field))


def enum_word(message: Any, field: str, number: int) -> str:
    """Return the word of an enum number, or the number itself if this client does not know it."""
    values = message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number
    if not number:
        return ""
    if number not in values:
        return str(number)
    # Every value name begins with the enum's prefix: that of value 0 without UNSPECIFIED.
    return str(values[number].name).removeprefix(str(values[0].name).removesuffix("UNSPECIFIED")).lower()


def stage_word(message: Any, field: str) -> str:
    """Return a Stage field as its label, "LOST"; where none of the five holds, "between stages"."""
    return word(message, field).upper() or "between stages"


def time_fact(message: Any, field: str, key: str = "", title: str = "") -> Fact:
    """Return a Timestamp field as a fact."""
    return Fact(key or field, time(message, field), time_for_people(message, field), title)
