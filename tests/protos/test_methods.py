"""RPCs: the standard methods' shapes, their HTTP bindings, and what makes them safe to send again."""

import re
from collections.abc import Callable

from google.api import annotations_pb2, client_pb2, field_info_pb2
from google.protobuf.descriptor_pb2 import MethodOptions

from tests.protos import plant
from tests.protos.description import Contract, Message, Method
from tests.protos.rulebook import Rulebook

rules = Rulebook()

STANDARD = ("Get", "BatchGet", "List", "Create", "Record", "Update", "Delete")
IN_BRACES = re.compile(r"{([a-z_.]+)(?:=[^}]*)?}")


def unary(contract: Contract) -> list[Method]:
    return [method for method in contract.methods if method.is_unary]


def writes(contract: Contract) -> list[Method]:
    return [method for method in unary(contract) if not method.is_read]


def custom_writes(contract: Contract) -> list[Method]:
    return [method for method in writes(contract) if method.verb not in STANDARD]


def verbs(*names: str) -> Callable[[Contract], list[Method]]:
    return lambda contract: [method for method in contract.methods if method.verb in names]


def noun_of(method: Method) -> str:
    return method.proto.name.removeprefix(method.verb)


def is_its_resource(method: Method) -> bool:
    return method.response.proto.name == noun_of(method) and bool(method.response.resource.type)


def has_required(method: Method, name: str, kind: str) -> bool:
    found = method.request.field(name)
    return found is not None and found.type == kind and "REQUIRED" in found.behavior


def has_optional(method: Method, name: str, kind: str) -> bool:
    found = method.request.field(name)
    return found is not None and found.type == kind and "OPTIONAL" in found.behavior


def collection(resource: Message) -> str:
    """Give the path of a resource's name: "customers/*/purchases/*"."""
    return re.sub(r"{[a-z]+}", "*", resource.resource.pattern[0])


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
    assert method.response.proto.name == f"{method}Response" or method.response.resource.type


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


# Standard methods


@rules.rule("AIP-131", over=verbs("Get"), planted=plant.http("GetCustomer", post="/v1/{name=customers/*}"))
def get_reads_a_resource_by_its_name(method: Method) -> None:
    assert is_its_resource(method)
    assert has_required(method, "name", "string")
    assert [field.proto.name for field in method.request.fields] == ["name"]
    assert (method.http_verb, method.http.body) == ("get", "")
    assert method.http_path == f"/v1/{{name={collection(method.response)}}}"
    assert method.signatures == ["name"]


@rules.rule("AIP-231", over=verbs("BatchGet"), planted=plant.http("BatchGetCustomers", get="/v1/customers"))
def batch_get_reads_many_by_their_names(method: Method) -> None:
    names, first = method.request.field("names"), method.response.fields[0]
    assert names and names.is_repeated and names.type == "string" and "REQUIRED" in names.behavior
    assert first.is_repeated and method.contract.message(first.type).resource.type
    assert (method.http_verb, method.http.body) == ("get", "")
    assert method.http_path == f"/v1/{first.proto.name}:batchGet"


@rules.rule("AIP-132", over=verbs("List"), planted=plant.http("ListCustomers", body="*"))
def list_is_a_get_of_a_collection(method: Method) -> None:
    items = method.response.fields[0]
    assert items.is_repeated
    assert (method.http_verb, method.http.body) == ("get", "")
    assert method.http_path.rpartition("/")[2] == items.proto.name or ":" in method.http_path


@rules.rule(
    "AIP-132", over=verbs("List"), planted=plant.field("ListPurchasesRequest.parent", name="customer")
)
def the_list_of_a_nested_resource_has_a_parent(method: Method) -> None:
    resource = method.contract.message(method.response.fields[0].type)
    if resource.resource.type and collection(resource).count("*") > 1:
        assert has_required(method, "parent", "string")
        assert method.signatures == ["parent"]


@rules.rule("AIP-133", over=verbs("Create", "Record"), planted=plant.http("RecordPurchase", body="*"))
def create_posts_the_resource(method: Method) -> None:
    assert is_its_resource(method)
    noun = noun_of(method).lower()
    assert has_required(method, noun, method.response.full_name)
    assert has_optional(method, f"{noun}_id", "string")
    assert (method.http_verb, method.http.body) == ("post", noun)
    assert method.http_path.rpartition("/")[2] == method.response.resource.plural


@rules.rule("AIP-133", over=verbs("Create", "Record"), planted=plant.without("RecordPurchaseRequest.parent"))
def what_is_created_nested_has_a_parent(method: Method) -> None:
    nested = collection(method.response).count("*") > 1
    assert has_required(method, "parent", "string") == nested


@rules.rule(
    "AIP-134",
    over=verbs("Update"),
    planted=plant.http("UpdateCustomer", put="/v1/{customer.name=customers/*}"),
)
def update_patches_the_resource(method: Method) -> None:
    assert is_its_resource(method)
    noun = noun_of(method).lower()
    assert has_required(method, noun, method.response.full_name)
    assert (method.http_verb, method.http.body) == ("patch", noun)
    assert method.http_path == f"/v1/{{{noun}.name={collection(method.response)}}}"
    assert method.signatures == [f"{noun},update_mask"]


@rules.rule(
    "AIP-161", over=verbs("Update"), planted=plant.retyped("UpdateCustomerRequest.update_mask", "string")
)
def update_has_a_mask(method: Method) -> None:
    assert has_optional(method, "update_mask", "google.protobuf.FieldMask")


@rules.rule("AIP-134", over=verbs("Update"), planted=plant.without("UpdateCustomerRequest.allow_missing"))
def update_may_create(method: Method) -> None:
    assert has_optional(method, "allow_missing", "bool")


@rules.rule("AIP-135", over=verbs("Delete"), planted=plant.http("DeleteCustomer", body="*"))
def delete_names_the_resource(method: Method) -> None:
    assert has_required(method, "name", "string")
    assert (method.http_verb, method.http.body) == ("delete", "")
    assert method.signatures == ["name"]


@rules.rule(
    "AIP-164",
    over=verbs("Delete"),
    planted=plant.method("UndeleteCustomer", name="RestoreCustomer"),
)
def what_is_deleted_softly_can_be_undeleted(method: Method) -> None:
    assert is_its_resource(method)
    assert method.response.field("delete_time")
    undelete = f"Undelete{noun_of(method)}"
    assert undelete in {other.proto.name for other in method.contract.methods}


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


@rules.rule("AIP-154", over=verbs("Update", "Delete"), planted=plant.without("DeleteCustomerRequest.etag"))
def what_can_change_has_an_etag(method: Method) -> None:
    etag = method.response.field("etag")
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
