"""Codecs that follow from the types of fields, for nouns whose message has what their dataclass has.

    str, int, bool       the field of the same name; with `| None`, unset where it is None
    int, NAME_us         a Timestamp, NAME_time
    int, NAME_day        a google.type.Date, NAME_date
    Money                a google.type.Money

Ids are the parts of the resource name. A text that is empty is unset. What fits no rule is refused when the
codec is made; such a noun, and one whose writes are hot, has a codec by hand: a derived one takes a few
microseconds more. Read next: `message_codec`.
"""

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, fields
from typing import Any, TypeVar, get_type_hints

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from clientela_server.domain.money import Money
from clientela_server.rpc.codec.message_codec import MessageCodec
from clientela_server.rpc.codec.values import from_date, from_money, from_time, to_date, to_money, to_time

T = TypeVar("T")
M = TypeVar("M", bound=Message)


def _same(value: Any) -> Any:
    return value


def _read(value: Any, _path: str) -> Any:
    return value


def _text(value: str) -> str | None:
    return value or None


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a field of a dataclass becomes one of a message: the `suffix` of its name becomes `other`."""

    kind: type
    suffix: str
    other: str
    to_message: Callable[[Any], Any]
    from_message: Callable[[Any, str], Any]
    _: KW_ONLY
    message: str = ""


# The first that fits holds.
_RULES = (
    _Rule(int, "_us", "_time", to_time, from_time, message="google.protobuf.Timestamp"),
    _Rule(int, "_day", "_date", to_date, from_date, message="google.type.Date"),
    _Rule(Money, "", "", to_money, lambda money, _: from_money(money), message="google.type.Money"),
    _Rule(str, "", "", _text, _read),
    _Rule(int, "", "", _same, _read),
    _Rule(bool, "", "", _same, _read),
)
_SCALARS = {
    FieldDescriptor.CPPTYPE_STRING: str,
    FieldDescriptor.CPPTYPE_BOOL: bool,
    FieldDescriptor.CPPTYPE_INT32: int,
    FieldDescriptor.CPPTYPE_INT64: int,
    FieldDescriptor.CPPTYPE_ENUM: int,
}


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of a dataclass with that of its message."""

    attribute: str
    name: str
    rule: _Rule
    is_optional: bool


def derived(kind: type[T], message: type[M], ids: Sequence[str]) -> MessageCodec[T, M]:
    """Return the codec of a dataclass and its message; TypeError where a field fits no rule or is left out.

    Args:
        kind: the dataclass, with a property `name`.
        message: the message, whose `name` has the ids in it.
        ids: the fields that hold the ids, in the order of the name.
    """
    hints = get_type_hints(kind)
    known = message.DESCRIPTOR.fields_by_name
    found = [
        _field(each.name, hints[each.name], known)
        for each in fields(kind)  # type: ignore[arg-type]
        if each.name not in ids
    ]
    left = set(known) - {"name"} - {each.name for each in found}
    if left:
        raise TypeError(f"{kind.__name__} has no field for {', '.join(sorted(left))}")

    def to_message(resource: T) -> M:
        """Return the message of a resource."""
        values = {"name": resource.name}  # type: ignore[attr-defined]
        for each in found:
            value = getattr(resource, each.attribute)
            if value is not None:
                values[each.name] = each.rule.to_message(value)
        return message(**values)

    noun = message.DESCRIPTOR.name.lower()

    def from_message(stored: M) -> T:
        """Return a resource, stored or stated by a caller; InvalidArgument for a malformed time or date."""
        values: dict[str, Any] = dict(zip(ids, stored.name.split("/")[1::2], strict=True))  # type: ignore[attr-defined]
        for each in found:
            is_unset = each.is_optional and not stored.HasField(each.name)
            values[each.attribute] = (
                None
                if is_unset
                else each.rule.from_message(getattr(stored, each.name), f"{noun}.{each.name}")
            )
        return kind(**values)

    return MessageCodec(message, to_message, from_message)


def _field(attribute: str, hint: Any, known: Any) -> _Field:
    """Return the field of an attribute; TypeError if no rule fits it."""
    options = [each for each in getattr(hint, "__args__", (hint,)) if each is not type(None)]
    is_optional = type(None) in getattr(hint, "__args__", ())
    for rule in _RULES if len(options) == 1 else ():
        name = attribute.removesuffix(rule.suffix) + rule.other
        if rule.kind is options[0] and attribute.endswith(rule.suffix) and _fits(rule, known.get(name)):
            if is_optional and not known[name].has_presence:
                break
            return _Field(attribute, name, rule, is_optional)
    raise TypeError(f"{attribute}: {hint} is no field of the message that a codec could be derived for")


def _fits(rule: _Rule, field: FieldDescriptor | None) -> bool:
    if field is None or field.is_repeated:
        return False
    if field.message_type is not None:
        return field.message_type.full_name == rule.message
    return not rule.message and _SCALARS.get(field.cpp_type) is rule.kind
