"""A shell completes ids that the server has; without a server there is no completion and no error."""

import pytest
from click.shell_completion import BashComplete

from clientela_client.cli.command.options import RunOptions
from clientela_client.cli.main import root
from tests.cli.running import Cli, new_id


def offered(line: str) -> dict[str, str]:
    """Return the completions of the last word of a line, each with its help."""
    *words, incomplete = line.split(" ")
    shell = BashComplete(root, {"obj": RunOptions()}, "clientela", "_CLIENTELA_COMPLETE")
    return {each.value: each.help or "" for each in shell.get_completions(words, incomplete)}


@pytest.fixture
def shop(cli: Cli) -> str:
    """The beginning that the ids of three customers have in common, one of whom bought."""
    stem = new_id("stem")
    for end in ("a", "b", "c"):
        cli.done("customers", "create", "--id", f"{stem}-{end}", "--name", f"Anna\n{end}")
    cli.done("purchases", "record", f"{stem}-a", "5", "EUR", "--id", "1", "--note", "tea")
    cli.done("purchases", "record", f"{stem}-a", "5", "EUR", "--id", "12")
    return stem


@pytest.mark.parametrize(
    "command",
    [
        "customers get",
        "customers update",
        "customers delete",
        "customers undelete",
        "customers erase",
        "customers history",
        "purchases record",
        "purchases list",
        "purchases export",
        "standing get",
        "economics ltv",
        "watch",
        "watch somebody",
    ],
)
def test_customers_are_completed_wherever_one_is_named(shop: str, command: str) -> None:
    found = offered(f"{command} {shop}-")
    assert list(found) == [f"{shop}-{end}" for end in ("a", "b", "c")]
    assert all(said.startswith("Anna") and "\n" not in said for said in found.values())
    assert list(offered(f"{command} {shop}-b")) == [f"{shop}-b"]
    assert list(offered(f"{command} customers/{shop}-c")) == [f"customers/{shop}-c"]


@pytest.mark.parametrize("verb", ["get", "refund"])
def test_purchases_are_completed_behind_their_customer(shop: str, verb: str) -> None:
    assert offered(f"purchases {verb} {shop}-a/") == {f"{shop}-a/1": "tea", f"{shop}-a/12": ""}
    assert list(offered(f"purchases {verb} {shop}-a/12")) == [f"{shop}-a/12"]
    full = f"customers/{shop}-a/purchases/1"
    assert sorted(offered(f"purchases {verb} {full}")) == [full, f"{full}2"]


def test_segments_and_spends_are_completed(cli: Cli) -> None:
    shop = new_id("stem")
    cli.done("segments", "create", "--id", f"{shop}-s", "--name", "All", "--filter", "purchases > 0")
    spend = ("spends", "record", "other", "5", "EUR", "--from", "2026-03-01", "--id", f"{shop}-e")
    cli.done(*spend)
    for verb in ("get", "members", "update", "delete"):
        assert offered(f"segments {verb} {shop}") == {f"{shop}-s": "All"}
    for verb in ("spends get", "spends delete", "economics get-spend", "economics delete-spend"):
        assert list(offered(f"{verb} {shop}")) == [f"{shop}-e"]


def test_a_server_that_is_named_on_the_line_is_the_one_that_is_asked(
    shop: str, nobody: str, monkeypatch: pytest.MonkeyPatch, env: dict[str, str]
) -> None:
    assert offered(f"customers get --server {nobody} {shop}") == {}
    monkeypatch.setenv("CLIENTELA_SERVER", nobody)
    assert offered(f"customers get {shop}") == {}
    assert len(offered(f"customers get --server {env['CLIENTELA_SERVER']} {shop}")) == 3


@pytest.mark.parametrize(
    "wrong", ["--server nowhere", "--token clt_wrong", "--profile none", "--token-file /no"]
)
@pytest.mark.usefixtures("cli")
def test_where_no_server_can_be_asked_nothing_is_offered_and_nothing_said(
    wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert offered(f"customers get {wrong} a") == {}
    assert offered("customers get it's") == {}
    assert capsys.readouterr() == ("", "")


def test_a_server_that_does_not_answer_is_not_waited_for(
    bare: Cli, black_hole: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("clientela_client.cli.command.id_completion.TIMEOUT_S", 0.2)
    monkeypatch.setenv("CLIENTELA_SERVER", black_hole)
    assert offered("customers get a") == {}
    assert capsys.readouterr() == ("", "")


def test_its_help_says_what_is_completed(bare: Cli) -> None:
    shown = " ".join(bare.done("completion", "--help").stdout.split())
    assert "Ids of customers, purchases, segments and spends are asked of the server" in shown
