"""A server of one's own starts, stops, comes back, and leaves nothing behind."""

import os
from pathlib import Path

import psutil
import pytest

from clientela_client import Unavailable, connect
from clientela_client.messages import Customer
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer, ServerDidNotStart


def create(server: LocalServer, customer_id: str) -> None:
    with connect(server.address, token=server.token) as client:
        client.customers.create(Customer(display_name="Ann"), customer_id=customer_id)


def names(server: LocalServer) -> list[str]:
    with connect(server.address, token=server.token) as client:
        return [customer.name for customer in client.customers.list()]


def test_it_serves_and_ends_cleanly() -> None:
    with LocalServer() as server:
        pid, folder = server.pid, server.folder
        create(server, "ann")
        assert server.database.exists()
        assert server.stop() == 0
    assert not psutil.pid_exists(pid)
    assert not folder.exists()


@pytest.mark.long
def test_a_restart_keeps_the_port_and_what_was_written() -> None:
    with LocalServer() as server:
        address = server.address
        create(server, "ann")
        assert server.restart() == 0
        assert server.address == address
        assert names(server) == ["customers/ann"]


@pytest.mark.long
def test_what_was_answered_survives_a_kill() -> None:
    with LocalServer() as server:
        create(server, "ann")
        server.kill()
        server.kill()
        server.start()
        assert names(server) == ["customers/ann"]


@pytest.mark.long
def test_an_exception_in_the_body_leaves_no_process() -> None:
    def body() -> None:
        with LocalServer() as server:
            pids.append(server.pid)
            raise ZeroDivisionError

    pids: list[int] = []
    with pytest.raises(ZeroDivisionError):
        body()
    assert not psutil.pid_exists(pids[0])


def test_a_server_that_cannot_start_says_why() -> None:
    with pytest.raises(ServerDidNotStart, match="--no-such-option"):
        LocalServer("--no-such-option").__enter__()


@pytest.mark.long
def test_a_second_start_and_a_stop_without_one_are_mistakes() -> None:
    server = LocalServer()
    with pytest.raises(RuntimeError, match="does not run"):
        server.stop()
    with server, pytest.raises(RuntimeError, match="runs already"):
        server.start()


@pytest.mark.long
def test_a_folder_that_was_given_stays(tmp_path: Path) -> None:
    with LocalServer(folder=tmp_path) as server:
        assert server.folder == tmp_path
    assert (tmp_path / "ledger.db").exists()


@pytest.mark.long
def test_nothing_of_the_users_own_is_touched() -> None:
    with LocalServer() as server:
        own = {
            key: value
            for key, value in server.env.items()
            if key.startswith("XDG_") and key.endswith("_HOME")
        }
        assert own.keys() == {"XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"}
        assert all(Path(value).is_relative_to(server.folder) for value in own.values())
        assert not any(key.startswith("CLIENTELA_") for key in server.env)
        with psutil.Process(server.pid).oneshot():
            assert psutil.Process(server.pid).environ()["XDG_STATE_HOME"] == own["XDG_STATE_HOME"]
    assert server.env is not os.environ


def test_a_server_that_stands_still_answers_when_it_goes_on() -> None:
    with LocalServer() as server:
        create(server, "ann")
        server.freeze()
        with connect(server.address, token=server.token, timeout_s=0.5) as client:
            with pytest.raises(Unavailable, match="no answer came within"):
                client.customers.get("customers/ann")
            assert server.runs
        server.thaw()
        assert names(server) == ["customers/ann"]


@pytest.mark.long
def test_a_server_that_stands_still_is_ended_cleanly() -> None:
    with LocalServer() as server:
        server.freeze()
        assert server.stop() == 0
        assert not server.runs


@pytest.mark.long
def test_a_server_that_was_killed_by_others_runs_no_more() -> None:
    with LocalServer() as server:
        process = psutil.Process(server.pid)
        process.kill()
        process.wait(HANG_S)
        assert not server.runs
