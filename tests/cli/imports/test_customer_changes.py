"""`--update` changes of registered customers what the file's columns name, and nothing else."""

from pathlib import Path

import pytest

from clientela_client.cli.imports.customer_changes import CustomerUpdates
from clientela_client.messages import Acquisition, Customer, Person, Preferences
from tests.cli.running import Cli, Ended, new_id

FULL = (
    *("--given-name", "Ann", "--family-name", "Nowak", "--phone", "+37061234567", "--patron", "Eve"),
    *(
        "--label",
        "tier=gold",
        "--label",
        "area=north",
        "--channel",
        "referral",
        "--campaign",
        "may",
        "--consent",
    ),
)


def updated(cli: Cli, path: Path, text: str, *options: str, exit_code: int = 0) -> Ended:
    path.write_text(text)
    ended = cli("customers", "import", str(path), "--update", *options)
    assert ended.exit_code == exit_code, ended.stderr
    return ended


def figures(ended: Ended) -> list[int]:
    return [int(ended.facts[key]) for key in ("imported", "updated", "duplicates", "rejected", "read")]


def test_an_update_changes_what_the_columns_name_and_nothing_else(cli: Cli, tmp_path: Path) -> None:
    ann, bob, path = new_id("ann"), new_id("bob"), tmp_path / "f.csv"
    cli.done("customers", "create", "--id", ann, "--name", "Annie", *FULL)
    before = cli.done("customers", "get", ann, "-o", "json").json
    text = (
        "customer_id,display_name,given_name,family_name,campaign,label.tier,marketing_consent,email\n"
        f"{ann},,Anna,,june,silver,no,\n{bob},,Bob,Kowal,,,,bob@example.org\n"
    )
    for expected in ([1, 1, 0, 0, 2], [0, 0, 2, 0, 2]):
        assert figures(updated(cli, path, text)) == expected
    after = cli.done("customers", "get", ann, "-o", "json").json
    expected_after = before | {
        "person": {"given_name": "Anna", "family_name": "Nowak"},
        "acquisition": before["acquisition"] | {"campaign": "june"},
        "labels": {"tier": "silver", "area": "north"},
        "preferences": before.get("preferences", {}) | {"marketing_consent": False},
    }
    of_server = ("etag", "update_time")
    assert {key: after[key] for key in after if key not in of_server} == {
        key: expected_after[key] for key in expected_after if key not in of_server
    }
    assert cli.done("customers", "get", bob).facts["display_name"] == "Bob Kowal"


def test_who_was_changed_since_is_changed_again(cli: Cli, tmp_path: Path) -> None:
    ann, path = new_id("ann"), tmp_path / "f.csv"
    cli.done("customers", "create", "--id", ann, "--name", "Ann", "--patron", "Eve")
    text = f"customer_id,patron\n{ann},Max\n"
    assert figures(updated(cli, path, text))[1] == 1
    cli.done("customers", "update", ann, "--patron", "Eve")
    assert figures(updated(cli, path, text))[1] == 1
    assert cli.done("customers", "get", ann).facts["patron"] == "Max"


def test_what_the_server_refuses_to_change_is_named_and_changes_nothing(cli: Cli, tmp_path: Path) -> None:
    ann, firm, gone = new_id("ann"), new_id("firm"), new_id("gone")
    for who, flags in ((ann, ("--patron", "Eve")), (firm, ("--legal-name", "Firm")), (gone, ())):
        cli.done("customers", "create", "--id", who, "--name", who, *flags)
    cli.done("customers", "delete", gone)
    text = f"customer_id,patron,given_name,email\n{ann},Max,,no address\n{firm},Max,Ann,\n{gone},Max,,\n"
    ended = updated(cli, tmp_path / "f.csv", text, "--rejects", str(tmp_path / "no.csv"), exit_code=6)
    assert figures(ended) == [0, 0, 0, 3, 3]
    assert [line.partition(":")[0] for line in ended.stderr.splitlines()[:2]] == [
        "line 2, email",
        "line 3, given_name",
    ]
    assert cli.done("customers", "get", ann).facts["patron"] == "Eve"
    assert cli.done("customers", "get", firm).facts.get("patron", "") == ""


def test_what_is_kept_in_another_spelling_is_no_change(cli: Cli, tmp_path: Path) -> None:
    ann, path = new_id("ann"), tmp_path / "f.csv"
    text = f"customer_id,display_name,phone\n{ann},Cafe\u0301,+370 (61) 234-500\n"
    assert figures(updated(cli, path, text)) == [1, 0, 0, 0, 1]
    assert figures(updated(cli, path, text)) == [0, 0, 1, 0, 1]


def test_without_it_who_is_there_is_left_alone(cli: Cli, tmp_path: Path) -> None:
    ann, path = new_id("ann"), tmp_path / "f.csv"
    cli.done("customers", "create", "--id", ann, "--name", "Ann", "--patron", "Eve")
    path.write_text(f"customer_id,patron\n{ann},Max\n")
    cli.done("customers", "import", str(path))
    assert cli.done("customers", "get", ann).facts["patron"] == "Eve"


def test_a_file_of_ndjson_updates_what_its_lines_have(cli: Cli, tmp_path: Path) -> None:
    ann, path = new_id("ann"), tmp_path / "f.ndjson"
    cli.done("customers", "create", "--id", ann, "--name", "Ann", *FULL)
    text = f'{{"name":"customers/{ann}","patron":"Max","addresses":[{{"regionCode":"LT"}}]}}\n'
    assert figures(updated(cli, path, text)) == [0, 1, 0, 0, 1]
    after = cli.done("customers", "get", ann).facts
    assert (after["patron"], after["person.given_name"], after["labels"]) == (
        "Max",
        "Ann",
        "area=north;tier=gold",
    )


@pytest.mark.parametrize(
    ("columns", "told", "mask"),
    [
        (["patron"], Customer(patron="Eve"), None),
        (["patron"], Customer(patron="Max"), ["patron"]),
        (["emails"], Customer(emails=["a@b.example"]), ["emails"]),
        (["emails", "patron"], Customer(patron="Max"), ["patron"]),
        (["given_name"], Customer(person=Person(given_name="A")), ["person.given_name"]),
        (["family_name"], Customer(), None),
        (["marketing_consent"], Customer(preferences=Preferences(marketing_consent=False)), None),
        (
            ["channel"],
            Customer(acquisition=Acquisition(channel="ACQUISITION_CHANNEL_OTHER")),  # type: ignore[arg-type]
            ["acquisition.channel"],
        ),
        (["label.a", "label.b"], Customer(labels={"a": "1"}), None),
        (["label.a"], Customer(labels={"a": "2"}), ["labels"]),
        (["customer_id", "delete_time", "party"], Customer(patron="Max"), None),
    ],
)
def test_only_what_is_new_is_sent(columns: list[str], told: Customer, mask: list[str] | None) -> None:
    there = Customer(
        name="customers/x",
        patron="Eve",
        etag="e",
        labels={"a": "1", "z": "0"},
        preferences=Preferences(marketing_consent=False),
    )
    change = CustomerUpdates(columns).of(told, there)
    assert (change.mask if change else None) == mask
    if change and mask == ["labels"]:
        assert dict(change.customer.labels) == {"a": "2", "z": "0"}
