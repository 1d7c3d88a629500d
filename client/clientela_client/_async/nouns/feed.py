# Made from protos/clientela/v1/feed.proto by protos/nouns_for_python.py: edit that, and run make sdk.
"""The change feed: one method for each RPC of FeedService, in its order."""

from __future__ import annotations

from clientela.v1 import feed_pb2 as pb
from clientela.v1.feed_pb2 import Change, ListHistoryResponse
from clientela_client._async.items import AioItems, AioPages
from clientela_client._async.watch import AioWatches


class AioFeed(AioWatches):
    """The change feed.

    Args of every method: `timeout_s`, the deadline of the call with its retries in seconds, more than 0;
    default: the client's. Of writes: `request_id`, a UUID4 that makes it idempotent, default: a new one for
    each call; and `validate_only`, which checks the request and writes nothing.

    Raises of every method: Refused, with the codes that its docstring lists; Unavailable where nothing was
    done; InDoubt where a write may be done or not. See errors.py.
    """

    async def history_page(
        self,
        name: str,
        *,
        page_size: int | None = None,
        page_token: str | None = None,
        timeout_s: float | None = None,
    ) -> ListHistoryResponse:
        """List what happened to one resource, oldest first, a page at a time.

        Args:
            name: a customer, a purchase, a segment, a spend, or "policy".
            page_size: how many at most: 0 or unset is 50, more than 1000 is 1000, negative is
                INVALID_ARGUMENT. A page that is full at about 1 MiB holds fewer.
            page_token: `next_page_token` of the page before; all but `page_size` must be as in that call.
            timeout_s: the deadline of the call with its retries, in seconds; default: the client's.

        Raises:
            Refused: NOT_FOUND if there never was such a resource.
        """
        request = pb.ListHistoryRequest(name=name, page_size=page_size, page_token=page_token)
        return await self._calls.unary(request, ListHistoryResponse, timeout_s)

    def history(
        self, name: str, *, page_size: int | None = None, timeout_s: float | None = None
    ) -> AioItems[Change]:
        """Iterate over all changes; a page is requested when the iteration reaches it.

        Args:
            name, page_size: as of `history_page`.
            timeout_s: the deadline of each page.

        Raises:
            Refused: as `history_page`.
        """
        request = pb.ListHistoryRequest(name=name, page_size=page_size)
        return AioPages(self._calls, request, ListHistoryResponse, lambda page: page.changes, timeout_s)
