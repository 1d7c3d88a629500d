"""The server as a process: its start, the files that it leaves, signals, and errors at the start."""

import os
import re
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import grpc
import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela_lab.patience import HANG_S
from clientela_server import admin
from clientela_server.__main__ import main
from clientela_server.app import serve
from clientela_server.before_grpc import configure_grpc
from clientela_server.config import Address, Config, ServerError, read_address
from clientela_server.store.database.sqlite import SqliteConnection
from tests.rpc.knocked import SAID
from tests.rpc.making import new_customer, read_customer
from tests.rpc.processes import ROOT, Process, command, run, serving
from tests.rpc.running import running

READY = re.compile(
    r"clientela-server ready grpc=127\.0\.0\.1:\d+ web=off database=(?P<database>/\S+) revision=\d+"
)
ONE_LINE = re.compile(r"clientela-server: [^\n]+\n")


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with serving(tmp_path_factory.mktemp("process")) as process:
        yield process


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def pointer(process: Process) -> Path:
    host, _, port = process.address.rpartition(":")
    return process.folder / "state" / "clientela" / "servers" / f"{host}_{port}"


# ---- a server that runs


@pytest.mark.sqlite
def test_it_prints_one_line_when_it_serves(process: Process) -> None:
    ready = READY.fullmatch(process.ready_line)

    assert ready
    assert ready["database"] == str(process.folder / "data" / "ledger.db")
    with process.admin() as caller:
        assert new_customer(caller).name


@pytest.mark.sqlite
def test_what_it_writes_is_its_accounts_own(process: Process) -> None:
    folder = process.folder / "data"

    assert mode(folder) == 0o700
    files = {path.name: mode(path) for path in folder.iterdir()}
    assert {"ledger.db", "ledger.db-wal", "admin.token"} <= files.keys()
    assert set(files.values()) == {0o600}


@pytest.mark.sqlite
def test_the_first_start_leaves_a_token_and_while_it_serves_a_pointer_to_it(process: Process) -> None:
    token = process.folder / "data" / "admin.token"

    assert re.fullmatch(r"clt_[A-Za-z0-9_-]{43}\n", token.read_text())
    assert pointer(process).read_text().strip() == str(token)
    assert mode(pointer(process)) == 0o600
    assert mode(pointer(process).parent) == 0o700


def test_stopped_or_killed_and_started_again_it_has_everything_that_it_answered(tmp_path: Path) -> None:
    with serving(tmp_path) as first:
        with first.admin() as caller:
            ann = new_customer(caller)
        assert first.stop(signal.SIGTERM) == 0
        assert not pointer(first).exists()
        assert not (tmp_path / "data" / "ledger.db-wal").exists()

    with serving(tmp_path) as second, second.admin() as caller:
        assert second.facts["revision"] == "1"
        assert read_customer(caller, ann.name) == ann
        names = [new_customer(caller).name for _ in range(20)]
        second.stop(signal.SIGKILL)

    with serving(tmp_path) as third:
        with third.admin() as caller:
            found = caller.customers.BatchGetCustomers(cpb.BatchGetCustomersRequest(names=names)).customers
        assert [customer.name for customer in found] == names
        assert third.stop(signal.SIGINT) == 0
        assert [line for line in third.log_lines() if line["level"] == "error"] == []


# ---- a server that is stopped while somebody knocks, and dies of that in grpcio before 1.80


def test_connections_that_said_nothing_yet_do_not_kill_a_server_that_stops(tmp_path: Path) -> None:
    with serving(tmp_path) as process, ExitStack() as stack:
        host, _, port = process.address.rpartition(":")
        with process.admin() as caller:
            assert new_customer(caller).name
        for said in SAID:
            stack.enter_context(socket.create_connection((host, int(port)), 60)).send(said)

        assert process.stop(signal.SIGTERM) == 0
        assert not (tmp_path / "data" / "ledger.db-wal").exists()


def test_however_often_it_is_stopped_while_somebody_knocks_it_does_not_die() -> None:
    knocked = command("60", module="tests.rpc.knocked")
    done = subprocess.run(knocked, cwd=ROOT, capture_output=True, text=True, timeout=HANG_S, check=False)

    assert (done.returncode, done.stdout) == (0, "stopped every time\n"), done.stderr


def test_grpc_waits_for_events_in_the_cheaper_way_where_it_still_knows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GRPC_EXPERIMENTS", "")  # so that it is as it was afterwards
    monkeypatch.delenv("GRPC_EXPERIMENTS")
    configure_grpc()
    knows = grpc.__version__.startswith("1.80.")
    assert os.environ.get("GRPC_EXPERIMENTS") == ("-event_engine_poller_for_python" if knows else None)

    monkeypatch.setenv("GRPC_EXPERIMENTS", "what the operator set")
    configure_grpc()
    assert os.environ["GRPC_EXPERIMENTS"] == "what the operator set"


# ---- a server that can't run


def told(code: int, stderr: str, expected: int, fact: str) -> None:
    """One clear line, and the exit code."""
    assert code == expected, stderr
    assert ONE_LINE.fullmatch(stderr), stderr
    assert fact in stderr


def test_a_port_in_use_is_reported_in_one_line(tmp_path: Path) -> None:
    """Also where the other would share it: then the two would answer by turns without anybody noticing."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        host, port = other.getsockname()

        done = run(
            tmp_path, "--listen", f"{host}:{port}", "--web", "off", "--database", str(tmp_path / "a.db")
        )

    told(done.returncode, done.stderr, 2, "port is in use")
    assert done.stdout == ""


async def refused_to_serve(database: Path) -> str:
    """What a server says that can't begin; `main` prints it in one line and exits with 1."""
    with pytest.raises(ServerError) as refused:
        await serve(Config(Address("127.0.0.1", 0), database))
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.fixture
def same_umask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Serving sets the umask of the process, which here is that of the tests."""
    monkeypatch.setattr("os.umask", lambda _: 0o022)


@pytest.mark.sqlite
async def test_a_database_in_use_is_reported(process: Process, same_umask: None) -> None:
    said = await refused_to_serve(process.folder / "data" / "ledger.db")

    assert "another server has it open" in said


@pytest.mark.sqlite
@pytest.mark.parametrize("name", ["notes.txt", "notes.txt/ledger.db", "locked.db", "/proc/nowhere/ledger.db"])
async def test_a_database_that_can_not_be_opened_is_reported_by_its_path(
    tmp_path: Path, same_umask: None, name: str
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("this is no database\n" * 100)
    (tmp_path / "locked.db.lock").mkdir()

    said = await refused_to_serve(tmp_path / name)

    assert str(tmp_path / name) in said
    assert notes.read_text() == "this is no database\n" * 100


@pytest.mark.sqlite
async def test_a_database_that_another_program_holds_is_reported(
    tmp_path: Path, same_umask: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as live:
        database = live.database
    other = SqliteConnection(database)
    other.begin()
    monkeypatch.setattr("clientela_server.store.database.sqlite._BUSY_MS", 10)

    said = await refused_to_serve(database)

    other.close()
    assert "another program is writing to it" in said


@pytest.mark.sqlite
async def test_a_first_start_that_can_not_leave_the_token_leaves_none_for_the_next_to_miss(
    tmp_path: Path, same_umask: None
) -> None:
    in_the_way = tmp_path / "admin.token"
    in_the_way.mkdir()

    assert "then start again" in await refused_to_serve(tmp_path / "ledger.db")

    in_the_way.rmdir()
    async with running(tmp_path):
        rows = admin.list_tokens(tmp_path / "ledger.db").splitlines()
    assert [row.split("\t")[0] for row in rows] == ["NAME", "admin"]


def test_without_a_place_for_its_pointer_a_server_serves(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")

    with serving(tmp_path) as process:
        with process.admin() as caller:
            assert new_customer(caller).name
        assert process.stop(signal.SIGTERM) == 0


@pytest.mark.sqlite
async def test_a_database_of_a_newer_server_is_reported(tmp_path: Path, same_umask: None) -> None:
    async with running(tmp_path) as live:
        database = live.database
    connection = SqliteConnection(database)
    connection.script("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    assert "use the newer server" in await refused_to_serve(database)


# ---- arguments that can't be followed


@pytest.mark.parametrize(
    ("arguments", "fact"),
    [
        (["--listen", "0.0.0.0:50051"], "others on the network could read"),
        (["--listen", "192.168.1.5:0"], "give --tls auto"),
        (["--listen", "[::]:0", "--dev", "--tls", "auto"], "for trying out on this machine"),
        (["--listen", "example.com:1"], "give --tls auto"),
        (["--listen", "127.0.0.1"], "give HOST:PORT"),
        (["--listen", ":1"], "give HOST:PORT"),
        (["--listen", "127.0.0.1:x"], "give HOST:PORT"),
        (["--listen", "127.0.0.1:65536"], "give HOST:PORT"),
        (["--listen", "127.0.0.1:-1"], "give HOST:PORT"),
        (["--database", "{folder}"], "is a folder"),
        (["--database", "mysql://u:secret@h/d"], "SQLite"),
        (["--database", "postgresql://u:secret@h:port/d"], "--database postgresql://"),
        (["--database", ""], "--database"),
        (["--unread-seconds", "0"], "greater than 0"),
    ],
)
def test_a_wrong_argument_is_reported_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], fact: str
) -> None:
    code = main([argument.format(folder=tmp_path) for argument in arguments])

    told(code, capsys.readouterr().err, 2, fact)


def test_a_password_in_an_argument_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--database", "postgresql://u:secret@h/d"])

    assert "secret" not in capsys.readouterr().err


@pytest.mark.parametrize("text", ["127.0.0.1:0", "localhost:50051", "[::1]:50051", "127.1.2.3:80"])
def test_what_only_this_machine_reaches_may_be_listened_on(text: str) -> None:
    host, _, port = text.rpartition(":")

    assert read_address(text) == Address(host.strip("[]"), int(port))
    assert str(read_address(text)) == text


@pytest.mark.parametrize(
    "arguments",
    [
        ["--listen"],
        ["--port", "1"],
        ["token"],
        ["token", "create"],
        ["token", "create", "--role", "boss"],
        ["serve"],
    ],
)
def test_a_wrong_use_is_reported_with_how_to_use_it(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert "usage: clientela-server" in capsys.readouterr().err


def test_help_and_version_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert ended.value.code == 0
    assert "--listen HOST:PORT" in capsys.readouterr().out
