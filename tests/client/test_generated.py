"""Generated code is up to date: methods from the protos, the blocking client from the async one."""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet, MethodDescriptorProto

from clientela_client._async.nouns.purchases import AioPurchases
from clientela_client._sync.nouns.purchases import SyncPurchases
from tests.protos.description import contract

ROOT = Path(__file__).resolve().parents[2]
SDK = ROOT / "client/clientela_client"


@pytest.fixture
def generator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The developers' tool of the name that the test is parametrized with."""
    monkeypatch.syspath_prepend(str(ROOT / "protos"))
    return importlib.import_module(request.param)


def written(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.py")}


@pytest.mark.parametrize("generator", ["nouns_for_python"], indirect=True)
def test_the_methods_are_those_of_the_protos(generator: Any) -> None:
    made = generator.modules(contract().descriptors)
    nouns = {f"_async/nouns/{name}": source for name, source in written(SDK / "_async/nouns").items()}
    assert made == nouns | {"messages.py": (SDK / "messages.py").read_text()}, "run make sdk"


@pytest.mark.parametrize("generator", ["sync_for_python"], indirect=True)
def test_the_blocking_half_is_the_async_one_without_its_words(generator: Any) -> None:
    made = generator.blocking(SDK / "_async")
    assert made == written(SDK / "_sync"), "run make sdk"
    for word in ("async", "await", "Aio", "asyncio"):
        assert [name for name, source in made.items() if f"{word} " in source and name != "__init__.py"] == []


@pytest.mark.parametrize("generator", ["sync_for_python"], indirect=True)
def test_what_changes_in_the_async_half_changes_the_blocking_one(generator: Any, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(
        "async def _get(calls: AioCalls) -> AioItems:\n    return await calls.get()\n"
    )
    made = generator.blocking(tmp_path)
    assert made["one.py"].splitlines()[-2:] == [
        "def _get(calls: SyncCalls) -> Items:",
        "    return calls.get()",
    ]


@pytest.mark.parametrize("generator", ["sync_for_python"], indirect=True)
def test_each_substitution_is_of_use(generator: Any) -> None:
    sources = "".join(written(SDK / "_async").values())
    assert [
        pattern for pattern, _ in generator.SUBSTITUTIONS if not generator.re.search(pattern, sources)
    ] == []


@pytest.mark.parametrize("generator", ["nouns_for_python"], indirect=True)
def test_a_comment_and_a_field_that_change_change_the_method(generator: Any) -> None:
    known = FileDescriptorSet.FromString(contract().descriptors.SerializeToString())
    before = generator.modules(known)
    customers = next(file for file in known.file if file.name == "clientela/v1/customers.proto")
    request = next(message for message in customers.message_type if message.name == "CreateCustomerRequest")
    request.field.add(name="urgent", number=99, type=8, label=1)
    after = generator.modules(known)
    assert {name for name in after if after[name] != before[name]} == {"_async/nouns/customers.py"}
    assert "urgent: bool = False," in after["_async/nouns/customers.py"]


@pytest.mark.parametrize("generator", ["nouns_for_python"], indirect=True)
def test_a_stream_that_nobody_wrote_by_hand_is_refused(generator: Any) -> None:
    known = FileDescriptorSet.FromString(contract().descriptors.SerializeToString())
    customers = next(file for file in known.file if file.name == "clientela/v1/customers.proto")
    customers.service[0].method.append(
        MethodDescriptorProto(
            name="FollowCustomers",
            input_type=".clientela.v1.GetCustomerRequest",
            output_type=".clientela.v1.Customer",
            server_streaming=True,
        )
    )
    with pytest.raises(SystemExit, match="FollowCustomers streams"):
        generator.modules(known)


@pytest.mark.parametrize("generator", ["docstrings_for_python"], indirect=True)
@pytest.mark.parametrize(
    ("third_person", "imperative"),
    [
        ("Registers a customer.", "Register a customer."),
        ("Tells how.", "Return how."),
        ("Applies it.", "Apply it."),
    ],
)
def test_a_comment_becomes_an_imperative(generator: Any, third_person: str, imperative: str) -> None:
    assert generator.imperative(third_person) == imperative


def test_help_of_a_noun_explains_what_all_its_methods_take_and_raise() -> None:
    for name in ("timeout_s", "request_id", "validate_only", "Unavailable", "InDoubt"):
        assert name in (SyncPurchases.__doc__ or "") and name in (AioPurchases.__doc__ or "")
