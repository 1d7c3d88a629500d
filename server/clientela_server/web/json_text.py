"""JSON from a caller, looked at before protobuf's library makes a message of it.

Rule: what is no JSON of a message is refused by the path of its field, and what is taken means exactly what
it says. The library takes whatever Python's int() and float() take (`1_0`, digits of other scripts, whole
numbers by way of a float), and counts a list only when it has made it. Read next: `codecs`, `rpc/sizes`.
"""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from google.protobuf.descriptor import FieldDescriptor, OneofDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from clientela_server.rpc.sizes import ELEMENTS_MAX, bound_of, too_many

_NUMBER = re.compile(r"-?[0-9]{1,100}(?:[.][0-9]{1,100})?(?:[eE][+-]?[0-9]{1,3})?")
# Of a whole number, so that what an exponent makes of it is short.
_WHOLE = re.compile(r"-?[0-9]{1,40}(?:[.][0-9]{1,40})?(?:[eE][+-]?[0-9]{1,2})?")
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
_NAMED = {"NaN", "Infinity", "-Infinity"}
_BITS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}


class Misread(ValueError):
    """What was given is no such field; `path` is the field's, empty where it is all of it."""

    def __init__(self, path: str, fact: str) -> None:
        # A caller can name half characters, and no message can.
        self.path = path.encode(errors="replace").decode()
        self.fact = fact.encode(errors="replace").decode()
        super().__init__(f"{self.path}: {self.fact}" if path else self.fact)


class _Fraction(str):
    """A number of JSON with a point or an exponent, as it was written."""

    __slots__ = ()


def load(data: bytes | str) -> Any:
    """Read JSON; Misread where it is none."""
    try:
        text = data if isinstance(data, str) else data.decode()
        return json.loads(
            text, object_pairs_hook=_object, parse_float=_Fraction, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError:
        raise Misread("", "is not UTF-8") from None
    except RecursionError:
        raise Misread("", "is nested too deep") from None
    except Misread:
        raise
    except ValueError as error:
        raise Misread("", f"is no JSON: {error}"[:200]) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise Misread(next(name for name in names if names.count(name) > 1), "is there twice")
    return made


def _refuse_constant(word: str) -> Any:
    raise Misread("", f"{word} is no JSON")


def checked(given: Any, kind: Any, path: str = "") -> Any:
    """Give JSON of a message as protobuf's library shall have it; Misread where it is none."""
    if kind.full_name in _TEXTS:
        return _well_known(given, kind.full_name, path)
    if not isinstance(given, dict):
        raise Misread(path, f"must be an object, and is {_what(given)}")
    made: dict[str, Any] = {}
    oneofs: dict[OneofDescriptor, str] = {}
    for name, value in given.items():
        field = find_field(kind, name)
        said = name[:100] if field is None else field.name
        here = f"{path}.{said}" if path else said
        if field is None:
            raise Misread(here, f"there is no field {said}")
        if field.name in made:
            raise Misread(here, "is there twice, under both of its names")
        if value is None:
            continue
        other = (
            oneofs.setdefault(field.containing_oneof, field.name) if field.containing_oneof else field.name
        )
        if other != field.name:
            raise Misread(here, f"can't be given together with {other}")
        made[field.name] = _field(value, field, here)
    return made


def find_field(kind: Any, name: str) -> FieldDescriptor | None:
    """Find a field by either of its names."""
    if not name.isascii():
        return None
    found: FieldDescriptor | None = kind.fields_by_name.get(name) or kind.fields_by_camelcase_name.get(name)
    return found


def _field(value: Any, field: FieldDescriptor, path: str) -> Any:
    if not field.is_repeated:
        return _one(value, field, path)
    kind: Any = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        _check_count(value, dict, field, path)
        of_value = kind.fields_by_name["value"]
        return {key: _one(each, of_value, f'{path}["{key}"]') for key, each in value.items()}
    _check_count(value, list, field, path)
    return [_one(each, field, f"{path}[{place}]") for place, each in enumerate(value)]


def _check_count(value: Any, wanted: type, field: FieldDescriptor, path: str) -> None:
    if not isinstance(value, dict | list) or type(value) is not wanted:
        what = "an object" if wanted is dict else "a list"
        raise Misread(path, f"must be {what}, and is {_what(value)}")
    bound = bound_of(field)
    if len(value) > bound.most:
        raise too_many(path, bound)


def _one(value: Any, field: FieldDescriptor, path: str) -> Any:
    if field.message_type is not None:
        return checked(value, field.message_type, path)
    return _SCALARS[field.cpp_type](value, field, path)


def _well_known(given: Any, name: str, path: str) -> Any:
    kind, form, wanted = _TEXTS[name]
    if not isinstance(given, str) or not form.fullmatch(given):
        raise Misread(path, f"must be {wanted}, and is {_what(given)}")
    if given.count(",") >= ELEMENTS_MAX:
        raise Misread(path, f"must contain no more than {ELEMENTS_MAX} items")
    try:
        kind().FromJsonString(given)
    except ValueError:
        raise Misread(path, f"must be {wanted}") from None
    return given


def _integer(value: Any, field: FieldDescriptor, path: str) -> int:
    number = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        exact = Decimal(value)
        number = int(exact) if exact == exact.to_integral_value() else None
    if number is None:
        raise Misread(path, f"must be a whole number, and is {_what(value)}")
    least, most = _BITS[field.cpp_type]
    if not least <= number <= most:
        raise Misread(path, f"must be {least} to {most}")
    return number


def _double(value: Any, _: FieldDescriptor, path: str) -> Any:
    is_number = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**100
    if not is_number and not (isinstance(value, str) and (_NUMBER.fullmatch(value) or value in _NAMED)):
        raise Misread(path, f"must be a number, and is {_what(value)}")
    if value in _NAMED:
        return value
    if abs(number := float(value)) == float("inf"):
        raise Misread(path, "is too large a number")
    return number


def _bool(value: Any, _: FieldDescriptor, path: str) -> bool:
    if not isinstance(value, bool):
        raise Misread(path, f"must be true or false, and is {_what(value)}")
    return value


def _text(value: Any, _: FieldDescriptor, path: str) -> str:
    if not isinstance(value, str) or isinstance(value, _Fraction):
        raise Misread(path, f"must be a text, and is {_what(value)}")
    if _SURROGATE.search(value):
        raise Misread(path, "holds half a character")
    return value


def _enum(value: Any, field: FieldDescriptor, path: str) -> int:
    names: Any = field.enum_type
    if isinstance(value, str) and value.isascii() and value in names.values_by_name:
        return int(names.values_by_name[value].number)
    if isinstance(value, bool) or not (isinstance(value, int) or re.fullmatch("-?[0-9]{1,10}", str(value))):
        raise Misread(path, f"must be a name of {names.name}, and is {_what(value)}")
    if not -(2**31) <= int(value) < 2**31:
        raise Misread(path, f"must be a name of {names.name}")
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
    """Say what was given, and not the text itself, which may be personal."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return "a text" if isinstance(value, str) and not isinstance(value, _Fraction) else "a number"
