"""Runs the commands of docs/other-languages.md as they stand there, against a server of their own.

They download, compile, and take minutes, so pytest does not find this module by itself: name it.

    make test ARGS=tests/e2e/other_languages.py
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clientela_client import connect
from clientela_client.messages import Customer
from clientela_lab.local_server import LocalServer

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/other-languages.md").read_text(encoding="utf-8")
# What differs from run to run: times, UUIDs, ids of purchases and calls, revisions, and whether the client or
# the server is the first to see that a deadline is over.
VOLATILE = (
    r"\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=purchases/)\w+"
    r"|(?<=clientela-call-id: )\w+|(?<=revision )\d+|(context d|D)eadline [eE]xceeded"
)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment that the page's commands count on, with a server that is empty."""
    with LocalServer("--reflection") as server:
        yield {
            **os.environ,
            "CLIENTELA": str(ROOT),
            "SERVER": server.address,
            "TOKEN": new_token(server),
            "PATH": f"{with_protoc(tmp_path / 'bin')}{os.pathsep}{os.environ['PATH']}",
        }


def new_token(server: LocalServer) -> str:
    words = ["token", "create", "--role", "clerk", "--name", "till", "--database", str(server.database)]
    return subprocess.check_output(
        [sys.executable, "-m", "clientela_server", *words], text=True, timeout=30, env=server.env
    ).strip()


def with_protoc(folder: Path) -> Path:
    """Make a folder with the protoc that grpcio-tools holds, under its own name."""
    folder.mkdir()
    program = folder / "protoc"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m grpc_tools.protoc "$@"\n')
    program.chmod(0o755)
    return folder


def block(heading: str, language: str = "sh") -> str:
    """Give the first block of commands under a heading of the page."""
    section = PAGE.partition(f"\n{heading}\n")[2]
    return section.partition(f"```{language}\n")[2].partition("\n```")[0]


def bash(script: str, env: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["nice", "bash", "-c", script]
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=800, check=False
    )


def comparable(text: str) -> str:
    return " ".join(re.sub(VOLATILE, "*", text).split())


@pytest.mark.parametrize(
    ("heading", "program"),
    [("### Go", "go"), ("### TypeScript", "npm"), ("### Java", "mvn"), ("### Rust", "cargo")],
    ids=["go", "typescript", "java", "rust"],
)
def test_the_commands_of_a_language_record_a_purchase(
    heading: str, program: str, shop: dict[str, str], tmp_path: Path
) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    with connect(shop["SERVER"], token=shop["TOKEN"]) as client:
        client.customers.create(Customer(display_name="Blue Door Café"), customer_id="blue-door")
        folder = tmp_path / "shop"
        folder.mkdir()
        done = bash("set -euo pipefail\n" + block(heading), shop, folder)
        assert done.returncode == 0, done.stderr
        (recorded,) = client.purchases.list("customers/blue-door")
    assert (recorded.amount.units, recorded.amount.nanos) == (19, 900_000_000)
    assert recorded.name in done.stdout
    assert comparable(block(heading, "text")) in comparable(done.stdout)


def test_grpcurl_prints_what_the_page_shows(shop: dict[str, str], tmp_path: Path) -> None:
    if shutil.which("grpcurl", path=shop["PATH"]) is None:
        pytest.skip("grpcurl is not installed")
    chapter = PAGE.partition("\n## From a shell: grpcurl\n")[2].partition("\n## ")[0]
    transcript = "\n".join(re.findall(r"```console\n(.*?)\n```", chapter, re.DOTALL)).splitlines()
    commands = "\n".join(line[2:] for line in transcript if line.startswith(("$ ", "> ")))
    wanted = "\n".join(line for line in transcript if not line.startswith(("$ ", "> ")))
    done = bash(f"exec 2>&1\n{block('## From a shell: grpcurl')}\n{commands}", shop, tmp_path)
    assert comparable(done.stdout).split() == comparable(wanted).split()
