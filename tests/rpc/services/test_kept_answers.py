"""An answer that is kept is the one that would be read: whatever was written, by whom, and in which order."""

import random
from collections import Counter
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path

import grpc
import pytest

from clientela.v1 import customers_pb2 as pb
from clientela.v1 import purchases_pb2, standing_pb2
from clientela_server.rpc.services import kept_answers
from clientela_server.rpc.services.kept_answers import KeptAnswers
from clientela_server.store.journal.transaction import Commit, Transaction
from tests.rpc.callers import Caller
from tests.rpc.making import to_create, to_import, to_record
from tests.rpc.running import running

pytestmark = pytest.mark.sqlite
SIZE = 10


def test_an_answer_is_given_until_the_customer_is_written_to() -> None:
    kept = KeptAnswers(7)
    for each in "ann", "ben":
        kept.keep(each, "who", 7, each.encode(), size=SIZE)
        kept.keep(each, "what", 7, b"what", size=SIZE)
    kept.announce(Commit(7, 9, {"customers/ann/purchases/p-1", "segments/ben"}))
    assert [kept.find("ann", question, 9) for question in ("who", "what")] == [None, None]
    assert [kept.find("ben", question, 9) for question in ("who", "what", "why")] == [b"ben", b"what", None]


def test_a_snapshot_that_shows_a_commit_before_it_is_announced_is_given_nothing_and_keeps_nothing() -> None:
    kept = KeptAnswers(7)
    kept.keep("ann", "who", 7, b"before", size=SIZE)
    assert kept.find("ann", "who", 8) is None
    kept.keep("ben", "who", 8, b"ben", size=SIZE)
    assert kept.find("ben", "who", 7) is None
    kept.announce(Commit(7, 8, {"customers/ann"}))
    assert (kept.find("ann", "who", 8), kept.find("ben", "who", 8)) == (None, None)


def test_nothing_is_kept_when_the_policy_changes_by_which_everybody_is_judged() -> None:
    kept = KeptAnswers(7)
    kept.keep("ann", "who", 7, b"ann", size=SIZE)
    kept.announce(Commit(7, 8, {"policy"}))
    assert kept.find("ann", "who", 8) is None


def test_nothing_is_kept_over_commits_that_were_not_announced() -> None:
    kept = KeptAnswers(7)
    kept.keep("ann", "who", 7, b"ann", size=SIZE)
    kept.announce(Commit(8, 9, {"customers/ben"}))
    assert kept.find("ann", "who", 9) is None


def test_where_a_revision_is_not_known_before_it_is_read_nothing_is_given_or_kept() -> None:
    kept = KeptAnswers(7)
    kept.keep("ann", "who", None, b"ann", size=SIZE)
    assert (kept.find("ann", "who", 7), kept.find("ann", "who", None)) == (None, None)


def test_as_many_are_kept_as_memory_is_meant_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_answers, "_BYTES_KEPT", 2 * (kept_answers._OVERHEAD + SIZE))
    kept = KeptAnswers(0)
    kept.keep("large", "who", 0, b"", size=kept_answers._BYTES_EACH + 1)
    for each in "ann", "ben", "cid":
        kept.keep(each, "who", 0, b"x", size=SIZE)
        kept.find("ann", "who", 0)
    assert [kept.find(each, "who", 0) for each in ("large", "ann", "ben", "cid")] == [None, b"x", None, b"x"]
    kept.announce(Commit(0, 1, {"customers/ann", "customers/cid"}))
    assert kept._bytes == 0 and not kept._questions


WRITES = ["record", "refund", "import", "update", "delete", "undelete", "erase", "refer", "policy"]


async def write(caller: Caller, what: str, name: str) -> None:
    """Write something to a customer."""
    match what:
        case "record":
            await caller.purchases.RecordPurchase(to_record(name))
        case "refund":
            bought = await caller.purchases.RecordPurchase(to_record(name))
            asked = purchases_pb2.RefundPurchaseRequest(name=bought.name, reason="broken")
            await caller.purchases.RefundPurchase(asked)
        case "import":
            items = [to_import(name), to_import(name)]
            await caller.purchases.ImportPurchases(iter([purchases_pb2.ImportPurchasesRequest(items=items)]))
        case "update":
            changed = pb.Customer(name=name, display_name=f"{name} anew")
            await caller.customers.UpdateCustomer(pb.UpdateCustomerRequest(customer=changed))
        case "delete":
            await caller.customers.DeleteCustomer(pb.DeleteCustomerRequest(name=name))
        case "undelete":
            await caller.customers.UndeleteCustomer(pb.UndeleteCustomerRequest(name=name))
        case "refer":
            asked_by = pb.Customer(display_name="new", acquisition=pb.Acquisition(referrer=name))
            await caller.customers.CreateCustomer(pb.CreateCustomerRequest(customer=asked_by))
        case "policy":
            policy = await caller.standing.GetPolicy(standing_pb2.GetPolicyRequest())
            policy.loyal_days += 1
            await caller.standing.UpdatePolicy(standing_pb2.UpdatePolicyRequest(policy=policy))
        case "erase":
            await caller.customers.EraseCustomer(pb.EraseCustomerRequest(name=name))


async def stale(caller: Caller, names: list[str]) -> list[str]:
    """Return the customers about whom another answer is given than what is read of all together."""
    read = await caller.customers.BatchGetCustomers(pb.BatchGetCustomersRequest(names=names))
    one_by_one = [await caller.customers.GetCustomer(pb.GetCustomerRequest(name=each)) for each in names]
    found = [each.name for each, other in zip(read.customers, one_by_one, strict=True) if each != other]
    everyone = purchases_pb2.ListPurchasesRequest(parent="customers/-", page_size=1000)
    bought = (await caller.purchases.ListPurchases(everyone)).purchases
    for name in names:
        asked = purchases_pb2.ListPurchasesRequest(parent=name, page_size=1000)
        listed = (await caller.purchases.ListPurchases(asked)).purchases
        if list(listed) != [each for each in bought if each.name.startswith(f"{name}/")]:
            found.append(name)
    return found + await judged_otherwise(caller, names)


async def judged_otherwise(caller: Caller, names: list[str]) -> list[str]:
    """Return the customers who are judged otherwise alone than with all, also when asked again.

    Between two calls the market may have moved, by which all are compared.
    """
    found = names
    for _ in range(3):
        everyone = standing_pb2.ListStandingsRequest(page_size=1000, with_findings=True)
        judged = {each.customer: each for each in (await caller.standing.ListStandings(everyone)).standings}
        alone = [
            await caller.standing.GetStanding(standing_pb2.GetStandingRequest(name=each)) for each in found
        ]
        for each in (*judged.values(), *alone):
            for field in ("read_time", "rfm_scores", "market_time"):
                each.ClearField(field)
        found = [each.customer for each in alone if judged.get(each.customer, each) != each]
    return found


async def stale_after_much(folder: Path) -> list[str]:
    """Write to three customers at random, and ask about all after each write."""
    chance, found = random.Random(1), []
    async with running(folder) as live:
        names = [(await live.admin.customers.CreateCustomer(to_create())).name for _ in range(3)]
        for _ in range(80):
            with suppress(grpc.aio.AioRpcError):  # a customer may be deleted or erased by now
                await write(live.admin, chance.choice(WRITES), chance.choice(names))
            found += await stale(live.admin, names)
    return found


async def test_what_is_told_is_what_is_read_whatever_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: Counter[bool] = Counter()
    find = KeptAnswers.find

    def counted(self: KeptAnswers, customer_id: str, question: Hashable, revision: int) -> bytes | None:
        answer = find(self, customer_id, question, revision)
        given[answer is not None] += 1
        return answer

    monkeypatch.setattr(KeptAnswers, "find", counted)
    assert not await stale_after_much(tmp_path)
    assert given[True] and given[False]


@pytest.mark.parametrize("forgotten", [KeptAnswers, Transaction])
async def test_a_commit_whose_names_are_forgotten_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forgotten: type
) -> None:
    if forgotten is Transaction:
        nameless = property(lambda self: Commit(self._after, self.revision, set()))
        monkeypatch.setattr(Transaction, "commit", nameless)
    else:
        monkeypatch.setattr(
            KeptAnswers, "announce", lambda self, commit: setattr(self, "_revision", commit.head)
        )
    assert await stale_after_much(tmp_path)
