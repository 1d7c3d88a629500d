"""The server with faults and leaks planted: python -m tests.security.leaky_server, as the server itself.

With CLIENTELA_TEST_LEAK, each way in which words of a request came, or would come, into a log.
"""

import asyncio
import json
import logging
import os
import sys
import threading
import traceback
import warnings
from typing import Any

from clientela_server import faults
from clientela_server.__main__ import main
from clientela_server.rpc.gate import validation
from clientela_server.rpc.services.customers import CustomerService
from clientela_server.rpc.services.purchases import PurchaseService
from clientela_server.store.database.connection import StoreError
from clientela_server.web import codecs, rest_adapter, site


def problem_of_json() -> None:
    """Log why JSON could not be read, in the library's words."""
    original = codecs.malformed

    def leaking(kind: Any, error: Any, *rest: Any) -> Any:
        faults._log.warning("malformed", why=str(error))
        return original(kind, error, *rest)

    codecs.malformed = rest_adapter.malformed = leaking


def refused_values() -> None:
    """Log the message that is refused."""
    original = validation.check

    def leaking(message: Any) -> None:
        faults._log.info("checked", message=str(message))
        original(message)

    validation.check = leaking


def words_of_faults() -> None:
    """Tell exceptions in their own words, as structlog does."""
    faults.formatted = lambda error: "".join(traceback.format_exception(error))


def words_of_libraries() -> None:
    """Let libraries say what they like."""
    faults.MessageRedactor.filter = lambda *_: True  # type: ignore[method-assign]


def paths() -> None:
    """Log what was asked for on the web port, as web servers do."""
    original = site.Site.__call__

    async def leaking(self: Any, scope: Any, receive: Any, send: Any) -> None:
        faults._log.info("asked", path=scope["path"], query=scope["query_string"].decode("latin-1"))
        await original(self, scope, receive, send)

    site.Site.__call__ = leaking  # type: ignore[method-assign]


def headers() -> None:
    """Log headers on stderr."""
    original = site.Site.__call__

    async def leaking(self: Any, scope: Any, receive: Any, send: Any) -> None:
        told = ["headers", *(value.decode("latin-1") for _, value in scope["headers"])]
        print(json.dumps(told), file=sys.stderr, flush=True)
        await original(self, scope, receive, send)

    site.Site.__call__ = leaking  # type: ignore[method-assign]


# Each leak, and the words beside which the secret then stands.
LEAKS = {
    problem_of_json: '"why":',
    refused_values: '"event":"checked"',
    words_of_faults: "ValueError: can't answer",
    words_of_libraries: "a library says",
    paths: '"path":',
    headers: '["headers"',
}


async def fails(self: Any, request: Any, call: Any) -> Any:
    """Fail here, in a task, on a thread, and where nobody can catch it, in the words of the request."""
    asyncio.get_running_loop().create_task(_failing(str(request)))
    thread = threading.Thread(target=lambda: int(request.name))
    thread.start()
    thread.join()
    Forgotten().words = request.name
    warnings.warn(request.name, stacklevel=1)
    logging.getLogger("uvicorn.error").error("a library says %s", request.name)
    raise ValueError(f"can't answer {request}")


async def _failing(words: str) -> None:
    raise KeyError(words)


class Forgotten:
    """Fails when it is collected."""

    words = ""

    def __del__(self) -> None:
        raise ValueError(self.words)


async def fails_in_the_database(self: Any, request: Any, call: Any) -> Any:
    """Fail as PostgreSQL does, which quotes the row."""
    raise StoreError(f"DETAIL: Failing row contains ({request.name}).") from ValueError(request.name)


if __name__ == "__main__":
    CustomerService.GetCustomer = fails  # type: ignore[method-assign]
    PurchaseService.GetPurchase = fails_in_the_database  # type: ignore[method-assign]
    if os.environ.get("CLIENTELA_TEST_LEAK"):
        for leak in LEAKS:
            leak()
    sys.exit(main())
