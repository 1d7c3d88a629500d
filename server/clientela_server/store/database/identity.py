"""The identity of a database, kept in `meta`: its secret and epoch, and the seal over these and the tokens.

The epoch tells which life of the ledger its revisions are of. A restore goes back to an older journal, which
then goes on with other entries under the same revisions. So it gives the ledger a new epoch, and a watch that
resumes from an older one is refused (EPOCH_CHANGED).

None of this is in the journal. So a seal is kept of it, keyed with the secret, and made anew by whoever
changes something, in the same transaction: `verify` sees what was changed past us.
Read next: `paging` and `journal`, which sign with the secret; `backups`, which begins an epoch.
"""

import json
from collections.abc import Callable
from hashlib import blake2b

import sqlalchemy as sa

from clientela_server.ids import new_epoch, new_secret
from clientela_server.store.database.connection import Connection, exclusive_transaction
from clientela_server.store.database.schema import meta, tokens
from clientela_server.store.database.statements import Statement, insert

_OF_KEY = meta.c.key == sa.bindparam("of_key")
_VALUE = Statement(sa.select(meta.c.value).where(_OF_KEY))
_FORGET = Statement(meta.delete().where(_OF_KEY))
_KEEP = insert(meta)
SEAL_KEY = "seal"
_TOKENS = Statement(
    sa.select(
        tokens.c.name,
        tokens.c.role,
        tokens.c.digest,
        tokens.c.create_us,
        tokens.c.expire_us,
        tokens.c.revoke_us,
    ).order_by(tokens.c.name)
)


def load_secret(connection: Connection) -> bytes:
    """Return the database's secret key; create it at first use."""
    return _value_of(connection, "secret", new_secret)


def load_epoch(connection: Connection) -> str:
    """Return the epoch; create it at first use."""
    return _value_of(connection, "epoch", lambda: new_epoch().encode()).decode()


def begin_epoch(connection: Connection) -> str:
    """Replace the epoch within a transaction, and return the new one."""
    epoch = new_epoch()
    _put(connection, "epoch", epoch.encode())
    seal_identity(connection)
    return epoch


def seal_identity(connection: Connection) -> None:
    """Store the seal of identity and tokens, within a transaction; nothing before there is a secret."""
    seal = identity_seal(connection)
    if seal is not None:
        _put(connection, SEAL_KEY, seal)


def identity_seal(connection: Connection) -> bytes | None:
    """Compute the seal of identity and tokens; None where there is no secret."""
    secret = _value(connection, "secret")
    if secret is None:
        return None
    epoch = _value(connection, "epoch") or b""
    rows = [
        [name, role, bytes(digest).hex(), *times] for name, role, digest, *times in connection.run(_TOKENS)
    ]
    return blake2b(json.dumps([epoch.hex(), rows]).encode(), key=secret[:64], digest_size=32).digest()


def _value(connection: Connection, key: str) -> bytes | None:
    rows = connection.run(_VALUE, {"of_key": key})
    return bytes(rows[0][0]) if rows else None


def _put(connection: Connection, key: str, value: bytes) -> None:
    connection.run(_FORGET, {"of_key": key})
    connection.run(_KEEP, {"key": key, "value": value})


def _value_of(connection: Connection, key: str, make: Callable[[], bytes]) -> bytes:
    """Return a value, made and stored at first use: exclusively, as two servers may start at once."""
    with exclusive_transaction(connection):
        value = _value(connection, key)
        if value is None:
            value = make()
            _put(connection, key, value)
            seal_identity(connection)
        return value
