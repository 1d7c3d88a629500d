"""Header blocks: the HPACK state of one direction of a connection.

Rule: one decoder for a direction, which sees every block in order; after a block that is broken the two ends
no longer agree on the table, so nothing of this direction can be read any more, and it says so.
Read next: frames.py.
"""

from base64 import b64encode
from collections.abc import Iterable

from hpack import Decoder, HPACKError
from hpack.table import HeaderTable

from clientela_client.shown_headers import shown

Headers = list[tuple[str, str]]
BLOCK_BYTES_MAX = 1 << 20
_CACHED_BLOCKS_MAX = 512
_CACHED_BLOCK_BYTES_MAX = 2048


class BrokenBlock(ValueError):
    """The header block cannot be read; the message says why."""


class HeaderBlocks:
    """Turns the header blocks of one direction into lists of name and value."""

    def __init__(self) -> None:
        self._decoder = Decoder(max_header_list_size=BLOCK_BYTES_MAX)
        self._table = self._decoder.header_table = _WatchedTable()
        self._known: dict[bytes, Headers] = {}
        self._lost = ""

    def limit_table(self, size: int) -> None:
        """Set the table's largest size: what the other side allowed, and this side acknowledged."""
        self._known.clear()
        self._decoder.max_allowed_table_size = size

    def lose(self, why: str) -> None:
        """Take note that a block was never read: nothing that follows can be."""
        self._lost = self._lost or why

    def read(self, block: bytes) -> Headers:
        """Return the block's headers, in order, a list that is not to be changed; raises BrokenBlock."""
        if self._lost:
            raise BrokenBlock(f"an earlier header block was broken: {self._lost}")
        known = self._known.get(block)
        return known if known is not None else self._decode(block)

    def _decode(self, block: bytes) -> Headers:
        added = self._table.added
        try:
            headers = [_shown(name, value) for name, value in self._raw(block)]
        except HPACKError as error:
            self.lose(str(error) or type(error).__name__)
            raise BrokenBlock(self._lost) from error
        self._keep(block, headers, changed=self._table.added != added or _resizes_table(block))
        return headers

    def _raw(self, block: bytes) -> Iterable[tuple[bytes, bytes]]:
        return self._decoder.decode(block, raw=True)

    def _keep(self, block: bytes, headers: Headers, changed: bool) -> None:
        """Remember a block that left the table as it was: the same bytes mean the same until it changes."""
        if changed or len(self._known) >= _CACHED_BLOCKS_MAX:
            self._known.clear()
        if not changed and len(block) <= _CACHED_BLOCK_BYTES_MAX:
            self._known[block] = headers


class _WatchedTable(HeaderTable):
    """hpack's table, counting what is added to it."""

    def __init__(self) -> None:
        super().__init__()
        self.added = 0

    def add(self, name: bytes, value: bytes) -> None:
        """Add an entry, and count it."""
        self.added += 1
        super().add(name, value)


def without_secrets(headers: Headers) -> Headers:
    """Show of headers what may be shown; of the rest that they are there, as in "Bearer …"."""
    return [(name, shown(name, value)) for name, value in headers]


def _resizes_table(block: bytes) -> bool:
    """Tell whether a block begins with a change of the table's size: its only place (RFC 7541, 4.2)."""
    return block[:1] != b"" and block[0] & 0b1110_0000 == 0b0010_0000


def _shown(name: bytes, value: bytes) -> tuple[str, str]:
    """Show a header as text. Metadata is ASCII, or else its key ends in -bin and its value is base64.

    Unless both ends are grpc's C core: they agree, by a setting, to send such values as they are, behind a
    zero byte. These are shown as base64 too.
    """
    if value[:1] == b"\0" and name.endswith(b"-bin"):
        return _text(name), b64encode(value[1:]).decode()
    return _text(name), _text(value)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
