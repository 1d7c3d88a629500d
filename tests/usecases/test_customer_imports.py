"""An import's messages leave what its customers leave when each is created alone: rows, facts, refusals."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientela_server.domain.customers import Acquisition, Customer
from clientela_server.nouns import NOUNS
from clientela_server.store.aggregates.rebuild import make_missing
from clientela_server.store.database.migrate import migrate
from clientela_server.store.database.schema import customer_emails, customer_terms, customers, facts
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.integrity.verify import verify
from clientela_server.store.journal.entries import WriteContext
from clientela_server.store.journal.transaction import Transaction
from clientela_server.usecases.customer_imports import CustomerItem, import_customers
from clientela_server.usecases.imports import MessageWrite, Outcome
from tests.store.bare_ledger import NOW_US, Ledger

# Of an item: whom, with which address, referred by whom; "" and those that are wrong among them.
Said = tuple[str, str, str]
people, addresses = st.sampled_from("abcd"), st.sampled_from(["", "x@y.org", "X@Y.org", "z@y.org"])
said = st.tuples(people, addresses, st.sampled_from(["", "", *"abcde"]))
messages = st.lists(st.lists(said, max_size=6), max_size=4)
ORDER: list[list[Said]] = [[("a", "x@y.org", ""), ("b", "X@Y.org", "a"), ("c", "", "a"), ("d", "", "b")]]


def draft(each: Said) -> Customer:
    who, email, referrer = each
    return Customer(
        "",
        display_name=who,
        emails=(email,) if email else (),
        phones=("+48221234567",),
        acquisition=Acquisition(referrer=referrer or None),
    )


def items_of(message: list[Said], first: int) -> list[CustomerItem]:
    return [
        CustomerItem(
            place=place,
            customer_id=each[0],
            draft=draft(each),
            request_id=f"id-{place}",
            digest=repr(each).encode(),
            sent_as=f"ID-{place}",
        )
        for place, each in enumerate(message, first)
    ]


def import_items(ledger: Ledger, items: list[CustomerItem]) -> Outcome:
    """Import one message as the server does, and commit it."""
    outcomes: list[Outcome] = []

    def write(transaction: Transaction) -> None:
        message = MessageWrite[CustomerItem](transaction, WriteContext("clerk", "import"), lambda *_: b"")
        outcomes.append(import_customers(ledger.customers, message, items))

    ledger.within(write)
    return outcomes[0]


@pytest.fixture(scope="module")
def places() -> Iterator[Path]:
    """Return a folder with an empty ledger to copy."""
    with TemporaryDirectory() as folder:
        connection = SqliteConnection(Path(folder, "ledger"))
        migrate(connection)
        make_missing(connection, NOUNS, NOW_US)
        connection.truncate_wal()
        connection.close()
        yield Path(folder)


def new_ledger(folder: Path) -> Ledger:
    file = folder / f"{len(list(folder.glob('*.db')))}.db"
    shutil.copy(folder / "ledger", file)
    return Ledger(SqliteConnection(file))


def kept(ledger: Ledger) -> dict[str, list[str]]:
    """Return all rows of the tables that customers change, but for what is made by chance."""
    found = {}
    for table in (customers, customer_terms, customer_emails, facts):
        columns = [each for each in table.columns if each.name not in ("uid", "record")]
        rows = ledger.connection.query(table.select().with_only_columns(*columns))
        found[table.name] = sorted(map(repr, rows))
    return found


def faults(ledger: Ledger) -> list[str]:
    """List what `verify` finds; a bare ledger has no key."""
    checks = verify(ledger.connection, NOUNS, clock=lambda: NOW_US)
    return [fault for each in checks for fault in each.faults if not fault.startswith("the key of")]


def check(folder: Path, stream: list[list[Said]]) -> None:
    """Import a stream into a ledger and create its customers alone in another: all is the same."""
    alone, together = new_ledger(folder), new_ledger(folder)
    try:
        place, rejected = 0, []
        for message in stream:
            items = items_of(message, place)
            place += len(message)
            outcome = import_items(together, items)
            assert outcome.imported + outcome.duplicates + len(outcome.rejected) == len(message)
            assert outcome.duplicates == 0
            rejected += [(which, sent_as, each.reason) for which, sent_as, each in outcome.rejected]
            # Not those that were rejected: whom they name as a referrer may be there by now.
            not_taken = {which for which, _, _ in outcome.rejected}
            again = import_items(together, [item for item in items if item.place not in not_taken])
            assert (again.imported, again.duplicates) == (0, outcome.imported)
        expected = []
        for which, each in enumerate(each for message in stream for each in message):
            refused = alone.commit([alone.customers.create(draft(each), each[0])])
            expected += [(which, f"ID-{which}", no.reason) for no in refused]
        assert rejected == expected
        assert kept(together) == kept(alone)
        assert faults(together) == []
    finally:
        alone.connection.close()
        together.connection.close()


@given(stream=messages)
@example(stream=ORDER)
@example(stream=[[("a", "", "b"), ("b", "", "")]])
def test_messages_leave_what_each_customer_alone_leaves(places: Path, stream: list[list[Said]]) -> None:
    check(places, stream)


def test_customers_that_are_registered_twice_are_seen(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MessageWrite, "_is_known", lambda *_: False)
    with pytest.raises(AssertionError):
        check(places, ORDER)


def test_an_address_that_is_forgotten_within_a_message_is_seen(
    places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Transaction.begin_item

    def beginning(transaction: Transaction) -> None:
        kept_by = transaction.cache
        transaction.cache = lambda key, value: (  # type: ignore[method-assign]
            None if key[0] == "email" and value else kept_by(key, value)  # type: ignore[index]
        )
        begin(transaction)

    monkeypatch.setattr(Transaction, "begin_item", beginning)
    with pytest.raises(Exception, match=r"(?i)unique|assert"):
        check(places, ORDER)
