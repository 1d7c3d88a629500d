"""Fields: their types, their behavior, the resources they name."""

from collections.abc import Callable

from google.api import field_behavior_pb2, field_info_pb2, resource_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto

from tests.protos import plant
from tests.protos.description import PACKAGE, Contract
from tests.protos.elements import Field, Message
from tests.protos.rulebook import Rulebook

rules = Rulebook()

TIMESTAMP = "google.protobuf.Timestamp"
MONEY = "google.type.Money"
UNTYPED = {f"google.protobuf.{name}" for name in ("Any", "Struct", "Value", "ListValue")}
KINDS_OF_BEHAVIOR = {"REQUIRED", "OPTIONAL", "OUTPUT_ONLY", "IDENTIFIER"}
# Whole numbers that count nothing; all others are called ..._count.
NOT_COUNTS = {"page_size", "total_size", "revision", "after_revision", "bookmark_revision", "index", "code"}
NOT_COUNTS |= {"head_revision"}
NOT_COUNTS |= {"recency", "frequency", "monetary"}  # scores
# Money under other names than an amount or a price, where the trade has names of its own.
WORTHS = {"spend", "cac", "cost", "value", "value_low", "value_high", "total_value", "ltv_realized"}
WORTHS |= {"total_value_low", "total_value_high"}
WORTHS |= {"ltv_predicted", "mean_spend", "mean_repeat_spend"}
# Of these the floats are shares, ratios, estimates and a model's parameters: never facts.
ESTIMATES = {"RfmCutpoints", "BgNbdParameters", "GammaGammaParameters", "BackTest", "LifetimePrediction"}
ESTIMATES |= {"PredictLifetimeValueRequest", "PredictLifetimeValueResponse", "ChannelEconomics", "Retention"}
ESTIMATES |= {"GetUnitEconomicsRequest", "GetUnitEconomicsResponse"}
# The server always sets it, and sent back empty it means what it means when it is not sent.
EMPTY_MEANS_UNSET = {"Customer.etag", "Segment.etag", "Policy.etag"}
# Of these the unit is the name's end.
UNITS = ("_days", "_months", "_percent")


def fields(contract: Contract) -> list[Field]:
    return contract.fields


def input_fields(contract: Contract) -> list[Field]:
    """The fields of requests and resources, and of what they hold."""
    roots = [message for message in contract.messages if message.is_request or message.resource.type]
    inputs = [message for message in contract.reachable(roots) if message.file.package == PACKAGE]
    return [field for message in inputs for field in message.fields]


def optional_scalars(contract: Contract) -> list[Field]:
    return [
        field
        for field in input_fields(contract)
        if "OPTIONAL" in field.behavior and not field.is_repeated and not field.proto.type_name
    ]


def resources(contract: Contract) -> list[Message]:
    return contract.resources


def named(*names: str) -> Callable[[Contract], list[Field]]:
    return lambda contract: [field for field in contract.fields if field.proto.name in names]


@rules.rule("AIP-142", over=fields, planted=plant.field("Customer.create_time", name="created_at"))
def times_are_timestamps_called_time(field: Field) -> None:
    assert field.proto.name.endswith("_time") == (field.type == TIMESTAMP)


@rules.rule("AIP-143", over=fields, planted=plant.retyped("Purchase.amount", "int64"))
def money_is_money(field: Field) -> None:
    is_money = field.proto.name in {"amount", "price"} or field.proto.name.endswith(("_amount", "_price"))
    assert is_money == (field.type == MONEY) or (field.type == MONEY and field.proto.name in WORTHS)


@rules.rule("AIP-143", over=fields, planted=plant.retyped("PurchaseLine.sku", "double"))
def no_number_is_a_float(field: Field) -> None:
    assert field.type not in {"float", "double"} or str(field).partition(".")[0] in ESTIMATES


@rules.rule(
    "AIP-141", over=fields, planted=plant.field("ImportPurchasesResponse.imported_count", name="imported")
)
def what_counts_is_called_count(field: Field) -> None:
    if (
        field.type in {"int32", "int64"}
        and not field.proto.name.endswith(UNITS)
        and field.proto.name not in NOT_COUNTS
        and not field.comment.startswith("Not a count")
    ):
        assert field.proto.name.endswith("_counts" if field.is_repeated else "_count")


@rules.rule("AIP-141", over=fields, planted=plant.retyped("ImportPurchasesResponse.imported_count", "uint64"))
def whole_numbers_are_signed(field: Field) -> None:
    assert field.type not in {
        "uint32",
        "uint64",
        "fixed32",
        "fixed64",
        "sint32",
        "sint64",
        "sfixed32",
        "sfixed64",
    }


@rules.rule(
    "AIP-203", over=input_fields, planted=plant.cleared("PurchaseLine.sku", field_behavior_pb2.field_behavior)
)
def field_behavior_is_said(field: Field) -> None:
    assert len(field.behavior & KINDS_OF_BEHAVIOR) == 1


@rules.rule(
    "AIP-149",
    over=optional_scalars,
    planted=plant.field("CreateCustomerRequest.customer_id", proto3_optional=False),
)
def what_may_be_unset_is_optional(field: Field) -> None:
    assert field.proto.proto3_optional or field.is_in_oneof or str(field) in EMPTY_MEANS_UNSET


@rules.rule(
    "AIP-149",
    over=lambda contract: [field for field in input_fields(contract) if "REQUIRED" in field.behavior],
    planted=plant.field("GetCustomerRequest.name", proto3_optional=True),
)
def what_is_required_is_not_optional(field: Field) -> None:
    assert not field.proto.proto3_optional


@rules.rule("AIP-122", over=resources, planted=plant.field("Customer.name", number=99))
def a_resource_has_its_name_first(resource: Message) -> None:
    name = resource.field("name")
    assert name and (name.proto.number, name.type, name.behavior) == (1, "string", {"IDENTIFIER"})


def odd_pattern(contract: Contract) -> None:
    contract.message("Purchase").resource.pattern[0] = "customers/{customer}/Purchase/{id}"


@rules.rule("AIP-122", over=resources, planted=odd_pattern)
def a_pattern_is_plural_and_variable_by_turns(resource: Message) -> None:
    parts = resource.resource.pattern[0].split("/")
    assert len(parts) % 2 == 0
    assert all(
        plural == f"{variable[1:-1]}s" for plural, variable in zip(parts[::2], parts[1::2], strict=True)
    )
    assert parts[-2:] == [resource.resource.plural, f"{{{resource.resource.singular}}}"]


@rules.rule(
    "AIP-123",
    over=resources,
    planted=lambda contract: setattr(contract.message("Customer").resource, "singular", ""),
)
def a_resource_says_its_type(resource: Message) -> None:
    assert resource.resource.type == f"clientela.dev/{resource.proto.name}"
    assert resource.resource.singular == resource.proto.name.lower()
    assert resource.resource.plural == f"{resource.proto.name.lower()}s"
    assert len(resource.resource.pattern) == 1


@rules.rule(
    "AIP-123",
    over=lambda contract: [
        field
        for field in fields(contract)
        if any(rule.startswith("name.") for rule in field.rule_ids - {"name.watched"})
        and "IDENTIFIER" not in field.behavior
    ],
    planted=plant.cleared("Acquisition.referrer", resource_pb2.resource_reference),
)
def what_holds_a_name_says_of_what(field: Field) -> None:
    known = {resource.resource.type for resource in field.contract.resources}
    assert field.reference in {*known, "*"}


@rules.rule("AIP-148", over=named("uid"), planted=plant.cleared("Customer.uid", field_info_pb2.field_info))
def uid_is_a_uuid_that_the_server_sets(field: Field) -> None:
    assert (field.type, field.format, field.behavior) == ("string", "UUID4", {"OUTPUT_ONLY"})


@rules.rule(
    "AIP-148",
    over=named("create_time", "update_time", "delete_time", "erase_time"),
    planted=plant.cleared("Customer.delete_time", field_behavior_pb2.field_behavior),
)
def times_of_a_resource_are_set_by_the_server(field: Field) -> None:
    assert field.behavior == {"OUTPUT_ONLY"}


@rules.rule("AIP-148", over=resources, planted=plant.without("Purchase.create_time"))
def a_resource_says_since_when_it_is(resource: Message) -> None:
    assert resource.field("create_time")


@rules.rule("contract", over=resources, planted=plant.field("Change.purchase", name="bought"))
def the_feed_can_tell_of_a_resource(resource: Message) -> None:
    """Each has its field in Change, by which rpc/services/feed.py finds the place for an entry's record."""
    field = resource.contract.message("Change").field(resource.resource.singular)
    assert field and field.is_in_oneof, "Change has no field of it"
    assert field.type == resource.full_name


def untyped(contract: Contract) -> None:
    """Put an Any where it is easily overlooked: in a message of a message."""
    note = contract.message("PurchaseLine").proto.field.add(name="extra", number=99)
    note.type, note.type_name = FieldDescriptorProto.TYPE_MESSAGE, ".google.protobuf.Any"


@rules.rule("contract", over=lambda contract: contract.reachable(contract.messages), planted=untyped)
def no_message_holds_what_has_no_type(message: Message) -> None:
    assert not {field.type for field in message.fields} & UNTYPED


test_fields, test_planted_bugs = rules.tests()
