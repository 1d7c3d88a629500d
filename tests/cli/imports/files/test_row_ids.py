"""Files with ids as firms have them; a refusal names the column that is wrong."""

from pathlib import Path

import pytest

from tests.cli.running import Cli, new_id


def test_files_with_ids_in_capitals_are_imported(cli: Cli, tmp_path: Path) -> None:
    alfki = new_id("ALFKI")
    people, bought = tmp_path / "people.csv", tmp_path / "bought.csv"
    people.write_text(
        "customer_id,display_name,phones,emails\n"
        f"{alfki},Alfreds,+49 (30) 007-43 21,ma\u00eft\u00e9@b\u00fccher.example\n"
    )
    bought.write_text(f"customer_id,date,amount,purchase_id\n{alfki},2026-01-31,19.90,INV-{alfki}\n")

    assert cli("customers", "import", str(people)).facts["imported"] == "1"
    assert cli("purchases", "import", str(bought), "--currency", "EUR").facts["imported"] == "1"
    found = cli("customers", "get", alfki, "-o", "json").json
    assert (found["name"], found["phones"]) == (f"customers/{alfki}", ["+49300074321"])
    assert cli("purchases", "get", f"{alfki}/INV-{alfki}").exit_code == 0


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("no such,2026-01-31,1,INV-1", "Kunde"),
        ("-x,2026-01-31,1,INV-1", "Kunde"),
        ("{ann},2026-01-31,1,no such", "Rechnung"),
        ("{ann},2026-01-31,1,no/such", "Rechnung"),
    ],
)
def test_of_a_purchase_the_column_is_blamed_that_is_wrong(
    cli: Cli, tmp_path: Path, row: str, column: str
) -> None:
    ann, path, no = new_id("ann"), tmp_path / "f.csv", tmp_path / "no.csv"
    path.write_text(f"Kunde,date,amount,Rechnung\n{row.format(ann=ann)}\n")

    mapping = ("--map", "Kunde=customer_id", "--map", "Rechnung=purchase_id")
    ended = cli("purchases", "import", str(path), "--currency", "EUR", *mapping, "--rejects", str(no))

    assert ended.exit_code == 6
    assert f",{column}," in no.read_text().splitlines()[1]


@pytest.mark.parametrize(
    ("header", "cell", "column"),
    [
        ("label.Tier", "gold", "label.Tier"),
        ("label.t.x", "gold", "label.t.x"),
        ("label.tier", 64 * "g", "label.tier"),
        ("labels", "Tier=gold", "labels"),
        ("emails", "ann@x.example;ann", "emails"),
        ("phones", "22 1", "phones"),
        ("referrer", "no such", "referrer"),
        ("language_code", "?", "language_code"),
    ],
)
def test_of_a_customer_the_column_is_blamed_that_is_wrong(
    cli: Cli, tmp_path: Path, header: str, cell: str, column: str
) -> None:
    path, no = tmp_path / "f.csv", tmp_path / "no.csv"
    path.write_text(f"customer_id,display_name,{header}\n{new_id('Ann')},Ann,{cell}\n")

    assert cli("customers", "import", str(path), "--rejects", str(no)).exit_code == 6
    assert f",{column}," in no.read_text().splitlines()[1]
