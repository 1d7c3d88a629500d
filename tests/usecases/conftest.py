"""The ledger without a server, as the store's tests have it."""

from tests.store.conftest import ledger

__all__ = ["ledger"]
