"""Lists come in pages, and may be filtered and ordered."""

from tests.protos import plant
from tests.protos.description import Contract
from tests.protos.elements import Method
from tests.protos.rulebook import Rulebook

rules = Rulebook()


def lists(contract: Contract) -> list[Method]:
    return [method for method in contract.methods if method.verb == "List"]


def lists_of(contract: Contract, with_field: str) -> list[Method]:
    """The lists of resources that have this field."""
    kinds = {resource.full_name for resource in contract.resources if resource.field(with_field)}
    return [method for method in lists(contract) if method.response.fields[0].type in kinds]


def lists_of_resources(contract: Contract) -> list[Method]:
    return lists_of(contract, "name")


def lists_of_deletable(contract: Contract) -> list[Method]:
    return lists_of(contract, "delete_time")


def is_optional_of(method: Method, name: str, kind: str) -> bool:
    found = method.request.field(name)
    return found is not None and found.type == kind and found.proto.proto3_optional and not found.is_repeated


@rules.rule("AIP-158", over=lists, planted=plant.retyped("ListCustomersRequest.page_size", "int64"))
def page_size_is_an_optional_int32(method: Method) -> None:
    assert is_optional_of(method, "page_size", "int32")


@rules.rule("AIP-158", over=lists, planted=plant.field("ListPurchasesRequest.page_token", name="token"))
def page_token_is_an_optional_string(method: Method) -> None:
    assert is_optional_of(method, "page_token", "string")


@rules.rule("AIP-158", over=lists, planted=plant.without("ListHistoryResponse.next_page_token"))
def the_response_has_next_page_token(method: Method) -> None:
    token = method.response.field("next_page_token")
    assert token and token.type == "string" and not token.proto.proto3_optional


@rules.rule("AIP-158", over=lists, planted=plant.field("ListCustomersResponse.customers", number=9))
def the_items_are_field_number_1(method: Method) -> None:
    assert [field.proto.number for field in method.response.fields if field.is_repeated] == [1]
    assert method.response.fields[0].proto.number == 1


@rules.rule("AIP-158", over=lists, planted=plant.method("ListPurchases", server_streaming=True))
def a_list_is_no_stream(method: Method) -> None:
    assert method.is_unary


@rules.rule("AIP-158", over=lists, planted=plant.field("ListCustomersResponse.total_size", name="total"))
def only_the_known_fields_are_in_the_response(method: Method) -> None:
    assert {field.proto.name for field in method.response.fields[1:]} <= {"next_page_token", "total_size"}


@rules.rule("AIP-160", over=lists_of_resources, planted=plant.retyped("ListCustomersRequest.filter", "bytes"))
def filter_is_an_optional_string(method: Method) -> None:
    assert is_optional_of(method, "filter", "string")


@rules.rule("AIP-132", over=lists_of_resources, planted=plant.without("ListPurchasesRequest.order_by"))
def order_by_is_an_optional_string(method: Method) -> None:
    assert is_optional_of(method, "order_by", "string")


@rules.rule("AIP-164", over=lists_of_deletable, planted=plant.without("ListCustomersRequest.show_deleted"))
def show_deleted_is_an_optional_bool(method: Method) -> None:
    assert is_optional_of(method, "show_deleted", "bool")


test_lists, test_planted_bugs = rules.tests()
