"""The database that servers under test keep their data in: SQLite, or a real PostgreSQL.

`make test-all` runs the tests of the store and the calls on both: CLIENTELA_TEST_STORE=postgres says
which. What a test finds must be the same; one that is about a file itself is marked `sqlite`. A URL in the
place of the word `postgres` is a database that runs already, of PostgreSQL's family (docs/scale.md).
"""

import os
import secrets
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_postgres import LocalPostgres

STORE = os.environ.get("CLIENTELA_TEST_STORE", "sqlite")
ON_POSTGRES = STORE != "sqlite"

_running = ExitStack()


class GivenPostgres:
    """A database that runs already. Each ledger is a schema of its own, and dropped at the end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._schemas: list[str] = []

    def new_ledger(self) -> str:
        """Create an empty schema for a ledger; return its URL."""
        schema = f"ledger_{secrets.token_hex(6)}"
        self.execute(f"CREATE SCHEMA {schema}")
        self._schemas.append(schema)
        return f"{self.url}{'&' if '?' in self.url else '?'}options=-csearch_path%3D{schema}"

    def execute(self, statement: str, url: str = "") -> list[tuple[Any, ...]]:
        """Run one statement, by default outside of any ledger; return its rows, if any."""
        import psycopg

        with psycopg.connect(url or self.url, autocommit=True, connect_timeout=round(HANG_S)) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for schema in self._schemas:
            self.execute(f"DROP SCHEMA {schema} CASCADE")


@cache
def postgres() -> LocalPostgres | GivenPostgres:
    """The PostgreSQL that all tests of this process share, each with databases of its own."""
    if "://" in STORE:
        return _running.enter_context(GivenPostgres(STORE))
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
