"""Entries of the journal: what one holds, where it came from, and whether the journal has it."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import journal
from clientela_server.store.database.statements import Statement

# The columns of an Entry, in its order.
ENTRY_COLUMNS = (
    journal.c.revision,
    journal.c.commit_us,
    journal.c.actor,
    journal.c.method,
    journal.c.request_id,
    journal.c.noun,
    journal.c.name,
    journal.c.record,
)
_AT = Statement(sa.select(*ENTRY_COLUMNS).where(journal.c.revision == sa.bindparam("at")))


@dataclass(frozen=True, slots=True)
class WriteContext:
    """Where a write comes from: who, by which RPC, and with which request id and digest of the request.

    `respelled` makes the digest of the same request under another spelling of its id.
    """

    actor: str
    method: str
    request_id: str | None = None
    digest: bytes | None = None
    respelled: Callable[[str], bytes] | None = None

    def digest_under(self, request_id: str | None) -> bytes | None:
        """Give the digest that the request has with its id as an entry spells it."""
        if request_id == self.request_id or request_id is None or self.respelled is None:
            return self.digest
        return self.respelled(request_id)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the journal: an accepted write, and the resource after it."""

    revision: int
    commit_us: int
    actor: str
    method: str
    request_id: str | None
    noun: str
    name: str
    record: bytes


def is_journaled(connection: Connection, entry: Entry | None) -> bool:
    """Tell whether the journal holds an entry: asked when a commit's answer was lost.

    Who begins to write waits for who still does, so what is then read is final.
    """
    if entry is None:
        return True
    connection.begin()
    try:
        return [Entry(*row) for row in connection.run(_AT, {"at": entry.revision})] == [entry]
    finally:
        connection.rollback()
