"""A scan yields the processor to calls, by its thread's priority."""

import os
import sys
import threading
from pathlib import Path

import pytest

from clientela_server.store.database.opening import open_database


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own here")
async def test_a_scan_gives_way_to_calls(tmp_path: Path) -> None:
    def priority(_: object) -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    database = open_database(tmp_path / "ledger.db")
    try:
        scanning, _ = await database.scan(priority)
        reading, _ = await database.read(priority)
    finally:
        database.close()
    assert scanning > reading
