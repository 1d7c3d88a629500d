"""Nouns that are recorded and listed: each is told by list and feed, once, and erased with its customer.

There may be none; that `make noun` writes one which stands all of this is tested by tests/docs/test_walks.py.
"""

from typing import Any

import pytest
from google.protobuf.message_factory import GetMessageClass

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from tests.rpc import recorded_nouns
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import new_customer
from tests.rpc.refusals import refusal


class Recorded:
    """A noun's calls, and a request that records one of a customer."""

    def __init__(self, service: Any, caller: Caller) -> None:
        self.noun, self.plural = recorded_nouns.noun_of(service).lower(), recorded_nouns.stem(service)
        self._calls = getattr(caller, self.plural)
        self.rpc = f"Record{self.noun.capitalize()}"
        self.request = recorded_nouns.recording(new_customer(caller).name)[self.rpc]
        setattr(self.request, f"{self.noun}_id", fresh())
        self._list = service.methods_by_name[f"List{self.plural.capitalize()}"]

    @property
    def record(self) -> Any:
        return getattr(self._calls, self.rpc)

    @property
    def stated(self) -> Any:
        return getattr(self.request, self.noun)

    def listed(self) -> list[Any]:
        """What the list of its customer says, ordered and filtered by each field that a caller sets."""
        request = GetMessageClass(self._list.input_type)(parent=self.request.parent, order_by="revision desc")
        request.filter = "revision > 0"
        return list(getattr(getattr(self._calls, self._list.name)(request), self.plural))


@pytest.fixture
def nouns(clerk: Caller) -> list[Recorded]:
    return [Recorded(service, clerk) for service in recorded_nouns.RECORDED]


def test_what_is_recorded_is_listed_and_in_the_feed(clerk: Caller, nouns: list[Recorded]) -> None:
    for noun in nouns:
        recorded = noun.record(noun.request)
        assert noun.listed() == [recorded]
        asked = fpb.WatchRequest(after_revision=recorded.revision - 1, names=[recorded.name])
        watch = clerk.feed.Watch(asked)
        assert [getattr(each, noun.noun) for _ in "ab" for each in next(watch).changes] == [recorded]
        watch.cancel()


def test_a_name_is_given_once(nouns: list[Recorded]) -> None:
    for noun in nouns:
        noun.record(noun.request)
        assert refusal(noun.record, noun.request).reason == "RESOURCE_EXISTS"


def test_a_time_to_come_is_refused(nouns: list[Recorded]) -> None:
    for noun in nouns:
        for field, value in noun.stated.ListFields():
            if field.message_type and field.message_type.name == "Timestamp":
                value.seconds = 4_000_000_000
                refused = refusal(noun.record, noun.request)
                assert (refused.reason, list(refused.faults)) == (
                    "TIME_IN_FUTURE",
                    [f"{noun.noun}.{field.name}"],
                )
                value.seconds = 1_000


def test_what_people_wrote_is_erased_with_the_customer(admin: Caller, nouns: list[Recorded]) -> None:
    for noun in nouns:
        recorded = noun.record(noun.request)
        for request in (cpb.DeleteCustomerRequest, cpb.EraseCustomerRequest):
            getattr(admin.customers, request.__name__.removesuffix("Request"))(
                request(name=noun.request.parent)
            )
        [left] = noun.listed()
        for field, value in recorded.ListFields():
            is_text = isinstance(value, str) and field.name not in {"name", "recorded_by"}
            assert getattr(left, field.name) == ("" if is_text else value)
