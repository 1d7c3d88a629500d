# Made from protos/clientela/v1/spends.proto by protos/nouns_for_python.py: edit that, and run make sdk.
"""Spends: recorded, read and deleted: one method for each RPC of SpendService, in its order."""

from __future__ import annotations

from google.protobuf.empty_pb2 import Empty

from clientela.v1 import spends_pb2 as pb
from clientela.v1.spends_pb2 import ListSpendsResponse, Spend
from clientela_client._async.calls import AioNoun
from clientela_client._async.items import AioItems, AioPages


class AioSpends(AioNoun):
    """Spends: recorded, read and deleted.

    Args of every method: `timeout_s`, the deadline of the call with its retries in seconds, more than 0;
    default: the client's. Of writes: `request_id`, a UUID4 that makes it idempotent, default: a new one for
    each call; and `validate_only`, which checks the request and writes nothing.

    Raises of every method: Refused, with the codes that its docstring lists; Unavailable where nothing was
    done; InDoubt where a write may be done or not. See errors.py.
    """

    async def record(
        self,
        spend: Spend,
        *,
        spend_id: str | None = None,
        request_id: str | None = None,
        validate_only: bool | None = None,
        timeout_s: float | None = None,
    ) -> Spend:
        """Record money spent on the acquisition or on the retention of clients.

        Args:
            spend: what was spent; `name` and output-only fields are ignored.
            spend_id: the id that becomes the last part of the name. Unset: the server makes one.
            request_id: a UUID4 that makes the write idempotent; default: a new one for each call.
            validate_only: check the request and write nothing.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: INVALID_ARGUMENT for a day that is none, an end before the start, or more than 3660 days,
                ALREADY_EXISTS if the id is taken.
            InDoubt: it may be done or not.
        """
        request = pb.RecordSpendRequest(
            spend=spend, spend_id=spend_id, request_id=request_id, validate_only=validate_only
        )
        return await self._calls.unary(request, Spend, timeout_s)

    async def get(self, name: str, *, timeout_s: float | None = None) -> Spend:
        """Return one spend.

        Args:
            name: "spends/{spend}".
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there is no such spend.
        """
        request = pb.GetSpendRequest(name=name)
        return await self._calls.unary(request, Spend, timeout_s)

    async def list_page(
        self,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        filter: str | None = None,
        order_by: str | None = None,
        timeout_s: float | None = None,
    ) -> ListSpendsResponse:
        """List spends, a page at a time.

        Args:
            page_size: how many at most: 0 or unset is 50, more than 1000 is 1000, negative is
                INVALID_ARGUMENT. A page that is full at about 1 MiB holds fewer.
            page_token: `next_page_token` of the page before; all but `page_size` must be as in that call.
            filter: AIP-160, at most 2000 characters. Fields: name, channel, campaign, start_date, end_date,
                purpose, create_time.
            order_by: fields with an optional " desc", separated by commas: name, start_date, end_date,
                create_time. Unset: by name.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: INVALID_ARGUMENT for an unknown field in `filter` or `order_by`, or a `page_token` of
                another call.
        """
        request = pb.ListSpendsRequest(
            page_size=page_size, page_token=page_token, filter=filter, order_by=order_by
        )
        return await self._calls.unary(request, ListSpendsResponse, timeout_s)

    def list(
        self,
        *,
        page_size: int | None = None,
        filter: str | None = None,
        order_by: str | None = None,
        timeout_s: float | None = None,
    ) -> AioItems[Spend]:
        """Iterate over all spends; a page is requested when the iteration reaches it.

        Args:
            page_size, filter, order_by: as of `list_page`.
            timeout_s: the deadline of each page.

        Raises:
            Refused: as `list_page`.
        """
        request = pb.ListSpendsRequest(page_size=page_size, filter=filter, order_by=order_by)
        return AioPages(self._calls, request, ListSpendsResponse, lambda page: page.spends, timeout_s)

    async def delete(
        self, name: str, *, request_id: str | None = None, timeout_s: float | None = None
    ) -> Empty:
        """Delete a spend that was recorded by mistake, for good; the history keeps it.

        Args:
            name: "spends/{spend}".
            request_id: a UUID4 that makes the write idempotent; default: a new one for each call.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there is no such spend.
            InDoubt: it may be done or not.
        """
        request = pb.DeleteSpendRequest(name=name, request_id=request_id)
        return await self._calls.unary(request, Empty, timeout_s)
