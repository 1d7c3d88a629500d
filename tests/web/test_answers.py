"""On the web port too an answer ends by bytes, and all pages together are the whole."""

from collections.abc import Iterator

import grpc
import pytest

from clientela.v1 import purchases_pb2 as pb
from clientela_server.store.database.answer_size import ANSWER_BYTES
from tests.rpc.callers import Caller
from tests.rpc.making import new_customer, to_import
from tests.web.transports import Place, by_connect, by_connect_json, by_grpc_web

LINES = [pb.PurchaseLine(description="ą" * 100)] * 500
INVOICES = 45


@pytest.fixture(scope="module")
def shop(web_server: object) -> Iterator[str]:
    """A customer with forty-five invoices of five hundred lines."""
    with grpc.insecure_channel(web_server.address) as channel:  # type: ignore[attr-defined]
        admin = Caller(channel, web_server.token)  # type: ignore[attr-defined]
        name = new_customer(admin).name
        items = [to_import(name, lines=LINES) for _ in range(INVOICES)]
        admin.purchases.ImportPurchases(iter([pb.ImportPurchasesRequest(items=[each]) for each in items]))
        yield name


@pytest.mark.parametrize("ask", [by_connect, by_connect_json, by_grpc_web])
async def test_pages_end_by_bytes_by_every_protocol(place: Place, shop: str, ask: object) -> None:
    path = "/clientela.v1.PurchaseService/ListPurchases"
    request = pb.ListPurchasesRequest(parent=shop, page_size=1000)
    names: list[str] = []
    while True:
        page = await ask(place, path, request, pb.ListPurchasesResponse)  # type: ignore[operator]
        assert page.ByteSize() <= ANSWER_BYTES
        names += [each.name for each in page.purchases]
        request.page_token = page.next_page_token
        if not page.next_page_token:
            break

    assert len(names) == len(set(names)) == INVOICES
