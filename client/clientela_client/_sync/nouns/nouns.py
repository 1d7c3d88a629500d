# Made from protos/clientela/v1 by protos/sync_for_python.py: edit that, and run make sdk.
"""All nouns of the contract, as a client has them."""

from __future__ import annotations

from clientela_client._sync.calls import SyncCalls
from clientela_client._sync.nouns.customers import SyncCustomers
from clientela_client._sync.nouns.economics import SyncEconomics
from clientela_client._sync.nouns.feed import SyncFeed
from clientela_client._sync.nouns.purchases import SyncPurchases
from clientela_client._sync.nouns.segments import SyncSegments
from clientela_client._sync.nouns.spends import SyncSpends
from clientela_client._sync.nouns.standing import SyncStanding


class SyncNouns:
    """The nouns: each holds the methods of one service."""

    def __init__(self, calls: SyncCalls) -> None:
        self.customers = SyncCustomers(calls)
        self.economics = SyncEconomics(calls)
        self.feed = SyncFeed(calls)
        self.purchases = SyncPurchases(calls)
        self.segments = SyncSegments(calls)
        self.spends = SyncSpends(calls)
        self.standing = SyncStanding(calls)
