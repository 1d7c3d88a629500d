"""Who is calling: from the metadata `authorization: Bearer <token>` to a name and a role.

What was looked up is believed for two seconds: so the database is not asked for every call, and a token
that is revoked or expires stops working within that time. Tokens are found by their SHA-256, so how long
that takes tells nothing of a token that is nearly right. Read next: `auth_throttle`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from clientela_server.clock import Clock
from clientela_server.domain.errors import Unauthenticated
from clientela_server.rpc.gate.auth_throttle import AuthThrottle
from clientela_server.rpc.gate.authorization import Role

_CACHE_US = 2_000_000
_CACHE_MAX = 10_000


class KnownToken(Protocol):
    """What the store knows of a token."""

    @property
    def name(self) -> str:
        """Whose it is."""

    @property
    def role(self) -> str:
        """What it is for."""

    def valid_at(self, now_us: int) -> bool:
        """Tell whether it lets anybody in at a time."""


class FindToken(Protocol):
    """Looks a token up in the store."""

    async def __call__(self, token: str, /) -> KnownToken | None:
        """Give what is known of it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the token's name, and its role."""

    name: str
    role: Role


class Authenticator:
    """Knows callers by their tokens."""

    def __init__(self, find: FindToken, clock: Clock) -> None:
        self._find = find
        self._clock = clock
        self._cached: dict[str, tuple[int, Caller]] = {}
        self._throttle = AuthThrottle()

    async def authenticate(self, authorization: str | None, peer: Callable[[], str]) -> Caller:
        """Tell who calls; Unauthenticated says the same for every token that is no good."""
        if authorization is None:
            raise Unauthenticated("TOKEN_MISSING")
        now = self._clock()
        known = self._cached.get(authorization)
        if known is not None and 0 <= now - known[0] < _CACHE_US:
            return known[1]
        if known is None:
            self._throttle.check(peer())
        try:
            return await self._look_up(authorization, now)
        except Unauthenticated:
            self._throttle.record_failure(peer())
            raise

    async def is_valid(self, authorization: str) -> bool:
        """Tell whether a token that let somebody in would now; nothing is believed for that."""
        try:
            await self._look_up(authorization, self._clock())
        except Unauthenticated:
            return False
        return True

    async def _look_up(self, authorization: str, now: int) -> Caller:
        scheme, _, token = authorization.partition(" ")
        found = await self._find(token) if scheme.lower() == "bearer" and token else None
        if found is None or not found.valid_at(now):
            self._cached.pop(authorization, None)
            raise Unauthenticated("TOKEN_INVALID")
        caller = Caller(found.name, Role(found.role))
        if len(self._cached) >= _CACHE_MAX:
            self._cached.clear()
        self._cached[authorization] = (now, caller)
        return caller
