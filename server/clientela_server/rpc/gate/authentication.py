"""Authenticate a call: from the metadata `authorization: Bearer <token>` to a name and a role.

A token's lookup is cached for 2 s, so calls do not query the database each, and a token that is revoked or
expires stops working within that time. Tokens are found by their SHA-256, so the time that a lookup takes
reveals nothing about a token. Read next: `auth_throttle`.
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
    """A token as stored."""

    @property
    def name(self) -> str:
        """The name of its caller."""

    @property
    def role(self) -> str:
        """A value of `Role`."""

    def valid_at(self, now_us: int) -> bool:
        """Return whether it is neither revoked nor expired at a time in microseconds."""


class FindToken(Protocol):
    """Looks up a token in the store."""

    async def __call__(self, token: str, /) -> KnownToken | None:
        """Return the token, or None if there is none."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller: the token's name and role."""

    name: str
    role: Role


class Authenticator:
    """Authenticates callers by their tokens."""

    def __init__(self, find: FindToken, clock: Clock) -> None:
        self._find = find
        self._clock = clock
        self._cached: dict[str, tuple[int, Caller]] = {}
        self._throttle = AuthThrottle()

    def known(self, authorization: str | None) -> Caller | None:
        """Return the caller of a token that was looked up a moment ago, without waiting; None otherwise."""
        cached = self._cached.get(authorization) if authorization is not None else None
        if cached is not None and 0 <= self._clock() - cached[0] < _CACHE_US:
            return cached[1]
        return None

    async def authenticate(self, authorization: str | None, peer: Callable[[], str]) -> Caller:
        """Return the caller of a call.

        Args:
            authorization: the metadata of that name, None if missing.
            peer: returns the client's address as gRPC writes it; called only if the token is not cached.

        Raises:
            Unauthenticated: the token is missing (TOKEN_MISSING), or unknown, revoked or expired
                (TOKEN_INVALID for each, so that callers cannot tell which).
            ResourceExhausted: too many failures from this address.
        """
        if authorization is None:
            raise Unauthenticated("TOKEN_MISSING")
        known = self.known(authorization)
        if known is not None:
            return known
        if authorization not in self._cached:
            self._throttle.check(peer())
        try:
            return await self._look_up(authorization, self._clock())
        except Unauthenticated:
            self._throttle.record_failure(peer())
            raise

    async def is_valid(self, authorization: str) -> bool:
        """Return whether a token is still valid, by a lookup that bypasses the cache."""
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
