"""Cuts an import into messages by their bytes: those of as many items may have any size."""

from collections.abc import Iterable, Iterator

from clientela.v1.purchases_pb2 import ImportItem, ImportPurchasesRequest

ITEMS_MAX = 1000
BYTES_MAX = 512 * 1024  # a message may have 1 MiB; beyond some hundred items nothing is won
OF_AN_ITEM = 8  # its tag and its length


def parts(items: Iterable[ImportItem]) -> Iterator[ImportPurchasesRequest]:
    """Pack items, each with the request id that it keeps for good, into messages in their order."""
    part, size = ImportPurchasesRequest(), 0
    for item in items:
        more = item.ByteSize() + OF_AN_ITEM
        if part.items and (len(part.items) == ITEMS_MAX or size + more > BYTES_MAX):
            yield part
            part, size = ImportPurchasesRequest(), 0
        part.items.append(item)
        size += more
    if part.items:
        yield part
