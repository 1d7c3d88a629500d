"""What the administrator does on the server's own machine, also while it runs: tokens."""

import datetime
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clientela_server import clock
from clientela_server.config import ConfigError, ServerError, shown
from clientela_server.domain.errors import AlreadyExists, NotFound
from clientela_server.harmless import harmless
from clientela_server.rpc.gate.authorization import Role
from clientela_server.store.database.connection import Connection, DatabaseUnusable, StoreError
from clientela_server.store.database.opening import open_current
from clientela_server.store.nouns.tokens import Token, list_all
from clientela_server.usecases import tokens

_DAY_US = 24 * 3600 * 1_000_000
_DAYS_MAX = 36500
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._@-]{0,61}[A-Za-z0-9._@-])?")


def create_token(database: Path | str, name: str, role: str, days: int | None) -> str:
    """Make a token, for `days` where given, and return it; ServerError if the name is taken."""
    if not _NAME.fullmatch(name):
        raise ConfigError(
            "--name: give 1-63 letters, digits, spaces, . _ @ -, beginning with a letter or digit"
        )
    if days is not None and not 1 <= days <= _DAYS_MAX:
        raise ConfigError(f"--expires-in-days: give 1 to {_DAYS_MAX}")
    now = clock.now_us()
    with _opened(database) as connection:
        try:
            return tokens.create(connection, name, role, now, now + days * _DAY_US if days else None)
        except AlreadyExists:
            raise ServerError(f"there is a token named {name} already; give another --name") from None


def list_tokens(database: Path | str) -> str:
    """Return a line for each token: name, role, since, until, state; separated by tabs."""
    with _opened(database) as connection:
        now = clock.now_us()
        lines = [
            "\t".join((each.name, each.role, _date(each.create_us), _date(each.expire_us), _state(each, now)))
            for each in list_all(connection)
        ]
    lines = [harmless(line) for line in lines]
    return "\n".join(["NAME\tROLE\tSINCE\tUNTIL\tSTATE", *lines])


def revoke_token(database: Path | str, name: str) -> None:
    """End a token; a running server knows it within seconds. ServerError if there is none of that name."""
    with _opened(database) as connection:
        try:
            tokens.revoke(connection, name, clock.now_us())
        except NotFound:
            raise ServerError(
                f"there is no valid token named {name}; see clientela-server token list"
            ) from None


def create_first_token(connection: Connection, file: Path) -> None:
    """Create the administrator's token at the first start, in a file that only this account can read."""

    def leave(token: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(token + "\n")
            stream.flush()
            os.fsync(handle)

    try:
        tokens.create_first(connection, "admin", Role.ADMIN, clock.now_us(), leave)
    except OSError as error:
        what = f"the administrator's token can't be left there: {error.strerror}"
        raise ServerError(f"{file}: {what}; mend that, then start again") from None


@contextmanager
def _opened(database: Path | str) -> Iterator[Connection]:
    if isinstance(database, Path) and not os.path.lexists(database):
        raise ServerError(f"there is no database {database}; start the server once, or give --database")
    try:
        connection = open_current(database)
    except DatabaseUnusable as error:
        raise ServerError(f"{shown(database)}: {error}") from None
    try:
        yield connection
    except StoreError as error:
        raise ServerError(f"{shown(database)}: {error}") from None
    finally:
        connection.close()


def _date(us: int | None) -> str:
    return (
        datetime.datetime.fromtimestamp(us / 1_000_000, datetime.UTC).strftime("%Y-%m-%d")
        if us is not None
        else "-"
    )


def _state(token: Token, now_us: int) -> str:
    if token.revoke_us is not None:
        return "revoked"
    return "valid" if token.valid_at(now_us) else "expired"
