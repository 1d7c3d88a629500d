"""The server with faults planted in its handlers: python -m tests.rpc.faulty_server, as the server itself.

What they raise is full of what no caller may ever see.
"""

import sys
from collections.abc import AsyncIterator, Callable
from typing import Any, NoReturn

from clientela.v1 import purchases_pb2
from clientela_server.__main__ import main
from clientela_server.rpc.services.customers import CustomerService
from clientela_server.rpc.services.feed import FeedService
from clientela_server.rpc.services.purchases import PurchaseService
from clientela_server.store.nouns.customer_lists import CustomerLists
from clientela_server.usecases.customers import CustomerWrites

CANARY = "canary-7f3a"


class SecretFault(Exception):
    """A fault of ours."""


def fail() -> NoReturn:
    """Raise what holds a path, SQL and a class's name."""
    raise SecretFault(f"SELECT record FROM customers -- {CANARY} in /var/lib/clientela/ledger.db")


async def unary(self: Any, request: Any, call: Any) -> Any:
    """Fail at once."""
    fail()


async def stream_out(self: Any, request: Any, call: Any) -> AsyncIterator[Any]:
    """Fail after the first message."""
    yield purchases_pb2.ExportPurchasesResponse(revision=1)
    fail()


async def stream_out_at_once(self: Any, request: Any, call: Any) -> AsyncIterator[Any]:
    """Fail before any message."""
    fail()
    yield


async def stream_in(self: Any, requests: AsyncIterator[Any], call: Any) -> Any:
    """Fail after the first message."""
    async for _ in requests:
        fail()


def in_the_committer(self: Any, *arguments: Any) -> Callable[..., Any]:
    """Make a write that fails on the committer's thread."""
    return lambda *_: fail()


def on_a_thread(self: Any, *arguments: Any) -> Any:
    """Fail on one of the threads that read."""
    fail()


if __name__ == "__main__":
    CustomerService.GetCustomer = unary  # type: ignore[method-assign, assignment]
    PurchaseService.ExportPurchases = stream_out  # type: ignore[method-assign, assignment]
    FeedService.Watch = stream_out_at_once  # type: ignore[method-assign, assignment]
    PurchaseService.ImportPurchases = stream_in  # type: ignore[method-assign, assignment]
    CustomerWrites.create = in_the_committer  # type: ignore[method-assign, assignment]
    CustomerLists.page = on_a_thread  # type: ignore[method-assign, assignment]
    sys.exit(main())
