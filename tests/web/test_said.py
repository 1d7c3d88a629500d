"""Responses of the web port outside of calls: JSON with the right status and headers, on every path."""

import gzip
import http.client
import json
from typing import Any

import pytest

from tests.web.transports import DEADLINE_S, Heard, Place, ask

GET_CUSTOMER = "/clientela.v1.CustomerService/GetCustomer"
WATCH = "/clientela.v1.FeedService/Watch"
JSON = "application/json"


def error(heard: Heard) -> Any:
    assert heard.headers["content-type"] == JSON
    assert heard.headers["content-length"] == str(len(heard.body))
    return json.loads(heard.body)


@pytest.mark.parametrize("verb", ["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "BREW"])
@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/v1/customers/a/", "/v1/customers/a:brew", "/v1/customers//purchases"]
)
def test_a_bound_path_that_is_not_there_is_reported(place: Place, verb: str, path: str) -> None:
    heard = place.ask(verb, path, JSON, b"{}")
    told = error(heard)["error"]
    assert (heard.status, told["code"], told["status"]) == (404, 404, "NOT_FOUND")
    assert path in told["message"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/nothing", "not_found"),
        ("/clientela.v1.CustomerService/Nothing", "unimplemented"),
        ("/clientela.v1.Nothing/GetCustomer", "unimplemented"),
        ("/clientela.v1.InsightService/GetStanding", "unimplemented"),
    ],
)
def test_any_other_path_that_is_not_there_is_reported_in_connects_words(
    place: Place, path: str, code: str
) -> None:
    heard = place.ask("POST", path, JSON, b"{}")
    assert (heard.status, error(heard)["code"]) == (404, code)
    assert path in error(heard)["message"]


@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [
        ("PUT", "/v1/customers/a", "DELETE, GET, HEAD, PATCH"),
        ("POST", "/v1/customers/a", "DELETE, GET, HEAD, PATCH"),
        ("DELETE", "/v1/customers", "GET, HEAD, POST"),
        ("GET", "/v1/customers/a:erase", "POST"),
        ("HEAD", "/v1/customers/a:erase", "POST"),
        ("OPTIONS", "/v1/policy", "GET, HEAD, PATCH"),
        ("GET", GET_CUSTOMER, "POST"),
        ("PUT", WATCH, "POST"),
        ("POST", "/metrics", "GET, HEAD"),
        ("DELETE", "/", "GET, HEAD"),
        ("BREW", "/index.html", "GET, HEAD"),
    ],
)
def test_a_verb_that_a_path_has_not_is_reported_with_those_that_it_has(
    place: Place, verb: str, path: str, allowed: str
) -> None:
    heard = place.ask(verb, path, JSON, b"{}")
    assert (heard.status, heard.headers["allow"]) == (405, allowed)
    if verb != "HEAD":
        assert allowed in str(error(heard))


@pytest.mark.parametrize(
    ("path", "kind", "accepted"),
    [
        ("/v1/customers", None, JSON),
        ("/v1/customers", "text/plain", JSON),
        ("/v1/customers", "application/proto", JSON),
        ("/v1/customers", "application/json; charset=latin-1", JSON),
        ("/v1/customers", 'application/json;charset="UTF-16"', JSON),
        (GET_CUSTOMER, "text/json", "application/proto"),
        (GET_CUSTOMER, "application/connect+json", "application/proto"),
        (GET_CUSTOMER, "application/json; charset=utf-16", "application/proto"),
        (WATCH, JSON, "application/connect+json"),
    ],
)
def test_a_body_of_another_type_is_refused_with_the_types_that_are_read(
    place: Place, path: str, kind: str | None, accepted: str
) -> None:
    heard = place.ask("POST", path, kind, b"{}")
    assert heard.status == 415
    assert accepted in heard.headers["accept-post"]
    assert (kind or "missing").partition(";")[0] in str(error(heard))


def test_a_patch_of_another_type_names_what_is_read(place: Place) -> None:
    assert place.ask("PATCH", "/v1/customers/a", "text/plain", b"{}").headers["accept-patch"] == JSON


@pytest.mark.parametrize("kind", ["Application/JSON", "application/json; charset=UTF-8", "application/json;"])
def test_the_same_type_written_otherwise_is_read(place: Place, kind: str) -> None:
    assert place.ask("POST", "/v1/customers", kind, b"{}").status in {200, 400}


def test_a_content_type_that_is_there_twice_is_refused(place: Place) -> None:
    line = http.client.HTTPConnection(place.url.partition("://")[2], timeout=DEADLINE_S)
    line.putrequest("POST", "/v1/customers")
    for name, value in [*place.headers.items(), ("content-length", "2"), *[("content-type", JSON)] * 2]:
        line.putheader(name, value)
    line.endheaders(b"{}")
    answer = line.getresponse()
    told = json.loads(answer.read())
    line.close()
    assert (answer.status, told["error"]["message"]) == (415, "The content type is there twice.")


def test_a_packed_body_is_refused_and_not_taken_for_another(place: Place) -> None:
    headers = {**place.headers, "content-type": JSON, "content-encoding": "gzip"}
    heard = ask(place.url, "POST", "/v1/customers", headers, gzip.compress(b"{}"))
    assert (heard.status, heard.headers["accept-encoding"]) == (415, "identity")
    assert "packed as gzip" in error(heard)["error"]["message"]
    on_connect = ask(place.url, "POST", GET_CUSTOMER, headers, gzip.compress(b"{}"))
    assert (on_connect.status, json.loads(on_connect.body)["code"]) == (501, "unimplemented")


@pytest.mark.parametrize(
    "path",
    ["/v1/customers", "/v1/customers/nobody", "/v1/customers?page_size=x", "/", "/nothing", "/v1/policy"],
)
def test_head_is_answered_as_get_is_but_for_the_body(place: Place, path: str) -> None:
    of_get, of_head = place.ask("GET", path), place.ask("HEAD", path)
    same = {"content-type", "content-length", "etag", "cache-control"}
    assert of_head.status == of_get.status
    assert of_head.body == b""
    assert {name: of_head.headers.get(name) for name in same - {"content-length"}} == {
        name: of_get.headers.get(name) for name in same - {"content-length"}
    }
    assert "content-length" in of_head.headers


@pytest.mark.parametrize(("verb", "path"), [("GET", "/v1/customers"), ("DELETE", "/v1/customers/nobody")])
def test_a_body_that_nobody_reads_is_refused_and_not_passed_over(place: Place, verb: str, path: str) -> None:
    told = error(place.ask(verb, path, JSON, b'{"etag": "1"}'))["error"]
    assert (told["code"], told["status"]) == (400, "INVALID_ARGUMENT")
    assert "a body is not read here" in told["message"]


def test_who_shows_no_token_is_told_how_to(place: Place) -> None:
    for path in ("/v1/customers", "/metrics"):
        heard = ask(place.url, "GET", path, {})
        assert (heard.status, heard.headers["www-authenticate"]) == (401, "Bearer")
    assert error(ask(place.url, "GET", "/metrics", {}))["code"] == "unauthenticated"


@pytest.mark.parametrize(("headers", "status"), [({"host": "evil.example"}, 421), ({"origin": "null"}, 403)])
def test_who_may_not_knock_is_told_in_the_form_of_the_path(
    place: Place, headers: dict[str, str], status: int
) -> None:
    for path in ("/v1/customers", "/metrics"):
        heard = ask(place.url, "GET", path, {**place.headers, **headers})
        told = error(heard)
        assert heard.status == status
        assert (told["error"]["status"] if "error" in told else told["code"]).lower() == "permission_denied"
