"""Iterators over calls with many answers: they request more as they are read.

Read next: the kinds of them: AioPages here, exports in bulk.py, watches in watch.py.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from google.protobuf.message import Message

from clientela_client._async.calls import AioCalls, AioServerStream
from clientela_client.calls.attempt import Attempt
from clientela_client.calls.retry import Pause, WaitForReady
from clientela_client.failure import Failure

T = TypeVar("T")
M = TypeVar("M", bound=Message)


class Bookmark:
    """How far the caller has read; apart from the iterator, which is let go when its reader leaves it."""

    def __init__(self) -> None:
        self.revision: int | None = None
        self.epoch: str | None = None


class _Cancelled(Exception):
    """The iteration was cancelled while it waited."""


class AioItems(ABC, Generic[T]):
    """The items of a call with many answers: an iterator that requests more as it is read.

    `bookmark_revision`: of a watch, the revision up to which all changes were handed out; of an export, its
    revision. Pass it to `feed.watch(after_revision=...)` to continue from there, with a watch's `epoch`,
    which distinguishes revisions before a restore from those after it. Both are None for other calls, and
    before the first response. Leaving `async with`, or `cancel()`, ends it.
    """

    def __init__(self, calls: AioCalls) -> None:
        self._calls = calls
        self._stream: AioServerStream | None = None
        self._ready: Iterator[T] = iter(())
        self._ended = False
        self._bookmark = Bookmark()

    @property
    def bookmark_revision(self) -> int | None:
        """The revision to continue after."""
        return self._bookmark.revision

    @property
    def epoch(self) -> str | None:
        """The epoch of the ledger that `bookmark_revision` is of."""
        return self._bookmark.epoch

    def cancel(self) -> None:
        """End the iteration, also for a reader that is waiting in it."""
        self._ended = True
        self._ready = iter(())
        if self._stream is not None:
            self._stream.cancel()

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
            if self._ended:
                raise StopAsyncIteration
            try:
                ready = await self._more()
            except _Cancelled:
                raise StopAsyncIteration from None
            except BaseException:
                self.cancel()
                raise
            if ready is None:
                self._ended = True
            elif not self._ended:
                self._ready = iter(ready)

    @abstractmethod
    async def _more(self) -> Iterable[T] | None:
        """Return the items that come next, maybe none; None at the end."""

    async def _open(self, attempt: Attempt) -> Message | Failure | None:
        """Start a server stream, and return its first message."""
        self._stream = AioServerStream(self._calls, attempt)
        if self._ended:
            self._stream.cancel()
        return await self._receive(self._stream)

    async def _receive(self, stream: AioServerStream) -> Message | Failure | None:
        message = await stream.receive()
        self._check_cancelled()
        return message

    async def _wait(self, wait: Pause | WaitForReady) -> None:
        await self._calls.wait(wait)
        self._check_cancelled()

    def _check_cancelled(self) -> None:
        if self._ended:
            raise _Cancelled


class AioPages(AioItems[T], Generic[M, T]):
    """A listing, requested page by page as it is iterated.

    page: the type of a page; items: returns the resources of a page; timeout_s: the deadline of each page.
    """

    def __init__(
        self,
        calls: AioCalls,
        request: Message,
        page: type[M],
        items: Callable[[M], Iterable[T]],
        timeout_s: float | None,
    ) -> None:
        super().__init__(calls)
        self._request: Any = request
        self._page = page
        self._items = items
        self._timeout_s = timeout_s
        self._is_last = False

    async def _more(self) -> Iterable[T] | None:
        if self._is_last:
            return None
        page: Any = await self._calls.unary(self._request, self._page, self._timeout_s)
        self._request.page_token = page.next_page_token
        self._is_last = not page.next_page_token
        return self._items(page)
