"""ImportCustomers: a stream of messages, each customer registered, known already, or rejected."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import grpc
import pytest

from clientela.v1 import customers_pb2 as pb
from clientela_lab.patience import HANG_S
from tests.rpc.callers import Caller, fresh, request_id
from tests.rpc.making import new_customer, read_customer, to_create
from tests.rpc.processes import serving
from tests.rpc.refusals import refusal
from tests.rpc.running import running
from tests.rpc.watching import head, written_since

Code = grpc.StatusCode


def item(customer_id: str | None = None, **fields: object) -> pb.CustomerItem:
    """One item of an import, with a request id of its own."""
    asked = to_create(customer_id, **fields)
    return pb.CustomerItem(customer=asked.customer, customer_id=asked.customer_id, request_id=request_id())


def imported(caller: Caller, *messages: Iterable[pb.CustomerItem]) -> pb.ImportCustomersResponse:
    """Import messages of items."""
    stream = (pb.ImportCustomersRequest(items=items) for items in messages)
    answer: pb.ImportCustomersResponse = caller.customers.ImportCustomers(stream)
    return answer


def counts(answer: pb.ImportCustomersResponse) -> tuple[int, int, int]:
    return answer.imported_count, answer.duplicate_count, len(answer.rejected)


def test_a_stream_is_registered_in_one_entry_each_and_sent_again_adds_nothing(clerk: Caller) -> None:
    before = head(clerk)
    messages = [[item() for _ in range(500)] for _ in range(2)]

    first = imported(clerk, *messages)

    assert counts(first) == (1000, 0, 0)
    assert counts(imported(clerk, *messages)) == (0, 1000, 0)
    written = written_since(clerk, before)
    assert [each.name for each in written] == [
        f"customers/{each.customer_id}" for message in messages for each in message
    ]
    assert {(each.method, each.actor) for each in written} == {("CustomerService.ImportCustomers", "clerk")}
    assert [each.request_id for each in written] == [
        each.request_id for message in messages for each in message
    ]
    assert first.revision == written[-1].revision


def test_imported_customers_read_as_others_do(clerk: Caller) -> None:
    email = f"{fresh()}@example.com"
    told = item(emails=[email], phones=["+48 22 123-45-67"], labels={"tier": "gold"}, name="customers/other")
    made = new_customer(clerk, emails=[f"also-{email}"], phones=told.customer.phones, labels={"tier": "gold"})
    imported(clerk, [told])

    read = read_customer(clerk, f"customers/{told.customer_id}")

    assert list(read.emails) == [email]
    for each in (read, made):
        for field in ("name", "uid", "emails", "create_time", "update_time", "etag"):
            each.ClearField(field)
    assert read == made


def test_without_an_id_the_server_makes_one_and_once(clerk: Caller) -> None:
    told, before = item(), head(clerk)
    told.ClearField("customer_id")

    assert counts(imported(clerk, [told, told])) == (1, 1, 0)
    assert counts(imported(clerk, [told])) == (0, 1, 0)
    assert len(written_since(clerk, before)) == 1


def test_a_stream_of_nothing_is_answered(clerk: Caller) -> None:
    assert counts(imported(clerk)) == (0, 0, 0)
    assert counts(imported(clerk, [], [])) == (0, 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"emails": ["nobody"]},
        {"display_name": ""},
        {"display_name": "\u200b"},
        {"acquisition": pb.Acquisition(referrer="customers/missing")},
        {"labels": {"Tier": "gold"}},
        {"emails": ["{taken}"]},
        {"customer_id": "{ann}"},
        {"customer_id": "-"},
    ],
    ids=str,
)
def test_an_item_is_rejected_as_create_customer_refuses_it_and_the_rest_stands(
    clerk: Caller, wrong: dict[str, object]
) -> None:
    taken = f"{fresh()}@example.com"
    ann = new_customer(clerk, emails=[taken]).name.removeprefix("customers/")
    if wrong.get("emails") == ["{taken}"]:
        wrong = {"emails": [taken.upper()]}
    if wrong.get("customer_id") == "{ann}":
        wrong = {"customer_id": ann}
    bad = item(**wrong)  # type: ignore[arg-type]
    single = pb.CreateCustomerRequest(customer=bad.customer, customer_id=bad.customer_id)
    expected = refusal(clerk.customers.CreateCustomer, single)

    answer = imported(clerk, [item()], [bad, item()])

    assert counts(answer) == (2, 0, 1)
    [no] = answer.rejected
    assert (no.index, no.request_id) == (1, bad.request_id)
    assert (no.status.code, no.status.reason) == (expected.code.value[0], expected.reason)
    assert dict(no.status.metadata) == expected.facts
    assert no.status.message == expected.message


def test_items_are_registered_in_their_order(clerk: Caller) -> None:
    email, ann, ben, eve = f"{fresh()}@example.com", fresh(), fresh(), fresh()
    referred = pb.Acquisition(referrer=f"customers/{ann}")

    answer = imported(
        clerk,
        [
            item(ben, acquisition=referred),
            item(ann, emails=[email]),
            item(ben, acquisition=referred),
            item(eve, emails=[email]),
        ],
        [item(ann)],
    )

    assert [(each.index, each.status.reason) for each in answer.rejected] == [
        (0, "REFERRER_NOT_FOUND"),
        (3, "EMAIL_TAKEN"),
        (4, "CUSTOMER_EXISTS"),
    ]


def test_an_id_that_stood_for_another_item_or_another_call_is_rejected(clerk: Caller) -> None:
    told, other, created = item(), item(), to_create()
    imported(clerk, [told])
    other.request_id = told.request_id.upper()
    created.request_id = request_id()
    clerk.customers.CreateCustomer(created)
    also = item()
    also.request_id = created.request_id

    answer = imported(clerk, [other, also])

    assert {each.status.reason for each in answer.rejected} == {"REQUEST_ID_REUSED"}
    assert [each.request_id for each in answer.rejected] == [other.request_id, also.request_id]


async def test_however_often_a_stream_is_cut_each_customer_is_registered_once(tmp_path: Path) -> None:
    async with running(tmp_path) as live:
        messages = [pb.ImportCustomersRequest(items=[item() for _ in range(20)]) for _ in range(3)]
        for sent in (1, 2):
            calls = live.admin.customers

            async def cut(sent: int = sent) -> AsyncIterator[pb.ImportCustomersRequest]:
                for message in messages[:sent]:
                    yield message
                await asyncio.Event().wait()

            call = calls.ImportCustomers(cut())
            async with asyncio.timeout(HANG_S):
                while live.server.journal.head < 20 * sent:
                    await live.server.journal.wait_beyond(live.server.journal.head, HANG_S)
            call.cancel()

        answer = await live.admin.customers.ImportCustomers(iter(messages))

        assert (answer.imported_count, answer.duplicate_count) == (20, 40)
        assert live.server.journal.head == 60


def test_a_killed_server_kept_whole_messages_and_the_stream_sent_again_completes_it(tmp_path: Path) -> None:
    messages = [pb.ImportCustomersRequest(items=[item() for _ in range(50)]) for _ in range(4)]
    with serving(tmp_path) as process, process.admin() as admin:

        def killing() -> Iterable[pb.ImportCustomersRequest]:
            yield from messages[:2]
            while head(admin) < 50:
                pass
            process.stop(signal.SIGKILL)

        with pytest.raises(grpc.RpcError):
            admin.customers.ImportCustomers(killing())
    with serving(tmp_path) as process, process.admin() as admin:
        survived = head(admin)
        answer = imported(admin, *(message.items for message in messages))

        assert survived in (50, 100)
        assert counts(answer) == (200 - survived, survived, 0)
        assert head(admin) == 200
