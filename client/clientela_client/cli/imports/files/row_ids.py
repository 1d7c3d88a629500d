"""Request ids of rows, derived from their content, so that a row is recognised in any file.

Rules
1. A row without a purchase_id is known by its cells under their headers, and by how many equal rows the file
   has before it. So a file that grew adds what is new; so do its rows in another order, its columns in
   another order, and columns that are empty. Other terms of the import (`--map`, `--currency`) make no other
   row of it: the server refuses it as the same id with another purchase.
2. A purchase with an id is known by its name; its request id is that of what is recorded.
3. `--batch` tells rows apart that are equal and yet others.
Before, ids were derived from the file's digest and the row's place: `derived_request_id`. A file that was
imported so is still known by it (earlier_imports.py), and customers are sent under such ids.
"""

from __future__ import annotations

import hashlib
import mmap
import re
import struct
from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

from clientela_client.cli.imports.files.csv_file import FileChanged, Row
from clientela_client.cli.imports.files.csv_records import REJECTED

if TYPE_CHECKING:
    from clientela_client.messages import ImportItem


_BLANK = re.compile(r"[ \t\v\f]|[^\x00-\x7f]")
_NUMBER = struct.Struct("<Q").unpack_from
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


class SeenNumbers:
    """A set of 64-bit numbers by open addressing: 12 to 24 bytes for each of `count`, mapped on use."""

    def __init__(self, count: int) -> None:
        self._mask = (1 << (count * 3 // 2 + 8).bit_length()) - 1
        self._free = self._mask
        self._slots = memoryview(mmap.mmap(-1, 8 * (self._mask + 1))).cast("Q")

    def add(self, number: int) -> bool:
        """Add a number; return whether it was in the set."""
        slots, mask = self._slots, self._mask
        number = number & 0xFFFF_FFFF_FFFF_FFFF or 1
        at = number & mask
        while (found := slots[at]) != number:
            if not found:
                self._take()
                slots[at] = number
                return False
            at = (at + 1) & mask
        return True

    def _take(self) -> None:
        self._free -= 1
        if not self._free:
            raise FileChanged("the file has more lines than when it was opened: it was changed")


class RowIds:
    """The request ids of a file's rows, to be computed in file order."""

    def __init__(self, header: Sequence[str], row_count: int, batch: str) -> None:
        columns = sorted((name, at) for at, name in enumerate(header) if name not in REJECTED)
        self._names = [f"\x1e{name}\x1f" for name, _ in columns]
        # Of one place itemgetter gives the cell itself, of two or more a tuple.
        self._cells = itemgetter(*(at for _, at in columns), 0)
        self._begin = f"clientela import\0{batch}\0"
        self._row_count = row_count
        self._seen: SeenNumbers | None = None
        self._again: Counter[bytes] = Counter()

    def of_row(self, row: Row) -> str:
        """Return the request id of a single-row purchase: each of several equal rows has its own."""
        cells = [cell.strip() for cell in row.cells] if _BLANK.search(row.text) else row.cells
        said = [name + cell for name, cell in zip(self._names, self._cells(cells), strict=False) if cell]
        digest = hashlib.sha256("".join([self._begin, *said]).encode()).digest()
        if self._seen is None:
            # Here, as a file may have no such row.
            self._seen = SeenNumbers(self._row_count)
        if self._seen.add(_NUMBER(digest)[0]):
            self._again[digest] += 1
            digest = hashlib.sha256(b"%b\0%d" % (digest, self._again[digest])).digest()
        return _uuid(digest.hex())

    def of_purchase(self, item: ImportItem) -> str:
        """Return the request id of a named purchase."""
        said = self._begin.encode() + item.SerializeToString(deterministic=True)
        return _uuid(hashlib.sha256(said).hexdigest())


def derived_request_id(digest: bytes, index: int, salt: bytes = b"") -> str:
    """Return the request id of the row at `index`: a UUID4 in form, the same for the same file and place."""
    return _uuid(hashlib.sha256(b"%b%b%d" % (digest, salt, index)).hexdigest())


def _uuid(text: str) -> str:
    variant = _VARIANT[text[16]]
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"
