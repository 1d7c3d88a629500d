"""What a refused write leaves behind: nothing."""

from clientela_server.store.database.schema import metadata
from clientela_server.store.database.statements import Statement
from clientela_server.store.journal.transaction import Apply
from tests.store.bare_ledger import Ledger


def tables(ledger: Ledger) -> dict[str, list[str]]:
    """Return all rows of all tables."""
    return {
        table.name: sorted(map(repr, ledger.connection.run(Statement(table.select()))))
        for table in metadata.sorted_tables
    }


def reason_of(ledger: Ledger, write: Apply) -> str:
    """Return the reason for which a write is refused, "" if it is not; a refusal has changed nothing."""
    before = tables(ledger)
    refused = ledger.commit([write])
    if not refused:
        return ""
    assert tables(ledger) == before
    return refused[0].reason
