"""What makes a database this one, made at its first start and kept in `meta`: its secret.

Read next: `paging` and `journal`, which sign with it.
"""

import sqlalchemy as sa

from clientela_server.ids import new_secret
from clientela_server.store.connection import Connection, alone
from clientela_server.store.schema import meta
from clientela_server.store.statements import Statement, insert

_VALUE = Statement(sa.select(meta.c.value).where(meta.c.key == sa.bindparam("key")))
_KEEP = insert(meta)


def secret_of(connection: Connection) -> bytes:
    """Read the database's own key; make one where there is none yet."""
    with alone(connection):
        rows = connection.run(_VALUE, {"key": "secret"})
        if rows:
            return bytes(rows[0][0])
        secret = new_secret()
        connection.run(_KEEP, {"key": "secret", "value": secret})
        return secret
