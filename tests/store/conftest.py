"""An empty ledger on a database of its own, without a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clientela_server.nouns import NOUNS
from clientela_server.store.aggregates.rebuild import make_missing
from clientela_server.store.database.migrate import migrate
from clientela_server.store.database.sqlite import SqliteConnection
from tests.store.bare_ledger import NOW_US, Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    connection = SqliteConnection(tmp_path / "ledger.db")
    migrate(connection)
    make_missing(connection, NOUNS, NOW_US)
    yield Ledger(connection)
    connection.close()
