"""The hash chain of the journal: changing an entry invalidates every later hash.

Rules
1. An entry's `hash` is made of the hash before it and of all that the entry is: its columns, the stage that
   changed with it, and the seal of its record. So one hash stands for all entries up to it.
2. The `seal` is a hash of the record under a salt of its own. Erasure takes the record and the salt: the seal
   stays, so that the chain holds, and nobody can try guesses against it any more, whatever else he has.
3. The seal of an erasure's own entry covers what it left of the others, so that this can't be changed either.
4. The head (the last revision and its hash) is kept apart too, with each commit: entries that are cut off at
   the end are missed. Who writes goes on behind the head, so that the gap stays.

Read next: `transaction`, which makes the hashes; `verify_journal`, which makes them again.
"""

from collections.abc import Iterator
from hashlib import blake2b
from operator import itemgetter
from struct import Struct
from typing import NamedTuple

import sqlalchemy as sa

from clientela_server.ids import new_salt
from clientela_server.store.database.connection import Connection, Row, StoreDamaged
from clientela_server.store.database.head import BEGINNING, FIRST_HEAD, HASH_SIZE, HEAD_KEY, OF_HEAD, Head
from clientela_server.store.database.schema import journal, meta, stage_changes
from clientela_server.store.database.statements import LIMIT, NO_OFFSET, Params, Statement

_PAGE = 1000
_NUMBERS = Struct(">8q").pack
_LAST = sa.select(sa.func.coalesce(sa.func.max(journal.c.revision), sa.text("0"))).scalar_subquery()
_HEAD = Statement(sa.select(meta.c.value, _LAST).where(OF_HEAD))
_STAGE = [column for column in stage_changes.columns if column is not stage_changes.c.revision]
# Of a row by its names, what `encode_stage_row` takes, in its order.
stage_values = itemgetter(*(column.name for column in _STAGE))
_BOUND = Statement(
    sa.select(
        journal.c.revision,
        journal.c.commit_us,
        journal.c.actor,
        journal.c.method,
        journal.c.request_id,
        journal.c.digest,
        journal.c.noun,
        journal.c.name,
        journal.c.record,
        journal.c.salt,
        journal.c.seal,
        journal.c.hash,
        stage_changes.c.revision,
        *_STAGE,
    )
    .select_from(journal.outerjoin(stage_changes, stage_changes.c.revision == journal.c.revision))
    .where(journal.c.revision > sa.bindparam("after"))
    .order_by(journal.c.revision)
    .limit(LIMIT)
    .offset(NO_OFFSET)
)
_BIND = Statement(
    journal.update()
    .where(journal.c.revision == sa.bindparam("of_revision"))
    .values({name: sa.bindparam(f"its_{name}") for name in ("salt", "seal", "hash")})
)


# Of an entry: revision, commit time, actor, method, request id, digest, noun, name.
Columns = tuple[int, int, str, str, str | None, bytes | None, str, str]


class ChainedEntry(NamedTuple):
    """A journal entry with its salt, seal and hash; `stage` as `encode_stage_row` returns it."""

    revision: int
    commit_us: int
    actor: str
    method: str
    request_id: str | None
    digest: bytes | None
    noun: str
    name: str
    record: bytes
    salt: bytes | None
    seal: bytes
    hash: bytes
    stage: bytes

    def hash_after(self, before: bytes, seal: bytes) -> bytes:
        """Return the entry's hash, given the hash before it."""
        return hash_entry(before, self[:8], seal, self.stage)


def seal_record(salt: bytes, record: bytes, left: bytes = b"") -> bytes:
    """Return the salted hash of a record, with the erasure digest `left` where there is one."""
    person = b"erasure" if left else b""
    return blake2b(record + left, key=salt, digest_size=HASH_SIZE, person=person).digest()


def hash_entry(before: bytes, columns: Columns, seal: bytes, stage: bytes) -> bytes:
    """Return the hash of an entry; texts are length-prefixed, so the encoding is unambiguous."""
    revision, commit_us, actor, method, request_id, digest, noun, name = columns
    numbers = _NUMBERS(
        revision,
        commit_us,
        len(actor),
        len(method),
        -1 if request_id is None else len(request_id),
        len(noun),
        len(name),
        -1 if digest is None else len(digest),
    )
    texts = f"{actor}{method}{request_id or ''}{noun}{name}".encode()
    parts = (before, numbers, texts, digest or b"", seal, stage)
    return blake2b(b"".join(parts), digest_size=HASH_SIZE).digest()


def encode_stage_row(values: Row) -> bytes:
    """Encode a stage change for the hash of its entry; `values` as `stage_values` has them."""
    day, from_stage, to_stage, purchases, referrals, days, policy = values
    size = "-" if policy is None else len(policy)
    text = f"{day} {from_stage} {to_stage} {purchases} {referrals} {len(days)} {size} "
    encoded: bytes = text.encode() + days + (policy or b"")
    return encoded


def verified_head(connection: Connection) -> Head:
    """Return the stored head to append to; StoreDamaged if it is behind the last entry."""
    head, last = stored_head(connection)
    if head is None or head.revision < last:
        raise StoreDamaged(
            f"the journal goes to revision {last}, its head says {head and head.revision}; restore a backup"
        )
    return head


def stored_head(connection: Connection) -> tuple[Head | None, int]:
    """Return the stored head, None if missing or unreadable, and the journal's last revision."""
    for value, last in connection.run(_HEAD):
        return Head.of_bytes(bytes(value)), last
    return None, -1


def chained_entries(connection: Connection) -> Iterator[ChainedEntry]:
    """Yield the whole journal in order, with salts, seals and hashes."""
    after = 0
    while True:
        rows = connection.run(_BOUND, {"after": after, "limit": _PAGE})
        yield from (_bound(row) for row in rows)
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def _bound(row: Row) -> ChainedEntry:
    stage = b"" if row[12] is None else encode_stage_row(row[13:])
    return ChainedEntry._make((*row[:12], stage))


def chain_existing_entries(connection: Connection) -> None:
    """Compute salts, seals and hashes for a journal written before schema 0003."""
    head, made = BEGINNING, list[Params]()
    for entry in chained_entries(connection):
        salt = new_salt()
        seal = seal_record(salt, entry.record)
        head = Head(entry.revision, entry.hash_after(head.hash, seal))
        made.append(
            {"of_revision": entry.revision, "its_salt": salt, "its_seal": seal, "its_hash": head.hash}
        )
        if len(made) == _PAGE:
            connection.run_many(_BIND, made)
            made = []
    connection.run_many(_BIND, made)
    connection.run(FIRST_HEAD, {"key": HEAD_KEY, "value": head.packed()})
