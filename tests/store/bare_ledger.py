"""A ledger without a server: writes are committed as the committer would, from the test's own thread."""

from collections.abc import Callable

from clientela_server.domain.days import DAY_US
from clientela_server.domain.errors import Refusal
from clientela_server.nouns import NOUNS
from clientela_server.store.aggregates.policy import PolicyStore
from clientela_server.store.database.chain import verified_head
from clientela_server.store.database.connection import Writer
from clientela_server.store.integrity.verify_aggregates import facts_as_ledger
from clientela_server.store.journal.entries import WriteContext
from clientela_server.store.journal.transaction import Apply, Transaction
from clientela_server.usecases.customer_aggregates import CustomerAggregatesWriter
from clientela_server.usecases.customers import CustomerWrites
from clientela_server.usecases.due_stage_job import DueStageJob
from clientela_server.usecases.purchases import PurchaseWrites

NOW_US = 20_000 * DAY_US


class Ledger:
    """A database without a server: writes go into it as the committer would have them."""

    def __init__(self, connection: Writer) -> None:
        self.connection = connection
        policies = PolicyStore(NOUNS)
        kept = CustomerAggregatesWriter(NOUNS, policies)
        self.customers = CustomerWrites(NOUNS, kept)
        self.purchases = PurchaseWrites(NOUNS, kept)
        self.due_stages = DueStageJob(NOUNS, policies)

    def commit(self, writes: list[Apply], now_us: int = NOW_US) -> list[Refusal]:
        """Commit many writes together and return the refusals; a write that is refused is undone alone."""
        refused = []
        self.connection.begin()
        transaction = Transaction(self.connection, now_us, verified_head(self.connection))
        for write in writes:
            transaction.begin_item()
            try:
                write(transaction, WriteContext("clerk", "test"))
            except Refusal as refusal:
                refused.append(refusal)
                transaction.undo_item()
            else:
                transaction.keep_item()
        transaction.flush()
        self.connection.record_head(transaction.head)
        self.connection.commit()
        return refused

    def within(self, write: Callable[[Transaction], None], now_us: int = NOW_US) -> None:
        """Commit what the server writes by itself."""
        self.connection.begin()
        transaction = Transaction(self.connection, now_us, verified_head(self.connection))
        transaction.begin_item()
        write(transaction)
        transaction.keep_item()
        transaction.flush()
        self.connection.record_head(transaction.head)
        self.connection.commit()

    def faults(self) -> list[str]:
        """List the facts that differ from those of a rebuild."""
        self.connection.begin(write=False)
        try:
            return facts_as_ledger(self.connection, NOUNS)[1]
        finally:
            self.connection.rollback()
