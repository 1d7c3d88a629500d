"""Verification of the journal: no gap, every record parses, and the hash chain holds.

One pass over the entries, in order. An entry is compared with the hash that the one before really has, so
that a fault is told where it is. Read next: `chain` for what is bound, `erasure` for what may be missing.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from clientela_server.store.database.chain import ChainedEntry, chained_entries, seal_record, stored_head
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.head import BEGINNING, HASH_SIZE, Head
from clientela_server.store.database.schema import journal, stage_changes
from clientela_server.store.database.statements import LIMIT, NO_OFFSET, Statement
from clientela_server.store.integrity.verify_rows import Found
from clientela_server.store.journal.erasure import ErasureDigest
from clientela_server.store.journal.nouns import Nouns

_SHOWN = 1000
_STRAY_STAGES = Statement(
    sa.select(stage_changes.c.revision)
    .select_from(stage_changes.outerjoin(journal, journal.c.revision == stage_changes.c.revision))
    .where(journal.c.revision.is_(None))
    .limit(LIMIT)
    .offset(NO_OFFSET)
)


class JournalCheck:
    """Checks the journal in one pass; `pinned`: a head noted earlier, which must still be in the chain."""

    def __init__(self, connection: Connection, nouns: Nouns, pinned: Head | None = None) -> None:
        self._connection = connection
        self._nouns = nouns
        self._pinned = pinned
        self._seals = _Seals()
        self._end = BEGINNING
        self._pin_found = pinned is None or pinned == BEGINNING

    def entries(self) -> Found:
        """Check every entry."""
        faults: list[str] = []
        for entry in chained_entries(self._connection):
            if entry.revision != self._end.revision + 1:
                faults.append(f"revision {self._end.revision + 1}: missing, up to {entry.revision - 1}")
            faults += [
                f"revision {entry.revision}, {entry.name}: {wrong}" for wrong in self._faults_of(entry)
            ]
            self._end = Head(entry.revision, entry.hash)
            self._pin_found = self._pin_found or self._end == self._pinned
        faults += self._seals.uncovered()
        for (revision,) in self._connection.run(_STRAY_STAGES, {"limit": _SHOWN}):
            faults.append(f"revision {revision}: a stage changed with it, and it is not there")
        return f"{self._end.revision:,} entries without a gap, each bound to the one before", faults

    def head(self) -> Found:
        """Check the stored head against the last entry; call after `entries`."""
        kept, _ = stored_head(self._connection)
        faults = []
        if kept != self._end:
            faults.append(f"the journal ends with {self._end}, and was written up to {kept or 'none'}")
        if not self._pin_found:
            faults.append(f"it does not hold the entry {self._pinned}")
        return str(kept or self._end), faults

    def _faults_of(self, entry: ChainedEntry) -> Iterator[str]:
        wrong = _fault_of(entry, self._nouns)
        if wrong:
            yield wrong
        if not self._seals.fits(entry):
            yield "its record is not what was written"
        if entry.hash_after(self._end.hash, entry.seal) != entry.hash:
            yield "it is not what was written behind the entry before"


class _Seals:
    """Checks seals; rewritten entries are held until the erasure's own entry, whose seal covers them."""

    def __init__(self) -> None:
        self._left: dict[str, ErasureDigest] = {}

    def fits(self, entry: ChainedEntry) -> bool:
        """Return whether a record matches its seal, or may have been rewritten by an erasure."""
        if len(entry.seal) != HASH_SIZE:
            return False
        if entry.salt is None:
            self._left.setdefault(_owner(entry), ErasureDigest()).add(entry.revision, entry.record)
            return True
        return seal_record(entry.salt, entry.record) == entry.seal or self._is_erasure(entry, entry.salt)

    def _is_erasure(self, entry: ChainedEntry, salt: bytes) -> bool:
        """Return whether an entry is the erasure of the held entries, decided by its seal alone."""
        owner = _owner(entry)
        left = self._left.get(owner)
        if left is None or seal_record(salt, entry.record, left.digest()) != entry.seal:
            return False
        del self._left[owner]
        return True

    def uncovered(self) -> list[str]:
        """Return the faults of held entries that no erasure accounts for."""
        return [f"{owner}: records have no salt, and are not what an erasure left" for owner in self._left]


def _owner(entry: ChainedEntry) -> str:
    """Return the customer whose erasure may rewrite an entry."""
    return "/".join(entry.name.split("/")[:2])


def _fault_of(entry: ChainedEntry, nouns: Nouns) -> str | None:
    """Return the fault of a single entry."""
    noun = nouns.get(entry.noun)
    if noun is None:
        return f"its kind is unknown, {entry.noun}"
    try:
        resource = noun.codec.decode(entry.record)
    except Exception as error:  # noqa: BLE001 - bytes that are none of ours may fail in any way
        return f"its record can't be read, {type(error).__name__}"
    if resource.name != entry.name:
        return f"its record is of {resource.name}"
    revision = noun.revision_of(resource) if noun.revision_of else entry.revision
    return None if revision == entry.revision else f"its record is of revision {revision}"
