# Made from protos/clientela/v1 by protos/nouns_for_python.py: edit that, and run make sdk.
"""All nouns of the contract, as a client has them; each is imported on its first use."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from clientela_client._async.calls import AioCalls

if TYPE_CHECKING:
    from clientela_client._async.nouns.customers import AioCustomers
    from clientela_client._async.nouns.economics import AioEconomics
    from clientela_client._async.nouns.feed import AioFeed
    from clientela_client._async.nouns.purchases import AioPurchases
    from clientela_client._async.nouns.segments import AioSegments
    from clientela_client._async.nouns.spends import AioSpends
    from clientela_client._async.nouns.standing import AioStanding


class AioNouns:
    """The nouns: each holds the methods of one service."""

    def __init__(self, calls: AioCalls) -> None:
        self._calls = calls

    @cached_property
    def customers(self) -> AioCustomers:
        """The customer registry."""
        from clientela_client._async.nouns.customers import AioCustomers

        return AioCustomers(self._calls)

    @cached_property
    def economics(self) -> AioEconomics:
        """Reports, as of any day."""
        from clientela_client._async.nouns.economics import AioEconomics

        return AioEconomics(self._calls)

    @cached_property
    def feed(self) -> AioFeed:
        """The change feed."""
        from clientela_client._async.nouns.feed import AioFeed

        return AioFeed(self._calls)

    @cached_property
    def purchases(self) -> AioPurchases:
        """The purchase ledger."""
        from clientela_client._async.nouns.purchases import AioPurchases

        return AioPurchases(self._calls)

    @cached_property
    def segments(self) -> AioSegments:
        """Segments, and their members."""
        from clientela_client._async.nouns.segments import AioSegments

        return AioSegments(self._calls)

    @cached_property
    def spends(self) -> AioSpends:
        """Spends: recorded, read and deleted."""
        from clientela_client._async.nouns.spends import AioSpends

        return AioSpends(self._calls)

    @cached_property
    def standing(self) -> AioStanding:
        """Standing, and the policy."""
        from clientela_client._async.nouns.standing import AioStanding

        return AioStanding(self._calls)
