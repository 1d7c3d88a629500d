"""clientela-server token: make, list and revoke, also while the server runs."""

import re
import subprocess
from pathlib import Path

import grpc
import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from clientela_server.__main__ import main
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import to_create
from tests.rpc.processes import command, private
from tests.rpc.refusals import refusal
from tests.rpc.running import SetClock, running
from tests.rpc.waiting import wait_for

Captured = pytest.CaptureFixture[str]


def token(database: Path, *arguments: str) -> int:
    """Run the command within this process: it is made for use beside a running server."""
    return main(["token", *arguments, "--database", str(database)])


@pytest.fixture
def database(server: LocalServer) -> Path:
    return server.database


@pytest.mark.parametrize(("role", "may_write"), [("admin", True), ("clerk", True), ("analyst", False)])
def test_a_token_that_is_made_lets_in_at_once_with_its_role(
    database: Path, channel: grpc.Channel, capsys: Captured, role: str, may_write: bool
) -> None:
    name = fresh("user")
    assert token(database, "create", "--role", role, "--name", name) == 0
    made = capsys.readouterr().out
    assert re.fullmatch(r"clt_[A-Za-z0-9_-]{43}\n", made)

    caller = Caller(channel, made.strip())
    if may_write:
        created = caller.customers.CreateCustomer(to_create())
        assert caller.feed.ListHistory(fpb.ListHistoryRequest(name=created.name)).changes[0].actor == name
    else:
        assert refusal(caller.customers.CreateCustomer, to_create()).reason == "CALL_NOT_ALLOWED"
        assert caller.customers.ListCustomers(cpb.ListCustomersRequest(page_size=1)).customers


def test_a_link_signs_in_and_is_drawn(database: Path, channel: grpc.Channel, capsys: Captured) -> None:
    made = ["create", "--role", "clerk", "--name", fresh("till"), "--link", "http://127.0.0.1:8080/"]
    assert token(database, *made) == 0
    link, *picture = capsys.readouterr().out.splitlines()
    found = re.fullmatch(r"http://127\.0\.0\.1:8080/#token=(clt_[A-Za-z0-9_-]{43})", link)
    assert found
    assert Caller(channel, found[1]).customers.ListCustomers(cpb.ListCustomersRequest(page_size=1))
    assert len({len(line) for line in picture}) == 1
    assert set("".join(picture)) <= set(" █▀▄")


@pytest.mark.parametrize(
    "link",
    [
        "shop.example:8080",
        "ftp://shop.example",
        "http://",
        "http://a/#b",
        "http://a/b",
        "http://u@a",
        "http://a:x",
    ],
)
def test_a_link_to_no_place_makes_no_token(database: Path, capsys: Captured, link: str) -> None:
    name = fresh("till")
    assert token(database, "create", "--role", "clerk", "--name", name, "--link", link) == 2
    assert "--link" in capsys.readouterr().err
    assert token(database, "list") == 0
    assert name not in capsys.readouterr().out


def test_a_revoked_token_stops_within_five_seconds(
    database: Path, channel: grpc.Channel, capsys: Captured
) -> None:
    name = fresh("user")
    token(database, "create", "--role", "clerk", "--name", name)
    caller = Caller(channel, capsys.readouterr().out.strip())
    request = cpb.ListCustomersRequest(page_size=1)
    caller.customers.ListCustomers(request)

    assert token(database, "revoke", name) == 0

    def code() -> grpc.StatusCode | None:
        try:
            caller.customers.ListCustomers(request)
        except grpc.RpcError as error:
            return error.code()
        return None

    assert wait_for(code) is grpc.StatusCode.UNAUTHENTICATED


async def test_tokens_are_listed_with_role_and_state_and_without_what_they_are(
    tmp_path: Path, clock: SetClock, capsys: Captured
) -> None:
    async with running(tmp_path) as live:
        for name, role, days in (("anna", "analyst", "30"), ("eve", "clerk", "1"), ("jan", "clerk", "")):
            token(
                live.database,
                "create",
                "--role",
                role,
                "--name",
                name,
                *(["--expires-in-days", days] if days else []),
            )
        token(live.database, "revoke", "jan")
        clock.go_on(days=2)
        made = capsys.readouterr().out.splitlines()[:3]
        token(live.database, "list")

        listed = capsys.readouterr().out
        rows = [line.split("\t") for line in listed.splitlines()]
        assert rows[0] == ["NAME", "ROLE", "SINCE", "UNTIL", "STATE"]
        assert [[row[0], row[1], row[4]] for row in rows[1:]] == [
            ["admin", "admin", "valid"],
            ["anna", "analyst", "valid"],
            ["eve", "clerk", "expired"],
            ["jan", "clerk", "revoked"],
        ]
        assert rows[2][2:4] == ["2027-01-15", "2027-02-14"]
        assert rows[4][3] == "-"
        assert not any(secret in listed for secret in made)


@pytest.mark.sqlite
async def test_no_token_can_be_read_from_the_database(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        kept = live.database.read_bytes() + live.database.with_name("ledger.db-wal").read_bytes()

        assert b"admin" in kept
        assert str(live.admin.token).removeprefix("clt_").encode() not in kept


@pytest.mark.parametrize(
    ("arguments", "code", "fact"),
    [
        (["create", "--role", "clerk", "--name", "admin"], 1, "admin already"),
        (["revoke", "nobody-of-that-name"], 1, "no valid token named nobody-of-that-name"),
        (["create", "--role", "clerk", "--name", "x", "--expires-in-days", "0"], 2, "give 1 to 36500"),
        (["create", "--role", "clerk", "--name", "x", "--expires-in-days", "-5"], 2, "give 1 to 36500"),
        (
            ["create", "--role", "clerk", "--name", "y", "--expires-in-days", "99999999999"],
            2,
            "--expires-in-days",
        ),
        (["create", "--role", "clerk", "--name", ""], 2, "--name"),
        (["create", "--role", "clerk", "--name", "a\tb"], 2, "--name"),
        (["create", "--role", "clerk", "--name", "a\nb"], 2, "--name"),
        (["create", "--role", "clerk", "--name", 201 * "x"], 2, "--name"),
    ],
)
def test_what_can_not_be_done_is_reported_in_one_line(
    database: Path, capsys: Captured, arguments: list[str], code: int, fact: str
) -> None:
    assert token(database, *arguments) == code

    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.fullmatch(r"clientela-server: [^\n]+\n", captured.err)
    assert fact in captured.err


def test_where_there_is_no_database_none_is_made(tmp_path: Path, capsys: Captured) -> None:
    assert token(tmp_path / "ledger.db", "list") == 1

    assert "start the server once" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_reported_in_one_line(tmp_path: Path, capsys: Captured) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("this is no database\n" * 100)

    assert token(notes, "list") == 1

    assert re.fullmatch(r"clientela-server: [^\n]+\n", capsys.readouterr().err)
    assert notes.read_text() == "this is no database\n" * 100


def test_the_command_is_quick_for_it_loads_no_server(tmp_path: Path) -> None:
    code = "import sys; sys.argv[1:] = ['token', 'list', '--database', 'none']\n"
    code += "import clientela_server.__main__ as m; m.main()\nassert 'grpc' not in sys.modules, 'grpc'"
    done = subprocess.run(
        [command()[0], "-c", code],
        capture_output=True,
        text=True,
        timeout=HANG_S,
        check=False,
        env=private(tmp_path),
    )

    assert done.returncode == 0, done.stderr
