"""Every way in which a run can end has one exit code, one sentence and a next step."""

import json
import shlex
import tomllib
from pathlib import Path

import click
import pytest
from google.protobuf.descriptor_pb2 import MethodOptions
from hypothesis import given
from hypothesis import strategies as st

import clientela_server.rpc.locales
from clientela_client.cli.command.exits import (
    EXIT_CODES_BY_STATUS,
    NEXT_STEPS,
    OUTCOME_WORDS,
    WRITE_EFFECTS,
    write_effect,
)
from clientela_client.cli.command.options import RunOptions
from clientela_client.cli.error_output import error_report_of, report_error
from clientela_client.cli.imports.files.csv_file import FileChanged
from clientela_client.errors import (
    PROOFS_OF_REFUSAL,
    CallError,
    Facts,
    FieldViolation,
    InDoubt,
    Interrupted,
    Refused,
    SettingsError,
    Unavailable,
)
from clientela_lab.patience import HANG_S
from tests.test_contract import contract, methods

RECORD = "PurchaseService.RecordPurchase"
REQUEST_ID = "5f0c2b1e-7a34-4c8e-9d51-3b6a0e9f1c42"
ARGV = ("purchases", "record", "anna", "5", "EUR", "--note", "it's")


def of(
    kind: type[CallError], code: str, *, reason: str = "", attempts: int = 1, **metadata: str
) -> CallError:
    facts = Facts(code=code, message="No.", reason=reason, metadata=metadata)
    return kind(facts, method=RECORD, request_id=REQUEST_ID, attempts=attempts)


ENDINGS: list[tuple[BaseException, int]] = [
    (of(Refused, "NOT_FOUND"), 3),
    (of(Refused, "UNAUTHENTICATED"), 4),
    (of(Refused, "PERMISSION_DENIED"), 4),
    (of(Refused, "ALREADY_EXISTS"), 5),
    (of(Refused, "ABORTED"), 5),
    (of(Refused, "INVALID_ARGUMENT"), 6),
    (of(Refused, "FAILED_PRECONDITION"), 6),
    (of(Refused, "OUT_OF_RANGE"), 6),
    (of(Refused, "UNIMPLEMENTED"), 1),
    (of(Unavailable, "UNAVAILABLE", attempts=0), 7),
    (of(Unavailable, "DEADLINE_EXCEEDED"), 7),
    (of(Unavailable, "INTERNAL"), 7),
    *(
        (of(InDoubt, code), 8)
        for code in ("UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "CANCELLED")
    ),
    (Interrupted(of(InDoubt, "CANCELLED")), 130),  # type: ignore[arg-type]
    (KeyboardInterrupt(), 130),
    (click.Abort(), 130),
    (click.UsageError("so not"), 2),
    (click.BadParameter("so not"), 2),
    (SettingsError("so not"), 2),
    (FileChanged("f.csv was changed"), 1),
    (PermissionError(13, "Permission denied", "f.csv"), 1),
    (ValueError("oh"), 1),
]


@pytest.mark.parametrize(("error", "exit_code"), ENDINGS, ids=lambda value: str(value)[:40])
def test_an_outcome_has_its_exit_code_and_no_traceback(
    error: BaseException, exit_code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report_error(error, RunOptions(argv=ARGV)) == exit_code
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.startswith(f"{OUTCOME_WORDS[exit_code]}: ")
    assert "Traceback" not in written.err


def test_every_refusal_that_proves_something_has_a_row() -> None:
    assert EXIT_CODES_BY_STATUS.keys() == PROOFS_OF_REFUSAL


def test_every_exit_code_of_the_table_is_reached() -> None:
    assert {exit_code for _, exit_code in ENDINGS} == OUTCOME_WORDS.keys()


def test_every_call_that_writes_has_words_for_what_may_have_happened() -> None:
    writes = {
        f"{method.containing_service.name}.{method.name}"
        for method in methods(contract())
        if method.GetOptions().idempotency_level != MethodOptions.NO_SIDE_EFFECTS
    }
    assert WRITE_EFFECTS.keys() <= writes
    assert [write for write in writes if write_effect(write) == "it was done"] == []
    assert write_effect("VisitService.RecordVisit") == "the visit was recorded"
    assert write_effect("VisitService.ForgetVisit") == "it was done"


def test_next_steps_are_for_reasons_that_there_are() -> None:
    texts = Path(clientela_server.rpc.locales.__file__).with_name("en.toml").read_text(encoding="utf-8")
    of_server = tomllib.loads(texts).keys() | {
        "UNREACHED",
        "UNAVAILABLE",
        "DEADLINE_EXCEEDED",
        "TOO_MANY_REJECTED",
        "UPSTREAM_UNREACHED",
        *("TLS_WANTED", "TLS_UNTRUSTED", "TLS_NOT_SPOKEN", "TLS_CERTIFICATE_WANTED"),
    }
    assert NEXT_STEPS.keys() <= of_server


@pytest.mark.parametrize("reason", ["REPORT_BEING_MADE", "SERVER_TIME_LIMIT"])
def test_the_servers_own_time_limit_is_told_as_such_and_no_longer_timeout_is_asked_for(reason: str) -> None:
    error = of(Unavailable, "DEADLINE_EXCEEDED", reason=reason, limit="60")
    text = error_report_of(error, RunOptions(argv=ARGV, timeout=HANG_S)).as_text()
    assert "No." in text and "no answer came in time" not in text
    step = text.partition("Try: ")[2]
    assert step and "with a longer --timeout" not in step
    assert ("again in a while" in step) == (reason == "REPORT_BEING_MADE")


@pytest.mark.parametrize("code", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL"])
def test_a_write_without_an_answer_is_in_doubt_and_never_failed(code: str) -> None:
    text = error_report_of(of(InDoubt, code), RunOptions(argv=ARGV, timeout=0.5)).as_text()
    assert "it isn't known whether the purchase was recorded" in text
    assert "fail" not in text.lower()
    command = text.partition("Try: ")[2].splitlines()[0]
    assert shlex.split(command) == ["clientela", *ARGV, "--request-id", REQUEST_ID]


def test_asking_again_replaces_the_request_id_and_hides_the_token() -> None:
    argv = (
        "--token",
        "clt_x",
        "--request-id",
        "old",
        "customers",
        "--token=clt_x",
        "erase",
        "a",
        "--request-id=old",
    )
    step = error_report_of(of(InDoubt, "UNAVAILABLE"), RunOptions(argv=argv)).next_step
    assert "clt_x" not in step and "old" not in step
    assert step.splitlines()[0] == (
        'clientela --token "$CLIENTELA_TOKEN" customers --token="$CLIENTELA_TOKEN" erase a '
        f"--request-id {REQUEST_ID}"
    )


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8), max_size=6
    )
)
def test_a_shell_reads_the_command_as_it_was_typed(words: list[str]) -> None:
    argv = tuple(word for word in words if not word.startswith("--"))
    step = error_report_of(of(InDoubt, "UNAVAILABLE"), RunOptions(argv=argv)).next_step
    assert shlex.split(step.rpartition("\n")[0]) == ["clientela", *argv, "--request-id", REQUEST_ID]


def test_an_import_in_doubt_is_simply_started_again() -> None:
    options = RunOptions(argv=("purchases", "import", "f.csv"), rerun_is_safe=True)
    step = error_report_of(of(InDoubt, "UNAVAILABLE"), options).next_step
    assert step.startswith("clientela purchases import f.csv\n")
    assert "--request-id" not in step


def test_a_refusal_names_fields_facts_and_the_next_step_each_once() -> None:
    facts = Facts(
        code="ALREADY_EXISTS",
        message="An e-mail address belongs to customers/bob already.",
        reason="EMAIL_TAKEN",
        metadata={"name": "customers/bob", "field": "customer.emails[0]"},
        violations=[FieldViolation("customer.emails[0]", "taken")],
    )
    error = Refused(facts, method=RECORD, request_id=None, attempts=1)
    error_report = error_report_of(error, RunOptions())
    assert error_report.as_text() == (
        "An e-mail address belongs to customers/bob already.\n"
        "  customer.emails[0]: taken\n"
        "Try: clientela customers get customers/bob"
    )
    assert json.loads(error_report.as_json())["error"] == {
        "outcome": "conflict",
        "exit_code": 5,
        "message": "An e-mail address belongs to customers/bob already.",
        "code": "ALREADY_EXISTS",
        "reason": "EMAIL_TAKEN",
        "fields": [{"field": "customer.emails[0]", "description": "taken"}],
        "metadata": {"name": "customers/bob", "field": "customer.emails[0]"},
        "try": "clientela customers get customers/bob",
    }


def test_a_fact_is_quoted_for_the_shell() -> None:
    error = of(Refused, "ABORTED", reason="ETAG_MISMATCH", name="customers/a", current_etag='"7"')
    assert error_report_of(error, RunOptions()).next_step.endswith("--etag '\"7\"'")


@pytest.mark.parametrize(
    ("name", "get"),
    [
        ("customers/a", "customers get customers/a"),
        ("segments/lost", "segments get segments/lost"),
        ("policy", "policy get"),
    ],
)
def test_a_step_is_for_the_resource_that_was_changed(name: str, get: str) -> None:
    error = of(Refused, "ABORTED", reason="ETAG_MISMATCH", name=name, current_etag="7")
    assert error_report_of(error, RunOptions()).next_step.startswith(f"clientela {get}, see what has changed")


def test_a_step_whose_facts_are_missing_is_left_out() -> None:
    assert error_report_of(of(Refused, "ABORTED", reason="ETAG_MISMATCH"), RunOptions()).next_step == ""


def test_control_characters_of_a_server_do_not_reach_the_terminal() -> None:
    error_report = error_report_of(of(Refused, "NOT_FOUND", name="\x1b[2J"), RunOptions())
    assert "\x1b" not in error_report.as_text()
