"""Tokens: who may ask. Only their SHA-256 is kept, so the database gives none of them away.

A token is 256 random bits, so a plain hash is enough: there is no guessing it, slow hash or not.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from clientela_server.domain.errors import AlreadyExists, NotFound
from clientela_server.ids import new_token
from clientela_server.store.database.connection import Connection, UniqueViolation, exclusive_transaction
from clientela_server.store.database.identity import seal_identity
from clientela_server.store.database.schema import tokens
from clientela_server.store.database.statements import Statement, insert

_INSERT = insert(tokens)
_COLUMNS = (tokens.c.name, tokens.c.role, tokens.c.create_us, tokens.c.expire_us, tokens.c.revoke_us)
_BY_DIGEST = Statement(sa.select(*_COLUMNS).where(tokens.c.digest == sa.bindparam("digest")))
_ALL = Statement(sa.select(*_COLUMNS).order_by(tokens.c.name))
_REVOKE = Statement(
    tokens.update()
    .where(tokens.c.name == sa.bindparam("of_name"), tokens.c.revoke_us.is_(None))
    .values(revoke_us=sa.bindparam("at_us"))
    .returning(tokens.c.name)
)


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; times in microseconds."""

    name: str
    role: str
    create_us: int
    expire_us: int | None
    revoke_us: int | None

    def valid_at(self, now_us: int) -> bool:
        """Return whether it lets anybody in at a time."""
        return self.revoke_us is None and (self.expire_us is None or now_us < self.expire_us)


def create(connection: Connection, name: str, role: str, now_us: int, expire_us: int | None = None) -> str:
    """Make a token and give it, once: it can't be read again. AlreadyExists if the name is taken."""
    with exclusive_transaction(connection):
        return _make(connection, name, role, now_us, expire_us)


def _make(connection: Connection, name: str, role: str, now_us: int, expire_us: int | None = None) -> str:
    token = new_token()
    row = {
        "name": name,
        "role": role,
        "digest": _digest(token),
        "create_us": now_us,
        "expire_us": expire_us,
        "revoke_us": None,
    }
    try:
        connection.run(_INSERT, row)
    except UniqueViolation:
        raise AlreadyExists("TOKEN_NAME_TAKEN", name=name) from None
    seal_identity(connection)
    return token


def create_first(
    connection: Connection, name: str, role: str, now_us: int, leave: Callable[[str], None]
) -> None:
    """Where there is no token at all make one, and `leave` it for its owner.

    There is none before it is left: or a server that is killed in between would have one that nobody knows.
    """
    with exclusive_transaction(connection):
        if not list_all(connection):
            leave(_make(connection, name, role, now_us))


def find(connection: Connection, token: str) -> Token | None:
    """Find what a token stands for, valid or not."""
    rows = connection.run(_BY_DIGEST, {"digest": _digest(token)})
    return Token(*rows[0]) if rows else None


def list_all(connection: Connection) -> list[Token]:
    """List all tokens by name."""
    return [Token(*row) for row in connection.run(_ALL)]


def revoke(connection: Connection, name: str, now_us: int) -> None:
    """End a token for good; NotFound if there is none of that name that is still good."""
    with exclusive_transaction(connection):
        if not connection.run(_REVOKE, {"of_name": name, "at_us": now_us}):
            raise NotFound("TOKEN_NOT_FOUND", name=name)
        seal_identity(connection)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
