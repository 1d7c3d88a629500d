"""How each kind of answer looks: columns for lists, rows of facts for one, a name, and fields for programs.

Every value has a plain form (exact, for pipes and CSV) and a pretty one (for people). Text that comes from
the server is made harmless on its way out: a control character in somebody's name must not drive a terminal
or break a row.
Read next: harmless.py, customer_view.py, answer_writer.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
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
    """A column of a list. pretty: what people see, if not the plain form; for_people: whether they do.

    is_number: whether the cell holds a number of ours, which may begin with "-" and is no formula.
    Where the terminal is narrow: shrinks: the cell may be cut, as texts may; is_id: it may, but last of all;
    shorter: to how many characters it may be cut and still be right, as a time to its minute or day; spare:
    the higher, the sooner the column is left out.
    live_width: how wide it is in a list that is watched, whose rows are not there yet to be measured.
    """

    title: str
    plain: Callable[[T], str]
    pretty: Callable[[T], str] | None = None
    align_right: bool = False
    is_number: bool = False
    for_people: bool = True
    truncatable: bool = False
    is_id: bool = False
    cut_lengths: tuple[int, ...] = ()
    drop_priority: int = 0
    live_width: int = 10

    def for_terminal(self, item: T) -> str:
        """Return the cell as people see it."""
        return one_line((self.pretty or self.plain)(item))

    def for_csv(self, item: T) -> str:
        """Return the cell as a spreadsheet may read it."""
        text = self.plain(item)
        return text if self.is_number else guarded(text)

    def for_pipe(self, item: T) -> str:
        """Return the cell as programs read it."""
        return one_line(self.plain(item))


@dataclass(frozen=True)
class Fact:
    """One row about one resource. key: the field's path, from which the label for people is made.

    pretty: what people see, the plain form if not given. A fact is left out where its text is empty.
    title: the label, where the key does not make it. below: a second line for people, less loud.
    under: a heading for people, above the first of the facts that name it.
    """

    key: str
    plain: str
    pretty: str | None = None
    title: str = ""
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
    """All that the output forms need to know of a kind of answer.

    table: the columns of a list; flat: those of a CSV file; name: of `-o name`; fields: of JSON and YAML.
    picked: somebody asked for just these columns.
    """

    singular: str
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
    """Return a message by the protobuf JSON mapping."""
    from clientela_client.messages import to_dict

    return to_dict(message)


def money(amount: Money) -> str:
    """Return "6552.70"."""
    return plain_amount(amount.units, amount.nanos, amount.currency_code)


def pretty_money(amount: Money) -> str:
    """Return "6,552.70 USD"."""
    return pretty_amount(amount.units, amount.nanos, amount.currency_code)


def rounded_money(amount: Money) -> str:
    """Return "6,552.70", to the currency's smallest coin; for tables that name the currency once."""
    return rounded_amount(amount.units, amount.nanos, amount.currency_code)


def about(amount: Money) -> str:
    """Return "6,552.70 USD", to the smallest coin."""
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
    """Return a column of times as RFC 3339; people see the latest, to the minute or day if need be."""
    return Column(
        title,
        lambda item: ";".join(times(item)),
        lambda item: pretty_time(max(times(item), default="")),
        cut_lengths=_TO_MINUTE_OR_DAY,
        **more,
    )


def word(message: Any, field: str) -> str:
    """Return an enum field as people write it, "referral" for ACQUISITION_CHANNEL_REFERRAL, or ""."""
    return enum_word(message, field, getattr(message, field))


def enum_word(message: Any, field: str, number: int) -> str:
    """Return one value of an enum field as people write it; the number if this client does not know it."""
    values = message.DESCRIPTOR.fields_by_name[field].enum_type.values_by_number
    if not number:
        return ""
    if number not in values:
        return str(number)
    # Every value begins with the enum's name, which is what 0 is called without its _UNSPECIFIED.
    return str(values[number].name).removeprefix(str(values[0].name).removesuffix("UNSPECIFIED")).lower()


def stage_word(message: Any, field: str) -> str:
    """Return a Stage field as its label, "LOST"; where none of the five holds, "between stages"."""
    return word(message, field).upper() or "between stages"


def time_fact(message: Any, field: str, key: str = "", title: str = "") -> Fact:
    """Return a Timestamp field as a fact."""
    return Fact(key or field, time(message, field), time_for_people(message, field), title)
