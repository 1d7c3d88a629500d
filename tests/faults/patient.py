"""A server that is hurt at one exact point, and one client that does one thing after another.

    def run(trial: Trial) -> Result:
        with Patient(trial) as patient:
            with patient.life() as life:    # a start; killed at the end, if it is not dead by then
                life.buy()
            return patient.verdict()

Where many clients at once are wanted, trial.py is enough. Read next: disk_errors.py.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import apsw
import grpc
from grpc_health.v1 import health_pb2

from clientela_lab.checking.checker import DEFINITE
from clientela_lab.checking.money import NANOS
from clientela_lab.patience import HANG_S
from tests.faults import intents
from tests.faults.intents import Intent
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.faults.victim import Victim
from tests.faults.workload import connection
from tests.rpc.callers import Caller
from tests.rpc.refusals import DETAILS, Refused
from tests.rpc.waiting import wait_for

CUSTOMER = "blue-door"
DEADLINE_S = HANG_S
OK = "OK"
# A connection may have broken meanwhile, which is told by the first call that needs it.
_ASKED_AGAIN = 3


class Patient:
    """The server of a trial over many starts, and what its client is still in doubt of."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.doubts: list[Intent] = []
        self.broken: list[str] = []

    @contextmanager
    def life(self, planted: str = "", *, resolving: bool = True) -> Iterator["Life"]:
        """Start the server, with something of planted.py; first of all ask again what is in doubt."""
        server = self.trial.server
        server.plant(planted)
        try:
            if self.trial.history.events:
                server.revive()
            else:
                server.start()
            with connection(server.address) as channel:
                life = Life(self, server, Caller(channel, server.token))
                if resolving:
                    life.resolve()
                yield life
        finally:
            server.kill()

    def expect(self, fact: bool, otherwise: str) -> None:
        """Note what was promised and not kept."""
        if not fact:
            self.broken.append(otherwise)

    @property
    def begins_with_writing(self) -> bool:
        """Whether the next life does."""
        return bool(self.doubts) or not self.trial.history.events

    def verdict(self, note: str = "", late: Sequence[str] = ()) -> Result:
        """Ask again what is in doubt; then, with no server running, hold all against the store."""
        if self.doubts:
            with self.life():
                pass
        found = integrity(self.trial.server)
        return self.trial.verdict(broken=[*self.broken, *found], note=note, late=late)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.trial.history.close()


class Life:
    """One start of the server, while it lasts."""

    def __init__(self, patient: Patient, server: Victim, caller: Caller) -> None:
        self.patient = patient
        self.server = server
        self.caller = caller

    @property
    def pid(self) -> int:
        return self.server.pid

    def buy(self, timeout_s: float = DEADLINE_S) -> str:
        """Record a purchase under a new key; return "OK", or the reason why not, or the code without one."""
        chance = self.patient.trial.chance
        amount = chance.randrange(1, 100_000) * NANOS // 100
        return self._attempt(intents.buy(self.caller, CUSTOMER, intents.new_key(chance), amount), timeout_s)

    def read(self) -> str:
        """Read the customer."""
        return self._attempt(intents.read(self.caller, CUSTOMER))

    def resolve(self) -> None:
        """Ask again what is in doubt, in its order; the first time, register the customer."""
        if not self.patient.trial.history.events:
            key = intents.new_key(self.patient.trial.chance)
            assert self._attempt(intents.create(self.caller, CUSTOMER, key)) == OK
        again: set[str] = set()
        for _ in range(_ASKED_AGAIN):
            doubts, self.patient.doubts = self.patient.doubts, []
            again = {
                self._attempt(intents.buy(self.caller, CUSTOMER, each.key, each.amount)) for each in doubts
            }
        self.patient.expect(not self.patient.doubts, f"what is in doubt, asked again, is answered {again}")

    def _attempt(self, intent: Intent, timeout_s: float = DEADLINE_S) -> str:
        """Send once, and write down what came of it; what is in doubt is kept, to be asked again."""
        noted = self.patient.trial.history.invoke(
            intent.op, key=intent.key, cust=intent.cust, amount=intent.amount, **intent.facts
        )
        try:
            answer, call = intent.method.with_call(intent.request, timeout=timeout_s)
        except grpc.RpcError as error:
            noted.err(error.code().name)
            if error.code().name not in DEFINITE and intent.key:
                self.patient.doubts.append(intent)
            return _reason(error)
        revision = dict(call.trailing_metadata())["clientela-revision"]
        noted.ok(**intent.outcome(answer, int(revision)))
        return OK

    def health(self) -> str:
        """What the server says of itself."""
        answer = self.caller.health.Check(health_pb2.HealthCheckRequest())
        return health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)

    @contextmanager
    def told_health(self) -> Iterator[Iterator[str]]:
        """What the server says of itself from now on, change by change, until it says no more."""
        stream = self.caller.health.Watch(health_pb2.HealthCheckRequest())
        try:
            yield _words(stream)
        finally:
            stream.cancel()

    def seconds_until_a_write(self) -> float:
        """Buy again and again until a purchase is recorded; return how long that took."""
        begun = time.monotonic()
        wait_for(lambda: self.buy() == OK)
        return time.monotonic() - begun


def integrity(server: Victim) -> list[str]:
    """What SQLite itself finds wrong with a file; nothing where it is whole."""
    connection = apsw.Connection(str(server.database), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    finally:
        connection.close()
    return [] if found == ["ok"] else found


def _words(stream: Iterable[health_pb2.HealthCheckResponse]) -> Iterator[str]:
    try:
        for answer in stream:
            yield health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
    except grpc.RpcError:
        return


def _reason(error: Any) -> str:
    told = DETAILS in dict(error.trailing_metadata() or ())
    return Refused.of(error).reason if told else str(error.code().name)
