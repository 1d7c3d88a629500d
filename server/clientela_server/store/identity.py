"""What makes a database this one, kept in `meta`: its secret, and its epoch.

The epoch tells which life of the ledger its revisions are of. A restore goes back to an older journal, which
then goes on with other entries under the same revisions. So it gives the ledger a new epoch, and who resumes
a watch of an older one is told to begin anew.
Read next: `paging` and `journal`, which sign with the secret; `backups`, which begins an epoch.
"""

from collections.abc import Callable

import sqlalchemy as sa

from clientela_server.ids import new_epoch, new_secret
from clientela_server.store.connection import Connection, alone
from clientela_server.store.schema import meta
from clientela_server.store.statements import Statement, insert

_OF_KEY = meta.c.key == sa.bindparam("of_key")
_VALUE = Statement(sa.select(meta.c.value).where(_OF_KEY))
_FORGET = Statement(meta.delete().where(_OF_KEY))
_KEEP = insert(meta)


def secret_of(connection: Connection) -> bytes:
    """Read the database's own key; make one where there is none yet."""
    return _value_of(connection, "secret", new_secret)


def epoch_of(connection: Connection) -> str:
    """Read the epoch; make one where there is none yet."""
    return _value_of(connection, "epoch", lambda: new_epoch().encode()).decode()


def begin_epoch(connection: Connection) -> str:
    """Put a new epoch in the place of the one before, within a transaction, and give it."""
    epoch = new_epoch()
    connection.run(_FORGET, {"of_key": "epoch"})
    connection.run(_KEEP, {"key": "epoch", "value": epoch.encode()})
    return epoch


def _value_of(connection: Connection, key: str, make: Callable[[], bytes]) -> bytes:
    """Read a value, or make and keep it: alone, for two servers may start at once."""
    with alone(connection):
        rows = connection.run(_VALUE, {"of_key": key})
        if rows:
            return bytes(rows[0][0])
        value = make()
        connection.run(_KEEP, {"key": key, "value": value})
        return value
