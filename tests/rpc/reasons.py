"""Every refusal that the server's source can make, found by reading the source.

A refusal is written `Kind("REASON", fact=...)` or `InvalidArgument.of_field("REASON", path, text, fact=...)`,
and so that it can be found: its reason is a literal, or chosen between literals.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import clientela_server
from clientela_server.domain import errors

SOURCE = Path(clientela_server.__file__).parent
KINDS = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.Refusal)
}
# What a refusal holds beside its facts.
NOT_FACTS = {"faults", "resource", "retry_after_s"}
# Made by rpc/errors itself, of what is no refusal.
OF_THE_GATE = {"DEADLINE_EXCEEDED", "STORE_FAILED", "DATA_DAMAGED", "INTERNAL"}


@dataclass(frozen=True)
class Use:
    """One place where a refusal is made: where, with which reason and which facts."""

    where: str
    reason: str
    facts: frozenset[str]

    def __str__(self) -> str:
        return f"{self.reason} ({self.where})"


def uses() -> list[Use]:
    """All places in the server's source."""
    return [use for path in sorted(SOURCE.rglob("*.py")) for use in uses_in(path.read_text(), path.name)]


def uses_in(source: str, name: str) -> Iterator[Use]:
    """The places in one module's source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _makes_refusal(node.func) and node.args:
            facts = {each.arg for each in node.keywords if each.arg} - NOT_FACTS
            if isinstance(node.func, ast.Attribute) and node.func.attr == "of_field":
                facts |= {"field"}
            for reason in _texts(node.args[0]):
                yield Use(f"{name}:{node.lineno}", reason, frozenset(facts))


def _makes_refusal(func: ast.expr) -> bool:
    match func:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(id="errors"), attr=name):
            return name in KINDS
        case ast.Attribute(value=ast.Name(id=name) | ast.Attribute(attr=name), attr="of_field"):
            return name in KINDS
    return False


def _texts(node: ast.expr) -> list[str]:
    """The strings that an expression may be."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=body, orelse=orelse):
            return [*_texts(body), *_texts(orelse)]
        case ast.JoinedStr(values=values):
            found = [""]
            for value in values:
                found = [left + right for left in found for right in _texts(value)]
            return found
        case ast.FormattedValue(value=value):
            return _texts(value)
    raise AssertionError(f"a reason is not written so that it can be found: {ast.unparse(node)}")
