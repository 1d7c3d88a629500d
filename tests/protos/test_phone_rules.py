"""The rules that a phone's forms run are those of the contract: made from it, and none is lost on the way."""

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto
from hypothesis import given
from hypothesis import strategies as st
from protovalidate import Validator

from buf.validate import validate_pb2
from clientela.v1 import customers_pb2

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "client/phone/src/gen/rules.ts"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """The program that makes the table."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("rules_for_phone", ROOT / "protos/rules_for_phone.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _table() -> dict[str, Any]:
    text = TABLE.read_text(encoding="utf-8")
    [customers] = re.findall(r"CUSTOMER_RULES = (\{.*?\n\}) satisfies", text, re.DOTALL)
    return dict(json.loads(customers))


RULES = _table()
_validator = Validator()


def _told(field: str, values: list[str]) -> bool:
    """What the table says of a customer's values, as the phone runs it."""
    rule = RULES[field]
    return (
        len(values) <= rule.get("most", len(values))
        and not (rule.get("unique") and len(set(values)) < len(values))
        and all(len(value) <= rule.get("long", len(value)) for value in values)
        and all(re.search(each, value) for each in rule.get("is", ()) for value in values)
        and not any(re.search(each, value) for each in rule.get("isNot", ()) for value in values)
    )


_NUMBERS = st.text("+0123456789 ()-.", max_size=20) | st.from_regex(r"[+][1-9][0-9 -]{5,16}", fullmatch=True)
_ADDRESSES = st.text("ab.@-ü_ ", max_size=12) | st.from_regex(
    r"[a-z.]{1,4}@[a-z-]{1,4}[.][a-zü]{2}", fullmatch=True
)


@given(
    numbers=st.lists(_NUMBERS.filter(bool), max_size=3),
    addresses=st.lists(_ADDRESSES.filter(bool), max_size=3),
)
def test_the_phone_and_the_server_find_the_same_wrong(numbers: list[str], addresses: list[str]) -> None:
    for field, values in (("phones", numbers), ("emails", addresses)):
        customer = customers_pb2.Customer(display_name="Ann")
        getattr(customer, field).extend(values)
        assert _told(f"Customer.{field}", values) == (not _validator.collect_violations(customer))


def _field(**rules: Any) -> FieldDescriptorProto:
    field = FieldDescriptorProto(name="planted")
    field.options.Extensions[validate_pb2.field].CopyFrom(validate_pb2.FieldRules(**rules))
    return field


@pytest.mark.parametrize(
    "rules",
    [
        {"string": validate_pb2.StringRules(prefix="a")},
        {"required": True},
        {"cel": [validate_pb2.Rule(id="x", expression="this.size() > 3")]},
        {"cel": [validate_pb2.Rule(id="x", expression="this.matches('a') || this.matches('b')")]},
        {"cel": [validate_pb2.Rule(id="x", expression="this.matches('(?i)a')")]},
    ],
)
def test_a_rule_that_the_phone_cannot_run_stops_the_build(maker: ModuleType, rules: dict[str, Any]) -> None:
    with pytest.raises(SystemExit, match=r"Planted\.field"):
        maker.rule_of("Planted.field", _field(**rules))


def test_matches_are_read_as_cel_means_them(maker: ModuleType) -> None:
    expression = r"""!this.matches('[\u00a0\'"]') && this.matches('^[\\[a]+$')"""
    assert list(maker.matches_in("x", expression)) == [(False, "[\u00a0'\"]"), (True, r"^[\[a]+$")]
