"""`python -m clientela_lab.demo`: a real server, a real client, 6,919 real purchases, and a lost reply.

It starts a server of its own in a temporary folder, runs the command line as anybody would, echoes each
command with its output, checks every figure that is known, and ends with 0 only if all of them are right.
With --keep it writes nothing of its own, and goes on serving what it imported (kept_demo.py).
Read next: local_server.py, cdnow.py, scenarios/lost_reply.py.
"""

import argparse
import csv
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from textwrap import dedent

from clientela_lab import cdnow
from clientela_lab.catalogue import find
from clientela_lab.clock import monotonic
from clientela_lab.kept_demo import serve_on
from clientela_lab.patience import HANG_S
from clientela_lab.runs.showing import show
from clientela_lab.servers.local_server import LocalServer

_REQUEST_ID = "5f0c2b1e-7a34-4c8e-9d51-3b6a0e9f1c42"


@dataclass
class Check:
    """Predictions and what came of them."""

    all_right: bool = True

    def that(self, what: str, wanted: object, got: object) -> None:
        """Print one prediction beside the truth."""
        right = wanted == got
        self.all_right &= right
        print(f"  {'✓' if right else '✗'} {what}: wanted = {wanted}, got = {got}", flush=True)


@dataclass
class Shell:
    """Runs `clientela ...` against one server, where the reader can see it."""

    env: dict[str, str]
    folder: Path
    check: Check = field(default_factory=Check)

    def run(self, line: str, *, exit_code: int = 0) -> None:
        """Echo a command, let it print, and check how it ends."""
        print(f"$ clientela {line}", flush=True)
        ended = subprocess.run(
            _command(line),
            env=self.env,
            cwd=self.folder,
            stderr=subprocess.STDOUT,
            timeout=HANG_S,
            check=False,
        )
        if ended.returncode != exit_code or exit_code:
            self.check.that("exit code", exit_code, ended.returncode)
        print(flush=True)

    def ask(self, line: str) -> str:
        """Run a command for its answer only."""
        return subprocess.run(
            _command(line),
            env=self.env,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            text=True,
            timeout=HANG_S,
            check=True,
        ).stdout


def _command(line: str) -> list[str]:
    return [sys.executable, "-m", "clientela_client", *shlex.split(line)]


def _section(title: str, explanation: str) -> None:
    print(f"── {title} {'─' * (96 - len(title))}\n{dedent(explanation).strip()}\n", flush=True)


def _import(shell: Shell) -> None:
    _section(
        "Real purchases",
        """
        The CDNOW sample of 1997-98: 2,357 customers, 6,919 purchases. Each row's request id is derived
        from the file and the row's place, so the same file again adds nothing.""",
    )
    cdnow.write_csv(shell.folder / "cdnow.csv")
    shell.run("purchases import cdnow.csv --currency USD")
    shell.run("purchases import cdnow.csv --currency USD")


def _figures(shell: Shell) -> None:
    _section(
        "The figures",
        "Asked for over the wire, added up here, and set beside what is published of this data.",
    )
    customers = shell.ask("customers list -o name --page-size 1000").splitlines()
    purchases = list(csv.DictReader(shell.ask("purchases export -o csv").splitlines()))
    top = next(csv.DictReader(shell.ask(f"customers get {cdnow.TOP_CUSTOMER} -o csv").splitlines()))
    amount = sum((Decimal(row["amount"]) for row in purchases), Decimal(0))
    that = shell.check.that
    that("customers", cdnow.CUSTOMERS, len(customers))
    that("purchases", cdnow.PURCHASES, len(purchases))
    that("their amount, USD", cdnow.AMOUNT, amount)
    that(f"purchases of {cdnow.TOP_CUSTOMER}", cdnow.TOP_PURCHASES, int(top["purchase_counts"]))
    that(f"amount of {cdnow.TOP_CUSTOMER}, USD", cdnow.TOP_AMOUNT, Decimal(top["amounts"]))
    _figures_of_third_import(shell)
    print(flush=True)


def _figures_of_third_import(shell: Shell) -> None:
    report = shell.ask("purchases import cdnow.csv --currency USD -o csv --quiet")
    outcome = next(csv.DictReader(report.splitlines()))
    shell.check.that("new when the file is sent again", 0, int(outcome["imported"]))
    shell.check.that("duplicates then", cdnow.PURCHASES, int(outcome["duplicates"]))


def _look(shell: Shell) -> None:
    _section(
        "Looking",
        """
        A customer's totals are kept with every purchase: however long the ledger grows, they cost
        one row to read.""",
    )
    shell.run(f"customers get {cdnow.TOP_CUSTOMER}")
    shell.run(f"purchases list {cdnow.TOP_CUSTOMER} --filter 'amount >= 250' --order-by 'amount desc'")


def _stand(shell: Shell) -> None:
    _section(
        "What a client is to us",
        """
        A label follows from rules with thresholds. It is told as of any day, with the reason and with
        what would turn it. Who bought on 22 days within five weeks is lost half a year later.""",
    )
    for day, wanted in (("1997-04-30", "REGULAR"), ("1997-10-31", "LOST")):
        shell.run(f"standing get {cdnow.TOP_CUSTOMER} --at {day} --why regular --why lost")
        told = shell.ask(f"standing get {cdnow.TOP_CUSTOMER} --at {day} -o csv")
        shell.check.that("stage", wanted, next(csv.DictReader(told.splitlines()))["stage"])
        print(flush=True)


def _write(shell: Shell) -> None:
    _section(
        "Writing, exactly once",
        """
        A purchase is sent twice under one request id, as a client does that saw no answer: it is
        recorded once, and both get the same answer.""",
    )
    shell.run('customers create --id blue-door --name "Blue Door Café" --channel referral')
    purchase = f"purchases record blue-door 19.90 EUR --id 1 --note beans --request-id {_REQUEST_ID}"
    shell.run(purchase)
    shell.run(purchase)
    shell.check.that(
        "purchases of blue-door", 1, len(shell.ask("purchases list blue-door -o name").splitlines())
    )
    print(flush=True)


def _refuse(shell: Shell) -> None:
    _section(
        "Saying no",
        """
        The ledger is append-only: a mistake is put right by a refund, never of more than was paid.
        A refusal says what is wrong and what to do next; its exit code says of which kind it is.""",
    )
    shell.run("purchases refund blue-door/1 --amount 5 --reason 'one bag was torn'")
    shell.run("purchases refund blue-door/1 --amount 500 --reason 'all the bags'", exit_code=6)
    shell.run("purchases record nobody 19.90 EUR", exit_code=3)


def _remember(shell: Shell) -> None:
    _section(
        "What happened",
        """
        Every accepted write is one entry of the journal. The history of a resource and the feed of
        all changes are that journal, read forward.""",
    )
    shell.run("customers update blue-door --language pl --label tier=gold -o name")
    shell.run("customers history blue-door")
    shell.run("watch blue-door 'blue-door/*' --after 0 --limit 4")
    shell.run("customers get blue-door")


def _wire(shell: Shell) -> None:
    _section(
        "What runs between",
        "A call as it crossed the wire: metadata, messages as fields and as bytes, status, trailers.",
    )
    shell.run("purchases get blue-door/1 --wire")


def _lost_reply(shell: Shell) -> None:
    _section(
        "What if the answer is lost?",
        """
        A scenario of the lab: a server of its own, a tap before it that swallows a reply, and a
        prediction. Open its page: what was believed, what crossed, byte by byte, and what is true.""",
    )
    print("$ clientela lab run lost-reply", flush=True)
    shell.check.that(
        "the lost reply", "as predicted", "as predicted" if show(find("lost-reply")) else "not so"
    )
    print(flush=True)


def _end(server: LocalServer, check: Check, began: float) -> int:
    _section(
        "A clean end",
        "SIGTERM: calls under way are answered, the queue is drained, the file is closed.",
    )
    check.that("the server's exit code", 0, server.stop())
    verdict = "All as wanted" if check.all_right else "NOT all as wanted"
    print(f"  {verdict}, in {monotonic() - began:.1f} s")
    return 0 if check.all_right else 1


_READING = (_import, _figures, _look, _stand)
_ALL = (*_READING, _write, _refuse, _remember, _wire, _lost_reply)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration; return the exit code."""
    parser = argparse.ArgumentParser(prog="make demo ARGS=...", description="Show it all, and check it.")
    parser.add_argument("--keep", action="store_true", help="go on serving the 2,357 customers until Ctrl-C")
    keep: bool = parser.parse_args(arguments).keep
    # Told to end, it ends as by an exception, and takes its server along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = monotonic()
    _section("A server", "One process, an embedded SQLite file, a free port.")
    web = "127.0.0.1:0" if keep else "off"
    with tempfile.TemporaryDirectory(prefix="clientela-demo-") as folder, LocalServer(web=web) as server:
        print(f"$ clientela-server --listen 127.0.0.1:0\n{server.ready_line}\n", flush=True)
        env = server.env | {"CLIENTELA_SERVER": server.address, "CLIENTELA_OUTPUT": "table"}
        shell = Shell(env, Path(folder))
        for part in _READING if keep else _ALL:
            part(shell)
        if keep:
            _section("It stays", "As long as this runs; Ctrl-C ends it, and nothing of it is left.")
            serve_on(server)
        return _end(server, shell.check, began)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
