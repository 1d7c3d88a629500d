"""The contract's rules for what a phone's forms fill in, as a table in TypeScript.

Reads a descriptor set on stdin, writes the table on stdout. A rule that the table cannot say is refused here,
so that none is lost in silence: teach it to `_texts`, and to `core/rules.ts`, which runs the table.
"""

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorSet

from buf.validate import validate_pb2

#: The fields that forms fill in, by the form.
FORMS = {
    "CUSTOMER_RULES": (
        "Customer.display_name",
        "Customer.emails",
        "Customer.phones",
        "Customer.patron",
        "Person.given_name",
        "Person.family_name",
        "Organization.legal_name",
        "Organization.tax_id",
    ),
    "SALE_RULES": ("Purchase.lines", "Purchase.note", "PurchaseLine.description"),
}
#: What `string.email` stands for (protovalidate's own definition: the address of HTML's forms).
_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_EMAIL = rf"^[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*$"
_ONE_MATCH = re.compile(r"(!?)this\.matches\('((?:[^'\\]|\\.)*)'\)")
#: What other engines of regular expressions take in another way, or not at all.
_FOREIGN = re.compile(r"\(\?[^:]|\[\[:|\\[pPCQzA]")
_HEAD = """// The contract's rules for what forms fill in. Made from the protos by protos/rules_for_phone.py.

/** `most` entries, `unique`: none twice; each is `long` at most, matches `is`, and nothing of `isNot`. */
export interface Rule {
  readonly most?: number;
  readonly unique?: true;
  readonly long?: number;
  readonly is?: readonly string[];
  readonly isNot?: readonly string[];
}
"""


def main() -> None:
    """Write the tables of what comes in."""
    fields = _fields(FileDescriptorSet.FromString(sys.stdin.buffer.read()))
    sys.stdout.write(_HEAD)
    for form, names in FORMS.items():
        table = {name: rule_of(name, fields[name]) for name in names}
        sys.stdout.write(
            f"\nexport const {form} = {json.dumps(table, indent=2)} satisfies Record<string, Rule>;\n"
        )


def _fields(known: FileDescriptorSet) -> dict[str, FieldDescriptorProto]:
    return {
        f"{message.name}.{field.name}": field
        for file in known.file
        if file.package == "clientela.v1"
        for message in file.message_type
        for field in message.field
    }


def rule_of(name: str, field: FieldDescriptorProto) -> dict[str, Any]:
    """Make the rule of a field as the table says it."""
    told = field.options.Extensions[validate_pb2.field]
    rule: dict[str, Any] = {}
    each = told
    if told.HasField("repeated"):
        known = {"max_items": "most", "unique": "unique"}
        rule |= {
            known[part.name]: value for part, value in told.repeated.ListFields() if part.name != "items"
        }
        each = told.repeated.items
        _refuse_others(name, told, {"repeated"})
    return rule | _texts(name, each)


def _texts(name: str, told: validate_pb2.FieldRules) -> dict[str, Any]:
    _refuse_others(name, told, {"cel", "string", "repeated"})
    rule: dict[str, Any] = {}
    patterns: list[tuple[bool, str]] = []
    for part, value in told.string.ListFields():
        if part.name == "max_len":
            rule["long"] = value
        elif part.name == "email":
            patterns.append((True, _EMAIL))
        else:
            raise SystemExit(f"{name}: the phone knows no rule string.{part.name}")
    for cel in told.cel:
        patterns += matches_in(name, cel.expression)
    for key, wanted in (("is", True), ("isNot", False)):
        if found := [pattern for is_, pattern in patterns if is_ == wanted]:
            rule[key] = found
    return rule


def _refuse_others(name: str, told: validate_pb2.FieldRules, known: set[str]) -> None:
    for part, _ in told.ListFields():
        if part.name not in known:
            raise SystemExit(f"{name}: the phone knows no rule {part.name}")


def matches_in(name: str, expression: str) -> Iterator[tuple[bool, str]]:
    """Read an expression of CEL that asks for matches, and for nothing else."""
    rest = _ONE_MATCH.sub("", expression).replace("&&", "").strip()
    found = _ONE_MATCH.findall(expression)
    if rest or not found or expression.count("&&") != len(found) - 1:
        raise SystemExit(f"{name}: the phone can't run the rule {expression}")
    for negated, literal in found:
        pattern = _unescaped(literal)
        if _FOREIGN.search(pattern):
            raise SystemExit(f"{name}: browsers read the pattern {pattern} in another way")
        yield not negated, pattern


def _unescaped(literal: str) -> str:
    """Read a text as CEL writes it between quotes: its escapes are those of JSON, and of quotes."""
    plain = literal.replace("\\'", "'").replace('\\"', '"').replace('"', '\\"')
    return str(json.loads(f'"{plain}"'))


if __name__ == "__main__":
    main()
