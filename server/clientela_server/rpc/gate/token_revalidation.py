"""Long calls end with their token: who was let in for hours is asked again every two seconds.

A watch, an import or an export whose token was revoked or ran out is ended with UNAUTHENTICATED; what can be
resumed is told where. Short calls are not asked again, they end within half a minute. Read next:
`authentication`.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

from clientela_server.domain.errors import Unauthenticated
from clientela_server.rpc.gate.authentication import Authenticator
from clientela_server.rpc.gate.call_context import CallContext

T = TypeVar("T")
CHECK_S = 2.0


@dataclass(eq=False, slots=True)
class _LongCall:
    authorization: str
    scope: asyncio.Timeout


class TokenRevalidation:
    """Holds the long calls that are inside, and ends those whose token is good no more."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator
        self._held: set[_LongCall] = set()
        self._checking: asyncio.Task[None] | None = None

    async def guard(self, call: CallContext, authorization: str, answer: Awaitable[T]) -> T:
        """Wait for a call's answer, or until its token is good no more: Unauthenticated."""
        lease = _LongCall(authorization, asyncio.timeout(None))
        self._held.add(lease)
        self._checking = self._checking or asyncio.create_task(self._check())
        try:
            async with lease.scope:
                return await answer
        except TimeoutError:
            if not lease.scope.expired():
                raise
            raise _ended(call) from None
        finally:
            self._held.discard(lease)
            if not self._held and self._checking is not None:
                self._checking.cancel()
                self._checking = None

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(CHECK_S)
            for authorization in {lease.authorization for lease in self._held}:
                if not await self._is_good(authorization):
                    self._end(authorization)

    async def _is_good(self, authorization: str) -> bool:
        try:
            return await self._authenticator.is_valid(authorization)
        except Exception:  # noqa: BLE001 - the store is gone, or busy: that says nothing about the token
            return True

    def _end(self, authorization: str) -> None:
        for lease in self._held:
            if lease.authorization == authorization and not lease.scope.expired():
                lease.scope.reschedule(0.0)  # a time that has passed: at once


def _ended(call: CallContext) -> Unauthenticated:
    if call.resume_after:
        return Unauthenticated("TOKEN_INVALID", resume_after_revision=call.resume_after)
    return Unauthenticated("TOKEN_INVALID")
