"""The recipes of docs/other-languages.md, taken from the page and run as a reader would.

A language has a class of its own in a file of its own, so that two are built at once. Built is once, by the
page's commands; the last of them, which runs the client, is run again against servers in other moods.
Toolchains keep their caches where they always do, so that recipes share them.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from clientela_client import Client, Tls, connect
from clientela_client.messages import Customer, Purchase
from clientela_lab.servers.local_server import LocalServer
from clientela_lab.wire.proxy.local_proxy import LocalProxy
from tests.docs.walkthrough import agrees
from tests.faults.proxy import Proxy

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/other-languages.md").read_text(encoding="utf-8")
NAME = "customers/blue-door"
BUILT_WITHIN_S = 840


def section(heading: str, page: str = PAGE) -> str:
    """Return what stands under a heading of the page, up to the next one."""
    found = page.partition(f"\n{heading}\n")[2]
    assert found, f"the page has no heading {heading}"
    return re.split(r"\n##+ ", found, maxsplit=1)[0]


def block(heading: str, language: str = "sh") -> str:
    """Return the first block of a language under a heading of the page."""
    return section(heading).partition(f"```{language}\n")[2].partition("\n```")[0]


def plain(text: str) -> str:
    """Leave out revisions, for the page's clients all ask one server in turn, and a terminal's colours."""
    return re.sub(r"(?<=revision )\d+|\x1b\[\d*m", "", text)


def require(programs: Sequence[str]) -> None:
    """Skip where a program is not installed; CI counts that as a failure."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


@dataclass(frozen=True)
class Shop:
    """A server with one customer, and what the page's commands count on to be set."""

    server: LocalServer
    env: dict[str, str]
    client: Client

    def at(self, address: str) -> dict[str, str]:
        """The same, the server being asked elsewhere."""
        return {**self.env, "SERVER": address}

    def purchases(self) -> list[Purchase]:
        return list(self.client.purchases.list(NAME))


@contextmanager
def shop(folder: Path, *arguments: str, customer: bool = True) -> Iterator[Shop]:
    """Open a shop; what the server leaves for its own account is not found, as from another machine."""
    with LocalServer(*arguments) as server:
        tls = Tls(ca=server.folder / "tls" / "ca.pem") if "--tls" in arguments else None
        with connect(server.address, token=server.token, tls=tls) as client:
            if customer:
                client.customers.create(Customer(display_name="Blue Door Café"), customer_id="blue-door")
            env = {key: value for key, value in os.environ.items() if not key.startswith("CLIENTELA_")}
            env |= {
                "CLIENTELA": str(ROOT),
                "SERVER": server.address,
                "TOKEN": server.new_token("clerk", "till"),
                "FINGERPRINT": server.ready_line.partition("fingerprint=")[2].partition(" ")[0],
                "XDG_STATE_HOME": str(folder / "state"),
            }
            env.pop("CA", None)
            yield Shop(server, env, client)


def bash(script: str, env: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["bash", "-c", f"set -euo pipefail\n{script}"]
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=BUILT_WITHIN_S, check=False
    )


@dataclass(frozen=True)
class Made:
    """A client as the recipe made it: where, by what it is run, and what came of the first run."""

    folder: Path
    run: str
    first: subprocess.CompletedProcess[str]
    recorded: list[Purchase]


class Recipe:
    """What holds of each client. Of a subclass: the page's heading, and the programs that it names."""

    heading: str
    programs: tuple[str, ...]
    #: As long as a client that waits for nobody needs to start, make its five attempts and give up.
    gives_up_s = 3.0

    @pytest.fixture(scope="class")
    @classmethod
    def made(cls, tmp_path_factory: pytest.TempPathFactory) -> Made:
        require(cls.programs)
        folder = tmp_path_factory.mktemp("shop")
        script = block(cls.heading)
        with shop(folder) as opened:
            first = bash(script, opened.env, folder)
            recorded = opened.purchases()
        assert first.returncode == 0, first.stderr
        return Made(folder, script.replace("\\\n", " ").splitlines()[-1], first, recorded)

    def test_as_the_page_has_it_a_purchase_is_recorded(self, made: Made) -> None:
        (recorded,) = made.recorded
        assert (recorded.amount.units, recorded.amount.nanos) == (19, 900_000_000)
        assert recorded.name in made.first.stdout
        shown = block(self.heading, "text")
        assert agrees(f"...\n{plain(shown)}", plain(made.first.stdout)), made.first  # tools speak before

    def test_by_tls_it_asks_whom_clientela_trust_vouches_for(self, made: Made) -> None:
        with shop(made.folder, "--tls", "auto") as opened:
            done = bash(f"{block('### Across a network: TLS')}\n{made.run}", opened.env, made.folder)
            assert done.returncode == 0, done.stderr
            assert len(opened.purchases()) == 1

    def test_by_tls_it_takes_nobody_else(self, made: Made, tmp_path: Path) -> None:
        with shop(made.folder, "--tls", "auto") as another:
            bash(block("### Across a network: TLS"), another.env, tmp_path)
        with shop(made.folder, "--tls", "auto") as opened:
            done = bash(made.run, {**opened.env, "CA": str(tmp_path / "ca.pem")}, made.folder)
            assert done.returncode != 0
            assert opened.purchases() == []

    def test_a_server_that_is_not_there_yet_is_waited_for(self, made: Made) -> None:
        with shop(made.folder) as opened, Proxy(opened.server.address, shut=True) as door:
            command = ["bash", "-c", made.run]
            env = opened.at(door.address)
            with subprocess.Popen(
                command, cwd=made.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            ) as client:
                with pytest.raises(subprocess.TimeoutExpired):
                    client.wait(self.gives_up_s)
                door.open()
                said, _ = client.communicate(timeout=BUILT_WITHIN_S)
            assert client.returncode == 0, said
            assert len(opened.purchases()) == 1

    def test_a_sale_whose_answer_is_lost_is_recorded_once(self, made: Made) -> None:
        with shop(made.folder) as opened, LocalProxy(opened.server.address) as proxy:
            proxy.rules.add("drop-reply RecordPurchase 1")
            done = bash(made.run, opened.at(proxy.address), made.folder)
            asked = [event for event in proxy.events() if event.get("method", "").endswith("/RecordPurchase")]
            (recorded,) = opened.purchases()
        assert done.returncode == 0, done.stderr
        assert recorded.name in done.stdout
        assert asked

    def test_a_refusal_is_told_with_its_reason_as_not_done(self, made: Made) -> None:
        with shop(made.folder) as opened:
            done = bash(made.run.replace("blue-door", "red-door"), opened.env, made.folder)
        assert done.returncode != 0
        said = done.stdout + done.stderr
        assert re.search(
            r"not done: \W*not_?found.*CUSTOMER_NOT_FOUND.*customers/red-door", said, re.IGNORECASE
        )
