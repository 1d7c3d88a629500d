"""The database that servers under test keep their data in: SQLite, or a real PostgreSQL.

`make test-all` runs the tests of the store and the calls on both: CLIENTELA_TEST_STORE=postgres says
which. What a test finds must be the same; one that is about a file itself is marked `sqlite`.
"""

import os
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from clientela_lab.servers.local_postgres import LocalPostgres

ON_POSTGRES = os.environ.get("CLIENTELA_TEST_STORE", "sqlite") == "postgres"

_running = ExitStack()


@cache
def postgres() -> LocalPostgres:
    """The PostgreSQL that all tests of this process share, each with databases of its own."""
    return _running.enter_context(LocalPostgres())


def new_url() -> str | None:
    """Return a PostgreSQL database that is empty, None where the tests run on files."""
    return postgres().new_ledger() if ON_POSTGRES else None


def stop() -> None:
    """Stop it, if it runs."""
    _running.close()


def database_in(folder: Path) -> Path | str:
    """Return the database of a folder, the same one each time: a file in it, or a URL."""
    if not ON_POSTGRES:
        return folder / "ledger.db"
    kept = folder / "ledger.url"
    if not kept.exists():
        kept.write_text(postgres().new_ledger())
    return kept.read_text()
