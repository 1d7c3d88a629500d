"""Money given back, out of a file: refunded once, of the purchase that is meant, or refused with a reason."""

from pathlib import Path

import pytest

from tests.cli.running import Cli, Ended, new_id

HEAD = "customer_id,purchase_id,date,amount,currency,refund_of,sku,note"


def imported(cli: Cli, path: Path, rows: list[str], *options: str, exit_code: int = 0) -> Ended:
    path.write_text("\n".join([HEAD, *rows]) + "\n")
    ended = cli("purchases", "import", str(path), *options)
    assert ended.exit_code == exit_code, ended.stderr
    return ended


def figures(ended: Ended) -> list[int]:
    return [int(ended.facts.get(key, 0)) for key in ("imported", "duplicates", "rejected", "read", "refunds")]


def refunds(cli: Cli, customer: str) -> list[tuple[str, str, str]]:
    """Of which purchase, how much and why."""
    found = cli.done("purchases", "list", customer, "--filter", "refund_of:*", "-o", "json").json
    return [(each["refund_of"].rpartition("/")[2], each["amount"]["units"], each["note"]) for each in found]


def test_a_refund_is_taken_off_the_purchase_that_it_names(cli: Cli, tmp_path: Path) -> None:
    ann, path = new_id("ann"), tmp_path / "f.csv"
    rows = [
        f"{ann},r-1,2026-03-05,-4,EUR,o-1,,broken",
        f"{ann},o-1,2026-03-01,10,EUR,,,",
        f"{ann},o-2,2026-03-02,7,EUR,,,",
        f"{ann},,2026-03-06,3.00,EUR,customers/{ann}/purchases/o-2,,",
        f"{ann},,2026-03-06,1.00,EUR,{ann}/o-2,,",
    ]
    assert figures(imported(cli, path, rows)) == [5, 0, 0, 5, 3]
    assert figures(imported(cli, path, rows)) == [0, 5, 0, 5, 0]
    assert figures(imported(cli, path, [*rows, f"{ann},r-2,2026-03-07,-6,EUR,o-1,,late"])) == [1, 5, 0, 6, 1]
    made = refunds(cli, ann)
    assert [(of, amount) for of, amount, _ in made] == [
        ("o-1", "4"),
        ("o-2", "3"),
        ("o-2", "1"),
        ("o-1", "6"),
    ]
    assert made[0][2].startswith("broken (2026-03-05, import ")
    assert made[1][2].startswith("return (2026-03-06, import ")
    assert cli.done("customers", "get", ann).facts["totals.EUR.amount"] == "3.00"


def test_a_row_below_zero_is_taken_off_the_latest_purchase_that_fits(cli: Cli, tmp_path: Path) -> None:
    ann, path = new_id("ann"), tmp_path / "f.csv"
    rows = [
        f"{ann},o-1,2026-03-01,10,EUR,,a,",
        f"{ann},o-2,2026-03-02,10,EUR,,b,",
        f"{ann},o-3,2026-03-03,3,EUR,,a,",
        f"{ann},o-4,2026-03-04,50,USD,,a,",
        f"{ann},o-5,2026-03-09,50,EUR,,a,",
        f"{ann},,2026-03-05,-4,EUR,,a,",
        f"{ann},,2026-03-05,-4,EUR,,,",
        f"{ann},,2026-03-05,-4,EUR,,a,",
    ]
    assert figures(imported(cli, path, rows, "--returns", "latest")) == [8, 0, 0, 8, 3]
    assert [(of, amount) for of, amount, _ in refunds(cli, ann)] == [("o-1", "4"), ("o-2", "4"), ("o-1", "4")]
    assert figures(imported(cli, path, rows, "--returns", "latest")) == [0, 8, 0, 8, 0]
    ended = imported(cli, path, [*rows, f"{ann},,2026-03-05,-4,EUR,,a,"], "--returns", "latest", exit_code=6)
    assert figures(ended) == [0, 8, 1, 9, 0]
    assert "no purchase of these goods before it of which 4.00 EUR can still be given back" in ended.stderr


def test_without_a_word_on_returns_a_row_below_zero_is_refused_with_the_way_out(
    cli: Cli, tmp_path: Path
) -> None:
    ann, path, no = new_id("ann"), tmp_path / "f.csv", tmp_path / "no.csv"
    rows = [f"{ann},,2026-03-01,10,EUR,,,", f"{ann},,2026-03-05,-4,EUR,,,"]
    ended = imported(cli, path, rows, "--rejects", str(no), exit_code=6)
    assert figures(ended) == [1, 0, 1, 2, 0]
    assert "line 3, amount: it is below zero" in ended.stderr
    assert "refund_of" in ended.stderr and "--returns latest" in ended.stderr
    cli.done("purchases", "import", str(no), "--returns", "latest")
    assert cli.done("customers", "get", ann).facts["totals.EUR.amount"] == "6.00"


@pytest.mark.parametrize(
    ("row", "column", "fact"),
    [
        ("{0},,2026-03-05,-11,EUR,o-1,,", "amount", "10.00 EUR"),
        ("{0},,2026-03-05,-1,EUR,o-9,,", "refund_of", "There is no customers/{0}/purchases/o-9"),
        ("{0},,2026-03-05,-1,USD,o-1,,", "currency", "must be EUR"),
        ("{0},,2026-03-05,0,EUR,o-1,,", "amount", "more than zero"),
        ("{0},,2026-03-05,-1,EUR,customers/x/purchases/o-1,,", "refund_of", "no purchase of customers/{0}"),
        ("{0},,2026-02-01,-1,EUR,,,", "refund_of", "no purchase before it"),
        ("{0}-x,,2026-03-05,-1,EUR,,,", "customer_id", "There is no customers/{0}-x"),
    ],
)
def test_what_cannot_be_given_back_is_refused_and_changes_nothing(
    cli: Cli, tmp_path: Path, row: str, column: str, fact: str
) -> None:
    ann, path = new_id("ann"), tmp_path / "f.csv"
    rows = [row.format(ann), f"{ann},o-1,2026-03-01,10,EUR,,,"]
    ended = imported(cli, path, rows, "--returns", "latest", exit_code=6)
    assert figures(ended) == [1, 0, 1, 2, 0]
    assert ended.stderr.startswith(f"line 2, {column}")
    assert fact.format(ann) in ended.stderr
    assert cli.done("customers", "get", ann).facts["totals.EUR.amount"] == "10.00"


def test_a_credit_note_of_several_rows_is_one_refund(cli: Cli, tmp_path: Path) -> None:
    ann, path = new_id("ann"), tmp_path / "f.csv"
    head = "customer_id,purchase_id,date,quantity,unit_price,sku\n"
    path.write_text(
        f"{head}{ann},o-1,2026-03-01,3,2.50,a\n{ann},o-1,2026-03-01,1,4.00,b\n"
        f"{ann},c-1,2026-03-05,-1,2.50,a\n{ann},c-1,2026-03-05,-1,4.00,b\n"
    )
    words = ("purchases", "import", str(path), "--currency", "EUR", "--returns", "latest")
    for expected in ([2, 0, 0, 2, 1], [0, 2, 0, 2, 0]):
        assert figures(cli.done(*words)) == expected
    assert cli.done("purchases", "get", f"{ann}/o-1").facts["refunded_amount"] == "6.50"


def test_an_export_with_refunds_is_imported_whole_and_once(cli: Cli, tmp_path: Path) -> None:
    ann = new_id("ann")
    cli.done("purchases", "import", str(_one_purchase(tmp_path, ann)))
    cli.done("purchases", "refund", f"{ann}/o-1", "--amount", "4", "--reason", "broken")
    for form in ("csv", "ndjson"):
        path = tmp_path / f"out.{form}"
        path.write_text(cli.done("purchases", "export", ann, "-o", form).stdout)
        assert figures(cli.done("purchases", "import", str(path))) == [0, 2, 0, 2, 0], "they are there"
        other = new_id("other")
        path.write_text(path.read_text().replace(ann, other))
        assert figures(cli.done("purchases", "import", str(path))) == [2, 0, 0, 2, 1]
        assert figures(cli.done("purchases", "import", str(path))) == [0, 2, 0, 2, 0]
        assert cli.done("customers", "get", other).facts["totals.EUR.amount"] == "6.00"


def _one_purchase(tmp_path: Path, customer: str) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(f"{HEAD}\n{customer},o-1,2026-03-01,10,EUR,,,\n")
    return path
