"""The read snapshot shared by point reads, which makes them cheap enough for the event loop.

Beginning and ending a read costs more than the read itself. So the reads on the loop share one open
transaction, which is ended when the journal has grown, and at the latest a moment after it was begun.

Rules
1. Whoever was told of a write reads it: the snapshot is ended before the write is answered.
2. What is read is as of one known revision, which the answer can state.
3. No snapshot is held for long, or the write-ahead log could never be emptied.
"""

import asyncio

from clientela_server.store.database.connection import Connection
from clientela_server.store.database.reading import begin_snapshot

_HELD_S = 0.01


class Snapshot:
    """The event loop's read connection, with a short-lived transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._revision: int | None = None
        self._timer: asyncio.TimerHandle | None = None

    def acquire(self) -> tuple[Connection, int]:
        """Return the connection in an open snapshot, and the revision it is as of."""
        if self._revision is None:
            self._revision = begin_snapshot(self._connection)
            self._timer = asyncio.get_running_loop().call_later(_HELD_S, self.release)
        return self._connection, self._revision

    def release(self) -> None:
        """End the snapshot; the next read sees later commits."""
        if self._revision is None:
            return
        self._connection.rollback()
        self._revision = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        """End the snapshot and close the connection."""
        self.release()
        self._connection.close()
