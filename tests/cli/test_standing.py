"""`clientela standing`, `segments` and `policy` against a real server."""

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
    assert cli("policy", "update", "mood=1").exit_code == 2
