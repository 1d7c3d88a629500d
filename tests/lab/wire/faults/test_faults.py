"""Each fault does what it says to a real server and its clients, in its scope, and nothing else."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from google.type.money_pb2 import Money
from grpc_health.v1 import health_pb2

from clientela.v1 import customers_pb2, purchases_pb2
from clientela_lab.servers.local_server import LocalServer
from clientela_lab.wire.decode.frame import Frame
from clientela_lab.wire.faults.call_faults import DropReply
from clientela_lab.wire.faults.rule import Piece, RuledCall
from clientela_lab.wire.faults.rule_script import parse_rule
from clientela_lab.wire.faults.server_process import ServerProcess
from tests.lab.wire.proxied import Proxied, calling, proxied
from tests.rpc.callers import Caller, fresh, request_id
from tests.rpc.waiting import wait_for

CHECK = health_pb2.HealthCheckRequest()


class Shop:
    """A customer of its own for each test: `buy` records a purchase, `bought` counts them past the proxy."""

    def __init__(self, direct: Caller) -> None:
        self._direct = direct
        asked = customers_pb2.Customer(display_name="Blue Door Café")
        created = direct.customers.CreateCustomer(
            customers_pb2.CreateCustomerRequest(customer=asked, customer_id=fresh())
        )
        self.name = created.name

    def request(self, **fields: Any) -> purchases_pb2.RecordPurchaseRequest:
        purchase = purchases_pb2.Purchase(amount=Money(currency_code="EUR", units=240))
        return purchases_pb2.RecordPurchaseRequest(parent=self.name, purchase=purchase, **fields)

    def buy(self, caller: Caller, **options: Any) -> Any:
        return caller.purchases.RecordPurchase(self.request(), **options)

    def bought(self) -> int:
        customer = self._direct.customers.GetCustomer(customers_pb2.GetCustomerRequest(name=self.name))
        return sum(total.purchase_count for total in customer.totals)


@pytest.fixture
def shop(admin: Caller) -> Shop:
    return Shop(admin)


@pytest.fixture
def mortal() -> Iterator[SimpleNamespace]:
    """A server that may be killed, and a shop at it."""
    with LocalServer() as server, calling(server.address, server.token) as direct:
        yield SimpleNamespace(server=server, shop=Shop(direct), direct=direct)


def refused(call: Any, *arguments: Any, **options: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as caught:
        call(*arguments, **options)
    code: grpc.StatusCode = caught.value.code()
    return code


@contextmanager
def unanswered(method: Any, request: Any) -> Iterator[None]:
    """Make a call that is not answered meanwhile, and give it up in the end."""
    call = method.future(request)
    yield
    assert not call.done()
    call.cancel()


def faults(by: Proxied) -> list[str]:
    by.proxy.events()
    return [event["text"] for event in by.recorded.all("fault")]


# ---- one call ----------------------------------------------------------------------------------------------


def test_a_lost_reply_is_lost_after_the_server_has_done_it(server: LocalServer, shop: Shop) -> None:
    with proxied(server, "drop-reply RecordPurchase 2") as by:
        shop.buy(by.caller)
        assert refused(shop.buy, by.caller) == grpc.StatusCode.UNAVAILABLE
        with calling(by.proxy.address, server.token) as again:
            shop.buy(again)
        assert shop.bought() == 3
        assert faults(by) == ["the reply of RecordPurchase 2 is lost"]
        [fault] = by.recorded.all("fault")
        [call] = by.recorded.all("call_end", lambda event: not event["passed"])
        assert (fault["call"], call["call"], call["status"]) == (2, 2, "OK")
        lost = by.recorded.all("frame", lambda event: not event["passed"])
        assert {(event["from"], event["kind"]) for event in lost} >= {
            ("server", "DATA"),
            ("server", "HEADERS"),
        }
        assert by.recorded.wait_for("close", lambda event: event["by"] == "tap")["conn"] == 1


def test_what_lets_a_long_request_go_on_is_no_reply() -> None:
    """A server opens the window of a call while it still listens: to lose that would stop the request."""
    rule, call = DropReply(), RuledCall("/blue.v1.Shop/Buy", 1, 1, 1, [])
    call.notes[rule] = True
    for kind, swallowed in (("WINDOW_UPDATE", False), ("HEADERS", True)):
        frame = Frame(kind, (), 1, bytes(13), from_client=False)
        piece = Piece([frame], upwards=False, conn=1, call=call, begins=False, notes={})
        assert rule.decide(piece).swallow is swallowed


def test_only_the_calls_since_a_rule_was_added_are_counted(server: LocalServer, shop: Shop) -> None:
    with proxied(server) as by:
        shop.buy(by.caller)
        by.proxy.rules.add("drop-reply PurchaseService/RecordPurchase 1")
        by.caller.health.Check(CHECK)
        assert refused(shop.buy, by.caller) == grpc.StatusCode.UNAVAILABLE
        with calling(by.proxy.address, server.token) as again:
            shop.buy(again)


def test_a_duplicate_is_done_twice_and_answered_once(server: LocalServer, shop: Shop) -> None:
    with proxied(server, "duplicate RecordPurchase 1") as by:
        shop.buy(by.caller)
        by.recorded.wait_for("close", lambda event: event["why"] == "answered")
        assert shop.bought() == 2
        shop.buy(by.caller)
        assert shop.bought() == 3
        assert faults(by) == ["RecordPurchase 1 is delivered a second time"]
        assert by.recorded.all("frame", lambda event: event["from"] == "tap" and event["kind"] == "DATA")
        again = by.recorded.wait_for("message", lambda event: event["from"] == "tap")
        [ended] = by.recorded.all("call_end", lambda event: event["call"] == again["call"])
        assert (ended["status"], ended["by"]) == ("OK", "server")


def test_a_duplicate_under_one_request_id_is_done_once(server: LocalServer, shop: Shop) -> None:
    with proxied(server, "duplicate RecordPurchase") as by:
        by.caller.purchases.RecordPurchase(shop.request(request_id=request_id()))
        by.recorded.wait_for("close", lambda event: event["why"] == "answered")
        assert shop.bought() == 1


def test_a_duplicate_may_be_bigger_than_a_window(server: LocalServer, shop: Shop) -> None:
    with proxied(server, "duplicate RecordPurchase 1") as by:
        request = shop.request()
        request.purchase.note = "x" * 200_000
        code = refused(by.caller.purchases.RecordPurchase, request)
        assert code == grpc.StatusCode.INVALID_ARGUMENT
        closed = by.recorded.wait_for("close", lambda event: event["by"] == "tap")
        assert closed["why"] == "answered"
        sent = by.recorded.all("frame", lambda event: event["kind"] == "DATA" and event["from"] == "tap")
        assert sum(event["length"] for event in sent) > 200_000


@pytest.mark.parametrize(
    ("moment", "done"), [pytest.param("reply", 1, marks=pytest.mark.long), ("request", 0)]
)
def test_a_killed_server_has_done_it_or_not_by_the_moment(
    mortal: SimpleNamespace, moment: str, done: int
) -> None:
    with proxied(mortal.server, f"kill RecordPurchase 1 {moment}") as by:
        assert refused(mortal.shop.buy, by.caller) == grpc.StatusCode.UNAVAILABLE
        by.recorded.wait_for("server", lambda event: event["what"] == "killed")
        mortal.server.kill()
        mortal.server.start()
        by.caller.health.Check(CHECK, wait_for_ready=True)
        assert mortal.shop.bought() == done
        mortal.shop.buy(by.caller, wait_for_ready=True)


def test_a_frozen_server_answers_when_it_goes_on(mortal: SimpleNamespace) -> None:
    with proxied(mortal.server, "freeze 300ms RecordPurchase 1") as by:
        begun = time.monotonic()
        mortal.shop.buy(by.caller)
        assert time.monotonic() - begun >= 0.3
        by.recorded.wait_for("server", lambda event: event["what"] == "thawed")
        assert mortal.shop.bought() == 1


def test_a_server_that_is_frozen_when_the_proxy_is_closed_goes_on(mortal: SimpleNamespace) -> None:
    with proxied(mortal.server, "freeze 1min RecordPurchase 1") as by:
        assert refused(mortal.shop.buy, by.caller, timeout=0.3) == grpc.StatusCode.DEADLINE_EXCEEDED
    mortal.shop.buy(mortal.direct)


def test_a_proxy_that_does_not_know_the_process_says_so(server: LocalServer, shop: Shop) -> None:
    with proxied(server, "kill RecordPurchase 1 reply") as by:
        by.proxy._proxy._server = ServerProcess(None)
        with unanswered(by.caller.purchases.RecordPurchase, shop.request()):
            by.recorded.wait_for("fault", lambda event: "which process" in event["text"])


# ---- the line ----------------------------------------------------------------------------------------------


def test_a_delay_takes_its_time_each_way(server: LocalServer, shop: Shop) -> None:
    with proxied(server) as by:
        shop.buy(by.caller)
        by.proxy.rules.add("delay 100ms")
        begun = time.monotonic()
        shop.buy(by.caller)
        assert time.monotonic() - begun >= 0.2
        assert sorted(faults(by)) == [
            "each piece 100 ms later, down (connection 1)",
            "each piece 100 ms later, up (connection 1)",
        ]


def test_a_delay_of_one_method_leaves_others_alone(server: LocalServer, shop: Shop) -> None:
    with proxied(server, "delay 150ms jitter 50ms RecordPurchase down") as by:
        by.caller.health.Check(CHECK)
        assert faults(by) == []
        begun = time.monotonic()
        shop.buy(by.caller)
        assert time.monotonic() - begun >= 0.1
        assert len(faults(by)) == 1


def test_a_thin_line_takes_as_long_as_its_bytes_need(server: LocalServer, shop: Shop) -> None:
    with proxied(server, "throttle 80kbit up") as by:
        request = shop.request()
        request.purchase.note = "x" * 5_000
        begun = time.monotonic()
        refused(by.caller.purchases.RecordPurchase, request)
        assert time.monotonic() - begun >= 0.5


@pytest.mark.parametrize("direction", ["", "up", "down"])
def test_nothing_arrives_in_a_black_hole_and_neither_side_is_notified(
    server: LocalServer, shop: Shop, direction: str
) -> None:
    with proxied(server) as by:
        shop.buy(by.caller)
        by.proxy.rules.add(f"black-hole {direction}")
        with unanswered(by.caller.purchases.RecordPurchase, shop.request()):
            by.recorded.wait_for("fault")
            wait_for(lambda: shop.bought() == (2 if direction == "down" else 1))
    assert all(event["by"] != "server" for event in by.recorded.all("close"))


def test_what_was_sent_into_a_black_hole_arrives_when_it_ends(server: LocalServer, shop: Shop) -> None:
    with proxied(server) as by:
        by.caller.health.Check(CHECK)
        begun = time.monotonic()
        by.proxy.rules.add("black-hole until 300ms")
        shop.buy(by.caller)
        assert time.monotonic() - begun >= 0.3
        assert shop.bought() == 1


def test_a_direction_dies_with_the_call_that_it_is_bound_to(server: LocalServer, shop: Shop) -> None:
    with proxied(server, "black-hole down RecordPurchase 1") as by:
        by.caller.health.Check(CHECK)
        with unanswered(by.caller.purchases.RecordPurchase, shop.request()):
            wait_for(lambda: shop.bought() == 1)
            assert refused(by.caller.health.Check, CHECK, timeout=0.3) == grpc.StatusCode.DEADLINE_EXCEEDED


def test_a_cut_behind_the_first_bytes_of_a_reply_leaves_the_caller_in_doubt(
    server: LocalServer, shop: Shop
) -> None:
    with proxied(server, "cut-after 20 down RecordPurchase 1") as by:
        assert refused(shop.buy, by.caller) == grpc.StatusCode.UNAVAILABLE
        assert shop.bought() == 1
        with calling(by.proxy.address, server.token) as again:
            shop.buy(again)
        assert faults(by) == ["cut behind 20 bytes (RecordPurchase 1)"]


def test_a_refused_connection_is_taken_for_a_server_that_is_not_there(server: LocalServer) -> None:
    with proxied(server, "refuse") as by:
        assert refused(by.caller.health.Check, CHECK) == grpc.StatusCode.UNAVAILABLE
        assert faults(by)[0] == "connection 1 was refused"
        by.proxy.rules.clear()
        by.caller.health.Check(CHECK, wait_for_ready=True)


# ---- what they are bound to --------------------------------------------------------------------------------


def lost_of_twenty(server: LocalServer, seed: int) -> list[bool]:
    with proxied(server, "drop-reply Check chance 50%", seed=seed) as by:
        # A call on a line that has just been cut does not come as far as the proxy.
        while len(by.recorded.all("call_end")) < 20:
            lost(by.caller)
        return [not end["passed"] for end in by.recorded.all("call_end")[:20]]


def test_chance_follows_from_the_seed(server: LocalServer) -> None:
    once, again, other = (lost_of_twenty(server, seed) for seed in (7, 7, 8))
    assert once == again != other
    assert 0 < sum(once) < 20


def test_a_rule_may_hold_for_a_span_of_time(server: LocalServer) -> None:
    with proxied(server) as by:
        clock, rule = [0.0], parse_rule("drop-reply Check from 1min until 2min")
        by.proxy.rules.add(rule)
        rule.begin("", lambda: clock[-1])
        for age_s, is_lost in ((0, False), (61, True), (121, False)):
            clock.append(age_s)
            # On a line of its own: one that has just been cut takes no call as far as the proxy.
            with calling(by.proxy.address, server.token) as caller:
                assert lost(caller) is is_lost


def lost(caller: Caller) -> bool:
    try:
        caller.health.Check(CHECK, wait_for_ready=True)
    except grpc.RpcError:
        return True
    return False
