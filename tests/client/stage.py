"""A transport that is a function: both clients over it, so that a test can play the server.

`Stage(play)` calls `play(attempt)` for the outcomes of each call: one for a call with one answer, several for
a server stream. Both clients are driven the same way: `one` for an answer, `many` for a list of them.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any

from clientela_client._async.client import AioClient
from clientela_client._sync.client import Client
from clientela_client.calls.attempt import Attempt, Outcome
from clientela_client.calls.session import Session
from clientela_client.clock import Clock
from clientela_client.failure import Failure

Play = Callable[[Attempt], Iterable[Outcome]]


class Stage:
    """A blocking transport."""

    def __init__(self, play: Play, clock: Clock) -> None:
        self.play = play
        self.clock = clock
        self.closed = False

    def wait_for_ready(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    def answer(self, attempt: Attempt) -> Outcome:
        return next(iter(self.play(attempt)))

    def begin(self, attempt: Attempt) -> "_Stream":
        return _Stream(self.play(attempt))

    def open(self, attempt: Attempt) -> "_Stream":
        return _Stream(self.play(attempt))

    def close(self) -> None:
        self.closed = True


class _Stream:
    def __init__(self, outcomes: Iterable[Outcome]) -> None:
        self._outcomes = iter(outcomes)
        self._cancelled = False

    def receive(self) -> Outcome:
        return Failure("CANCELLED", "ended here") if self._cancelled else next(self._outcomes)

    outcome = receive

    def cancel(self) -> None:
        self._cancelled = True


class AioStage:
    """The same for an event loop."""

    def __init__(self, play: Play, clock: Clock) -> None:
        self._stage = Stage(play, clock)

    async def wait_for_ready(self, seconds: float) -> None:
        self._stage.wait_for_ready(seconds)

    async def answer(self, attempt: Attempt) -> Outcome:
        return self._stage.answer(attempt)

    def begin(self, attempt: Attempt) -> "_AioStream":
        return _AioStream(self._stage.begin(attempt))

    def open(self, attempt: Attempt) -> "_AioStream":
        return _AioStream(self._stage.open(attempt))

    async def close(self) -> None:
        self._stage.close()


class _AioStream:
    def __init__(self, stream: _Stream) -> None:
        self._stream = stream

    async def receive(self) -> Outcome:
        return self._stream.receive()

    outcome = receive

    def cancel(self) -> None:
        self._stream.cancel()


class SyncAsking:
    """Asks with the blocking client."""

    def __init__(self, client: Client) -> None:
        self.client: Any = client

    def one(self, call: Callable[[Any], Any]) -> Any:
        return call(self.client)

    def many(self, call: Callable[[Any], Any]) -> Iterator[Any]:
        yield from call(self.client)

    def close(self) -> None:
        self.client.close()


class AioAsking:
    """Asks with the aio client, in a loop of its own."""

    def __init__(self, make: Callable[[], AioClient]) -> None:
        self._runner = asyncio.Runner()
        self.client: Any = self._runner.run(_made(make))

    def one(self, call: Callable[[Any], Awaitable[Any]]) -> Any:
        return self._runner.run(_awaited(call(self.client)))

    def many(self, call: Callable[[Any], AsyncIterator[Any]]) -> Iterator[Any]:
        items = call(self.client)
        while (item := self._runner.run(_awaited(anext(items, self)))) is not self:
            yield item

    def close(self) -> None:
        self._runner.run(self.client.close())
        self._runner.close()


Asking = SyncAsking | AioAsking
KINDS = ("sync", "aio")


def on_stage(kind: str, session: Session, play: Play) -> Asking:
    """Make a client of a kind whose server is `play`."""
    if kind == "sync":
        return SyncAsking(Client(session, Stage(play, session.clock)))
    return AioAsking(lambda: AioClient(session, AioStage(play, session.clock)))


async def _made(make: Callable[[], AioClient]) -> AioClient:
    return make()


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    return await awaitable
