"""The head of the journal: its last revision, and the hash that stands for all entries up to it.

It is kept in `meta`, apart from the entries, and printed so that it can be pinned somewhere else.
Read next: `chain`, which makes the hash.
"""

import re
from dataclasses import dataclass

import sqlalchemy as sa

from clientela_server.store.database.schema import meta
from clientela_server.store.database.statements import Statement, insert

HASH_SIZE = 32
_FORM = re.compile(rf"[0-9]{{1,18}}:[0-9a-f]{{{2 * HASH_SIZE}}}")
HEAD_KEY = "head"
OF_HEAD = meta.c.key == sa.literal_column(f"'{HEAD_KEY}'")
RECORD_HEAD = Statement(meta.update().where(OF_HEAD).values(value=sa.bindparam("head")))
FIRST_HEAD = insert(meta)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a journal."""

    revision: int
    hash: bytes

    def __str__(self) -> str:
        """Write it as it is printed and pinned: REVISION:HASH."""
        return f"{self.revision}:{self.hash.hex()}"

    def packed(self) -> bytes:
        """Write it as it is kept."""
        return self.revision.to_bytes(8, "big") + self.hash

    @classmethod
    def of_bytes(cls, kept: bytes) -> "Head | None":
        """Read what `packed` wrote; None where it is none."""
        return cls(int.from_bytes(kept[:8], "big"), kept[8:]) if len(kept) == 8 + HASH_SIZE else None

    @classmethod
    def of_text(cls, text: str) -> "Head":
        """Read what `str` wrote; ValueError where it is none."""
        if not _FORM.fullmatch(text):
            raise ValueError("give REVISION:HASH, as verify and backup print it")
        revision, digits = text.split(":")
        return cls(int(revision), bytes.fromhex(digits))


BEGINNING = Head(0, bytes(HASH_SIZE))
