"""The Python SDK's methods, from the services' descriptors: a module a service, an async method an RPC.

    python protos/nouns_for_python.py client/clientela_client < described.binpb      with source info

What is REQUIRED is positional, in the order of the fields; all else is a keyword. The comments of the protos
become the docstrings: a paragraph that begins with a status code is what the method raises. What no
descriptor can say is written by hand: `BY_HAND` names the class that the noun inherits it from.
Read next: methods_for_python.py, docstrings_for_python.py; sync_for_python.py, which makes the blocking half.
"""

import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from docstrings_for_python import paragraphs
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet, ServiceDescriptorProto
from methods_for_python import Contract, Rpc, comment_at

#: RPCs whose methods are written by hand, each with its module and class.
BY_HAND = {
    "BatchGetCustomers": ("batches", "AioBatches"),
    "ExportPurchases": ("exports", "AioExports"),
    "ImportCustomers": ("imports", "AioCustomerImports"),
    "ImportPurchases": ("imports", "AioPurchaseImports"),
    "Watch": ("watch", "AioWatches"),
}
# What help() of a noun says once for all of its methods.
OF_EVERY_METHOD = """\
    Args of every method: `timeout_s`, the deadline of the call with its retries in seconds, more than 0;
    default: the client's. Of writes: `request_id`, a UUID4 that makes it idempotent, default: a new one for
    each call; and `validate_only`, which checks the request and writes nothing.

    Raises of every method: Refused, with the codes that its docstring lists; Unavailable where nothing was
    done; InDoubt where a write may be done or not. See errors.py.
"""
# The first line of each module that is made.
MADE = "# Made from {source} by protos/nouns_for_python.py: edit that, and run make sdk.\n"
_CONTRACT = MADE.format(source="protos/clientela/v1")
HEAD = '''"""{about}: one method for each RPC of {service}, in its order."""

from __future__ import annotations

'''
ALL = '''"""All nouns of the contract, as a client has them; each is imported on its first use."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from clientela_client._async.calls import AioCalls

if TYPE_CHECKING:
{imports}

class AioNouns:
    """The nouns: each holds the methods of one service."""

    def __init__(self, calls: AioCalls) -> None:
        self._calls = calls
{nouns}
'''
NOUN = '''
    @cached_property
    def {stem}(self) -> {class_name}:
        """{about}."""
        {imported}

        return {class_name}(self._calls)
'''
MESSAGES = '''\
"""The messages of the contract, under their own names: nobody else needs to know the generated modules.

    Customer(display_name="Ann", person=Person(given_name="Ann"), emails=["ann@example.org"])
    Purchase(amount=Money(currency_code="EUR", units=12, nanos=990_000_000))

Read next: protos/clientela/v1, whose comments are the reference.
"""

{imports}
__all__ = {names}
'''
#: What the messages hold or are, beside the contract's own types: by the module that it is imported from.
OTHERS = {
    "clientela_client.plain_values": ("from_dict", "to_dict"),
    "google.protobuf.message": ("Message",),
    "google.protobuf.timestamp_pb2": ("Timestamp",),
    "google.type.date_pb2": ("Date",),
    "google.type.decimal_pb2": ("Decimal",),
    "google.type.money_pb2": ("Money",),
    "google.type.postal_address_pb2": ("PostalAddress",),
}
PACKAGE = '''"""The methods of the SDK, a module a service, made from the protos. Read next: purchases.py."""
'''


def main() -> None:
    """Write the modules of what comes in."""
    for name, source in modules(FileDescriptorSet.FromString(sys.stdin.buffer.read())).items():
        write(Path(sys.argv[1]) / name, source)


def modules(known: FileDescriptorSet) -> dict[str, str]:
    """Return the source of each module, formatted, by its path in the SDK."""
    contract = Contract(known)
    nouns = [
        Noun(contract, file, at)
        for file in sorted(contract.files, key=lambda file: file.name)
        for at in range(len(file.service))
    ]
    sources = {f"{noun.stem}.py": noun.source() for noun in nouns}
    sources["nouns.py"] = _CONTRACT + ALL.format(
        imports="".join(f"    {noun.imported}\n" for noun in nouns),
        nouns="".join(noun.as_property() for noun in nouns),
    )
    sources["__init__.py"] = _CONTRACT + PACKAGE
    made = {f"_async/nouns/{name}": source for name, source in sources.items()}
    return formatted(made | {"messages.py": messages(contract)})


def messages(contract: Contract) -> str:
    """Return the module that has all types of the contract but requests, unformatted."""
    homes = OTHERS | {
        contract.module_of(f".{file.package}.{names[0]}"): tuple(names)
        for file in contract.files
        if (names := contract.types_of(file))
    }
    imports = "".join(f"from {module} import {', '.join(names)}\n" for module, names in homes.items())
    return _CONTRACT + MESSAGES.format(
        imports=imports, names=sorted(name for names in homes.values() for name in names)
    )


def formatted(sources: dict[str, str]) -> dict[str, str]:
    """Return modules as ruff writes them."""
    config = ["--config", str(Path(__file__).parents[1] / "pyproject.toml"), "--quiet", "--no-cache"]
    with TemporaryDirectory() as folder:
        for name, source in sources.items():
            write(Path(folder) / name, source)
        for command in (["check", "--select", "I,F401", "--fix-only"], ["format"]):
            subprocess.run([sys.executable, "-m", "ruff", *command, *config, folder], check=True)
        return {name: (Path(folder) / name).read_text() for name in sources}


def write(path: Path, source: str) -> None:
    """Write a module, and make the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)


@dataclass(frozen=True)
class Noun:
    """A service, as a class of the SDK."""

    contract: Contract
    file: FileDescriptorProto
    at: int

    @property
    def service(self) -> ServiceDescriptorProto:
        """Its descriptor."""
        return self.file.service[self.at]

    @property
    def stem(self) -> str:
        """What its modules are called, in every layer."""
        return Path(self.file.name).stem

    @property
    def class_name(self) -> str:
        """What its class is called."""
        return f"Aio{self.stem.title()}"

    @property
    def imported(self) -> str:
        """The statement that imports its class."""
        return f"from clientela_client._async.nouns.{self.stem} import {self.class_name}"

    @property
    def about(self) -> str:
        """What its service is for, without a full stop."""
        return paragraphs(comment_at(self.file, 6, self.at))[0].rstrip(".")

    def as_property(self) -> str:
        """Return the source of the property of a client that holds it."""
        return NOUN.format(
            stem=self.stem, class_name=self.class_name, about=self.about, imported=self.imported
        )

    def source(self) -> str:
        """Return the module's source, unformatted."""
        made = MADE.format(source=f"protos/{self.file.name}")
        head = made + HEAD.format(about=self.about, service=self.service.name)
        bases = sorted({BY_HAND[rpc.proto.name] for rpc in self._rpcs if rpc.proto.name in BY_HAND})
        methods = [text for rpc in self._rpcs if rpc.proto.name not in BY_HAND for text in rpc.methods()]
        parents = ", ".join(name for _, name in bases) or "AioNoun"
        body = (
            f'class {self.class_name}({parents}):\n    """{self.about}.\n\n{OF_EVERY_METHOD}    """\n\n'
            + "\n".join(methods)
        )
        return head + self._imports(bases, body) + "\n\n" + body

    @cached_property
    def _rpcs(self) -> "list[Rpc]":
        return [Rpc(self.contract, self.file, self.at, at) for at in range(len(self.service.method))]

    def _imports(self, bases: list[tuple[str, str]], body: str) -> str:
        own = self.file.name.removesuffix(".proto").rpartition("/")[2] + "_pb2"
        lines = [
            "from collections.abc import Iterable",
            f"from clientela.v1 import {own} as pb",
            "from clientela_client._async.items import AioItems, AioPages",
            "from clientela_client._async.calls import AioNoun",
            *(f"from clientela_client._async.{module} import {name}" for module, name in bases),
        ]
        types = {name for rpc in self._rpcs for name in rpc.types()}
        for name in sorted(types):
            short = name.rpartition(".")[2]
            if re.search(rf"(?<![\w.]){short}\b", body):
                lines.append(f"from {self.contract.module_of(name)} import {short}")
        return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
