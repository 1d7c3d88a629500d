"""Long calls re-validate their token every 2 s.

A watch, import or export whose token was revoked or expired ends with UNAUTHENTICATED, with the revision to
resume after if it can be resumed. Short calls are not re-validated: they end within 30 s. Read next:
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
    """Re-validates the tokens of long calls, and ends the calls whose token is no longer valid."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator
        self._held: set[_LongCall] = set()
        self._checking: asyncio.Task[None] | None = None

    async def guard(self, call: CallContext, authorization: str, answer: Awaitable[T]) -> T:
        """Return what `answer` returns; raise Unauthenticated once the call's token is no longer valid."""
        long_call = _LongCall(authorization, asyncio.timeout(None))
        self._held.add(long_call)
        self._checking = self._checking or asyncio.create_task(self._check())
        try:
            async with long_call.scope:
                return await answer
        except TimeoutError:
            if not long_call.scope.expired():
                raise
            raise _ended(call) from None
        finally:
            self._held.discard(long_call)
            if not self._held and self._checking is not None:
                self._checking.cancel()
                self._checking = None

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(CHECK_S)
            for authorization in {long_call.authorization for long_call in self._held}:
                if not await self._is_good(authorization):
                    self._end(authorization)

    async def _is_good(self, authorization: str) -> bool:
        try:
            return await self._authenticator.is_valid(authorization)
        except Exception:  # noqa: BLE001 - an unavailable store says nothing about the token
            return True

    def _end(self, authorization: str) -> None:
        for long_call in self._held:
            if long_call.authorization == authorization and not long_call.scope.expired():
                long_call.scope.reschedule(0.0)  # a time that has passed: at once


def _ended(call: CallContext) -> Unauthenticated:
    if call.resume_after:
        return Unauthenticated("TOKEN_INVALID", resume_after_revision=call.resume_after)
    return Unauthenticated("TOKEN_INVALID")
