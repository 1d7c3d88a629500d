"""`--columns` picks what a list shows, in the order in which it is said."""

import pytest

from tests.cli.running import Cli, new_id


def test_columns_are_picked_by_their_titles_in_their_order(cli: Cli) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna", "--email", f"{anna}@example.org")
    only = ("customers", "list", "--filter", f'name = "customers/{anna}"', "--columns")
    assert cli.done(*only, "name,id").rows == [["Anna", anna]]
    assert cli.done(*only, "E-Mail, display_name").rows == [[f"{anna}@example.org", "Anna"]]
    assert cli.done(*only, "etag,customer_id", "-o", "csv").stdout.startswith("etag,customer_id\n")
    header, row = cli.done(*only, "state,id,currency", "-o", "table").stdout.splitlines()
    assert header.split() == ["STATE", "ID", "CURRENCY"] and row.split() == [anna]


@pytest.mark.parametrize(
    "line",
    [
        "purchases list",
        "purchases export",
        "standing list",
        "segments list",
        "spends list",
        "customers history {anna}",
        "watch {anna} --after 0 --limit 1",
    ],
)
def test_every_list_has_columns_to_pick_and_names_them(cli: Cli, line: str) -> None:
    anna = new_id("anna")
    cli.done("customers", "create", "--id", anna, "--name", "Anna")
    words = line.format(anna=anna).split()
    refused = cli(*words, "--columns", "colour")
    assert refused.exit_code == 2 and 'there is no column "colour"' in refused.stderr
    known = refused.stderr.partition("There are: ")[2].splitlines()[0].split(", ")
    assert cli.done(*words, "--columns", known[-1]).exit_code == 0


def test_a_mistyped_column_gets_its_suggestion(cli: Cli) -> None:
    refused = cli("customers", "list", "--columns", "id,purchaes")
    assert refused.exit_code == 2 and "Did you mean PURCHASES?" in refused.stderr


@pytest.mark.parametrize("form", ["json", "ndjson", "yaml", "name"])
def test_columns_of_a_form_without_columns_are_refused(cli: Cli, form: str) -> None:
    refused = cli("customers", "list", "--columns", "id", "-o", form)
    assert refused.exit_code == 2 and "--columns" in refused.stderr and refused.stdout == ""
