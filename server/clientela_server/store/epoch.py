"""The epoch: which life of the ledger its revisions are of.

A restore goes back to an older journal, which then goes on with other entries under the same revisions. So
it gives the ledger a new epoch, and who resumes a watch of an older one is told to begin anew.
"""

import sqlalchemy as sa

from clientela_server.ids import new_epoch
from clientela_server.store.connection import Connection, alone
from clientela_server.store.schema import meta
from clientela_server.store.statements import Statement, insert

_KEY: sa.ColumnElement[str] = sa.literal_column("'epoch'")
_VALUE = Statement(sa.select(meta.c.value).where(meta.c.key == _KEY))
_FORGET = Statement(meta.delete().where(meta.c.key == _KEY))
_KEEP = insert(meta)


def epoch_of(connection: Connection) -> str:
    """Read the epoch; make one where there is none yet, alone: two servers may start at once."""
    with alone(connection):
        rows = connection.run(_VALUE)
        return bytes(rows[0][0]).decode() if rows else begin_epoch(connection)


def begin_epoch(connection: Connection) -> str:
    """Put a new epoch in the place of the one before, within a transaction, and give it."""
    epoch = new_epoch()
    connection.run(_FORGET)
    connection.run(_KEEP, {"key": "epoch", "value": epoch.encode()})
    return epoch
