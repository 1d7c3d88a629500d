"""Help and completion load neither the wire nor what draws tables; a call loads what it needs of the wire."""

import os
import resource
import subprocess
import sys

import grpc
import pytest

from clientela_client.cli.command.before_grpc import set_grpc_defaults
from clientela_lab.patience import HANG_S

HEAVY = ("grpc", "google.protobuf", "clientela.v1", "rich", "yaml", "asyncio", "platformdirs")
PROBE = """
import sys
from clientela_client.cli.main import main
try:
    main()
except SystemExit:
    pass
print("LOADED", *sys.modules)
"""
BUDGET_S = 0.3
# Beside the standard library, and what gRPC looks for where it is installed.
OF_A_CALL = {"buf", "clientela", "clientela_client", "click", "google", "grpc", "platformdirs"}
FOUND_BY_GRPC = {"cython_runtime", "grpc_health", "grpc_reflection", "grpc_tools"}
UNUSED_BY_A_CALL = set(
    "asyncio.base_events google.protobuf.text_format google.rpc.status_pb2 grpc.aio._channel "
    "_hashlib _ssl difflib importlib.resources rich tomllib yaml".split()
)


def _loaded(*words: str, **env: str) -> set[str]:
    ended = subprocess.run(
        [sys.executable, "-c", PROBE, *words],
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=HANG_S,
        check=True,
    )
    return set(ended.stdout.rpartition("LOADED")[2].split())


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("customers", "--help"),
        ("purchases", "record", "--help"),
        ("watch", "--help"),
        ("completion", "bash"),
        ("purchases", "nonsense"),
    ],
    ids=" ".join,
)
def test_what_asks_no_server_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    assert _loaded(*words).isdisjoint(HEAVY)


def test_completing_a_verb_loads_nothing_heavy() -> None:
    loaded = _loaded(_CLIENTELA_COMPLETE="bash_complete", COMP_WORDS="clientela customers up", COMP_CWORD="2")
    assert "clientela_client.cli.customers.customer_commands" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_the_probe_sees_what_is_heavy() -> None:
    assert not _loaded("customers", "get", "42", "--server", "nowhere").isdisjoint(HEAVY)


def test_a_call_loads_the_messages_of_its_own_service_and_half_of_grpc(env: dict[str, str]) -> None:
    _loaded("customers", "create", "--id", "start-up", "--name", "Ann", **env)
    loaded = _loaded("customers", "get", "start-up", **env)
    assert {each for each in loaded if each.startswith("clientela.v1.")} == {"clientela.v1.customers_pb2"}
    assert loaded & UNUSED_BY_A_CALL == set()
    packages = {each.partition(".")[0] for each in loaded if not each.startswith(("_", "sitecustomize"))}
    assert packages - sys.stdlib_module_names - FOUND_BY_GRPC == OF_A_CALL


def test_the_probe_sees_the_other_services_and_what_a_failed_call_loads(env: dict[str, str]) -> None:
    loaded = _loaded("purchases", "get", "42/7", **env)
    assert {"clientela.v1.purchases_pb2", "google.rpc.status_pb2"} <= loaded


def _seconds(*arguments: str) -> float:
    """The processor's time, for that of the wall is also other programs'."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], capture_output=True, timeout=HANG_S, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_help_takes_less_than_its_budget_beyond_a_bare_interpreter() -> None:
    bare = min(_seconds("-c", "pass") for _ in range(5))
    shown = min(_seconds("-m", "clientela_client", "--help") for _ in range(5))
    print(f"clientela --help {shown * 1000:.0f} ms, python -c pass {bare * 1000:.0f} ms")
    assert shown - bare < BUDGET_S


def test_completion_offers_nouns_verbs_and_options() -> None:
    def offered(line: str) -> str:
        words = line.split(" ")
        ended = subprocess.run(
            [sys.executable, "-m", "clientela_client"],
            env=os.environ
            | {
                "_CLIENTELA_COMPLETE": "bash_complete",
                "COMP_WORDS": line,
                "COMP_CWORD": str(len(words) - 1),
            },
            capture_output=True,
            text=True,
            timeout=HANG_S,
            check=True,
        )
        return ended.stdout

    assert "plain,customers" in offered("clientela cu")
    assert "plain,undelete" in offered("clientela customers und")
    assert "plain,ndjson" in offered("clientela customers list -o nd")


def test_grpc_is_told_to_be_quiet_before_it_is_imported_and_what_a_user_set_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GRPC_EXPERIMENTS", "")  # so that it is as it was afterwards
    monkeypatch.delenv("GRPC_EXPERIMENTS")
    monkeypatch.setenv("GRPC_VERBOSITY", "DEBUG")
    set_grpc_defaults()
    knows = grpc.__version__.startswith("1.80.")  # later ones complain of it on stderr
    assert os.environ.get("GRPC_EXPERIMENTS") == ("-event_engine_poller_for_python" if knows else None)
    assert os.environ["GRPC_VERBOSITY"] == "DEBUG"
