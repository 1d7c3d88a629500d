"""Every attack on the connection, at small size: it is stopped, and other clients are not harmed.

How much slower others become is for `make torture` to tell: here other tests run beside.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from clientela_lab.servers.local_server import LocalServer
from tests.attacks import bad_frames, idle
from tests.attacks.attacks import ATTACKS
from tests.attacks.bad_frames import CASES, ENDS, IGNORES, RESETS, Case
from tests.attacks.siege import Attack, Outcome, Siege, Target, siege

QUIET_S = 0.1
STRICTER = {IGNORES: 0, RESETS: 1, ENDS: 2}


@pytest.fixture(scope="module")
def under() -> Iterator[Siege]:
    with siege() as under:
        yield under


@pytest.mark.parametrize("attack", [each for each in ATTACKS if each.small], ids=lambda each: each.name)
def test_an_attack_is_withstood(under: Siege, attack: Attack) -> None:
    outcome = under.suffer(attack, attack.small, quiet_s=QUIET_S)

    assert outcome.harm() == []


@pytest.fixture(scope="module")
def outcomes(under: Siege) -> dict[str, str]:
    return bad_frames.outcomes(under.target.address)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_frame_against_the_rules_ends_what_it_belongs_to(outcomes: dict[str, str], case: Case) -> None:
    assert STRICTER[outcomes[str(case)]] >= STRICTER[case.outcome]


def test_who_says_hello_otherwise_is_hung_up_on(server: LocalServer) -> None:
    assert bad_frames.bad_hello(server.address)


# ---- what would tell is shown to tell


@contextmanager
def careless_server() -> Iterator[str]:
    """A server that takes connections, and never does anything with them."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def test_a_server_that_hangs_up_on_nobody_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "ENDED_WITHIN_S", 0.2)

    with careless_server() as address, pytest.raises(AssertionError, match="3 of 3 are still open"):
        idle.silent(Target(address, ""), 3)


@pytest.mark.parametrize(
    ("harmed", "told"),
    [
        (Outcome("x", 1, errors=["UNAVAILABLE: gone"]), "UNAVAILABLE"),
        (Outcome("x", 1, grown_mib=65), "65 MiB"),
        (Outcome("x", 1, files_left=3), "3 more files"),
        (Outcome("x", 1, faults=["call"]), "fault in the server's log"),
    ],
)
def test_harm_is_reported(harmed: Outcome, told: str) -> None:
    assert [text for text in harmed.harm() if told in text]
    assert not harmed.delay()


def test_delay_is_reported() -> None:
    assert Outcome("x", 1, quiet_p99_ms=2, attacked_p99_ms=11).delay()
    assert not Outcome("x", 1, quiet_p99_ms=2, attacked_p99_ms=10).delay()


def test_the_healthy_client_sees_what_happens_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with siege() as under:
        monkeypatch.setattr(under, "_files", lambda: 0)
        monkeypatch.setattr(under, "_memory", lambda: 0)
        attack = Attack("a kill", lambda *_: under.server.kill(), 1, 1)

        outcome = under.suffer(attack, 1, quiet_s=QUIET_S)

        assert outcome.errors
