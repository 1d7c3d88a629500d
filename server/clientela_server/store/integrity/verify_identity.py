"""Verification of what is not in the journal: secret key, epoch, tokens, and the rest of `meta`."""

import sqlalchemy as sa

from clientela_server.store.aggregates.policy import NAME, REVIEW_ALL
from clientela_server.store.aggregates.rebuild import MADE, MADE_KEY, RULES_KEY
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.head import HEAD_KEY
from clientela_server.store.database.identity import SEAL_KEY, identity_seal
from clientela_server.store.database.schema import facts, meta
from clientela_server.store.database.statements import Statement
from clientela_server.store.integrity.verify_rows import Found

_WRITER = "writer"
_KNOWN = {"secret", "epoch", SEAL_KEY, HEAD_KEY, NAME, REVIEW_ALL, MADE_KEY, RULES_KEY, _WRITER}
_META = Statement(sa.select(meta.c.key, meta.c.value))
_IS_THERE = Statement(
    sa.select(facts.c.customer_id).where(facts.c.customer_id == sa.bindparam("customer_id"))
)


def identity_as_sealed(connection: Connection) -> Found:
    """Check identity and tokens against their seal, and `meta` for unknown keys."""
    kept: dict[str, bytes] = {key: bytes(value) for key, value in connection.run(_META)}
    faults = [f"meta holds what no server keeps there: {key}" for key in sorted(kept.keys() - _KNOWN)]
    if len(kept.get("secret", b"")) != 32:
        faults.append("the key of page tokens and request digests is missing")
    elif kept.get(SEAL_KEY) != identity_seal(connection):
        faults.append("the key, the epoch or the tokens are not what clientela-server wrote")
    rules = kept.get(RULES_KEY, b"1")
    if kept.get(MADE_KEY, MADE) != MADE or kept.get(_WRITER, b"") or not rules.isdigit():
        faults.append("a mark of the server's own is not what it wrote")
    behind = kept.get(REVIEW_ALL)
    if behind and not connection.run(_IS_THERE, {"customer_id": behind.decode(errors="replace")}):
        faults.append("all are to be looked at anew behind a customer who is not there")
    return "the database's own key, its epoch, and who may ask", faults
