"""What an administrator does with tokens: each is shown once, when it is made.

A token is 256 random bits, of which only a digest is kept. Each change is sealed with the database's
identity.
Read next: `store/nouns/tokens` for the rows.
"""

from collections.abc import Callable

from clientela_server.domain.errors import AlreadyExists, NotFound
from clientela_server.ids import new_token
from clientela_server.store.database.connection import Connection, UniqueViolation, exclusive_transaction
from clientela_server.store.database.identity import seal_identity
from clientela_server.store.nouns import tokens as rows
from clientela_server.store.nouns.tokens import Token


def create(connection: Connection, name: str, role: str, now_us: int, expire_us: int | None = None) -> str:
    """Create a token and return it, once: it can't be read again. AlreadyExists if the name is taken."""
    with exclusive_transaction(connection):
        return _create(connection, Token(name, role, now_us, expire_us, None))


def create_first(
    connection: Connection, name: str, role: str, now_us: int, leave: Callable[[str], None]
) -> None:
    """Create a token if there is none at all, and `leave` it for its owner.

    There is none before it is left: or a server that is killed in between would have one that nobody knows.
    """
    with exclusive_transaction(connection):
        if not rows.list_all(connection):
            leave(_create(connection, Token(name, role, now_us, None, None)))


def revoke(connection: Connection, name: str, now_us: int) -> None:
    """End a token for good; NotFound if there is none of that name that is still good."""
    with exclusive_transaction(connection):
        if not rows.revoke(connection, name, now_us):
            raise NotFound("TOKEN_NOT_FOUND", name=name)
        seal_identity(connection)


def _create(connection: Connection, token: Token) -> str:
    secret = new_token()
    try:
        rows.add(connection, token, secret)
    except UniqueViolation:
        raise AlreadyExists("TOKEN_NAME_TAKEN", name=token.name) from None
    seal_identity(connection)
    return secret
