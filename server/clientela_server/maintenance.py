"""The commands that keep a ledger safe, on the server's own machine: backup, restore, verify, migrate.

Each prints what it found, in figures, and says in one sentence what is wrong and what to do.
Read next: `store/integrity/backups`, `store/integrity/verify`, `store/database/upgrade`,
and docs/operations.md.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clientela_server.config import ServerError, read_database, shown
from clientela_server.harmless import harmless

if TYPE_CHECKING:
    from clientela_server.store.database.head import Head
    from clientela_server.store.integrity.verify import Check

_FAULTS_SHOWN = 10
_BACKUP = """\
Copy the ledger, as it is at this moment, into one file, also while a server writes. The file holds all
that the database holds: the ledger, personal data, the digests of tokens, and the key of page tokens.
Only this account can read it; keep it as you keep the database. What is written after the moment that it
shows is not in it."""
_RESTORE = """\
Put a backup in the place of the database, after having verified it. Stop the server first. The ledger
begins a new epoch: who watches it is told to begin anew, and request ids that the backup knows still
count as done."""
_VERIFY = """\
Read everything, and tell whether it is whole: pages against their checksums, each entry of the journal
against the one before, and all tables against the journal. May be run beside a server. Ends with 1 where
something is wrong. Prints the head: one hash that stands for all entries up to it. Who writes it down
somewhere else can ask later, by --head, whether all of them are still as they were."""
_MIGRATE = """\
Bring a database that an older server made to this version. The server does the same at its start; here
you see it done, and can make a backup before. There is no way back: an older server refuses a newer
database."""


def add_commands(commands: Any, add_database: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add the commands to those of clientela-server."""
    backup = _command(
        commands, "backup", _backup, "copy the ledger into a file, also beside a server", _BACKUP
    )
    backup.add_argument("file", metavar="FILE", type=Path, help="the file to make")
    backup.add_argument("--force", action="store_true", help="replace FILE where it is there")
    restore = _command(commands, "restore", _restore, "put a backup in the place of the database", _RESTORE)
    restore.add_argument("file", metavar="FILE", type=Path, help="the backup, as `backup` made it")
    restore.add_argument("--force", action="store_true", help="replace the ledger that is there, for good")
    verify = _command(commands, "verify", _verify, "tell whether the ledger is whole", _VERIFY)
    verify.add_argument(
        "--head",
        type=_head,
        metavar="REVISION:HASH",
        help="a head that was printed before: see that the ledger still holds it, and all before it",
    )
    migrate = _command(commands, "migrate", _migrate, "bring the database to this version", _MIGRATE)
    for parser in (backup, restore, verify, migrate):
        add_database(parser)


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], summary: str, description: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=summary, description=description)
    parser.set_defaults(run=run)
    return parser


def _head(text: str) -> "Head":
    from clientela_server.store.database.head import Head

    try:
        return Head.of_text(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _backup(options: argparse.Namespace) -> int:
    from clientela_server.store.integrity import backups

    database, file = read_database(options.database), options.file
    if file.is_dir():
        raise ServerError(f"{file}: is a folder; give the name of a file in it")
    if file.exists() and not options.force:
        raise ServerError(f"{file}: is there already; give another name, or --force to replace it")
    with _told(shown(database), file):
        made = backups.back_up(database, file)
    print(f"Backed up to {file}: revision {made.head.revision}, {_size(made.size)}.")
    print(f"Head: {made.head}")
    return 0


def _restore(options: argparse.Namespace) -> int:
    from clientela_server.nouns import NOUNS
    from clientela_server.store.integrity import backups

    database, file = read_database(options.database), options.file
    try:
        with _told(shown(database), file):
            done = backups.restore(file, database, NOUNS, _print_check, force=options.force)
    except backups.BackupUnusable as error:
        raise ServerError(f"{file}: {error}; nothing was changed") from None
    print(f"Restored {shown(database)} from {file}: revision {done.head.revision}, epoch {done.epoch}.")
    print(f"Head: {done.head}")
    print("Now start the server. Who watches the feed is told to begin anew.")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from clientela_server.nouns import NOUNS
    from clientela_server.store.database.opening import open_to_read
    from clientela_server.store.database.reading import begin_snapshot
    from clientela_server.store.integrity.verify import verify

    database = read_database(options.database)
    wrong = 0
    with _told(shown(database), None):
        connection = open_to_read(database)
        try:
            revision = begin_snapshot(connection)
            for check in verify(connection, NOUNS, options.head):
                _print_check(check)
                wrong += bool(check.faults)
        finally:
            connection.close()
    if wrong:
        raise ServerError(
            f"{shown(database)}: is not whole; restore a backup: clientela-server restore FILE --force"
        )
    print(f"Whole, as of revision {revision}.")
    return 0


def _migrate(options: argparse.Namespace) -> int:
    from clientela_server.store.database.upgrade import upgrade_database

    database = read_database(options.database)
    with _told(shown(database), None):
        done = upgrade_database(database)
    if done.before == done.after:
        print(f"Schema: {done.after}, as it should be.")
    else:
        print(f"Schema: {done.before or 'none'} -> {done.after}.")
    if done.rewritten:
        print("Pages: rewritten, each with its checksum.")
    return 0


@contextmanager
def _told(database: str, file: Path | None) -> Iterator[None]:
    """Say in a sentence what could not be done."""
    from clientela_server.store.database.connection import DatabaseUnusable, StoreError

    try:
        yield
    except (DatabaseUnusable, StoreError) as error:
        raise ServerError(f"{database}: {error}") from None
    except OSError as error:
        raise ServerError(f"{file or error.filename or database}: {error.strerror}") from None


def _print_check(check: "Check") -> None:
    print(f"{check.name:<10} {'WRONG' if check.faults else 'ok':<6} {check.found}")
    for fault in check.faults[:_FAULTS_SHOWN]:
        print(harmless(f"{'':<18}{fault}"))
    if len(check.faults) > _FAULTS_SHOWN:
        print(f"{'':<18}and {len(check.faults) - _FAULTS_SHOWN:,} more")


def _size(count: int) -> str:
    return f"{count / 1024 / 1024:,.1f} MiB" if count >= 1024 * 1024 else f"{count / 1024:,.0f} KiB"
