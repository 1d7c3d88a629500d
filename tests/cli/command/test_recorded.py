"""Every command is of the class that takes the global options after the verb; so are a recorded noun's."""

from collections.abc import Iterator
from uuid import uuid4

import click
import pytest

from clientela_client.cli.command.command_tree import LazyGroup
from clientela_client.cli.command.options import Command, Group
from clientela_client.cli.command.recorded import recorded_commands
from clientela_client.cli.main import root
from clientela_client.cli.purchases.purchase_view import PURCHASE
from clientela_client.cli.words.purchase_fields import money_of
from tests.cli.running import Cli, new_id

CUT = b"caf\xc3".decode("utf-8", "surrogateescape")
purchases = recorded_commands(
    PURCHASE,
    [
        click.option("--amount", type=lambda euros: money_of(euros, "EUR"), required=True),
        click.option("--note"),
    ],
    example="--amount 5",
    orders="revision",
)


def without_global_options(group: click.Group, path: str = "") -> Iterator[str]:
    """Yield the commands of a tree that are of another class; the lab's ask no server of the caller's."""
    context = click.Context(group)
    for name in group.list_commands(context):
        each = group.get_command(context, name)
        if name == "lab" and group is root:
            continue
        if not isinstance(each, Group if isinstance(each, click.Group) else Command):
            yield f"{path}{name}"
        if isinstance(each, click.Group):
            yield from without_global_options(each, f"{path}{name} ")


@pytest.fixture
def recorded(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line, whose purchases are a noun that is recorded and listed."""
    monkeypatch.setattr(
        root, "_nouns", {**root._nouns, "purchases": (f"{__name__}:purchases", "Purchases of customers.")}
    )
    return cli


def test_every_command_takes_the_global_options() -> None:
    assert list(without_global_options(root)) == []
    assert list(without_global_options(purchases)) == []


def test_a_command_that_does_not_is_seen() -> None:
    planted = Group("planted")
    planted.add_command(click.command("record")(lambda: None))
    planted.add_command(click.Group("inner"))
    assert list(without_global_options(planted)) == ["record", "inner"]


def test_a_lazy_tree_is_walked_too() -> None:
    tree = LazyGroup("tree", nouns={"planted": (f"{__name__}:_PLANTED", "")})
    assert list(without_global_options(tree)) == ["planted record"]


_PLANTED = Group("planted", commands=[click.Command("record")])


def test_a_recorded_noun_takes_global_options_after_the_verb(recorded: Cli) -> None:
    anna = new_id("anna")
    recorded.done("customers", "create", "--id", anna, "--name", "Anna")
    record = ("purchases", "record", anna, "--amount", "5")
    dry = recorded.done(*record, "--dry-run", "-o", "json")
    assert dry.json["amount"]["units"] == "5" and "wrote nothing" in dry.stderr
    again = ("--request-id", str(uuid4()), "-o", "name")
    once = recorded.done(*record, *again).stdout
    assert recorded.done(*record, *again).stdout == once
    assert recorded.done("purchases", "list", anna, "-o", "name").stdout == once


@pytest.mark.parametrize("verb", ["record", "list"])
def test_a_recorded_noun_has_the_help_and_the_checks_of_all(verb: str, recorded: Cli) -> None:
    shown = recorded.done("purchases", verb, "--help").stdout
    assert "Global options:" in shown and "--dry-run" in shown
    words = {"record": ("blue-door", "--amount", "5", "--note", CUT), "list": ("--filter", CUT)}[verb]
    ended = recorded("purchases", verb, *words)
    assert ended.exit_code == 2 and "is not UTF-8" in ended.stderr


def test_a_recorded_noun_asks_the_server_that_is_named_after_the_verb(recorded: Cli, nobody: str) -> None:
    assert recorded("purchases", "list", "--server", nobody, "--timeout", "0.2").exit_code == 7
