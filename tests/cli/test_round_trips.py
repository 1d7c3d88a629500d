"""What is listed or exported is imported by another server whole, as CSV and as NDJSON, whatever it holds."""

import csv
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.type.decimal_pb2 import Decimal
from google.type.money_pb2 import Money
from google.type.postal_address_pb2 import PostalAddress

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from clientela_lab.servers.local_server import LocalServer
from tests.cli.running import Cli, new_id
from tests.rpc.callers import Caller

# What breaks formats: separators, quotes, guards, formulas, blanks at the edges, lines, escapes, controls.
LETTERS = list(";,\"'\\=+-@ \t\n\r|abŁé中\u202e\x1b:{}[]\u3000.0")
OF_SERVER = ("uid", "etag", "create_time", "update_time", "revision", "recorded_by", "totals")


def text(chance: random.Random, *, blank: bool = False) -> str:
    letters = [chance.choice(LETTERS) for _ in range(chance.randrange(1, 12))]
    if not blank:
        # A name has to hold something that can be seen.
        letters.insert(chance.randrange(len(letters) + 1), "x")
    return "".join(letters)


def maybe(chance: random.Random, value: Any) -> dict[str, Any]:
    """The keyword of a value, half of the time."""
    return value if chance.random() < 0.6 else {}


def address(chance: random.Random) -> PostalAddress:
    return PostalAddress(
        region_code="LT",
        locality=text(chance),
        postal_code=chance.choice(["", "01100"]),
        address_lines=[text(chance) for _ in range(chance.randrange(3))],
        recipients=[text(chance) for _ in range(chance.randrange(2))],
    )


def somebody(chance: random.Random, number: int) -> cpb.Customer:
    party: dict[str, Any] = chance.choice(
        [
            {},
            {"person": cpb.Person(given_name=text(chance), family_name=text(chance))},
            {"person": cpb.Person()},
            {"organization": cpb.Organization(legal_name=text(chance))},
            {"organization": cpb.Organization(tax_id=text(chance), legal_name="L")},
        ]
    )
    preferences = cpb.Preferences(
        **maybe(chance, {"language_code": "lt-LT"}),
        **maybe(chance, {"marketing_consent": chance.random() < 0.5}),
        contact_channels=chance.sample(range(1, 6), chance.randrange(3)),
        categories=list({text(chance) for _ in range(chance.randrange(3))}),
    )
    acquisition = cpb.Acquisition(
        channel=chance.randrange(7),  # type: ignore[arg-type]
        **maybe(chance, {"campaign": text(chance)}),
        **({"referrer": "customers/c0"} if number and chance.random() < 0.3 else {}),
    )
    return cpb.Customer(
        display_name=text(chance),
        **party,
        emails=[f"c{number}.{place}+x@example.org" for place in range(chance.randrange(3))],
        phones=[f"+4822123456{place}" for place in range(chance.randrange(3))],
        addresses=[address(chance) for _ in range(chance.randrange(3))],
        preferences=preferences,
        acquisition=acquisition,
        **maybe(chance, {"patron": text(chance)}),
        labels={
            key: text(chance, blank=True)
            for key in chance.sample(["tier", "a-b", "x_1"], chance.randrange(3))
        },
    )


def bought(chance: random.Random) -> ppb.Purchase:
    currency = chance.choice(["EUR", "JPY", "KWD"])
    coin = {"EUR": 10**7, "JPY": 10**9, "KWD": 10**6}[currency]

    def money() -> Money:
        units, nanos = divmod(chance.randrange(10**6) * coin, 10**9)
        return Money(currency_code=currency, units=units, nanos=nanos)

    # At least one line has no price, so that any amount will do.
    lines = [
        ppb.PurchaseLine(
            **maybe(chance, {"sku": text(chance)}),
            **maybe(chance, {"description": text(chance)}),
            **maybe(chance, {"category": text(chance)}),
            **maybe(chance, {"quantity": Decimal(value=chance.choice(["2", "0.50", "1"]))}),
            **({"unit_price": money()} if place and chance.random() < 0.5 else {}),
        )
        for place in range(chance.randrange(4))
    ]
    purchase = ppb.Purchase(
        lines=lines,
        amount=money(),
        purpose=chance.randrange(4),  # type: ignore[arg-type]
        sales_path=chance.randrange(3),  # type: ignore[arg-type]
        source=chance.randrange(6),  # type: ignore[arg-type]
        **maybe(chance, {"note": text(chance)}),
    )
    purchase.purchase_time.seconds = chance.randrange(10**9)
    purchase.purchase_time.nanos = chance.choice([0, 123_456_000, 1_000])
    return purchase


@dataclass
class Shop:
    """A server, and the command line that asks it."""

    server: LocalServer
    cli: Cli
    monkeypatch: pytest.MonkeyPatch

    def done(self, *words: str, exit_code: int = 0) -> str:
        env = self.server.env | {"CLIENTELA_SERVER": self.server.address}
        for variable in ("CLIENTELA_SERVER", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
            self.monkeypatch.setenv(variable, env[variable])
        ended = self.cli(*words)
        assert ended.exit_code == exit_code, ended.stderr
        return ended.stdout

    def state(self) -> tuple[list[Any], list[Any]]:
        """All customers and purchases, without what only the server sets."""
        return (
            [plain(line) for line in self.listed("customers", "ndjson").splitlines()],
            [plain(line) for line in self.listed("purchases", "ndjson").splitlines()],
        )

    def listed(self, what: str, form: str, *more: str) -> str:
        ask = ("list", "--show-deleted", "--order-by", "name") if what == "customers" else ("export",)
        return self.done(what, *ask, "-o", form, *more)


def plain(line: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(line)
    values["deleted"] = bool(values.pop("delete_time", ""))
    return {key: value for key, value in values.items() if key not in OF_SERVER}


@pytest.fixture
def shops(bare: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Shop, Shop]]:
    with LocalServer() as one, LocalServer() as other:
        yield Shop(one, bare, monkeypatch), Shop(other, bare, monkeypatch)


def filled(shop: Shop, seed: int, customers: int = 12, purchases: int = 30) -> None:
    chance = random.Random(seed)
    with grpc.insecure_channel(shop.server.address) as channel:
        admin = Caller(channel, shop.server.token)
        for number in range(customers):
            admin.customers.CreateCustomer(
                cpb.CreateCustomerRequest(customer=somebody(chance, number), customer_id=f"c{number}")
            )
        for number in range(purchases):
            parent = f"customers/c{chance.randrange(customers - 2)}"
            admin.purchases.RecordPurchase(
                ppb.RecordPurchaseRequest(parent=parent, purchase=bought(chance), purchase_id=f"p{number}")
            )
        # The last ones bought nothing: a purchase of somebody deleted is refused.
        admin.customers.DeleteCustomer(cpb.DeleteCustomerRequest(name=f"customers/c{customers - 1}"))


@pytest.mark.parametrize(
    ("form", "seed"),
    [
        ("csv", 1),
        pytest.param("csv", 2, marks=pytest.mark.long),
        pytest.param("ndjson", 1, marks=pytest.mark.long),
        ("ndjson", 2),
        ("csv --raw", 3),
    ],
)
def test_any_customers_and_purchases_come_back_as_they_were(
    shops: tuple[Shop, Shop], tmp_path: Path, form: str, seed: int
) -> None:
    one, other = shops
    filled(one, seed)
    form, *raw = form.split()
    for what in ("customers", "purchases"):
        path = tmp_path / f"{what}.{form}"
        path.write_text(one.listed(what, form, *raw), encoding="utf-8", newline="")
        other.done(what, "import", str(path), *raw)

    customers, purchases = one.state()
    there = other.state()
    if form == "csv":
        # A cell has no two ways of being empty: a field that is there and holds nothing is one that is not.
        customers, purchases = known_to_csv(customers), known_to_csv(purchases)
        there = known_to_csv(there[0]), known_to_csv(there[1])
    assert there[0] == customers
    assert sorted(there[1], key=lambda each: each["name"]) == sorted(purchases, key=lambda each: each["name"])
    # Again it adds nothing.
    for what in ("customers", "purchases"):
        other.done(what, "import", str(tmp_path / f"{what}.{form}"), *raw)
    assert len(other.state()[1]) == len(purchases)


def known_to_csv(found: list[Any]) -> list[Any]:
    return [{key: value for key, value in each.items() if value not in ({}, "", [])} for each in found]


def test_what_can_not_be_made_again_is_refused_line_by_line(cli: Cli, tmp_path: Path) -> None:
    who, gone = new_id("ann"), new_id("gone")
    for name in (who, gone):
        cli.done("customers", "create", "--id", name, "--name", name)
    cli.done("customers", "erase", gone, "--yes")
    cli.done("purchases", "record", who, "5", "EUR", "--id", "p")
    cli.done("purchases", "refund", f"{who}/p", "--reason", "broken")
    refund = cli.done("purchases", "list", who, "--filter", "refund_of:*", "-o", "ndjson").stdout
    erased = cli.done("customers", "get", gone, "-o", "ndjson").stdout
    text = (
        f'{refund}\n{{"name": \n[1]\n{{"note":"x"}}\n{{"name":"customers/{who}/purchases/q","amount":'
        f'{{"currency_code":"EUR","units":"2","nanos":999000000}}}}\n'
        f'{{"name":"customers/{who}/purchases/r","note":"a","note":"b"}}\n{{"name":"customers/x","nick":1}}\n'
    )
    path, rejects = tmp_path / "f.ndjson", tmp_path / "no.ndjson"
    path.write_text(text, encoding="utf-8")

    ended = cli("purchases", "import", str(path), "--rejects", str(rejects))

    assert ended.exit_code == 6
    said = ended.stderr.splitlines()
    for number, fact in [
        (3, "the line is no JSON"),
        (4, "the line is no JSON object"),
        (5, "name: there is no name"),
        (6, "amount: purchase.amount is 2.999 EUR"),
        (7, '"note" is there twice'),
        (8, "nick"),
    ]:
        [line] = [each for each in said if each.startswith(f"line {number}") and not each[6].isdigit()]
        assert fact in line
    assert ended.facts["duplicates"] == "1", "the refund is there"
    assert rejects.read_text(encoding="utf-8").splitlines() == [
        line for line in text.splitlines()[1:] if line
    ]
    (tmp_path / "c.ndjson").write_text(erased, encoding="utf-8")
    ended = cli("customers", "import", str(tmp_path / "c.ndjson"))
    assert (ended.exit_code, "erase_time" in ended.stderr) == (6, True)


def test_a_file_of_ndjson_has_no_columns_to_map(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "f.ndjson"
    path.write_text("", encoding="utf-8")

    assert "--map" in cli("customers", "import", str(path), "--map", "a=b").stderr
    assert cli("customers", "import", str(tmp_path / "none.ndjson")).exit_code == 2
    assert cli.done("customers", "import", str(path)).facts["imported"] == "0"


@pytest.mark.parametrize(
    ("what", "column", "cell", "fact"),
    [
        ("customers", "addresses", "Main Street 1", "no JSON"),
        ("customers", "addresses", '[{"town":1}]', "town"),
        ("customers", "labels", "gold", "KEY=VALUE"),
        ("customers", "labels", "a=1;a=2", "twice"),
        ("customers", "party", "firm", "neither person nor organization"),
        ("customers", "delete_time", "yesterday", "no time"),
        ("customers", "erase_time", "2026-01-01T00:00:00Z", "erased"),
        ("purchases", "lines", '{"sku":"a"}', "no JSON array"),
        ("purchases", "lines", '[{"price":1}]', "price"),
    ],
)
def test_a_cell_that_is_not_what_its_column_is_for_is_named(
    cli: Cli, tmp_path: Path, what: str, column: str, cell: str, fact: str
) -> None:
    path = tmp_path / "f.csv"
    rest = "customer_id,display_name" if what == "customers" else "customer_id,date,amount,currency"
    row = [new_id("c"), "x"] if what == "customers" else [new_id("c"), "2026-01-01", "1", "EUR"]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*rest.split(","), column], [*row, cell]])

    ended = cli(what, "import", str(path))

    assert ended.exit_code == 6
    assert f"line 2, {column}: " in ended.stderr
    assert fact in ended.stderr
