"""Run scripts on an event loop: the only place where the aio client awaits. runner.py is its twin.

An interruption of an effect (cancellation) is raised inside the script, which handles it.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from clientela_client.calls.effects import (
    Attempt,
    Begin,
    Effect,
    Emit,
    Emitting,
    Finish,
    Next,
    Open,
    Outcome,
    WaitForReady,
)
from clientela_client.calls.requests import Many, One
from clientela_client.calls.session import Session
from clientela_client.calls.transport import AioInbound, AioOutbound, AioTransport

T = TypeVar("T")


class AioRunner:
    """Runs requests over a session and a transport, for any number of tasks."""

    one_type = "Coroutine[Any, Any, {}]"
    many_type = "AioItems[{}]"

    def __init__(self, session: Session, transport: AioTransport) -> None:
        self.session = session
        self.transport = transport

    async def run(self, one: One[T]) -> T:
        """Run a request's script and return its result."""
        script = one.script(self.session)
        effect_runner = AioEffectRunner(self)
        resume: Any = script.send
        outcome: Any = None
        try:
            while True:
                effect = resume(outcome)
                try:
                    outcome, resume = await effect_runner.run(effect), script.send
                except BaseException as interruption:  # noqa: BLE001  the script handles it
                    outcome, resume = interruption, script.throw
        except StopIteration as end:
            answer: T = end.value
            return answer
        finally:
            effect_runner.cancel()

    def items(self, many: Many[T]) -> AioItems[T]:
        """Return an iterator that runs a request's script as far as it is read."""
        return AioItems(many.script(self.session), AioEffectRunner(self))


class AioEffectRunner:
    """Runs the effects of one script."""

    def __init__(self, runner: AioRunner) -> None:
        self._transport = runner.transport
        self._clock = runner.session.clock
        self._inbound: AioInbound | None = None
        self._outbound: AioOutbound | None = None

    async def run(self, effect: Effect) -> Outcome | None:
        """Run an effect and return its outcome, None if it has none."""
        if isinstance(effect, Attempt):
            return await self._transport.answer(effect)
        if isinstance(effect, Next):
            assert self._inbound is not None, "a script opens a stream before it reads from it"
            return await self._inbound.receive()
        if isinstance(effect, Finish):
            assert self._outbound is not None, "a script begins a stream before it finishes it"
            return await self._outbound.outcome()
        if isinstance(effect, WaitForReady):
            await self._transport.wait_for_ready(effect.seconds)
        elif isinstance(effect, Open):
            self._inbound = self._transport.open(effect.attempt)
        elif isinstance(effect, Begin):
            self._outbound = self._transport.begin(effect.attempt)
        else:
            await self._clock.sleep_aio(effect.seconds)
        return None

    def cancel(self) -> None:
        """Cancel the streams that were started and have not ended."""
        if self._outbound is not None:
            self._outbound.cancel()
        if self._inbound is not None:
            self._inbound.cancel()


class AioItems(Generic[T]):
    """The items of a call with many answers: an async iterator that requests more as it is read.

    `bookmark_revision`: of a watch, the revision up to which all changes were handed out; of an export, its
    revision. Pass it to `feed.watch(after_revision=...)` to continue from there, with a watch's `epoch`,
    which distinguishes revisions before a restore from those after it. Both are None for other calls, and
    before the first response. Leaving `async with`, or `cancel()`, ends it.
    """

    def __init__(self, script: Emitting[T], effect_runner: AioEffectRunner) -> None:
        self._script = script
        self._effect_runner = effect_runner
        self._ready: Iterator[T] = iter(())
        self._cancelled = False
        self.bookmark_revision: int | None = None
        self.epoch: str | None = None

    def cancel(self) -> None:
        """End the iteration, also for a task that is waiting in it."""
        self._cancelled = True
        self._ready = iter(())
        self._effect_runner.cancel()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cancel()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while True:
            for item in self._ready:
                return item
            emitted = await self._emitted()
            if emitted is None:
                raise StopAsyncIteration
            self._ready = iter(emitted.items)
            if emitted.bookmark_revision is not None:
                self.bookmark_revision, self.epoch = emitted.bookmark_revision, emitted.epoch

    async def _emitted(self) -> Emit[T] | None:
        resume: Any = self._script.send
        outcome: Any = None
        while not self._cancelled:
            try:
                effect: Effect | Emit[T] = resume(outcome)
            except StopIteration:
                return None
            if isinstance(effect, Emit):
                return effect
            try:
                outcome, resume = await self._effect_runner.run(effect), self._script.send
            except BaseException as interruption:  # noqa: BLE001  the script handles it
                outcome, resume = interruption, self._script.throw
        self.cancel()
        return None
