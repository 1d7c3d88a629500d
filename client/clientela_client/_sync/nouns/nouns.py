# Made from protos/clientela/v1 by protos/sync_for_python.py: edit that, and run make sdk.
"""All nouns of the contract, as a client has them; each is imported on its first use."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from clientela_client._sync.calls import SyncCalls

if TYPE_CHECKING:
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
        self._calls = calls

    @cached_property
    def customers(self) -> SyncCustomers:
        """The customer registry."""
        from clientela_client._sync.nouns.customers import SyncCustomers

        return SyncCustomers(self._calls)

    @cached_property
    def economics(self) -> SyncEconomics:
        """Reports, as of any day."""
        from clientela_client._sync.nouns.economics import SyncEconomics

        return SyncEconomics(self._calls)

    @cached_property
    def feed(self) -> SyncFeed:
        """The change feed."""
        from clientela_client._sync.nouns.feed import SyncFeed

        return SyncFeed(self._calls)

    @cached_property
    def purchases(self) -> SyncPurchases:
        """The purchase ledger."""
        from clientela_client._sync.nouns.purchases import SyncPurchases

        return SyncPurchases(self._calls)

    @cached_property
    def segments(self) -> SyncSegments:
        """Segments, and their members."""
        from clientela_client._sync.nouns.segments import SyncSegments

        return SyncSegments(self._calls)

    @cached_property
    def spends(self) -> SyncSpends:
        """Spends: recorded, read and deleted."""
        from clientela_client._sync.nouns.spends import SyncSpends

        return SyncSpends(self._calls)

    @cached_property
    def standing(self) -> SyncStanding:
        """Standing, and the policy."""
        from clientela_client._sync.nouns.standing import SyncStanding

        return SyncStanding(self._calls)
