"""Pages of the ledger: which are short enough for the event loop, and that these never look at more."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from clientela_server.domain.money import Money
from clientela_server.domain.purchases import Purchase
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import purchases
from clientela_server.store.database.statements import insert
from clientela_server.store.nouns.purchase_lists import SHORT_LEDGER, SHORT_PAGE, PurchaseLists
from clientela_server.store.nouns.purchases import row_of
from tests.store.bare_ledger import Ledger

LISTS = PurchaseLists({})
OF_ANN = LISTS.query("ann", "")


def buy(connection: Connection, customer: str, count: int) -> None:
    """Add rows of purchases, without entries in the journal."""
    before = len(connection.query(purchases.select()))
    bought = [
        Purchase(
            customer_id=customer,
            purchase_id=f"p{place}",
            lines=(),
            amount=Money("EUR", 1),
            purchase_us=place,
            purpose=1,
            sales_path=1,
            source=1,
            note=None,
            refund_of=None,
            recorded_by="ann",
            create_us=place,
            revision=before + place + 1,
        )
        for place in range(count)
    ]
    connection.run_many(insert(purchases), [row_of(each) for each in bought])


def test_a_page_is_short_up_to_so_many_purchases_of_the_customer(ledger: Ledger) -> None:
    buy(ledger.connection, "bob", SHORT_LEDGER + 1)
    buy(ledger.connection, "ann", SHORT_LEDGER)

    assert LISTS.is_short(ledger.connection, OF_ANN, SHORT_PAGE)
    assert not LISTS.is_short(ledger.connection, LISTS.query("bob", ""), SHORT_PAGE)


@pytest.mark.parametrize(
    ("customer", "filter_text", "limit"),
    [("ann", "", SHORT_PAGE + 1), ("ann", "revision > 1", 1), ("-", "", 1)],
    ids=["many rows", "a filter", "all customers"],
)
def test_a_page_of_many_rows_or_with_a_filter_or_of_all_customers_is_never_short(
    ledger: Ledger, customer: str, filter_text: str, limit: int
) -> None:
    buy(ledger.connection, "ann", 1)

    assert not LISTS.is_short(ledger.connection, LISTS.query(customer, filter_text), limit)


@pytest.mark.parametrize("after", [None, (1, 1, 1, 1)], ids=["first", "later"])
@pytest.mark.parametrize("order", ["", "revision desc", "amount desc, name", "purchase_time", "create_time"])
def test_in_any_order_only_the_customers_own_purchases_are_looked_at(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: str, after: tuple[int, ...] | None
) -> None:
    asked: list[tuple[str, Any]] = []
    monkeypatch.setattr(
        type(ledger.connection), "query_within", lambda _, *args: asked.append(args[:2]) or []
    )
    LISTS.page(ledger.connection, OF_ANN, order, after, SHORT_PAGE)
    [(text, params)] = asked
    connection = sqlite3.connect(tmp_path / "ledger.db")
    values = dict.fromkeys([f"behind_{place}" for place in range(9)], 1) | params
    plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", values).fetchall()
    connection.close()

    steps = [step for *_, step in plan if "TEMP B-TREE" not in step]
    assert len(steps) == 2
    assert steps[0].startswith("SEARCH purchases USING INDEX") and "(customer_id=?" in steps[0]
    assert steps[1] == "SEARCH journal USING INTEGER PRIMARY KEY (rowid=?)"
