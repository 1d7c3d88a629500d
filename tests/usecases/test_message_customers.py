"""An import's messages leave what its purchases leave when each is recorded alone: rows, facts, stages."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela_server.domain.customers import Customer
from clientela_server.domain.days import DAY_US
from clientela_server.domain.money import NANOS_PER_UNIT, UNITS_MAX, Money
from clientela_server.domain.purchases import Draft, Line
from clientela_server.domain.standing import facts as facts_rules
from clientela_server.nouns import NOUNS
from clientela_server.store.aggregates.policy import PolicyStore
from clientela_server.store.aggregates.rebuild import make_missing
from clientela_server.store.database.migrate import migrate
from clientela_server.store.database.schema import bought_categories, facts, purchases, stage_changes
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.integrity.verify import verify
from clientela_server.store.journal.entries import Entry, WriteContext
from clientela_server.store.journal.transaction import Transaction
from clientela_server.usecases.imports import Outcome
from clientela_server.usecases.purchase_imports import PurchaseImports, PurchaseItem
from tests.store.bare_ledger import NOW_US, Ledger

IDS = ("ann", "ben")
MOST = UNITS_MAX * NANOS_PER_UNIT
# Compared in full, but for the day of the next review: an import may set a later one, never too late a one.
TABLES = (purchases, facts, stage_changes, bought_categories)


def draft(ago: int, nanos: int, currency: str, purpose: int, path: int, category: str) -> Draft:
    line = Line(None, None, category, "2", None)
    return Draft(
        (line,) if category else (),
        Money(currency, nanos),
        NOW_US - ago * DAY_US,
        purpose=purpose,
        sales_path=path,
        source=4,
        note=None,
    )


drafts = st.builds(
    draft,
    st.sampled_from((0, 0, 1, 7, 30, 31, 90, 200, 364, 400, 730)),
    st.sampled_from((0, NANOS_PER_UNIT, 7 * NANOS_PER_UNIT, MOST)),
    st.sampled_from(("EUR", "PLN")),
    st.integers(0, 3),
    st.integers(0, 2),
    st.sampled_from(("", "", "toys", "books")),
)
bought = st.lists(st.tuples(st.sampled_from(IDS), drafts), max_size=12)


def item(number: int, customer_id: str, said: Draft) -> PurchaseItem:
    return PurchaseItem(
        place=number,
        customer_id=customer_id,
        purchase_id=f"p{number}",
        draft=said,
        request_id=f"id-{number}",
        digest=b"%d" % number,
        sent_as=f"id-{number}",
    )


def import_items(ledger: Ledger, items: list[PurchaseItem], *, create_missing: bool = False) -> Outcome:
    """Import one message as the server does, and commit it."""
    imports = PurchaseImports(NOUNS, ledger.customers, PolicyStore(NOUNS))
    outcomes: list[Outcome] = []

    def write(transaction: Transaction) -> None:
        context = WriteContext("clerk", "import")
        outcomes.append(
            imports.apply(transaction, context, items, lambda *_: b"", create_missing=create_missing)
        )

    ledger.within(write)
    return outcomes[0]


def kept(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of the tables that purchases change."""
    found = {}
    for table in TABLES:
        columns = [each for each in table.columns if each.name != "due_day"]
        rows = ledger.connection.query(table.select().with_only_columns(*columns))
        found[table.name] = sorted(rows, key=repr)
    return found


def faults(ledger: Ledger) -> list[str]:
    """List what `verify` finds, the days of the next review included; a bare ledger has no key."""
    checks = verify(ledger.connection, NOUNS, clock=lambda: NOW_US)
    return [fault for each in checks for fault in each.faults if not fault.startswith("the key of")]


@pytest.fixture(scope="module")
def places() -> Iterator[Path]:
    """Return a folder with a ledger to copy."""
    with TemporaryDirectory() as folder:
        connection = SqliteConnection(Path(folder, "ledger"))
        migrate(connection)
        make_missing(connection, NOUNS, NOW_US)
        ledger = Ledger(connection)
        ledger.commit([ledger.customers.create(Customer("", display_name=each), each) for each in IDS])
        connection.truncate_wal()
        connection.close()
        yield Path(folder)


def new_ledger(folder: Path) -> Ledger:
    file = folder / f"{len(list(folder.glob('*.db')))}.db"
    shutil.copy(folder / "ledger", file)
    return Ledger(SqliteConnection(file))


def record_alone(ledger: Ledger, said: list[tuple[str, Draft]]) -> list[int]:
    """Record each purchase in a commit of its own; return the places of those that were refused."""
    return [
        place
        for place, (customer_id, each) in enumerate(said)
        if ledger.commit([ledger.purchases.record(customer_id, each, f"p{place}")])
    ]


def both(folder: Path, messages: list[list[tuple[str, Draft]]]) -> tuple[Any, Any]:
    """Import messages, and record the same purchases alone: return what is kept of either."""
    ledgers = [new_ledger(folder), new_ledger(folder)]
    try:
        said = [each for message in messages for each in message]
        refused = record_alone(ledgers[0], said)
        rejected, items = [], [item(place, *each) for place, each in enumerate(said)]
        for message in messages:
            outcome = import_items(ledgers[1], items[: len(message)])
            del items[: len(message)]
            rejected += [place for place, _, _ in outcome.rejected]
        assert [*ledgers[1].faults(), *faults(ledgers[1])] == []
        return (refused, kept(ledgers[0])), (rejected, kept(ledgers[1]))
    finally:
        for ledger in ledgers:
            ledger.connection.close()


@settings(max_examples=settings.default.max_examples // 4)
@given(messages=st.lists(bought, min_size=1, max_size=3))
def test_messages_leave_what_single_purchases_leave(places: Path, messages: Any) -> None:
    alone, imported = both(places, messages)
    assert imported == alone


def test_a_stage_that_changes_twice_within_a_message_is_kept_with_either_entry(places: Path) -> None:
    said = [("ann", draft(ago, NANOS_PER_UNIT, "EUR", 0, 0, "")) for ago in (0, 7, 30)]
    alone, imported = both(places, [said])
    assert imported == alone
    assert len(imported[1]["stage_changes"]) > 1


def test_the_comparison_notices_a_purchase_that_is_not_counted(
    places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import clientela_server.usecases.message_customers as module

    monkeypatch.setattr(module, "count_purchase", lambda *_, **__: None)
    assert module.count_purchase is not facts_rules.count_purchase
    ledger = new_ledger(places)
    import_items(ledger, [item(0, "ann", draft(0, NANOS_PER_UNIT, "EUR", 0, 0, ""))])
    assert ledger.faults() != []
    ledger.connection.close()


def test_a_customer_that_is_gone_is_refused_in_the_midst_of_a_message(places: Path) -> None:
    ledger = new_ledger(places)
    ledger.commit([ledger.customers.delete("ben", None)])
    said = draft(0, NANOS_PER_UNIT, "EUR", 0, 0, "")
    outcome = import_items(
        ledger, [item(place, who, said) for place, who in enumerate(("ann", "ben", "ann"))]
    )
    assert [(place, refusal.reason) for place, _, refusal in outcome.rejected] == [(1, "CUSTOMER_DELETED")]
    assert outcome.imported == 2
    assert ledger.faults() == []
    ledger.connection.close()


def test_a_message_that_fails_leaves_nothing(places: Path) -> None:
    ledger = new_ledger(places)
    before = kept(ledger)
    said = draft(0, NANOS_PER_UNIT, "EUR", 0, 0, "")

    def fail(transaction: Transaction, context: WriteContext) -> Entry:
        imports = PurchaseImports(NOUNS, ledger.customers, PolicyStore(NOUNS))
        imports.apply(transaction, context, [item(0, "ann", said)], lambda *_: b"", create_missing=False)
        raise refusal

    refusal = import_items(ledger, [item(0, "nobody", said)]).rejected[0][2]
    assert ledger.commit([fail]) == [refusal]
    assert kept(ledger) == before
    ledger.connection.close()
