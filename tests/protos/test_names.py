"""Names follow the conventions, and every element has a comment."""

import re

from tests.protos import plant
from tests.protos.description import ROOT, Contract
from tests.protos.elements import Element, Enum, Field, Message, Method, Service
from tests.protos.rulebook import Rulebook

rules = Rulebook()

SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*")
CAMEL = re.compile(r"([A-Z][a-z0-9]+)+")
UPPER_SNAKE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
NOT_PLURAL = {"rejected", "metadata"}  # a participle (those that were rejected), and a plural without an s


class File(Element):
    """A file of the package."""

    def __str__(self) -> str:
        return self.file.name

    @property
    def comment(self) -> str:
        """What stands at the top of the file, apart from the statement that follows."""
        places = [place for place in self.file.source_code_info.location if tuple(place.path) == self.path]
        return "".join(text for place in places for text in place.leading_detached_comments).strip()


def files(contract: Contract) -> list[File]:
    return [File(contract, file, (12,)) for file in contract.files]  # 12: the syntax statement


def file_option(name: str, value: str) -> plant.Edit:
    def edit(contract: Contract) -> None:
        setattr(contract.files[0].options, name, value)

    return edit


def all_elements(contract: Contract) -> list[Element]:
    services = (*contract.services, *contract.methods)
    messages = (*contract.messages, *contract.fields, *contract.oneofs)
    values = (value for enum in contract.enums for value in enum.values)
    return [*files(contract), *services, *messages, *contract.enums, *values]


@rules.rule(
    "AIP-215", over=files, planted=lambda contract: setattr(contract.files[0], "name", "v1/customers.proto")
)
def the_path_is_the_package(file: File) -> None:
    assert file.file.name.rpartition("/")[0] == file.file.package.replace(".", "/")
    assert (ROOT / "protos" / file.file.name).is_file()


@rules.rule("AIP-191", over=files, planted=file_option("csharp_namespace", ""))
def java_go_and_csharp_are_told_where_to_put_it(file: File) -> None:
    options = file.file.options
    stem = file.file.name.rpartition("/")[2].removesuffix(".proto")
    assert options.java_package == "com.clientela.v1"
    assert options.java_multiple_files
    assert options.java_outer_classname == f"{stem.capitalize()}Proto"
    assert options.go_package.endswith("/clientela/v1;clientelav1")
    assert options.csharp_namespace == "Clientela.V1"


@rules.rule(
    "AIP-190",
    over=lambda contract: contract.services,
    planted=lambda contract: setattr(contract.services[0].proto, "name", "Customers"),
)
def a_service_is_called_one(service: Service) -> None:
    assert CAMEL.fullmatch(service.proto.name)
    assert service.proto.name.endswith("Service")


@rules.rule(
    "AIP-190", over=lambda contract: contract.methods, planted=plant.method("Watch", name="watch_all")
)
def an_rpc_is_verb_and_noun_in_camel_case(method: Method) -> None:
    assert CAMEL.fullmatch(method.proto.name)


@rules.rule(
    "AIP-190",
    over=lambda contract: contract.messages,
    planted=lambda contract: setattr(contract.message("Customer").proto, "name", "customer_record"),
)
def a_message_is_in_camel_case(message: Message) -> None:
    assert CAMEL.fullmatch(message.proto.name)


@rules.rule("AIP-140", over=lambda contract: contract.fields, planted=plant.field("Customer.uid", name="uId"))
def a_field_is_in_snake_case(field: Field) -> None:
    assert SNAKE.fullmatch(field.proto.name)


@rules.rule(
    "AIP-140",
    over=lambda contract: [field for field in contract.fields if field.is_repeated],
    planted=plant.field("Customer.emails", name="email"),
)
def what_is_repeated_is_plural(field: Field) -> None:
    assert field.proto.name.endswith("s") or field.proto.name in NOT_PLURAL


@rules.rule(
    "AIP-140",
    over=lambda contract: [
        field for field in contract.fields if field.type == "string" and not field.is_repeated
    ],
    planted=plant.field("Preferences.language_code", name="language"),
)
def codes_are_called_codes(field: Field) -> None:
    assert field.proto.name not in {"language", "currency", "region", "country"}


@rules.rule(
    "AIP-126",
    over=lambda contract: contract.enums,
    planted=lambda contract: setattr(contract.enums[0].proto.value[0], "name", "CONTACT_CHANNEL_NONE"),
)
def an_enum_starts_with_unspecified(enum: Enum) -> None:
    first = enum.proto.value[0]
    assert (first.number, first.name) == (0, f"{prefix(enum)}UNSPECIFIED")


@rules.rule(
    "AIP-126",
    over=lambda contract: contract.enums,
    planted=lambda contract: setattr(contract.enums[0].proto.value[1], "name", "EMAIL"),
)
def values_are_led_by_the_name_of_their_enum(enum: Enum) -> None:
    names = [value.name for value in enum.proto.value]
    assert all(UPPER_SNAKE.fullmatch(name) and name.startswith(prefix(enum)) for name in names)


@rules.rule(
    "AIP-192", over=all_elements, planted=lambda contract: contract.field("Purchase.note").uncomment()
)
def everything_is_commented(element: Element) -> None:
    assert element.comment, "a comment above it says what it is"
    assert element.comment[-1] in ".:", "comments are sentences"


def prefix(enum: Enum) -> str:
    """Return what the enum's values begin with: "SALES_PATH_" for SalesPath."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enum.proto.name).upper() + "_"


test_names, test_planted_bugs = rules.tests()
