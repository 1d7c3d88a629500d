"""The lock files say what they should, and what is declared is what is imported."""

import ast
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
REQUIREMENTS = sorted((ROOT / "requirements").iterdir())
OURS = {"buf", "clientela", "clientela_client", "clientela_lab", "clientela_server"}
# Where the package is not called as the module; of two that fit the longer one holds.
PACKAGES = {
    "google": "googleapis-common-protos",
    "google.protobuf": "protobuf",
    "grpc": "grpcio",
    "grpc_health": "grpcio-health-checking",
    "grpc_reflection": "grpcio-reflection",
    "grpc_status": "grpcio-status",
    "prometheus_client": "prometheus-client",
    "protobuf": "protobuf-py",
    "yaml": "pyyaml",
}


def locked(text: str) -> dict[str, str]:
    """Read the versions out of a lock file."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ \\\n]+)", text, re.MULTILINE))


def lock(name: str) -> dict[str, str]:
    return locked((ROOT / "requirements" / name).read_text())


def packages_imported(source: str) -> set[str]:
    """Name the packages, by what they are called on the index, that a module imports."""
    nodes = list(ast.walk(ast.parse(source)))
    modules = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    modules |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    foreign = {name for name in modules if name.partition(".")[0] not in OURS | sys.stdlib_module_names}
    return {package_of(name) for name in foreign}


def package_of(module: str) -> str:
    fits = [known for known in PACKAGES if module == known or module.startswith(f"{known}.")]
    return PACKAGES[max(fits, key=len)] if fits else module.partition(".")[0]


def declared() -> set[str]:
    return names(PROJECT["project"]["dependencies"])


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=;~ ]", line)[0] for line in requirements}


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: str(path.name))
def test_a_lock_file_names_no_address_and_no_folder(path: Path) -> None:
    text = path.read_text()
    assert "://" not in text
    assert not re.search(r"(^|\s)/\w", text)


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt", "peers.txt"])
def test_every_locked_package_has_hashes(name: str) -> None:
    entries = re.split(r"\n(?=[a-z])", (ROOT / "requirements" / name).read_text())[1:]
    assert {entry.partition("==")[0] for entry in entries} == lock(name).keys()
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_development_lock_holds_the_runtime_lock() -> None:
    assert lock("runtime.txt").items() <= lock("dev.txt").items()


def test_the_pins_are_locked() -> None:
    pins = lock("pins.txt")
    runtime, tools = (pins[name].split(".") for name in ("grpcio", "grpcio-tools"))
    assert [*map(int, runtime)] >= [*map(int, tools)], "stubs of a newer version refuse an older runtime"
    assert pins.items() <= lock("dev.txt").items()


def test_every_dependency_is_locked() -> None:
    assert declared() <= lock("runtime.txt").keys()


def test_what_is_declared_is_what_is_imported() -> None:
    sources = (*ROOT.glob("server/**/*.py"), *ROOT.glob("client/**/*.py"), *ROOT.glob("protos/gen/**/*.py"))
    imported = {package for path in sources for package in packages_imported(path.read_text())}
    # What the lab starts beside servers of ours it finds by name, for it need not be there.
    extras = PROJECT["project"]["optional-dependencies"]
    assert imported == declared() | names([*extras["browser"], *extras["economics"], *extras["postgres"]])


def test_imports_are_read_as_packages() -> None:
    source = "import os, apsw, grpc.aio\nfrom google.protobuf import any_pb2\nfrom google.rpc import code_pb2"
    assert packages_imported(source) == {"apsw", "protobuf", "googleapis-common-protos", "grpcio"}
