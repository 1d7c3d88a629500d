"""The Python SDK of clientela: thin clients of the customer registry and the purchase ledger.

    from clientela_client import connect

    with connect("127.0.0.1:50051") as client:
        for customer in client.customers.list(filter='labels.tier = "gold"'):
            print(customer.name, customer.display_name)

What is exported is imported when it is first used: this package alone loads neither grpc nor protobuf.
Read in this order: _async/client.py, _async/nouns/customers.py, _async/calls.py; then in calls/: retry.py,
transport_aio.py. _sync/ is the same, blocking, and made from _async/.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clientela_client import messages as messages
    from clientela_client._async.client import AioClient, connect_aio
    from clientela_client._async.items import AioItems
    from clientela_client._sync.client import Client, connect
    from clientela_client._sync.items import Items
    from clientela_client.calls.retry_limits import RetryPolicy
    from clientela_client.calls.wire import WireEvent
    from clientela_client.connection.tls_config import Tls
    from clientela_client.errors import (
        CallError,
        ClientelaError,
        Done,
        FieldViolation,
        InDoubt,
        Interrupted,
        Refused,
        SettingsError,
        Unavailable,
        attempt,
        attempt_aio,
    )

__all__ = [
    "AioClient",
    "AioItems",
    "CallError",
    "Client",
    "ClientelaError",
    "Done",
    "FieldViolation",
    "InDoubt",
    "Interrupted",
    "Items",
    "Refused",
    "RetryPolicy",
    "SettingsError",
    "Tls",
    "Unavailable",
    "WireEvent",
    "attempt",
    "attempt_aio",
    "connect",
    "connect_aio",
    "messages",
]

_HOME = {
    "_async.client": "AioClient connect_aio",
    "_async.items": "AioItems",
    "_sync.client": "Client connect",
    "_sync.items": "Items",
    "calls.retry_limits": "RetryPolicy",
    "calls.wire": "WireEvent",
    "connection.tls_config": "Tls",
    "errors": (
        "CallError ClientelaError Done FieldViolation InDoubt Interrupted Refused SettingsError Unavailable "
        "attempt attempt_aio"
    ),
}
_MODULES = {name: module for module, names in _HOME.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name == "messages":
        return import_module("clientela_client.messages")
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
