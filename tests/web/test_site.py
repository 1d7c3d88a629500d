"""The bound paths, JSON and streams of the web port, as a program meets them."""

import http.client
import json
import struct
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from tests.web.transports import Place

FEED = "/clientela.v1.FeedService/Watch"


def told(place: Place, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    kind = None if body is None else "application/json"
    heard = place.ask(method, path, kind, None if body is None else json.dumps(body).encode())
    assert heard.status == status, heard.body
    return json.loads(heard.body)


@pytest.fixture
def customer(place: Place) -> str:
    """A customer of this test's own."""
    given = f"c-{uuid.uuid4().hex[:12]}"
    created = told(place, "POST", f"/v1/customers?customer_id={given}", {"displayName": "Blue Door Café"})
    return str(created["name"])


def test_a_customers_life_by_plain_http(place: Place, customer: str) -> None:
    updated = told(place, "PATCH", f"/v1/{customer}?updateMask=displayName", {"displayName": "Blue Door"})
    deleted = told(place, "DELETE", f"/v1/{customer}")
    undeleted = told(place, "POST", f"/v1/{customer}:undelete", {})
    history = told(place, "GET", f"/v1/{customer}:history?page_size=2")
    assert updated["displayName"] == undeleted["displayName"] == "Blue Door"
    assert deleted["deleteTime"]
    assert [change["method"].partition(".")[2] for change in history["changes"]] == [
        "CreateCustomer",
        "UpdateCustomer",
    ]


def test_the_same_request_id_twice_records_one_purchase(place: Place, customer: str) -> None:
    path = f"/v1/{customer}/purchases?requestId={uuid.uuid4()}"
    purchase = {"amount": {"currencyCode": "EUR", "units": "19", "nanos": 900000000}}
    first, second = (told(place, "POST", path, purchase) for _ in range(2))
    assert first == second
    assert told(place, "GET", f"/v1/{customer}")["totals"][0]["purchaseCount"] == "1"


def test_a_field_of_the_query_may_be_repeated(place: Place, customer: str) -> None:
    found = told(place, "GET", f"/v1/customers:batchGet?names={customer}&names={customer}")
    assert {each["name"] for each in found["customers"]} == {customer}


def test_purchases_are_listed_with_a_filter(place: Place, customer: str) -> None:
    for units in ("5", "50"):
        told(place, "POST", f"/v1/{customer}/purchases", {"amount": {"currencyCode": "EUR", "units": units}})
    found = told(place, "GET", f"/v1/{customer}/purchases?filter=amount%20%3E%2010")
    assert [each["amount"]["units"] for each in found["purchases"]] == ["50"]


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("GET", "/v1/customers?nonsense=1", None, "no field nonsense"),
        ("GET", "/v1/customers?show_deleted=perhaps", None, "give true or false"),
        ("GET", "/v1/customers?page_size=many", None, "page_size"),
        ("POST", "/v1/customers", ["no", "object"], "no JSON object"),
        ("POST", "/v1/customers", {"nonsense": 1}, "nonsense"),
    ],
)
def test_what_is_no_request_is_reported_with_the_reason(
    place: Place, method: str, path: str, body: Any, says: str
) -> None:
    error = told(place, method, path, body, 400)["error"]
    info = next(detail for detail in error["details"] if detail["@type"].endswith("ErrorInfo"))
    assert info["reason"] == "MESSAGE_MALFORMED"
    assert says in info["metadata"]["problem"]
    assert info["metadata"]["problem"] in error["message"]


def test_broken_json_is_reported_without_a_trace(place: Place) -> None:
    heard = place.ask("POST", "/clientela.v1.CustomerService/GetCustomer", "application/json", b'{"name": ')
    assert heard.status == 400
    assert json.loads(heard.body)["code"] == "invalid_argument"
    assert b"Traceback" not in heard.body


@pytest.mark.parametrize("path", ["/v1/customers", "/clientela.v1.CustomerService/CreateCustomer"])
def test_more_than_a_mebibyte_is_not_taken(place: Place, path: str) -> None:
    body = json.dumps({"displayName": "x" * (1024 * 1024)}).encode()
    heard = place.ask("POST", path, "application/json", body)
    # Connect says for each code which status goes with it; elsewhere HTTP has one of its own.
    assert heard.status == (413 if path.startswith("/v1/") else 429)
    assert "A message may have 1048576 bytes" in heard.body.decode()


# ---- streams


def envelope(body: bytes) -> bytes:
    return struct.pack(">BI", 0, len(body)) + body


def messages(answer: http.client.HTTPResponse) -> Iterator[tuple[int, Any]]:
    while head := answer.read(5):
        flags, length = struct.unpack(">BI", head)
        yield flags, json.loads(answer.read(length))


def watch(place: Place, request: Any) -> tuple[http.client.HTTPConnection, Iterator[tuple[int, Any]]]:
    connection = http.client.HTTPConnection(place.url.partition("://")[2], timeout=HANG_S)
    headers = {**place.headers, "content-type": "application/connect+json"}
    connection.request("POST", FEED, envelope(json.dumps(request).encode()), headers)
    return connection, messages(connection.getresponse())


def test_a_watch_sees_a_change_as_it_happens(place: Place, customer: str) -> None:
    connection, seen = watch(place, {"names": [customer]})
    next(seen)  # where it begins
    told(place, "PATCH", f"/v1/{customer}?updateMask=displayName", {"displayName": "Seen"})
    _, message = next(seen)
    connection.close()
    assert message["changes"][0]["customer"]["displayName"] == "Seen"


def test_a_stream_that_is_refused_ends_with_the_error(place: Place) -> None:
    connection, seen = watch(place, {"afterRevision": "999999999"})
    [(flags, end)] = list(seen)
    connection.close()
    assert flags == 2
    assert end["error"]["code"] == "out_of_range"
    assert end["error"]["details"]


def test_a_watch_that_its_reader_left_gives_its_place_back(place: Place, customer: str) -> None:
    for _ in range(30):  # more than one caller may have at once
        connection, seen = watch(place, {"names": [customer]})
        flags, _ = next(seen)
        connection.close()
        assert flags == 0


def test_an_export_is_whole(place: Place, customer: str) -> None:
    told(place, "POST", f"/v1/{customer}/purchases", {"amount": {"currencyCode": "EUR", "units": "5"}})
    body = envelope(json.dumps({"parent": customer}).encode())
    heard = place.ask(
        "POST", "/clientela.v1.PurchaseService/ExportPurchases", "application/connect+json", body
    )
    assert heard.status == 200
    assert b'"purchases"' in heard.body


def test_an_import_is_taken(place: Place, customer: str) -> None:
    purchase = {"name": f"{customer}/purchases/1", "amount": {"currencyCode": "EUR", "units": "7"}}
    item = {"purchase": purchase, "requestId": str(uuid.uuid4())}
    body = b"".join(envelope(json.dumps({"items": [item]}).encode()) for _ in range(2))
    heard = place.ask(
        "POST", "/clientela.v1.PurchaseService/ImportPurchases", "application/connect+json", body
    )
    assert b'"importedCount": "1", "duplicateCount": "1"' in heard.body


# ---- the process


def test_a_server_with_open_watches_stops_in_time(tmp_path: Any) -> None:
    with LocalServer(folder=tmp_path, web="127.0.0.1:0") as server:
        place = Place(server.address, server.url, server.token)
        connection, seen = watch(place, {})
        next(seen)
        assert server.stop() == 0
        *_, (flags, end) = list(seen)
        connection.close()
        server.start()
        assert server.url == place.url
    assert flags == 2
    assert end["error"]["code"] == "unavailable"


def test_a_web_port_in_use_is_reported(tmp_path: Any, web_server: LocalServer) -> None:
    taken = web_server.url.partition("://")[2]
    with pytest.raises(Exception, match=r"--web .*in use"), LocalServer(folder=tmp_path, web=taken):
        pass
