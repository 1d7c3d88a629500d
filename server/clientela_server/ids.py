"""The one source of ids: random, so that no two servers need to talk to each other to make one.

What nobody may guess comes from the system, at the price of asking it; what need only be unique comes from a
generator that was seeded by it.

Read next: `store/journal/journal`, which numbers what these ids name.
"""

import random
import secrets
import uuid

_salts: list[bytes] = []
_random = random.Random(secrets.randbits(256))  # noqa: S311 - for names, not for secrets


def new_uid() -> str:
    """Make a UUID4: a customer's `uid`, which is never used twice."""
    return str(uuid.UUID(int=_random.getrandbits(128), version=4))


def new_resource_id() -> str:
    """Make the last part of a resource name: 20 hexadecimal digits (80 random bits)."""
    return f"{_random.getrandbits(80):020x}"


def new_call_id() -> str:
    """Make the id of one call, 16 hexadecimal digits, for the log and the trailer `clientela-call-id`."""
    return f"{_random.getrandbits(64):016x}"


def new_token() -> str:
    """Make a bearer token: `clt_` and 256 random bits, more than anybody can guess."""
    return "clt_" + secrets.token_urlsafe(32)


def new_secret() -> bytes:
    """Make the key that signs page tokens and request digests."""
    return secrets.token_bytes(32)


def new_salt() -> bytes:
    """Make the salt of one record's seal, which nobody may guess; many are had at once."""
    try:
        return _salts.pop()
    except IndexError:
        many = secrets.token_bytes(16 * 256)
        _salts.extend(many[at : at + 16] for at in range(0, len(many), 16))
        return _salts.pop()


def new_epoch() -> str:
    """Make the id of an epoch of the ledger, 16 hexadecimal digits."""
    return f"{_random.getrandbits(64):016x}"
