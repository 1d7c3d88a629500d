"""Recognise messages that break no rule of the contract, by the kinds of rules that most fields have.

Why: protovalidate takes as long for a small request as reading a customer does. A message is plain if each
field that is set has no rule, or only rules of the kinds below, and keeps them. All others are left to
protovalidate, which alone refuses, and words each refusal. So a rule of another kind makes a message slower
to check, and is never overlooked. Read next: `validation`.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from operator import ge, gt, le, lt
from typing import Any, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from buf.validate import validate_pb2

# Returns whether a value keeps a rule.
Keeps = Callable[[Any], bool]

_UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
# What RE2 and Python read alike: literals, classes, groups, bounds.
_PORTABLE = re.compile(r"\^[A-Za-z0-9_./:()\[\]{},?*+|-]*\$").fullmatch
_MATCHES = re.compile(r"this(?:\.(?P<field>[a-z_]+))?\.matches\('(?P<pattern>[^'\\]*)'\)").fullmatch
_COMPARES = re.compile(r"this\.(?P<field>[a-z_]+) (?P<sign>[<>]=) (?P<bound>-?[0-9]+)").fullmatch
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# By the id of a rule that takes more, in a pattern that is not portable: what keeps it for sure.
_STRICTER = {
    "string.email": re.compile(rf"[A-Za-z0-9_.+-]+@{_LABEL}(?:[.]{_LABEL})*"),
    "phone.e164": re.compile("[+][1-9][0-9]{6,14}"),
    "phone.trunk": re.compile("[+0-9]*"),
}
_SIGNS = {"gte": ge, "gt": gt, "lte": le, "lt": lt, ">=": ge, "<=": le}


class NotPlain(Exception):
    """A rule is of a kind that is left to protovalidate."""


class Field(NamedTuple):
    """The rules of a field: each is kept by its value, and whether it has to be kept where it is not set."""

    rules: tuple[Keeps, ...]
    must_be_set: bool


def is_plain(message: Message) -> bool:
    """Return whether a message is known to break no rule."""
    fields, needed = _fields(message.DESCRIPTOR)
    for field, value in message.ListFields():
        known = fields.get(field.number)
        if known is None:
            return False
        for keeps in known.rules:
            if not keeps(value):
                return False
        needed -= known.must_be_set
    return not needed


@cache
def _fields(kind: Descriptor) -> tuple[dict[int, Field], int]:
    """Return the fields that a plain message of a kind may have set, by number, and how many it must have."""
    if kind.GetOptions().HasExtension(validate_pb2.message) or _ruled_oneofs(kind):
        return {}, 1
    fields, needed = {}, 0
    for field in kind.fields:
        rules = field.GetOptions().Extensions[validate_pb2.field]
        try:
            known = tuple(_rules(field, rules))
            fields[field.number] = Field(known, _must_be_set(field, rules, known))
            needed += fields[field.number].must_be_set
        except NotPlain:
            needed += _must_be_set(field, rules, (lambda _: False,))
    return fields, needed


def _ruled_oneofs(kind: Descriptor) -> bool:
    return any(oneof.GetOptions().HasExtension(validate_pb2.oneof) for oneof in kind.oneofs)


def _must_be_set(field: FieldDescriptor, rules: validate_pb2.FieldRules, known: tuple[Keeps, ...]) -> bool:
    """Return whether a message breaks a rule of the field, or may break one, where it is not set."""
    if rules.ignore != validate_pb2.IGNORE_UNSPECIFIED:
        return False
    if rules.required:
        return True
    if field.is_repeated:
        return bool(rules.repeated.min_items or rules.map.min_pairs or rules.cel)
    return not field.has_presence and not all(keeps(field.default_value) for keeps in known)


def _rules(field: FieldDescriptor, rules: validate_pb2.FieldRules) -> Iterator[Keeps]:
    """Yield the rules of a field; raise NotPlain if one is of another kind."""
    if rules.ignore == validate_pb2.IGNORE_ALWAYS:
        return
    for rule, value in rules.ListFields():
        if rule.name == "cel":
            for each in value:
                yield from _of_cel(each)
        elif rule.name not in ("required", "ignore"):
            for kind, bound in value.ListFields():
                yield _of_items(field, bound) if kind.name == "items" else _standard(field, kind.name, bound)
    if field.message_type is not None and any(map(_is_ruled, _kinds_within(field.message_type))):
        yield _each_is_plain if field.is_repeated else is_plain


def _kinds_within(kind: Descriptor) -> set[Descriptor]:
    """Return a kind of messages and all that it may hold."""
    found, to_visit = {kind}, [kind]
    while to_visit:
        held = {field.message_type for field in to_visit.pop().fields if field.message_type is not None}
        to_visit += held - found
        found |= held
    return found


def _is_ruled(kind: Descriptor) -> bool:
    own = kind.GetOptions().HasExtension(validate_pb2.message) or _ruled_oneofs(kind)
    return own or any(field.GetOptions().HasExtension(validate_pb2.field) for field in kind.fields)


def _each_is_plain(values: Any) -> bool:
    return not hasattr(values, "keys") and all(map(is_plain, values))


def _of_items(field: FieldDescriptor, rules: validate_pb2.FieldRules) -> Keeps:
    """Return the rule that each value of a repeated field keeps."""
    if field.message_type is not None:
        raise NotPlain("items")
    known = tuple(_rules(field, rules))
    return lambda values: all(keeps(value) for value in values for keeps in known)


def _of_cel(rule: validate_pb2.Rule) -> Iterator[Keeps]:
    """Yield the rules that a CEL expression states, or a stricter one that most values keep."""
    if stricter := _STRICTER.get(rule.id):
        match = stricter.fullmatch
        yield lambda value: match(value) is not None
    else:
        yield from map(_of_clause, rule.expression.split(" && "))


def _of_clause(clause: str) -> Keeps:
    """Return the rule that a clause of a CEL expression states."""
    if found := _MATCHES(clause):
        keeps = _pattern(found["pattern"])
        return _of_part(found["field"], keeps) if found["field"] else keeps
    if found := _COMPARES(clause):
        compare, bound = _SIGNS[found["sign"]], int(found["bound"])
        return _of_part(found["field"], lambda value: compare(value, bound))
    raise NotPlain(clause)


def _of_part(name: str, keeps: Keeps) -> Keeps:
    return lambda value: keeps(getattr(value, name))


def _standard(field: FieldDescriptor, rule: str, bound: Any) -> Keeps:
    """Return a rule that is not written in CEL: a length, a bound, a pattern, an enum's values."""
    if rule in ("max_len", "max_items"):
        return lambda value: len(value) <= bound
    if rule in ("min_len", "min_items"):
        return lambda value: len(value) >= bound
    if rule == "unique" and bound:
        return lambda values: len(set(values)) == len(values)
    if rule == "pattern":
        return _pattern(bound)
    if rule == "uuid" and bound:
        return _pattern(_UUID)
    if rule == "defined_only" and bound and field.enum_type is not None:
        return frozenset(field.enum_type.values_by_number).__contains__
    if rule in _SIGNS:
        compare = _SIGNS[rule]
        return lambda value: compare(value, bound)
    raise NotPlain(rule)


def _pattern(pattern: str) -> Keeps:
    if not _PORTABLE(pattern):
        raise NotPlain(pattern)
    # Python's $ is also before a line's end.
    match = re.compile(pattern[:-1] + r"\Z").match
    return lambda value: match(value) is not None
