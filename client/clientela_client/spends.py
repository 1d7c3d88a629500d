"""Spends: one method for each RPC of SpendService, in its order.

`timeout_s`, `request_id`, `validate_only`, Unavailable and InDoubt are as in customers.py. Read next:
economics.py.
"""

from __future__ import annotations

from google.protobuf.empty_pb2 import Empty

from clientela.v1 import spends_pb2 as pb
from clientela.v1.spends_pb2 import ListSpendsResponse, Spend
from clientela_client.calls.requests import Many, One, PagedRequest, UnaryRequest
from clientela_client.calls.resources import AioResource, SyncResource, rpc, stream


class Spends:
    """The methods of spends, for both clients."""

    @rpc
    def record(
        self,
        spend: Spend,
        *,
        spend_id: str | None = None,
        request_id: str | None = None,
        validate_only: bool | None = None,
        timeout_s: float | None = None,
    ) -> One[Spend]:
        """Record money spent on acquisition or retention and return the spend.

        Args:
            spend: the amount, purpose, channel and days; output-only fields are ignored.
            spend_id: its id; default: the server generates one.

        Raises:
            Refused: INVALID_ARGUMENT (no such day, the end before the start, more than 3660 days),
                ALREADY_EXISTS (the id is taken).
            InDoubt: it may be recorded or not.
        """
        request = pb.RecordSpendRequest(
            spend=spend, spend_id=spend_id, request_id=request_id, validate_only=validate_only
        )
        return UnaryRequest(request, Spend, timeout_s)

    @rpc
    def get(self, name: str, *, timeout_s: float | None = None) -> One[Spend]:
        """Return a spend. name: "spends/{spend}".

        Raises:
            Refused: NOT_FOUND.
        """
        return UnaryRequest(pb.GetSpendRequest(name=name), Spend, timeout_s)

    @stream
    def list(
        self,
        *,
        filter: str | None = None,  # noqa: A002  the contract's name
        order_by: str | None = None,
        page_size: int | None = None,
        timeout_s: float | None = None,
    ) -> Many[Spend]:
        """Iterate over all spends; a page is requested when the iteration reaches it.

        Args:
            filter, order_by: an AIP-160 filter and an AIP-132 order, see the proto.
            page_size: spends a page, at least 0; 0 or None is the server's default.
            timeout_s: the deadline of each page.

        Raises:
            Refused: INVALID_ARGUMENT (an unknown field).
        """
        request = pb.ListSpendsRequest(page_size=page_size, filter=filter, order_by=order_by)
        return PagedRequest(request, ListSpendsResponse, lambda page: page.spends, timeout_s)

    @rpc
    def delete(
        self, name: str, *, request_id: str | None = None, timeout_s: float | None = None
    ) -> One[Empty]:
        """Delete a spend that was recorded by mistake, permanently; the history keeps it.

        Raises:
            Refused: NOT_FOUND.
            InDoubt: it may be deleted or not.
        """
        return UnaryRequest(pb.DeleteSpendRequest(name=name, request_id=request_id), Empty, timeout_s)


class SyncSpends(Spends, SyncResource):
    """Spends, blocking."""


class AioSpends(Spends, AioResource):
    """Spends, on an event loop."""
