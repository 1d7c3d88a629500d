"""RPCs: their messages, their HTTP bindings, the custom ones, and what makes a write safe to send again."""

import re

from google.api import annotations_pb2, client_pb2, field_info_pb2
from google.protobuf.descriptor_pb2 import MethodOptions

from tests.protos import plant
from tests.protos.description import Contract
from tests.protos.elements import Method
from tests.protos.rulebook import Rulebook
from tests.protos.shapes import (
    SINGLETONS,
    deletes_for_good,
    has_optional,
    has_required,
    is_its_resource,
    noun_of,
    verbs,
)

rules = Rulebook()

STANDARD = ("Get", "BatchGet", "List", "Create", "Record", "Update", "Delete")
IN_BRACES = re.compile(r"{([a-z_.]+)(?:=[^}]*)?}")


def unary(contract: Contract) -> list[Method]:
    return [method for method in contract.methods if method.is_unary]


def writes(contract: Contract) -> list[Method]:
    return [method for method in unary(contract) if not method.is_read]


def custom_writes(contract: Contract) -> list[Method]:
    return [method for method in writes(contract) if method.verb not in STANDARD]


# Every RPC


@rules.rule(
    "contract",
    over=lambda contract: contract.methods,
    planted=plant.method("DeleteCustomer", input_type=".clientela.v1.GetCustomerRequest"),
)
def a_request_is_its_rpcs_own(method: Method) -> None:
    assert method.request.proto.name == f"{method}Request"


@rules.rule(
    "contract",
    over=lambda contract: contract.methods,
    planted=plant.method("DeleteCustomer", output_type=".clientela.v1.Person"),
)
def a_response_is_its_rpcs_own_or_a_resource(method: Method) -> None:
    response = method.response
    is_known = response.proto.name in SINGLETONS or deletes_for_good(method)
    assert response.proto.name == f"{method}Response" or response.resource.type or is_known


@rules.rule(
    "contract",
    over=lambda contract: contract.methods,
    planted=lambda contract: setattr(
        contract.method("EraseCustomer").proto.options, "idempotency_level", MethodOptions.NO_SIDE_EFFECTS
    ),
)
def reads_and_only_reads_have_no_side_effects(method: Method) -> None:
    assert method.has_no_side_effects == method.is_read


@rules.rule("AIP-4232", over=unary, planted=plant.cleared("GetCustomer", client_pb2.method_signature))
def a_unary_rpc_has_a_signature_of_its_fields(method: Method) -> None:
    assert method.signatures
    names = [name for signature in method.signatures for name in signature.split(",") if name]
    assert all(method.request.field(name) for name in names)


# HTTP


@rules.rule("AIP-127", over=unary, planted=plant.cleared("UndeleteCustomer", annotations_pb2.http))
def a_unary_rpc_has_an_http_binding(method: Method) -> None:
    assert method.http_path.startswith("/v1/")


@rules.rule("AIP-127", over=unary, planted=plant.http("GetPurchase", get="/v1/{purchase=customers/*}"))
def what_a_path_names_is_a_field(method: Method) -> None:
    for variable in IN_BRACES.findall(method.http_path):
        message, names = method.request, variable.split(".")
        for name in names:
            field = message.field(name)
            assert field, f"{message} has no field {name}"
            if name != names[-1]:
                message = method.contract.message(field.type)


@rules.rule("AIP-127", over=unary, planted=plant.http("CreateCustomer", body="client"))
def a_body_is_a_field_or_all(method: Method) -> None:
    body = method.http.body
    assert body in {"", "*"} or method.request.field(body)


@rules.rule("AIP-127", over=unary, planted=plant.http("ListCustomers", get="/v1/{name=customers/*}"))
def no_other_rpc_has_the_same_binding(method: Method) -> None:
    binding = (method.http_verb, method.http_path)
    assert [other for other in unary(method.contract) if (other.http_verb, other.http_path) == binding] == [
        method
    ]


# Custom methods


@rules.rule(
    "AIP-136",
    over=custom_writes,
    planted=plant.http("RefundPurchase", post="/v1/{name=customers/*/purchases/*}/refund"),
)
def a_custom_write_posts_to_its_verb(method: Method) -> None:
    assert (method.http_verb, method.http.body) == ("post", "*")
    assert method.http_path.rpartition(":")[2] == method.verb.lower()


@rules.rule(
    "AIP-136",
    over=custom_writes,
    planted=plant.method("EraseCustomer", output_type=".clientela.v1.WatchResponse"),
)
def a_custom_write_answers_with_the_resource(method: Method) -> None:
    assert is_its_resource(method)
    assert has_required(method, "name", "string")


# Safe to send again


@rules.rule(
    "AIP-155",
    over=writes,
    planted=plant.cleared("EraseCustomerRequest.request_id", field_info_pb2.field_info),
)
def a_write_takes_a_request_id(method: Method) -> None:
    request_id = method.request.field("request_id")
    assert request_id and request_id.type == "string" and request_id.proto.proto3_optional
    assert request_id.format == "UUID4"


@rules.rule(
    "AIP-155",
    over=lambda contract: [method for method in contract.methods if method.proto.client_streaming],
    planted=plant.without("ImportItem.request_id"),
)
def each_item_of_a_stream_has_a_request_id(method: Method) -> None:
    items = method.request.field("items")
    assert items and items.is_repeated
    request_id = method.contract.message(items.type).field("request_id")
    assert request_id and request_id.format == "UUID4" and "REQUIRED" in request_id.behavior


def changes(contract: Contract) -> list[Method]:
    """Updates, and the deletion of what can be updated."""
    updated = {noun_of(method) for method in verbs("Update")(contract)}
    return [method for method in verbs("Update", "Delete")(contract) if noun_of(method) in updated]


@rules.rule("AIP-154", over=changes, planted=plant.without("DeleteCustomerRequest.etag"))
def what_can_change_has_an_etag(method: Method) -> None:
    kept = method.response
    if deletes_for_good(method):
        kept = next(each for each in method.contract.resources if each.proto.name == noun_of(method))
    etag = kept.field("etag")
    assert etag and etag.type == "string"
    assert method.verb == "Update" or has_optional(method, "etag", "string")


@rules.rule(
    "AIP-163",
    over=verbs("Create", "Record", "Update"),
    planted=plant.without("RecordPurchaseRequest.validate_only"),
)
def what_makes_or_changes_can_be_tried(method: Method) -> None:
    assert has_optional(method, "validate_only", "bool")


test_methods, test_planted_bugs = rules.tests()
