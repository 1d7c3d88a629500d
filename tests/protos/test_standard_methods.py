"""The standard methods: get, list, create, update, delete, and how each looks over HTTP."""

from collections.abc import Callable

from tests.protos import plant
from tests.protos.description import Contract
from tests.protos.elements import Method
from tests.protos.rulebook import Rulebook
from tests.protos.shapes import (
    SINGLETONS,
    collection,
    deletes_for_good,
    has_optional,
    has_required,
    is_its_resource,
    noun_of,
    verbs,
)

rules = Rulebook()


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
    over=lambda contract: [each for each in verbs("Delete")(contract) if not deletes_for_good(each)],
    planted=plant.method("UndeleteCustomer", name="RestoreCustomer"),
)
def what_is_deleted_softly_can_be_undeleted(method: Method) -> None:
    assert is_its_resource(method)
    assert method.response.field("delete_time")
    undelete = f"Undelete{noun_of(method)}"
    assert undelete in {other.proto.name for other in method.contract.methods}


def singletons(*names: str) -> Callable[[Contract], list[Method]]:
    """Select the RPCs of what there is one of."""
    return lambda contract: [
        method for method in contract.methods if method.verb in names and noun_of(method) in SINGLETONS
    ]


@rules.rule("AIP-156", over=singletons("Get"), planted=plant.http("GetPolicy", get="/v1/policies"))
def a_singleton_is_read_where_it_is(method: Method) -> None:
    assert method.response.proto.name == noun_of(method)
    assert method.http_verb == "get"
    assert method.http_path.rpartition("/")[2] == noun_of(method).lower()


@rules.rule("AIP-156", over=singletons("Update"), planted=plant.http("UpdatePolicy", put="/v1/policy"))
def a_singleton_is_patched(method: Method) -> None:
    noun = noun_of(method).lower()
    assert (method.http_verb, method.http.body) == ("patch", noun)
    assert has_required(method, noun, method.response.full_name)
    assert has_optional(method, "update_mask", "google.protobuf.FieldMask")


test_standard_methods, test_planted_bugs = rules.tests()
