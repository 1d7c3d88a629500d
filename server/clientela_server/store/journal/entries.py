"""Journal entries, the context of a write, and the lookup of an entry after a lost commit reply."""

from collections.abc import Callable
from typing import NamedTuple

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


class WriteContext(NamedTuple):
    """The caller, RPC method, request id and request digest of a write.

    `respelled` computes the digest of the same request with its id in another spelling.
    """

    actor: str
    method: str
    request_id: str | None = None
    digest: bytes | None = None
    respelled: Callable[[str], bytes] | None = None

    def digest_under(self, request_id: str | None) -> bytes | None:
        """Return the request's digest for the spelling of the id that a stored entry has."""
        if request_id == self.request_id or request_id is None or self.respelled is None:
            return self.digest
        return self.respelled(request_id)


# Of what the server does by itself.
SERVER_CONTEXT = WriteContext("server", "server")


class Entry(NamedTuple):
    """A journal entry: one accepted write, and the record of the resource after it."""

    revision: int
    commit_us: int
    actor: str
    method: str
    request_id: str | None
    noun: str
    name: str
    record: bytes


def is_journaled(connection: Connection, entry: Entry | None) -> bool:
    """Return whether an entry was committed, after the reply to a commit was lost.

    Beginning a write waits for any open write transaction, so the result is final.
    """
    if entry is None:
        return True
    connection.begin()
    try:
        return [Entry(*row) for row in connection.run(_AT, {"at": entry.revision})] == [entry]
    finally:
        connection.rollback()
