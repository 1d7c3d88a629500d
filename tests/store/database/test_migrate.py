"""Migrations: an empty file gets the schema, and a file of a newer server is left unchanged."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from clientela_server.store.database.migrate import HEAD, SchemaTooNew, current_schema, migrate
from clientela_server.store.database.schema import metadata
from clientela_server.store.database.sqlite import SqliteConnection

pytestmark = pytest.mark.sqlite

OWN = "alembic_version"


def definitions(database: sqlite3.Connection) -> dict[str, str]:
    """Every table and index by name, as SQL without accidents of spacing."""
    rows = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
    return {name: re.sub(r"\s+", " ", sql).strip() for name, sql in rows if name != OWN}


def as_the_schema_says() -> dict[str, str]:
    """The tables that the schema describes, made directly."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        metadata.create_all(connection)
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        found = definitions(raw)
    engine.dispose()
    return found


def migrated(path: Path) -> dict[str, str]:
    connection = SqliteConnection(path)
    migrate(connection)
    connection.close()
    with closing(sqlite3.connect(path)) as database:
        return definitions(database)


def test_an_empty_file_becomes_what_the_schema_says(tmp_path: Path) -> None:
    assert migrated(tmp_path / "ledger.db") == as_the_schema_says()


def test_the_comparison_sees_a_column_an_index_and_a_table_too_many(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    good = migrated(path)
    for planted in (
        "ALTER TABLE customers ADD COLUMN nick TEXT",
        "CREATE INDEX ix_more ON purchases (currency)",
        "CREATE TABLE more (a TEXT)",
    ):
        with closing(sqlite3.connect(path)) as database:
            database.execute(planted)
            assert definitions(database) != good
            good = definitions(database)


def test_a_database_of_this_version_is_left_as_it_is(tmp_path: Path) -> None:
    first = migrated(tmp_path / "ledger.db")
    before = (tmp_path / "ledger.db").read_bytes()

    assert migrated(tmp_path / "ledger.db") == first
    assert (tmp_path / "ledger.db").read_bytes() == before


def test_a_database_of_a_newer_server_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    migrated(tmp_path / "ledger.db")
    connection = SqliteConnection(tmp_path / "ledger.db")
    connection.script("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(SchemaTooNew, match=rf"9999.*{HEAD}"):
        migrate(connection)

    assert current_schema(connection) == "9999"
    connection.close()


def test_a_migration_that_fails_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = SqliteConnection(tmp_path / "ledger.db")
    script = connection.script
    monkeypatch.setattr(connection, "script", lambda text: script(text + "CREATE TABLE journal (a TEXT);"))

    with pytest.raises(Exception, match="journal"):
        migrate(connection)

    assert current_schema(connection) is None
    connection.close()
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as database:
        assert definitions(database) == {}
