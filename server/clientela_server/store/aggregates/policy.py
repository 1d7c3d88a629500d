"""The stored policy: one record, or the defaults until it is first changed.

A change requires a review of all stages and kinds, which `due_stage_job` does in batches.
"""

import sqlalchemy as sa

from clientela_server.domain.standing.policy import Policy, PolicyState
from clientela_server.store.database.connection import Connection, Row
from clientela_server.store.database.schema import meta
from clientela_server.store.database.statements import Params, Statement, insert
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.journal.transaction import Transaction

NOUN = NAME = "policy"
DEFAULTS = Policy()
# Behind which customer to go on looking at all of them anew; no row where all were looked at.
REVIEW_ALL = "look at all anew"

_OF_KEY = meta.c.key == sa.bindparam("of_key")
SELECT_META = Statement(sa.select(meta.c.value).where(_OF_KEY))
_FORGET = Statement(meta.delete().where(_OF_KEY))
_KEEP = insert(meta)


class PolicyStore:
    """Reads the policy; the last decoded record is cached."""

    def __init__(self, nouns: Nouns) -> None:
        self._codec = nouns.codec(PolicyState)
        self._known: tuple[bytes, Policy] = (b"", Policy())

    def in_transaction(self, transaction: Transaction) -> Policy:
        """Return the policy as of a transaction."""
        known: Policy | None = transaction.cached(NAME)
        if known is None:
            known = self._read(transaction.read_committed(SELECT_META, {"of_key": NAME}))
            transaction.cache(NAME, known)
        return known

    def in_snapshot(self, connection: Connection) -> Policy:
        """Return the policy as of a snapshot."""
        return self._read(connection.run(SELECT_META, {"of_key": NAME}))

    def _read(self, rows: list[Row]) -> Policy:
        if not rows:
            return DEFAULTS
        record, known = bytes(rows[0][0]), self._known
        if known[0] != record:
            self._known = known = (record, self._codec.decode(record).policy)
        return known[1]


def policy_record(connection: Connection | Transaction) -> bytes | None:
    """Return the stored policy record, or None for the defaults."""
    rows = connection.run(SELECT_META, {"of_key": NAME})
    return bytes(rows[0][0]) if rows else None


def put_meta(transaction: Transaction | Connection, key: str, value: bytes | None) -> None:
    """Store a value of the `meta` table, or delete it with None."""
    key_of: Params = {"of_key": key}
    transaction.run(_FORGET, key_of)
    if value is not None:
        transaction.run(_KEEP, {"key": key, "value": value})
