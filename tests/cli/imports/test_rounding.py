"""`--round` rounds what was paid to coins, half up, and prints how often; without it the server refuses."""

import csv
import json
from itertools import product
from pathlib import Path
from string import ascii_uppercase

import pytest

from clientela_client.cli.imports.rounding import round_purchase
from clientela_client.cli.words import amounts
from clientela_client.messages import Decimal, Money, Purchase, PurchaseLine
from clientela_server.domain import money as server
from tests.cli.running import Cli, new_id

CODES = ["".join(letters) for letters in product(ascii_uppercase, repeat=3)]


def test_the_coins_are_those_of_the_server() -> None:
    for code in CODES:
        coin = amounts.coin_nanos(code)
        assert server.is_in_coins(server.Money(code, coin))
        assert coin == 1 or not server.is_in_coins(server.Money(code, coin // 10 or 1)), code
        if coin > 1:
            assert coin == server.coin_nanos(code), code


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("2.999", "EUR", "3.00"),
        ("2.994", "EUR", "2.99"),
        ("2.995", "EUR", "3.00"),
        ("2.985", "EUR", "2.99"),
        ("100.5", "JPY", "101"),
        ("100.49", "JPY", "100"),
        ("1.0005", "KWD", "1.001"),
        ("1.00005", "CLF", "1.0001"),
        ("0.004", "EUR", "0.00"),
        ("0.123456789", "XAU", "0.123456789"),
        ("19.90", "EUR", "19.90"),
    ],
)
def test_an_amount_is_refused_unless_it_is_to_be_rounded(
    cli: Cli, amount: str, currency: str, rounded: str
) -> None:
    who = new_id("ann")
    cli.done("customers", "create", "--id", who, "--name", "Ann")
    finer = amount.rstrip("0") != rounded.rstrip("0")

    refused = cli("purchases", "record", who, amount, currency)
    assert refused.exit_code == (6 if finer else 0)
    assert ("purchase.amount" in refused.stderr) == finer
    done = cli.done("purchases", "record", who, amount, currency, "--round")
    assert done.facts["amount"] == rounded
    assert ("Rounded to" in done.stderr) == finer


def test_a_price_stays_as_fine_as_it_is() -> None:
    price = Money(currency_code="EUR", units=1, nanos=599_000_000)
    purchase = Purchase(lines=[PurchaseLine(quantity=Decimal(value="40.12"), unit_price=price)])

    assert round_purchase(purchase)
    assert (purchase.amount.units, purchase.amount.nanos) == (64, 150_000_000)
    assert purchase.lines[0].unit_price == price
    assert not round_purchase(purchase)


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_an_import_says_how_many_were_rounded(cli: Cli, tmp_path: Path, form: str) -> None:
    who = new_id("ann")
    cells = [("p1", "2.999"), ("p2", "1.00"), ("p3", "0.005")]
    path = tmp_path / f"f.{form}"
    with path.open("w", encoding="utf-8", newline="") as file:
        if form == "csv":
            head = ["customer_id", "purchase_id", "date", "amount", "currency"]
            csv.writer(file).writerows(
                [head, *([who, key, "2026-01-01", cell, "EUR"] for key, cell in cells)]
            )
        for key, cell in cells if form == "ndjson" else ():
            units, nanos = amounts.parse_amount(cell)
            money = {"currency_code": "EUR", "units": units, "nanos": nanos}
            line = {
                "name": f"customers/{who}/purchases/{key}",
                "amount": money,
                "purchase_time": "2026-01-01T00:00:00Z",
            }
            file.write(json.dumps(line) + "\n")

    without = cli("purchases", "import", str(path))
    assert (without.exit_code, without.facts["imported"], without.facts["rejected"]) == (6, "1", "2")
    done = cli.done("purchases", "import", str(path), "--round")

    assert (done.facts["imported"], done.facts["duplicates"], done.facts["rounded"]) == ("2", "1", "2")
    assert "2 rounded" in done.stderr
    exported = cli.done("purchases", "list", who, "--order-by", "name", "-o", "csv").stdout
    assert [row["amount"] for row in csv.DictReader(exported.splitlines())] == ["3.00", "1.00", "0.01"]
