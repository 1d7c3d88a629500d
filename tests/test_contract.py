"""Completeness: every RPC has all that docs/add-an-rpc.md lists, and this test names what is missing.

What a thing is called follows from the RPC's name: CustomerService.CreateCustomer is `create` of
client.customers and `clientela customers create`. Where it doesn't, SDK_NAMES and COMMANDS say so.
"""

import keyword
import re
from importlib import import_module
from pathlib import Path

import click
import pytest
from google.protobuf.descriptor import FileDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import Default, DescriptorPool

from clientela_client.cli.main import root
from clientela_server.rpc.gate.authorization import RuleMissing, rule_of

ROOT = Path(__file__).resolve().parents[1]
STEMS = sorted(path.stem for path in (ROOT / "protos/clientela/v1").glob("*.proto"))

SDK_NAMES = {
    "ListHistory": "history",
    "ListSegmentMembers": "list_members",
    "GetUnitEconomics": "get_unit_economics",
}
# None: a call for programs; a person asks for one thing, or for a list.
COMMANDS = {
    "Watch": ("watch",),
    "ListHistory": ("customers", "history"),
    "BatchGetCustomers": None,
    "GetPolicy": ("policy", "get"),
    "UpdatePolicy": ("policy", "update"),
    "ListSegmentMembers": ("segments", "members"),
    "GetUnitEconomics": ("economics", "show"),
    "GetRfm": ("economics", "rfm"),
    "GetCohorts": ("economics", "cohorts"),
    "PredictLifetimeValue": ("economics", "ltv"),
}


def stem(method: MethodDescriptor) -> str:
    """Return the stem of the RPC's modules, in every layer."""
    return Path(method.containing_service.file.name).stem


def sdk_name(method: MethodDescriptor) -> str:
    """Return the RPC's name in the SDK: BatchGetCustomers is batch_get, ImportPurchases is import_."""
    noun = re.escape(method.containing_service.name.removesuffix("Service"))
    verb = re.sub(rf"{noun}s?$", "", method.name)
    name = SDK_NAMES.get(method.name, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", verb).lower())
    return f"{name}_" if keyword.iskeyword(name) else name


def has_role(method: MethodDescriptor) -> bool:
    try:
        rule_of(method.full_name)
    except RuleMissing:
        return False
    return True


def has_handler(method: MethodDescriptor) -> bool:
    """Return whether a class of ours has it, not only the generated one that it fills."""
    service = getattr(
        import_module(f"clientela_server.rpc.services.{stem(method)}"), method.containing_service.name
    )
    ours = [each for each in service.__mro__ if each.__module__.startswith("clientela_server.")]
    return any(method.name in vars(each) for each in ours)


def has_sdk_method(method: MethodDescriptor) -> bool:
    nouns = (
        getattr(
            import_module(f"clientela_client._{kind}.nouns.{stem(method)}"), f"{prefix}{stem(method).title()}"
        )
        for kind, prefix in (("async", "Aio"), ("sync", "Sync"))
    )
    return all(hasattr(noun, sdk_name(method)) for noun in nouns)


def has_command(method: MethodDescriptor) -> bool:
    path = COMMANDS.get(method.name, (stem(method), sdk_name(method).rstrip("_").replace("_", "-")))
    command: click.Command | None = root
    for name in path or ():
        command = command.get_command(click.Context(root), name) if isinstance(command, click.Group) else None
    return command is not None


def has_test(method: MethodDescriptor) -> bool:
    """Return whether a test of the server names it, or calls the SDK's method over a real server."""
    call = re.compile(rf"\b{method.name}\b|\.{stem(method)}\.{sdk_name(method)}\(")
    return any(call.search(path.read_text()) for path in (ROOT / "tests/rpc").rglob("test_*.py"))


def is_documented(method: MethodDescriptor) -> bool:
    pages = (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
    return any(method.name in path.read_text() for path in pages)


REQUIRED = {
    "a row in clientela_server.rpc.gate.authorization": has_role,
    "a handler in server/clientela_server/rpc/services": has_handler,
    "a method in client/clientela_client": has_sdk_method,
    "a command in client/clientela_client/cli": has_command,
    "a test in tests/rpc": has_test,
    "a word in CHANGELOG.md or docs": is_documented,
}


def missing(method: MethodDescriptor) -> list[str]:
    """Name what the RPC lacks."""
    return [what for what, is_there in REQUIRED.items() if not is_there(method)]


def methods(files: list[FileDescriptor]) -> list[MethodDescriptor]:
    services = [service for file in files for service in file.services_by_name.values()]
    return [method for service in services for method in service.methods]


def contract() -> list[FileDescriptor]:
    return [import_module(f"clientela.v1.{name}_pb2").DESCRIPTOR for name in STEMS]


@pytest.mark.parametrize("method", methods(contract()), ids=lambda method: str(method.name))
def test_an_rpc_has_all_that_it_needs(method: MethodDescriptor) -> None:
    assert not missing(method)


def test_a_planted_rpc_lacks_everything() -> None:
    customers = FileDescriptorProto()
    import_module("clientela.v1.customers_pb2").DESCRIPTOR.CopyToProto(customers)
    customers.service[0].method.add(
        name="JuggleCustomers",
        input_type=".clientela.v1.GetCustomerRequest",
        output_type=".clientela.v1.Customer",
    )
    pool = DescriptorPool()
    add_with_imports(pool, customers)
    planted = pool.FindMethodByName("clientela.v1.CustomerService.JuggleCustomers")
    assert missing(planted) == list(REQUIRED)


def test_names_are_derived_as_documented() -> None:
    names = {method.name: sdk_name(method) for method in methods(contract())}
    assert names["CreateCustomer"] == "create"
    assert names["BatchGetCustomers"] == "batch_get"
    assert names["ImportPurchases"] == "import_"
    assert names["Watch"] == "watch"


def add_with_imports(pool: DescriptorPool, file: FileDescriptorProto) -> None:
    """Add a file to an empty pool, after all that it imports."""
    for name in file.dependency:
        imported = FileDescriptorProto()
        Default().FindFileByName(name).CopyToProto(imported)
        add_with_imports(pool, imported)
    pool.Add(file)
