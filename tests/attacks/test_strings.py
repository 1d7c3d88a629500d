"""Injection strings: SQL, paths, format directives, bidirectional text; and very long ones.

Each goes into every text field of every request. It is kept to the letter, composed, or refused; it changes
nothing else; and of it nothing is in the log, nor in an error more than the caller sent himself. What stops
it: rules in the protos for every field, bound parameters in every statement, and a log that holds no content
(CWE-89, -117, -134).
"""

import re
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import grpc
import pytest

from clientela_lab.servers.local_server import LocalServer
from clientela_server.admin import create_token
from tests.attacks.surface import PATHS, VALID, Answer, Place, send, texts, valid
from tests.rpc.callers import Caller
from tests.rpc.rows import World, new_world

CANARY = "canary9d41"
NASTY = {
    "SQL": f"{CANARY}'; DROP TABLE customers; --",
    "SQL's wildcards": f"{CANARY}%_\\",
    "a quote": f'{CANARY}" OR "1"="1',
    "a NUL": f"{CANARY}\0b",
    "right to left": f"\u202e{CANARY}gnp.exe",
    "composed": f"{CANARY}\u00e9",
    "decomposed": f"{CANARY}e\u0301",
    "a family": f"{CANARY}\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "no characters": f"{CANARY}\ufffe\uffff",
    "lines": f'{CANARY}\r\n{{"event":"call","code":"OK"}}',
    "a format": f"{CANARY}{{name}} %s ${{jndi:ldap://x}} {{0.__class__}}",
    "markup": f"{CANARY}<script>alert(1)</script>",
    "a path": f"../../../../etc/{CANARY}",
    "long": CANARY + 900_000 * "a",
}
# Where the answer is the resource that was sent: so many fields of the request lead to it.
KEPT = {"CreateCustomer": 1, "UpdateCustomer": 1, "RecordPurchase": 1}


def once_quickly() -> Iterator[Any]:
    """Every text field of every request; a field that another RPC's request holds too is marked long."""
    seen = set()
    for place in (place for rpc in PATHS for place in texts(rpc)):
        again = place.fields[-1].full_name in seen
        seen.add(place.fields[-1].full_name)
        yield pytest.param(place, marks=pytest.mark.long if again else ())


LEAK = re.compile(
    r"Traceback|\.py\b|/site-packages|sqlite|apsw|SELECT .* FROM|clientela_server|ledger\.db", re.IGNORECASE
)


@pytest.fixture(scope="module")
def eve(own_server: LocalServer) -> Iterator[Caller]:
    with grpc.insecure_channel(own_server.address) as channel:
        yield Caller(channel, create_token(own_server.database, "eve", "admin", None))


@pytest.fixture(scope="module")
def world(eve: Caller) -> World:
    return new_world(eve)


@pytest.fixture(scope="module")
def schema(own_server: LocalServer, world: World) -> list[Any]:
    return tables(own_server)


def tables(server: LocalServer) -> list[Any]:
    """What tables, indexes and triggers there are."""
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()


@pytest.mark.parametrize("place", list(once_quickly()), ids=str)
def test_a_nasty_text_is_kept_to_the_letter_in_its_composed_form_or_refused(
    own_server: LocalServer, eve: Caller, world: World, schema: list[Any], place: Place
) -> None:
    for what, text in NASTY.items():
        request = valid(place.rpc, world, eve)
        place.put(request, text)

        answer = send(eve, place.rpc, request.SerializeToString())

        assert answer.definite, f"{what}: {answer.code} {answer.told}"
        assert not LEAK.search(answer.told.replace(text[:200], "")), answer.told
        if answer.code is grpc.StatusCode.OK and is_stated(place):
            assert kept(place, answer) == unicodedata.normalize("NFC", text), what
    assert tables(own_server) == schema


def is_stated(place: Place) -> bool:
    """Return whether the answer shows the field: not those that only the server sets, nor conditions."""
    shown = place.rpc in KEPT and len(place.fields) > KEPT[place.rpc]
    return shown and place.fields[1].name not in SET_BY_SERVER


SET_BY_SERVER = {"name", "uid", "totals", "etag", "refund_of", "refunded_amount", "recorded_by"}


def kept(place: Place, answer: Answer) -> Any:
    return place.found(answer.messages[0], KEPT[place.rpc])


def test_nothing_of_all_this_is_in_the_log_nor_the_token(own_server: LocalServer, eve: Caller) -> None:
    log = own_server.log

    assert log.count('"event":"call"') > 1000
    assert CANARY not in log
    assert str(eve.token) not in log
    assert '"level":"error"' not in log


def test_every_rpc_has_a_request_that_is_done(eve: Caller, world: World) -> None:
    assert VALID.keys() == PATHS.keys()
    for rpc in PATHS:
        answer = send(eve, rpc, valid(rpc, world, eve).SerializeToString())
        assert answer.code is grpc.StatusCode.OK, f"{rpc}: {answer.told}"
