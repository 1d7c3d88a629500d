"""Each command against a real server: what it does, what it shows, and how it ends."""

import json
import shlex
import time
from pathlib import Path

import pytest

from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from clientela_server.store.database.reading import begin_snapshot
from clientela_server.store.database.sqlite import SqliteConnection
from tests.cli.running import Cli, new_id


def test_the_life_of_a_customer(cli: Cli) -> None:
    anna = new_id("anna")
    created = cli.done(
        *f"customers create --id {anna} --name Anna --email {anna}@example.org --phone +48221234567".split(),
        *"--given-name Anna --family-name Nowak --language pl --category tea --category books".split(),
        *"--consent --channel public_relations --campaign spring --patron Jan --label tier=gold".split(),
        *("--contact-by", "sms"),
    ).facts
    assert created["name"] == f"customers/{anna}"
    assert created["preferences.categories"] == "tea;books"
    assert created["preferences.contact_channels"] == "sms"
    assert created["preferences.marketing_consent"] == "yes"
    assert created["acquisition.channel"] == "public_relations"

    changed = cli.done(
        *f"customers update {anna} --language lt --clear patron --clear labels --no-consent".split(),
        *("--etag", created["etag"]),
    ).facts
    assert changed["preferences.language_code"] == "lt"
    assert changed["preferences.marketing_consent"] == "no"
    assert not {"patron", "labels"} & changed.keys()
    assert changed["acquisition.campaign"] == "spring", "what was not given stays"

    stale = cli("customers", "update", anna, "--name", "Ann", "--etag", created["etag"])
    assert stale.exit_code == 5
    assert f"--etag '{changed['etag']}'" in stale.stderr

    bare_etag = changed["etag"].strip('"')
    assert cli.done("customers", "delete", anna, "--etag", bare_etag).facts["state"] == "deleted"
    refused = cli("purchases", "record", anna, "1", "EUR")
    assert refused.exit_code == 6 and f"clientela customers undelete customers/{anna}" in refused.stderr
    assert "state" not in cli.done("customers", "undelete", f"customers/{anna}").facts
    erased = cli.done("customers", "erase", anna, "--yes").facts
    assert erased["state"] == "erased" and "display_name" not in erased
    for write in (["purchases", "record", anna, "1", "EUR"], ["customers", "update", anna, "--name", "Ann"]):
        refused = cli(*write)
        assert refused.exit_code == 6 and "were erased" in refused.stderr
        assert "undelete" not in refused.stderr
    did = [row[3] for row in cli.done("customers", "history", anna).rows]
    assert [method.rpartition(".")[2] for method in did] == [
        "CreateCustomer",
        "UpdateCustomer",
        "DeleteCustomer",
        "UndeleteCustomer",
        "EraseCustomer",
    ]


@pytest.mark.sqlite
def test_an_erasure_that_a_reader_holds_up_says_so(cli: Cli, server: LocalServer) -> None:
    told = "The disk still holds it: an export or a backup reads it. It is gone when that ends."

    def said() -> str:
        name = new_id("anna")
        cli.done("customers", "create", "--id", name, "--name", "A")
        return cli.done("customers", "erase", name, "--yes").stderr

    reader = SqliteConnection(Path(server.database), read_only=True)
    try:
        begin_snapshot(reader)
        assert told in said()
    finally:
        reader.close()
    # The server too reads, at times of its own.
    give_up = time.monotonic() + HANG_S
    while told in said():
        assert time.monotonic() < give_up


def test_a_field_of_a_person_does_not_turn_an_organization_into_one(cli: Cli) -> None:
    firm = new_id("firm")
    cli.done("customers", "create", "--id", firm, "--name", "A", "--legal-name", "A Ltd", "--tax-id", "123")

    refused = cli("customers", "update", firm, "--given-name", "Ann")

    assert refused.exit_code == 6
    assert "customer.person.given_name" in refused.stderr
    facts = cli.done("customers", "get", firm).facts
    assert (facts["organization.legal_name"], facts["organization.tax_id"]) == ("A Ltd", "123")
    facts = cli.done("customers", "update", firm, "--clear", "organization", "--given-name", "Ann").facts
    assert facts["person.given_name"] == "Ann"
    assert "organization.legal_name" not in facts


def test_an_organization_and_its_referrer(cli: Cli) -> None:
    first, second = new_id("firm"), new_id("firm")
    cli.done("customers", "create", "--id", first, "--name", "A", "--legal-name", "A Ltd", "--tax-id", "123")
    facts = cli.done("customers", "create", "--id", second, "--name", "B", "--referrer", first).facts
    assert facts["acquisition.referrer"] == f"customers/{first}"
    assert cli.done("customers", "get", first).facts["organization.tax_id"] == "123"


def test_a_purchase_its_refund_and_what_is_left(cli: Cli) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna")
    line = 'sku=ab-1,quantity=2,unit_price=9.95,"description=Beans, dark",category=food'
    recorded = cli.done(
        *("purchases", "record", anna, "EUR", "--line", line, "--id", "7", "--time", "1997-01-31"),
        *("--purpose", "resale", "--sales-path", "direct", "--note", "hi"),
    ).facts
    assert (recorded["amount"], recorded["currency_code"]) == ("19.90", "EUR")
    assert recorded["line"] == "sku=ab-1,description=Beans, dark,category=food,quantity=2,unit_price=9.95"
    assert recorded["purchase_time"] == "1997-01-31T00:00:00Z"
    assert (recorded["purpose"], recorded["sales_path"], recorded["source"]) == ("resale", "direct", "cli")

    refund = cli.done("purchases", "refund", f"{anna}/7", "--amount", "5", "--reason", "torn").facts
    assert (refund["given_back"], refund["currency_code"]) == ("5.00", "EUR")
    assert cli.done("purchases", "get", f"{anna}/7").facts["refunded_amount"] == "5.00"
    too_much = cli("purchases", "refund", f"{anna}/7", "--amount", "15", "--reason", "torn")
    assert too_much.exit_code == 6 and "14.90 EUR can still be refunded" in too_much.stderr
    cli.done("purchases", "refund", f"{anna}/7", "--reason", "the rest")
    assert cli.done("customers", "get", anna).facts["totals.EUR.amount"] == "0.00"
    assert [row[3] for row in cli.done("purchases", "list", anna).rows] == ["19.90", "-5.00", "-14.90"]


def test_the_same_request_id_is_done_once(cli: Cli) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna")
    request_id = "0b1d1a2e-6f0f-4d58-9d5b-8a5f5e3f7c11"
    again = ("purchases", "record", anna, "19.90", "EUR", "--request-id", request_id)
    assert cli.done(*again).stdout == cli.done(*again).stdout
    assert len(cli.done("purchases", "list", anna).rows) == 1
    other = cli("purchases", "record", anna, "20", "EUR", "--request-id", request_id)
    assert other.exit_code == 5 and "nothing was written" in other.stderr


def test_lists_are_filtered_ordered_and_limited(cli: Cli) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna")
    for amount in ("1", "30", "20"):
        cli.done("purchases", "record", anna, amount, "EUR")
    listed = cli.done(
        *(
            "purchases",
            "list",
            anna,
            "--filter",
            "amount >= 5",
            "--order-by",
            "amount desc",
            "--page-size",
            "1",
        )
    )
    assert [row[3] for row in listed.rows] == ["30.00", "20.00"]
    assert len(cli.done("purchases", "list", anna, "--limit", "2").rows) == 2
    assert cli.done("purchases", "list", anna, "--limit", "0").stdout == ""
    assert len(cli.done("purchases", "export", anna).rows) == 3


def test_deleted_customers_are_listed_on_demand(cli: Cli) -> None:
    gone = new_id("gone")
    cli.done("customers", "create", "--id", gone, "--name", gone)
    cli.done("customers", "delete", gone)
    listing = ("customers", "list", "--filter", f'display_name = "{gone}"', "-o", "name")
    assert cli.done(*listing).stdout == ""
    assert cli.done(*listing, "--show-deleted").stdout == f"customers/{gone}\n"


def test_an_unknown_field_is_named_with_its_column(cli: Cli) -> None:
    refused = cli("customers", "list", "--filter", "colour = 3")
    assert refused.exit_code == 6
    assert "colour" in refused.stderr and "column 1" in refused.stderr


def test_a_watch_shows_what_happened_and_ends_at_its_limit(cli: Cli) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna")
    cli.done("purchases", "record", anna, "3", "EUR", "--id", "1")
    watched = cli.done("watch", anna, f"{anna}/*", "--after", "0", "--limit", "2", "-o", "ndjson")
    assert [json.loads(line)["name"] for line in watched.stdout.splitlines()] == [
        f"customers/{anna}",
        f"customers/{anna}/purchases/1",
    ]


def test_a_watch_says_how_to_go_on_and_goes_on_so(cli: Cli) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna")
    cli.done("purchases", "record", anna, "3", "EUR", "--id", "1")
    both = (anna, f"{anna}/*")
    first = cli.done("watch", *both, "--after", "0", "--limit", "1")
    words = shlex.split(first.stderr.removeprefix("Go on with: clientela "))
    assert words[:3] == ["watch", *both] and words[3::2] == ["--after", "--epoch"]

    assert f"{anna}/purchases/1" in cli.done(*words, "--limit", "1").stdout
    assert cli.done("watch", anna, "--after", "0", "--limit", "1", "--quiet").stderr == ""


def test_a_watch_of_another_epoch_is_told_to_begin_anew(cli: Cli) -> None:
    refused = cli("watch", "--after", "0", "--epoch", "of-before-a-restore")
    assert refused.exit_code == 6
    assert "restored from a backup" in refused.stderr
    assert "Try: clientela watch --after 0 --epoch " in refused.stderr
    assert "Go on with" not in refused.stderr


@pytest.mark.parametrize("verb", ["create", "update", "record"])
def test_a_dry_run_writes_nothing(cli: Cli, verb: str) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna")
    line = {
        "create": ("customers", "create", "--id", new_id("ghost"), "--name", "Ghost"),
        "update": ("customers", "update", anna, "--name", "Ghost"),
        "record": ("purchases", "record", anna, "5", "EUR"),
    }[verb]
    dry = cli.done(*line, "--dry-run")
    assert "wrote nothing" in dry.stderr
    shown = cli.done(*line, "--dry-run", "-o", "table", "--quiet")
    assert shown.stdout.startswith("Dry run ") and "nothing was written" in shown.stdout.splitlines()[0]
    assert dry.facts["dry_run"] == "yes"
    assert not {"etag", "uid", "revision", "create_time"} & set(dry.facts)
    assert ("name" in dry.facts) == (verb != "record"), "the server would make another id"
    assert len(cli.done("customers", "history", anna).rows) == 1
    assert cli.done("purchases", "list", anna).stdout == ""


@pytest.mark.parametrize(
    "line",
    [
        "customers delete x --dry-run",
        "customers list --dry-run",
        "purchases refund x/1 --reason r --dry-run",
        "customers get x --request-id 0b1d1a2e-6f0f-4d58-9d5b-8a5f5e3f7c11",
        "purchases import f.csv --request-id 0b1d1a2e-6f0f-4d58-9d5b-8a5f5e3f7c11",
    ],
)
def test_an_option_that_would_do_nothing_is_refused(bare: Cli, line: str) -> None:
    refused = bare(*line.split())
    assert refused.exit_code == 2
    assert "--dry-run" in refused.stderr or "--request-id" in refused.stderr


def test_global_options_stand_anywhere_and_the_last_one_wins(cli: Cli) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna")
    name = f"customers/{anna}\n"
    assert cli.done("-o", "name", "customers", "get", anna).stdout == name
    assert cli.done("customers", "-o", "name", "get", anna).stdout == name
    assert cli.done("customers", "get", anna, "-o", "name").stdout == name
    assert cli.done("-o", "json", "customers", "get", "-o", "name", anna).stdout == name


def test_the_environment_may_choose_the_form(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENTELA_OUTPUT", "json")
    assert cli.done("customers", "list", "--limit", "0").json == []
    assert cli.done("customers", "list", "--limit", "0", "-o", "csv").stdout.startswith("customer_id,")
    monkeypatch.setenv("CLIENTELA_OUTPUT", "xml")
    assert cli("customers", "list").exit_code == 2


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        ("purchases record anna", "what was paid"),
        ("purchases record anna 5", "the currency"),
        ("purchases record anna 5 euro", "three capital letters"),
        ("purchases record anna 1e5 EUR", "not an amount"),
        ("purchases record anna 5 EUR --time yesterday", "neither a date"),
        ("purchases record anna EUR --line colour=red", "sku, description"),
        ("purchases record anna 5 EUR --purpose fun", "own_use"),
        ("customers update anna", "nothing to change"),
        ("customers update anna --patron x --clear patron", "both given and cleared"),
        ("customers create --name X --given-name A --tax-id 1", "not both"),
        ("customers create --name X --label tier", "KEY=VALUE"),
        ("customers create", "--name"),
        ("customers", "a command is missing"),
        ("nonsense", "nonsense"),
        ("customers get x --colour", "--colour"),
        ("customers get x -o xml", "xml"),
    ],
)
def test_wrong_usage_is_said_and_costs_no_call(bare: Cli, line: str, fact: str) -> None:
    refused = bare(*line.split())
    assert refused.exit_code == 2
    assert fact in refused.stderr
    assert refused.stdout == ""


def test_errors_are_json_where_answers_are(cli: Cli) -> None:
    refused = cli("customers", "get", new_id("nobody"), "-o", "json")
    assert (refused.exit_code, refused.stdout) == (3, "")
    error = json.loads(refused.stderr)["error"]
    assert (error["outcome"], error["code"], error["reason"]) == (
        "not_found",
        "NOT_FOUND",
        "CUSTOMER_NOT_FOUND",
    )
    usage = cli("customers", "get", "x", "-o", "json", "--colour")
    assert json.loads(usage.stderr)["error"]["exit_code"] == 2


def test_the_wire_is_shown_beside_the_answer(cli: Cli) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna")
    ended = cli.done("customers", "get", anna, "--wire", "-o", "name")
    assert ended.stdout == f"customers/{anna}\n"
    for fact in (
        "▶ POST /clientela.v1.CustomerService/GetCustomer",
        "authorization: Bearer … (54 characters, not shown)",
        f'name: "customers/{anna}"',
        "not compressed",
        "◀ message: Customer",
        "◀ status OK",
        "clientela-revision: ",
        "clientela-call-id: ",
    ):
        assert fact in ended.stderr


def test_the_wire_shows_a_refusal_too(cli: Cli) -> None:
    ended = cli("customers", "get", new_id("nobody"), "--wire")
    assert "◀ status NOT_FOUND: There is no customers/nobody" in ended.stderr
    assert "grpc-status-details-bin: " in ended.stderr


def test_a_profile_names_server_and_token(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "clientela"
    folder.mkdir()
    (folder / "config.toml").write_text('[profiles.shop]\nserver = "127.0.0.1:1"\ntoken = "clt_x"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    unknown = cli("customers", "list", "--profile", "shap")
    assert unknown.exit_code == 2 and "shop" in unknown.stderr
    assert cli("customers", "list", "--profile", "shop").exit_code == 4, (
        "the environment names another server"
    )
    monkeypatch.delenv("CLIENTELA_SERVER")
    assert cli("customers", "list", "--profile", "shop").exit_code == 7
