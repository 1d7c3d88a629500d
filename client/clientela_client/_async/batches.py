"""A batch of customers, fetched in as few responses as hold them."""

from __future__ import annotations

from collections.abc import Iterable

from clientela.v1.customers_pb2 import BatchGetCustomersRequest, BatchGetCustomersResponse
from clientela_client._async.calls import AioNoun
from clientela_client.errors import Refused


class AioBatches(AioNoun):
    """The method of CustomerService that goes on in parts."""

    async def batch_get(
        self, names: Iterable[str], *, timeout_s: float | None = None
    ) -> BatchGetCustomersResponse:
        """Return several customers in the order of their names, all or none.

        When the server says how many fit into one response, it goes on in parts of that size.

        Args:
            names: 1 to 1000 names, "customers/{customer}". They are read at one revision, but in parts of a
                revision each when they are too large for one response (about 1 MiB).
            timeout_s: the deadline of each part.

        Raises:
            Refused: NOT_FOUND, with a violation for each name that does not exist.
        """
        wanted = tuple(names)
        whole, asked = BatchGetCustomersResponse(), wanted
        while True:
            request = BatchGetCustomersRequest(names=asked)
            try:
                part = await self._calls.unary(request, BatchGetCustomersResponse, timeout_s)
            except Refused as refused:
                asked = asked[: _fitting(refused, len(asked))]
                continue
            whole.customers.extend(part.customers)
            asked = wanted[len(whole.customers) :]
            if not asked:
                return whole


def _fitting(refused: Refused, asked: int) -> int:
    """Return how many of those requested fit into one response; raise any other refusal."""
    fit = int(refused.metadata.get("fit", 0)) if refused.reason == "BATCH_TOO_LARGE" else 0
    if not 0 < fit < asked:
        raise refused
    return fit
