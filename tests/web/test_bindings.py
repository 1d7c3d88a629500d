"""No request on a bound path breaks the server: each error names the field that is wrong."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from tests.stores import database_in
from tests.web.bindings import WORDS, Binding, bindings, body_of, json_name, parameters, wrong_values
from tests.web.transports import Heard, Place

ALL = list(bindings())
# What has more fields than this is asked with each of them by `make test-all` alone.
FEW = 30


def by_size(some: list[Binding]) -> list[Any]:
    """Bindings to try one by one, those of many fields marked long."""
    return [
        pytest.param(each, marks=pytest.mark.long if len(list(parameters(each.request))) > FEW else ())
        for each in some
    ]


# What somebody who asked for something that is not there, or wrongly, is told.
TOLD = {200, 400, 401, 404, 405, 409, 412, 415, 429}


class Line:
    """One connection that stays open, for many requests."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._line = http.client.HTTPConnection(place.url.partition("://")[2], timeout=HANG_S)

    def ask(self, binding: Binding, path: str, body: Any = None) -> Heard:
        has_body = binding.verb in {"POST", "PATCH"}
        headers = {**self._place.headers, **({"content-type": "application/json"} if has_body else {})}
        data = (body if isinstance(body, bytes) else json.dumps(body or {}).encode()) if has_body else None
        self._line.request(binding.verb, path, data, headers)
        answer = self._line.getresponse()
        return Heard(answer.status, {}, answer.read())

    def close(self) -> None:
        self._line.close()


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    folder = tmp_path_factory.mktemp("bindings")
    running = LocalServer(
        "--calls-per-second", "0", folder=folder, database=database_in(folder), web="127.0.0.1:0"
    )
    with running:
        yield running
        log = running.log
    assert "Traceback" not in log


@pytest.fixture(scope="module")
def line(own_server: LocalServer) -> Iterator[Line]:
    line = Line(Place(own_server.address, own_server.url, own_server.token))
    yield line
    line.close()


def told(heard: Heard, asked: str) -> dict[str, Any]:
    """The error, once it is one that may be."""
    assert heard.status in TOLD, f"{asked}: {heard.status} {heard.body[:500]!r}"
    return {} if heard.status == 200 else dict(json.loads(heard.body)["error"])


def fields_of(error: dict[str, Any]) -> list[str]:
    return [
        violation["field"]
        for detail in error.get("details", [])
        for violation in detail.get("fieldViolations", [])
    ]


@pytest.mark.parametrize("binding", by_size(ALL), ids=str)
def test_no_parameter_of_any_type_breaks_it(line: Line, binding: Binding) -> None:
    for name, _ in parameters(binding.request):
        for word in WORDS:
            given_name = json_name(name) if len(word) % 2 else name
            asked = f"{binding.path()}?{given_name}={quote(word, safe='')}"
            if len(asked) > 8000:
                continue
            error = told(line.ask(binding, asked), f"{binding.verb} {asked[:300]}")
            if error and _is_malformed(error):
                assert fields_of(error), f"{asked[:300]}: {error}"
                named = fields_of(error)[0].partition("[")[0]
                assert name.startswith(named) or named == given_name, f"{asked[:300]}: {error}"
        through = f"{binding.path()}?{name}.deeper.still=1&{name}={quote(WORDS[1])}&{name}=2"
        assert told(line.ask(binding, through), through)["code"] == 400


def _is_malformed(error: dict[str, Any]) -> bool:
    return any(detail.get("reason") == "MESSAGE_MALFORMED" for detail in error["details"])


@pytest.mark.parametrize("binding", by_size([each for each in ALL if each.body]), ids=str)
def test_no_json_of_any_type_breaks_it(line: Line, binding: Binding) -> None:
    whole = binding.body == "*"
    inside = "" if whole else f"{binding.body}."
    for name, field in parameters(binding.request):
        if not name.startswith(inside) or (not whole and name == binding.body):
            continue
        at = name.removeprefix(inside)
        for value in wrong_values(field):
            body = body_of(binding.request, at, value)
            error = told(line.ask(binding, binding.path(), body), f"{binding} {body}")
            if error and _is_malformed(error):
                assert fields_of(error), f"{binding} {body}: {error}"


BROKEN_BODIES = [
    b"",
    b"null",
    b"1",
    b'"x"',
    b"[]",
    b"{",
    b'{"a":1,"a":2}',
    b"\xff",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"NaN",
    b"1" * 9000,
]


@pytest.mark.parametrize("binding", [each for each in ALL if each.body], ids=str)
def test_no_body_breaks_it(line: Line, binding: Binding) -> None:
    for body in BROKEN_BODIES:
        told(line.ask(binding, binding.path(), body), f"{binding} {body[:50]!r}")


BROKEN_QUERIES = [
    "%zz=1",
    "page_size=%zz",
    "%ff=1",
    "filter=%ff",
    "filter=%c3%28",
    "=",
    "&",
    "a",
    "=1",
    "&&",
    "%",
    "x=%",
    "%00=1",
]


@pytest.mark.parametrize("binding", ALL, ids=str)
def test_a_broken_query_is_reported(line: Line, binding: Binding) -> None:
    for query in BROKEN_QUERIES:
        asked = f"{binding} {query}"
        assert told(line.ask(binding, f"{binding.path()}?{query}"), asked)["code"] == 400, asked


BROKEN_SEGMENTS = ["%zz", "%ff", "%00", "%2f", "%e2%80%8b", "..", "%2e%2e", "x" * 3000, "-", "*", "A"]


@pytest.mark.parametrize("binding", ALL, ids=str)
def test_a_broken_path_is_reported(line: Line, binding: Binding) -> None:
    for word in BROKEN_SEGMENTS:
        heard = line.ask(binding, binding.path().replace("a-b", word))
        assert heard.status in TOLD, f"{binding} {word}: {heard.body[:300]!r}"


names = st.sampled_from([name for each in ALL for name, _ in parameters(each.request)])
queries = st.lists(
    st.tuples(names | st.text(max_size=10), st.sampled_from(WORDS) | st.text(max_size=20)), max_size=4
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            names.map(lambda name: name.rpartition(".")[2]) | st.text(max_size=5), inner, max_size=3
        )
    ),
    max_leaves=10,
)


@given(binding=st.sampled_from(ALL), query=queries, body=trees)
def test_nothing_made_up_breaks_it(line: Line, binding: Binding, query: Any, body: Any) -> None:
    written = "&".join(
        f"{quote(name.encode(errors='replace'), safe='.')}={quote(value.encode(errors='replace'), safe='')}"
        for name, value in query
    )
    asked = f"{binding.path()}?{written}"
    if len(asked) < 8000:
        told(line.ask(binding, asked, json.dumps(body).encode()), f"{binding.verb} {asked} {body}")


# ---- what is said twice


def error_at(line: Line, verb: str, path: str, body: Any = None) -> tuple[int, list[str]]:
    heard = line.ask(Binding(verb, "", "", ALL[0].request), path, body)
    return heard.status, fields_of(json.loads(heard.body).get("error", {}))


@pytest.mark.parametrize(
    ("verb", "path", "body", "field"),
    [
        ("PATCH", "/v1/customers/a-b?customer=foo", {}, "customer"),
        ("PATCH", "/v1/customers/a-b?customer.display_name=x", {}, "customer.display_name"),
        ("PATCH", "/v1/customers/a-b", {"name": "customers/other"}, "customer.name"),
        ("GET", "/v1/customers?page_size=1&page_size=2", None, "page_size"),
        ("GET", "/v1/customers?page_size=1&pageSize=1", None, "page_size"),
        ("GET", "/v1/customers?page_size.x=1", None, "page_size.x"),
        ("GET", "/v1/customers?page_size=1_0", None, "page_size"),
        ("GET", "/v1/customers/a-b?name=customers/other", None, "name"),
        ("GET", "/v1/customers:batchGet?names.x=1", None, "names.x"),
        ("POST", "/v1/customers/a-b:undelete?etag=1", {"etag": "2"}, "etag"),
        ("POST", "/v1/customers", {"labels": {"a": 1}}, 'customer.labels["a"]'),
        ("POST", "/v1/customers", {"labels": ["a"]}, "customer.labels"),
        ("POST", "/v1/customers", {"emails": "x"}, "customer.emails"),
        ("POST", "/v1/customers", {"emails": [None]}, "customer.emails[0]"),
        ("POST", "/v1/customers", {"displayName": 1, "display_name": "x"}, "customer.display_name"),
        ("POST", "/v1/customers", {"displayName": "a", "display_name": "x"}, "customer.display_name"),
        ("POST", "/v1/customers", {"person": {}, "organization": {}}, "customer.organization"),
        ("POST", "/v1/customers", {"acquisition": {"channel": "RADIO"}}, "customer.acquisition.channel"),
        ("POST", "/v1/customers", {"createTime": "2026-02-30T00:00:00Z"}, "customer.create_time"),
        ("POST", "/v1/customers", {"addresses": [{"revision": "x"}]}, "customer.addresses[0].revision"),
    ],
)
def test_what_is_wrong_is_named(line: Line, verb: str, path: str, body: Any, field: str) -> None:
    assert error_at(line, verb, path, body) == (400, [field])


def test_what_is_said_twice_alike_is_said_once(line: Line) -> None:
    made = line.ask(
        Binding("POST", "", "", ALL[0].request), "/v1/customers?customer_id=said-once", {"displayName": "x"}
    )
    assert made.status == 200
    for path, body in (
        (
            "/v1/customers/said-once?update_mask=displayName",
            {"name": "customers/said-once", "displayName": "y"},
        ),
        ("/v1/customers/said-once?updateMask=displayName", {"display_name": "y"}),
    ):
        heard = line.ask(Binding("PATCH", "", "", ALL[0].request), path, body)
        assert (heard.status, json.loads(heard.body)["displayName"]) == (200, "y")
