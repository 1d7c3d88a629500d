"""The healthy client: an honest caller beside an attack, who only notes how it goes.

    python -m tests.attacks.healthy ADDRESS TOKEN

It records purchases and reads its customer, one call after the other, without retrying. Each line on
stdin ends a phase, and its figures come back as a line of JSON. It has a process of its own, so that it
never waits for the attacker's work. Read next: siege.py.
"""

import json
import selectors
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from clientela.v1 import customers_pb2 as cpb
from clientela_lab.patience import HANG_S
from tests.rpc.callers import Caller
from tests.rpc.making import new_customer, to_record

_PAUSE_S = 0.005
_DEADLINE_S = HANG_S


class Phase:
    """What the calls of one phase took, in milliseconds, and how those ended that failed."""

    def __init__(self) -> None:
        self.took_ms: list[float] = []
        self.errors: list[str] = []

    @contextmanager
    def call(self) -> Iterator[None]:
        """Note how one call goes."""
        begun = time.perf_counter()
        try:
            yield
        except grpc.RpcError as error:
            self.errors.append(f"{error.code().name}: {error.details()}")
        self.took_ms.append((time.perf_counter() - begun) * 1000)

    def figures(self) -> dict[str, object]:
        return {
            "calls": len(self.took_ms),
            "errors": self.errors,
            "p50_ms": _percentile(self.took_ms, 50),
            "p99_ms": _percentile(self.took_ms, 99),
        }


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[(len(values) - 1) * percent // 100]


def main(address: str, token: str) -> None:
    with grpc.insecure_channel(address) as channel, selectors.DefaultSelector() as stdin:
        stdin.register(sys.stdin, selectors.EVENT_READ)
        caller = Caller(channel, token)
        name = new_customer(caller).name
        phase = Phase()
        while True:
            with phase.call():
                caller.purchases.RecordPurchase(to_record(name), timeout=_DEADLINE_S)
            with phase.call():
                caller.customers.GetCustomer(cpb.GetCustomerRequest(name=name), timeout=_DEADLINE_S)
            if stdin.select(_PAUSE_S):
                if not sys.stdin.readline():
                    return
                print(json.dumps(phase.figures()), flush=True)
                phase = Phase()


if __name__ == "__main__":
    main(*sys.argv[1:])
