"""Both clients behave alike, and an interruption reports whether the write is in doubt."""

import asyncio
import inspect
from collections.abc import Iterable, Iterator

import pytest

from clientela.v1.customers_pb2 import Customer, ListCustomersRequest, ListCustomersResponse
from clientela_client import (
    Done,
    InDoubt,
    Interrupted,
    Refused,
    attempt,
    attempt_aio,
    connect,
    connect_aio,
)
from clientela_client._async.client import AioClient
from clientela_client.calls.attempt import Attempt, Outcome, Reply
from clientela_client.calls.transport_grpc import CachedChannel
from clientela_client.failure import Failure
from clientela_client.messages import Purchase
from clientela_lab.patience import HANG_S
from tests.client.rehearsal import StageClock, session
from tests.client.stage import KINDS, AioAsking, AioStage, Asking, SyncAsking, on_stage

ANN = Customer(name="customers/ann")


def answers(*outcomes: Outcome) -> Iterator[Iterable[Outcome]]:
    return iter([[outcome] for outcome in outcomes])


def interrupted(_: Attempt) -> Iterable[Outcome]:
    raise KeyboardInterrupt


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_is_tried_again_until_it_is_answered(kind: str) -> None:
    plays = answers(Failure("UNAVAILABLE", "away"), Reply(ANN.SerializeToString()))
    asking = on_stage(kind, session(), lambda _: next(plays))
    assert asking.one(lambda c: c.customers.get("customers/ann")) == ANN
    asking.close()


@pytest.mark.parametrize("kind", KINDS)
def test_pages_are_asked_for_as_they_are_reached(kind: str) -> None:
    asked: list[str] = []

    def play(sent: Attempt) -> Iterable[Outcome]:
        request = ListCustomersRequest.FromString(sent.call.messages[0])
        asked.append(request.page_token)
        number = int(request.page_token or 0)
        page = ListCustomersResponse(
            customers=[Customer(name=f"customers/{number}-{place}") for place in range(request.page_size)],
            next_page_token=str(number + 1) if number < 2 else "",
        )
        yield Reply(page.SerializeToString())

    asking = on_stage(kind, session(), play)
    customers = asking.many(lambda c: c.customers.list(page_size=2))
    assert next(customers).name == "customers/0-0"
    assert asked == [""]
    assert [customer.name for customer in customers][-1] == "customers/2-1"
    assert asked == ["", "1", "2"]
    asking.close()


@pytest.mark.parametrize("kind", KINDS)
def test_from_a_method_to_the_stub_there_are_four_steps(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[inspect.FrameInfo] = []

    class Stub:
        def with_call(self, *_: object, **__: object) -> None:
            steps.extend(inspect.stack())
            raise Reached

        __call__ = with_call

    class Reached(Exception):
        pass

    monkeypatch.setattr(CachedChannel, "callable", lambda *_: Stub())
    asking: Asking = (
        SyncAsking(connect("127.0.0.1:1"))
        if kind == "sync"
        else AioAsking(lambda: connect_aio("127.0.0.1:1"))
    )
    with pytest.raises(Reached):
        asking.one(lambda c: c.purchases.record("customers/ann", Purchase()))
    asking.close()
    way = steps[: [step.function for step in steps].index("record") + 1]
    assert [step.function for step in way] == ["with_call", "answer", "unary", "record"]
    assert len({step.filename for step in way}) == 4


def test_ctrl_c_during_a_write_is_in_doubt_under_its_request_id() -> None:
    client = on_stage("sync", session(), interrupted).client
    with pytest.raises(Interrupted) as caught:
        client.customers.delete("customers/ann")
    assert isinstance(caught.value, KeyboardInterrupt)
    assert isinstance(caught.value.in_doubt, InDoubt)
    assert caught.value.in_doubt.request_id == "00000000-0000-4000-8000-000000000001"


def test_ctrl_c_during_a_read_is_just_that() -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        on_stage("sync", session(), interrupted).client.customers.get("customers/ann")
    assert not isinstance(caught.value, Interrupted)


def test_ctrl_c_between_two_attempts_of_a_write_is_in_doubt_once_one_may_have_arrived() -> None:
    class Impatient(StageClock):
        def sleep(self, seconds: float) -> None:
            raise KeyboardInterrupt

    def pressed(request: Failure) -> KeyboardInterrupt:
        client = on_stage("sync", session(clock=Impatient()), lambda _: [request]).client
        with pytest.raises(KeyboardInterrupt) as caught:
            client.customers.delete("customers/ann")
        return caught.value

    assert isinstance(pressed(Failure("UNAVAILABLE", "cut")), Interrupted)
    assert not isinstance(pressed(Failure("UNAVAILABLE", "away", left=False)), Interrupted)


async def test_a_cancelled_task_is_cancelled_and_not_tried_again() -> None:
    asked: list[Attempt] = []
    reached = asyncio.Event()

    class Silent(AioStage):
        async def answer(self, attempt: Attempt) -> Outcome:
            asked.append(attempt)
            reached.set()
            await asyncio.Event().wait()
            raise AssertionError

    client = AioClient(session(), Silent(lambda _: [], StageClock()))
    task = asyncio.create_task(client.customers.delete("customers/ann"))
    await asyncio.wait_for(reached.wait(), HANG_S)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(asked) == 1


def test_an_outcome_can_be_had_as_a_value() -> None:
    plays = answers(Reply(ANN.SerializeToString()), Failure("NOT_FOUND", "nobody"))
    client = on_stage("sync", session(), lambda _: next(plays)).client
    assert attempt(client.customers.get, "customers/ann") == Done(ANN)
    match attempt(client.customers.get, "customers/ann"):
        case Refused(code="NOT_FOUND", message="nobody"):
            pass
        case other:
            pytest.fail(f"{other!r}")


async def test_an_outcome_can_be_had_as_a_value_of_the_aio_client() -> None:
    plays = answers(Reply(ANN.SerializeToString()), Failure("ABORTED", "stale"))
    client = AioClient(session(), AioStage(lambda _: next(plays), StageClock()))
    assert await attempt_aio(client.customers.get, "customers/ann") == Done(ANN)
    assert isinstance(await attempt_aio(client.customers.get, "customers/ann"), Refused)
