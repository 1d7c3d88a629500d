"""HPACK header blocks of one direction of a connection (RFC 7541).

Rule: one decoder a direction, which sees every block in order. After a malformed block the dynamic table is
out of step, so every later block of this direction is refused.
Read next: frame_decoder.py.
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
    """The header block cannot be decoded; the message says why."""


class HeaderBlocks:
    """Decodes the header blocks of one direction."""

    def __init__(self) -> None:
        self._decoder = Decoder(max_header_list_size=BLOCK_BYTES_MAX)
        self._table = self._decoder.header_table = _WatchedTable()
        self._known: dict[bytes, Headers] = {}
        self._invalid_because = ""

    def limit_table(self, size: int) -> None:
        """Set the dynamic table's maximum: the other side's setting that this side acknowledged."""
        self._known.clear()
        self._decoder.max_allowed_table_size = size

    def invalidate(self, why: str) -> None:
        """Refuse all later blocks: one was not decoded, so the dynamic table is out of step."""
        self._invalid_because = self._invalid_because or why

    def read(self, block: bytes) -> Headers:
        """Return the block's headers in order, as a read-only list. Raises BrokenBlock."""
        if self._invalid_because:
            raise BrokenBlock(f"an earlier header block was broken: {self._invalid_because}")
        known = self._known.get(block)
        return known if known is not None else self._decode(block)

    def _decode(self, block: bytes) -> Headers:
        added = self._table.added
        try:
            headers = [_shown(name, value) for name, value in self._raw(block)]
        except HPACKError as error:
            self.invalidate(str(error) or type(error).__name__)
            raise BrokenBlock(self._invalid_because) from error
        self._keep(block, headers, changed=self._table.added != added or _resizes_table(block))
        return headers

    def _raw(self, block: bytes) -> Iterable[tuple[bytes, bytes]]:
        return self._decoder.decode(block, raw=True)

    def _keep(self, block: bytes, headers: Headers, changed: bool) -> None:
        """Cache a block that left the table unchanged: equal bytes decode equally until it changes."""
        if changed or len(self._known) >= _CACHED_BLOCKS_MAX:
            self._known.clear()
        if not changed and len(block) <= _CACHED_BLOCK_BYTES_MAX:
            self._known[block] = headers


class _WatchedTable(HeaderTable):
    """hpack's dynamic table with a count of insertions."""

    def __init__(self) -> None:
        super().__init__()
        self.added = 0

    def add(self, name: bytes, value: bytes) -> None:
        """Insert an entry, and count it."""
        self.added += 1
        super().add(name, value)


def without_secrets(headers: Headers) -> Headers:
    """Return headers with secrets redacted, as in "Bearer …"."""
    return [(name, shown(name, value)) for name, value in headers]


def _resizes_table(block: bytes) -> bool:
    """Return whether a block begins with a table size update, its only place (RFC 7541, 4.2)."""
    return block[:1] != b"" and block[0] & 0b1110_0000 == 0b0010_0000


def _shown(name: bytes, value: bytes) -> tuple[str, str]:
    """Return a header as text. gRPC metadata is ASCII, or base64 under a key that ends in -bin.

    Two gRPC C cores agree, by a setting, to send binary values raw behind a zero byte; these are shown as
    base64 too.
    """
    if value[:1] == b"\0" and name.endswith(b"-bin"):
        return _text(name), b64encode(value[1:]).decode()
    return _text(name), _text(value)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
