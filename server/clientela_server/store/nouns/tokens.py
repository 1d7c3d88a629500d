"""The tokens' table: who may call. Only their SHA-256 is kept, so the database gives none of them away.

A token is 256 random bits, so a plain hash is enough: there is no guessing it, slow hash or not.
"""

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from clientela_server.store.database.connection import Connection
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
        """Return whether it is valid at a time."""
        return self.revoke_us is None and (self.expire_us is None or now_us < self.expire_us)


def add(connection: Connection, token: Token, secret: str) -> None:
    """Add a token's row; UniqueViolation if the name is taken."""
    row = {
        "name": token.name,
        "role": token.role,
        "digest": _digest(secret),
        "create_us": token.create_us,
        "expire_us": token.expire_us,
        "revoke_us": token.revoke_us,
    }
    connection.run(_INSERT, row)


def find(connection: Connection, token: str) -> Token | None:
    """Find what a token stands for, valid or not."""
    rows = connection.run(_BY_DIGEST, {"digest": _digest(token)})
    return Token(*rows[0]) if rows else None


def list_all(connection: Connection) -> list[Token]:
    """List all tokens by name."""
    return [Token(*row) for row in connection.run(_ALL)]


def revoke(connection: Connection, name: str, now_us: int) -> bool:
    """Mark a token as revoked; return whether there was one of that name that was not."""
    return bool(connection.run(_REVOKE, {"of_name": name, "at_us": now_us}))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
