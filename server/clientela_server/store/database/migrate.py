"""Schema migrations, forward only.

Alembic writes the SQL and our own connection runs it: so one SQLite is in the process, not two, and all
steps together are one transaction. Importing Alembic takes longer than all else at start, so it is only
done where there is something to do.
"""

import io
from pathlib import Path

from clientela_server.store.database.chain import chain_existing_entries
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.identity import seal_identity

_SCRIPTS = Path(__file__).parent / "migrations"
# The schema of this version: its newest step.
HEAD = max(step.name[:4] for step in (_SCRIPTS / "versions").glob("[0-9]*.py"))
# Since then the journal's entries are bound to each other.
_CHAINED = "0003"


TOO_OLD = "it is of an older version; bring it to this one: clientela-server migrate"


class SchemaTooOld(Exception):
    """The database is of an older version of the server, and must be brought to this one first."""


class SchemaTooNew(Exception):
    """The database was made by a newer version of the server; going back is not possible."""


def migrate(connection: Connection) -> None:
    """Migrate the schema to HEAD; SchemaTooNew if it is newer."""
    if current_schema(connection) == HEAD:
        return
    connection.begin_schema_change()
    try:
        # Asked again, now that we are alone: another server may just have done it.
        current = current_schema(connection)
        _refuse_newer(current)
        if current != HEAD:
            connection.script(_upgrade_sql(current, connection.dialect))
        if current is None or current < _CHAINED:
            chain_existing_entries(connection)
            seal_identity(connection)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def require_current(connection: Connection) -> None:
    """Require that the tables are those of this version; SchemaTooNew or SchemaTooOld where they are not."""
    current = current_schema(connection)
    _refuse_newer(current)
    if current != HEAD:
        raise SchemaTooOld(TOO_OLD)


def _refuse_newer(current: str | None) -> None:
    if current is not None and current > HEAD:
        raise SchemaTooNew(f"its schema is {current}, this server knows {HEAD}; use the newer server")


def current_schema(connection: Connection) -> str | None:
    """Return the schema version, or None if there are no tables yet."""
    if "alembic_version" not in connection.table_names():
        return None
    import sqlalchemy as sa

    rows = connection.query(sa.select(sa.text("version_num FROM alembic_version")))
    return str(rows[0][0]) if rows else None


def _upgrade_sql(current: str | None, dialect: str) -> str:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    script = ScriptDirectory.from_config(config)
    text = io.StringIO()
    with EnvironmentContext(
        config,
        script,
        # What Alembic's own command does too; there is no public name for it.
        fn=lambda revision, _: script._upgrade_revs("head", revision),  # noqa: SLF001
        as_sql=True,
        starting_rev=current,
        destination_rev="head",
    ) as environment:
        environment.configure(dialect_name=dialect, output_buffer=text, transactional_ddl=False)
        environment.run_migrations()
    return text.getvalue()
