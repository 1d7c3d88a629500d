"""`clientela standing`, `segments` and `policy` against a real server."""

import pytest

from tests.cli.running import Cli, new_id


def test_a_standing_reads_like_an_explanation(cli: Cli) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna", "--given-name", "Anna")
    cli.done("purchases", "record", anna, "19.90", "EUR")
    facts = cli.done("standing", "get", anna).facts
    assert (facts["customer"], facts["stage"]) == (f"customers/{anna}", "NEW")
    assert facts["kinds"].split(";")[0] == "INDIVIDUAL"
    assert facts["new"].startswith("yes. The first purchase was 0 days ago")
    assert facts["lost"].startswith("no. ") and "LOST begins with no purchase until " in facts["lost"]
    later = cli.done("standing", "get", anna, "--at", "2099-01-01").facts
    assert later["stage"] == "LOST"
    assert len(cli.done("standing", "get", anna, "-o", "json").json["findings"]) == 15


def test_one_may_ask_why_a_label_holds_or_does_not(cli: Cli) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna")
    told = cli.done("standing", "get", anna, "--why", "new", "--why", "LOST", "-o", "json").json
    assert [finding["label"] for finding in told["findings"]] == ["NEW", "LOST"]
    unknown = cli("standing", "get", anna, "--why", "gone")
    assert unknown.exit_code == 2
    assert '"GONE" is none of POTENTIAL, NEW, ' in unknown.stderr


def test_standings_are_listed_and_segments_kept(cli: Cli) -> None:
    tag = new_id("tag")
    for place in range(2):
        cli.done("customers", "create", "--id", f"{tag}-{place}", "--name", tag)
    mine = f'display_name : "{tag}"'
    listed = cli.done("standing", "list", "--filter", mine).rows
    assert [row[:2] for row in listed[-2:]] == [[f"{tag}-0", "POTENTIAL"], [f"{tag}-1", "POTENTIAL"]]

    made = cli.done(
        *("segments", "create", "--id", tag, "--name", "Those", "--filter", mine, "--strategy", "a letter")
    ).facts
    assert (made["name"], made["strategy"]) == (f"segments/{tag}", "a letter")
    assert cli.done("segments", "get", tag).facts == made
    assert [row[0] for row in cli.done("segments", "members", tag).rows][-2:] == [f"{tag}-0", f"{tag}-1"]
    cli.done("customers", "delete", f"{tag}-1")
    assert [row[0] for row in cli.done("segments", "members", tag).rows] == [f"{tag}-0"]
    assert len(cli.done("segments", "members", tag, "--show-deleted").rows) == 2
    changed = cli.done("segments", "update", tag, "--strategy", "a call", "--etag", made["etag"]).facts
    assert (changed["strategy"], changed["filter"]) == ("a call", mine)
    assert cli("segments", "update", tag, "--strategy", "x", "--etag", made["etag"]).exit_code == 5
    assert tag in [row[0] for row in cli.done("segments", "list").rows]
    cli.done("segments", "delete", tag)
    assert cli("segments", "get", tag).exit_code == 3
    assert cli("segments", "create", "--name", "x", "--filter", "mood = good").exit_code == 6


def test_the_policy_is_shown_and_tried(cli: Cli) -> None:
    assert cli.done("policy", "get").facts["lost_silence_days"] == "180"
    tried = cli.done("policy", "update", "lost_silence_days=120", "--dry-run").facts
    assert tried["lost_silence_days"] == "120"
    assert cli.done("policy", "get").facts["lost_silence_days"] == "180"


def test_a_threshold_that_is_none_is_told_the_nearest(cli: Cli) -> None:
    wrong = cli("policy", "update", "new_day=1")
    assert (wrong.exit_code, '"new_day" is no threshold; did you mean new_days?' in wrong.stderr) == (2, True)
    for number in ("x", "", "1.5"):
        wrong = cli("policy", "update", f"new_days={number}")
        assert (wrong.exit_code, "new_days is a whole number" in wrong.stderr) == (2, True)
    wrong = cli("policy", "update", "new_days=99999999999")
    assert (wrong.exit_code, "new_days has at most 9 digits" in wrong.stderr) == (2, True)
    assert cli("policy", "update", "new_days=0").exit_code == 6
    assert cli("policy", "update", "new_days=60", "--etag", "stale").exit_code == 5


def test_each_kind_of_answer_has_a_file_of_columns(cli: Cli) -> None:
    tag = new_id("tag")
    cli.done("customers", "create", "--id", tag, "--name", tag)
    cli.done("segments", "create", "--id", tag, "--name", tag, "--filter", f'display_name : "{tag}"')
    header = {
        "standing get": "customer_id,stage,kinds,read_time",
        "segments get": "segment_id,display_name,filter,strategy,create_time,update_time,etag",
    }
    for command, columns in header.items():
        assert cli.done(*command.split(), tag, "-o", "csv").stdout.splitlines()[0] == columns
    policy = cli.done("policy", "get", "-o", "csv").stdout
    assert policy.startswith("new_days,regular_purchase_days,") and "\n90,3," in policy


def test_reasons_and_refusals_come_in_the_language_that_is_asked_for(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna")
    assert "nic jeszcze nie kupił" in cli.done("standing", "get", anna, "--lang", "pl").facts["potential"]
    monkeypatch.setenv("CLIENTELA_LANG", "lt")
    assert "dar nieko nepirko" in cli.done("standing", "get", anna).facts["potential"]
    assert "Нет customers/nobody." in cli("standing", "get", "nobody", "--lang", "ru").stderr


def test_people_see_what_it_is_and_what_it_is_not(cli: Cli) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna")
    lines = cli.done("standing", "get", anna, "--why", "new", "--why", "potential", "-o", "table").stdout
    assert [line.split("  ")[0] for line in lines.splitlines()] == [
        *("Customer", "Stage", "As of", "Compared", ""),
        *("It is", "POTENTIAL", "", ""),
        *("It is not", "NEW", ""),
    ]
    assert "POTENTIAL  Registered, and nothing was bought yet.\n           POTENTIAL ends with" in lines


def test_a_filter_by_what_is_no_stage_is_told_which_there_are(cli: Cli) -> None:
    refused = cli("standing", "list", "--filter", 'stage = "LOSTT"')
    assert refused.exit_code == 6
    assert "stage needs one of POTENTIAL, NEW, REGULAR, LOYAL, LOST" in refused.stderr


def test_what_happened_to_a_segment_and_to_the_policy_is_kept(cli: Cli) -> None:
    tag = new_id("tag")
    cli.done("segments", "create", "--id", tag, "--name", tag, "--filter", "referrals < 0")
    cli.done("segments", "update", tag, "--name", "Nobody")
    rows = cli.done("customers", "history", f"segments/{tag}").rows
    assert [(row[3].rpartition(".")[2], row[5]) for row in rows] == [
        ("CreateSegment", tag),
        ("UpdateSegment", "Nobody"),
    ]
    cli.done("policy", "update", "mass_percent=10")
    assert cli.done("customers", "history", "policy").rows[-1][3] == "StandingService.UpdatePolicy"
