# Made from protos/clientela/v1 by protos/nouns_for_python.py: edit that, and run make sdk.
"""All nouns of the contract, as a client has them."""

from __future__ import annotations

from clientela_client._async.calls import AioCalls
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
        self.customers = AioCustomers(calls)
        self.economics = AioEconomics(calls)
        self.feed = AioFeed(calls)
        self.purchases = AioPurchases(calls)
        self.segments = AioSegments(calls)
        self.spends = AioSpends(calls)
        self.standing = AioStanding(calls)
