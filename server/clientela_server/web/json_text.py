"""Strict ProtoJSON: check a caller's JSON before protobuf's library parses it.

Rule: malformed JSON is refused by its field's path, and accepted values are exact. The library accepts
whatever Python's int() and float() accept (`1_0`, digits of other scripts, integers rounded by a float), and
has no bound on lists. Read next: `codecs`, `rpc/gate/message_sizes`.
"""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from google.protobuf.descriptor import FieldDescriptor, OneofDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from clientela_server.rpc.gate.message_sizes import ELEMENTS_MAX, bound_of, too_many
from clientela_server.rpc.services.field_masks import find_field

_NUMBER = re.compile(r"-?[0-9]{1,100}(?:[.][0-9]{1,100})?(?:[eE][+-]?[0-9]{1,3})?")
# Of a whole number, so that what an exponent makes of it is short.
_WHOLE = re.compile(r"-?[0-9]{1,40}(?:[.][0-9]{1,40})?(?:[eE][+-]?[0-9]{1,2})?")
_SHOWN = 40
_SURROGATE = re.compile("[\ud800-\udfff]")
_DAY_TIME = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
# How the messages are written that JSON has a text for, and what to say where they are not.
_TEXTS: dict[str, tuple[Any, re.Pattern[str], str]] = {
    "google.protobuf.Timestamp": (Timestamp, re.compile(_DAY_TIME), "a time such as 2026-01-31T12:00:00Z"),
    "google.protobuf.Duration": (
        Duration,
        re.compile(r"-?[0-9]{1,12}(?:[.][0-9]{1,9})?s"),
        "a time span such as 1.5s",
    ),
    "google.protobuf.FieldMask": (
        FieldMask,
        re.compile(r"[A-Za-z0-9_.,*]*"),
        "paths such as displayName,person.givenName",
    ),
}
# Paths of a mask may be written by either name of a field; the library takes one of them.
_UNDERLINED = re.compile("_([a-z])")
_NAMED = {"NaN", "Infinity", "-Infinity"}
_BITS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}


class Misread(ValueError):
    """Malformed JSON. path: the field's, "" for the whole; fact: what is wrong."""

    def __init__(self, path: str, fact: str) -> None:
        # A caller can name half characters, and no message can.
        self.path = path.encode(errors="replace").decode()
        self.fact = fact.encode(errors="replace").decode()
        super().__init__(f"{self.path}: {self.fact}" if path else self.fact)


class _Written(str):
    """The text of a number that Python would round, or of a constant that JSON does not have (NaN)."""

    __slots__ = ()


class _Object(dict[str, Any]):
    """A JSON object. twice: a repeated key, None if there is none."""

    __slots__ = ("twice",)
    twice: str | None


def load(data: bytes | str) -> Any:
    """Return parsed JSON; Misread if it is malformed."""
    try:
        return _loaded(data if isinstance(data, str) else data.decode())
    except UnicodeDecodeError as error:
        raise Misread("", f"it is not UTF-8 from byte {error.start + 1} on") from None
    except RecursionError:
        raise Misread("", "it is nested too deep") from None
    except json.JSONDecodeError as error:
        raise Misread(
            "", f"it is no JSON in line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None


def _loaded(text: str) -> Any:
    read = partial(json.loads, object_pairs_hook=_object, parse_float=_Written, parse_constant=_Written)
    try:
        return read(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # a whole number of more digits than Python converts: it is refused by its field
        return read(text, parse_int=_Written)


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    made.twice = None
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        made.twice = next(name for name in names if names.count(name) > 1)
    return made


def checked(given: Any, kind: Any, path: str = "") -> Any:
    """Return a message's JSON in the form that protobuf's library parses; Misread if it is malformed."""
    if kind.full_name in _TEXTS:
        return _well_known(given, kind.full_name, path)
    if not isinstance(given, dict):
        raise Misread(path, f"{_what(given)} is no object")
    _refuse_twice(given, path)
    made: dict[str, Any] = {}
    seen: set[str] = set()
    oneofs: dict[OneofDescriptor, str] = {}
    for name, value in given.items():
        field = find_field(kind, name)
        said = name[:100] if field is None else field.name
        here = f"{path}.{said}" if path else said
        if field is None:
            raise Misread(here, f"there is no field {said}")
        if field.name in seen:
            raise Misread(here, "is there twice, under both of its names")
        seen.add(field.name)
        if value is None:
            continue
        other = (
            oneofs.setdefault(field.containing_oneof, field.name) if field.containing_oneof else field.name
        )
        if other != field.name:
            raise Misread(here, f"can't be given together with {other}")
        made[field.name] = _field(value, field, here)
    return made


def _refuse_twice(given: Any, path: str, form: str = ".{}") -> None:
    """Raise Misread for a repeated key, of which only the last would count."""
    if twice := getattr(given, "twice", None):
        key = form.format(twice[:100])
        raise Misread(f"{path}{key}" if path else key.lstrip("."), "is there twice")


def _field(value: Any, field: FieldDescriptor, path: str) -> Any:
    if not field.is_repeated:
        return _one(value, field, path)
    kind: Any = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        _check_count(value, dict, field, path)
        _refuse_twice(value, path, '["{}"]')
        of_value = kind.fields_by_name["value"]
        return {key: _one(each, of_value, f'{path}["{key}"]') for key, each in value.items()}
    _check_count(value, list, field, path)
    return [_one(each, field, f"{path}[{place}]") for place, each in enumerate(value)]


def _check_count(value: Any, wanted: Any, field: FieldDescriptor, path: str) -> None:
    if not isinstance(value, wanted):
        raise Misread(path, f"{_what(value)} is no {'object' if wanted is dict else 'list'}")
    bound = bound_of(field)
    if len(value) > bound.most:
        raise too_many(path, bound)


def _one(value: Any, field: FieldDescriptor, path: str) -> Any:
    if field.message_type is not None:
        return checked(value, field.message_type, path)
    return _SCALARS[field.cpp_type](value, field, path)


def _well_known(given: Any, name: str, path: str) -> Any:
    kind, form, wanted = _TEXTS[name]
    if not isinstance(given, str) or isinstance(given, _Written) or not form.fullmatch(given):
        raise Misread(path, f"{_what(given)} is not {wanted}")
    if given.count(",") >= ELEMENTS_MAX:
        raise Misread(path, f"must contain no more than {ELEMENTS_MAX} items")
    written = _UNDERLINED.sub(lambda found: found[1].upper(), given) if kind is FieldMask else given
    try:
        kind().FromJsonString(written)
    except ValueError:
        raise Misread(path, f"{_what(given)} is not {wanted}") from None
    return written


def _integer(value: Any, field: FieldDescriptor, path: str) -> int:
    number = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        exact = Decimal(value)
        number = int(exact) if exact == exact.to_integral_value() else None
    if number is None:
        raise Misread(path, f"{_what(value)} is no whole number")
    least, most = _BITS[field.cpp_type]
    if not least <= number <= most:
        raise Misread(path, f"{_what(value)} is not from {least} to {most}")
    return number


def _double(value: Any, _: FieldDescriptor, path: str) -> Any:
    if isinstance(value, str) and value in _NAMED and not isinstance(value, _Written):
        return value
    is_number = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**100
    if not is_number and not (isinstance(value, str) and _NUMBER.fullmatch(value)):
        raise Misread(path, f"{_what(value)} is no number")
    if abs(number := float(value)) == float("inf"):
        raise Misread(path, f"{_what(value)} is too large a number")
    return number


def _bool(value: Any, _: FieldDescriptor, path: str) -> bool:
    if not isinstance(value, bool):
        raise Misread(path, f"{_what(value)} is neither true nor false")
    return value


def _text(value: Any, _: FieldDescriptor, path: str) -> str:
    if not isinstance(value, str) or isinstance(value, _Written):
        raise Misread(path, f"{_what(value)} is no text")
    if _SURROGATE.search(value):
        raise Misread(path, "holds half a character")
    return value


def _enum(value: Any, field: FieldDescriptor, path: str) -> int:
    names: Any = field.enum_type
    if isinstance(value, str) and value.isascii() and value in names.values_by_name:
        return int(names.values_by_name[value].number)
    if isinstance(value, bool) or not (isinstance(value, int) or re.fullmatch("-?[0-9]{1,10}", str(value))):
        known = ", ".join(names.values_by_name)
        raise Misread(path, f"{_what(value)} is no name of {names.name}: {known}")
    if not -(2**31) <= int(value) < 2**31:
        raise Misread(path, f"{_what(value)} is no number of {names.name}")
    return int(value)


_SCALARS: dict[int, Callable[[Any, FieldDescriptor, str], Any]] = {
    **dict.fromkeys(_BITS, _integer),
    FieldDescriptor.CPPTYPE_DOUBLE: _double,
    FieldDescriptor.CPPTYPE_FLOAT: _double,
    FieldDescriptor.CPPTYPE_BOOL: _bool,
    FieldDescriptor.CPPTYPE_STRING: _text,
    FieldDescriptor.CPPTYPE_ENUM: _enum,
}


def _what(value: Any) -> str:
    """Return a value as it was written, truncated, for an error."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    written = value if isinstance(value, _Written) else json.dumps(value, ensure_ascii=False)
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}..."
