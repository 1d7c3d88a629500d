"""Requests of foreign pages and rebound host names: the web port refuses them, and nothing is written."""

import http.client
import json
import uuid

import pytest

from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from tests.web.transports import Heard, Place, ask

CREATE = "/clientela.v1.CustomerService/CreateCustomer"


def create(name: str) -> bytes:
    return json.dumps({"customer": {"displayName": name}, "customerId": name}).encode()


def fresh() -> str:
    return f"c-{uuid.uuid4().hex[:12]}"


def knock(place: Place, name: str, **headers: str) -> Heard:
    """Ask for a customer to be made, with other headers than a program would send."""
    sent = {**place.headers, "content-type": "application/json"}
    sent |= {key.replace("_", "-"): value for key, value in headers.items()}
    return ask(place.url, "POST", CREATE, {key: value for key, value in sent.items() if value}, create(name))


def exists(place: Place, name: str) -> bool:
    return place.ask("GET", f"/v1/customers/{name}").status == 200


def test_a_program_may(place: Place) -> None:
    name = fresh()
    assert knock(place, name).status == 200
    assert exists(place, name)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://{host}"}, 403),
        ({"origin": "http://localhost:1"}, 403),
        ({"host": "evil.example"}, 421),
        ({"host": "evil.example:{port}"}, 421),
        ({"host": "127.0.0.1.evil.example:{port}"}, 421),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/x-www-form-urlencoded"}, 415),
        ({"content_type": "multipart/form-data; boundary=x"}, 415),
        ({"content_type": ""}, 415),
    ],
)
def test_what_a_foreign_page_can_send_is_refused(place: Place, headers: dict[str, str], status: int) -> None:
    host = place.url.partition("://")[2]
    filled = {key: value.format(host=host, port=host.partition(":")[2]) for key, value in headers.items()}
    name = fresh()

    heard = knock(place, name, **filled)

    assert heard.status == status
    assert "access-control-allow-origin" not in heard.headers
    assert not exists(place, name)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
def test_the_names_of_this_machine_are_ours(place: Place, host: str) -> None:
    own = f"{host}:{place.url.rpartition(':')[2]}"
    assert knock(place, fresh(), host=own, origin=f"http://{own}").status == 200


def test_a_page_that_asks_whether_it_may_is_not_told_so(place: Place) -> None:
    asks = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    heard = ask(place.url, "OPTIONS", CREATE, asks)
    assert heard.status in {403, 405}
    assert not [name for name in heard.headers if name.startswith("access-control")]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_method_of_the_contract_is_not_called_by_anything_but_post(place: Place, method: str) -> None:
    assert place.ask(method, CREATE).status == 405


def test_a_write_is_not_made_by_get(place: Place) -> None:
    assert place.ask("GET", "/v1/customers/blue-door:erase").status == 405


@pytest.mark.parametrize("path", ["/", "/v1/customers", "/metrics", "/nothing", CREATE])
def test_browsers_are_told_what_a_page_may(place: Place, path: str) -> None:
    heard = place.ask("GET", path)
    assert "default-src 'none'" in heard.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in heard.headers["content-security-policy"]
    assert "unsafe" not in heard.headers["content-security-policy"]
    assert heard.headers["x-content-type-options"] == "nosniff"
    assert heard.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in heard.headers
    assert "server" not in heard.headers


def test_a_cookie_is_no_token(place: Place) -> None:
    headers = {"cookie": f"authorization=Bearer {place.token}; token={place.token}"}
    assert ask(place.url, "GET", "/v1/customers", headers).status == 401


def test_a_token_in_the_address_is_none(place: Place) -> None:
    assert ask(place.url, "GET", f"/v1/customers?access_token={place.token}", {}).status in {400, 401}


def test_two_tokens_are_none(place: Place) -> None:
    connection = http.client.HTTPConnection(place.url.partition("://")[2], timeout=HANG_S)
    connection.putrequest("GET", "/v1/customers")
    for _ in range(2):
        connection.putheader("authorization", f"Bearer {place.token}")
    connection.endheaders()
    assert connection.getresponse().status == 401
    connection.close()


@pytest.mark.parametrize(
    "path",
    ["/../../etc/passwd", "/%2e%2e/pyproject.toml", "/..%2f..%2fadmin.token", "//etc/passwd", "/phone"],
)
def test_no_path_leads_out_of_the_phones_files(place: Place, path: str) -> None:
    assert place.ask("GET", path).status == 404


def test_figures_are_told_to_whoever_has_a_token(place: Place, web_server: LocalServer) -> None:
    knock(place, fresh())
    heard = place.ask("GET", "/metrics")
    assert heard.headers["content-type"].startswith("text/plain")
    assert b'clientela_calls_total{code="OK",rpc="CustomerService.CreateCustomer"}' in heard.body
    assert b"clientela_commit_writes_count" in heard.body
    assert b"clientela_feed_lag_revisions" in heard.body


def test_figures_are_not_told_to_others(place: Place) -> None:
    heard = ask(place.url, "GET", "/metrics", {})
    assert heard.status == 401
    assert b"clientela_" not in heard.body
