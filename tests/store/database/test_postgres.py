"""PostgreSQL: several servers on one database, and what becomes of a write when the database goes away.

What holds on both databases is tested for both (tests/stores.py); here is what only PostgreSQL has.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import feed_pb2 as fpb
from clientela.v1 import purchases_pb2 as ppb
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_postgres import LocalPostgres
from clientela_lab.servers.local_server import LocalServer
from clientela_server.__main__ import main
from clientela_server.admin import create_token
from clientela_server.store.database.connection import StoreLost
from tests.rpc.callers import Caller, fresh, request_id
from tests.rpc.making import to_create, to_record
from tests.rpc.refusals import Refused, refusal
from tests.rpc.running import Running, running
from tests.rpc.unhurried import unhurried_limit_s
from tests.rpc.waiting import wait_for
from tests.stores import postgres

OURS = "application_name LIKE 'clientela-server%'"


@contextmanager
def two_servers(url: str) -> Iterator[list[Caller]]:
    """Two server processes on one database, and an administrator at each."""
    with ExitStack() as stack:
        servers = [stack.enter_context(LocalServer(database=url)) for _ in range(2)]
        token = create_token(url, "both", "admin", None)
        yield [
            Caller(stack.enter_context(grpc.insecure_channel(server.address)), token) for server in servers
        ]


@pytest.fixture(scope="module")
def pair() -> Iterator[list[Caller]]:
    with two_servers(postgres().new_ledger()) as callers:
        yield callers


def watched(caller: Caller, after: int, until: int) -> list[fpb.Change]:
    """Read the feed up to a revision."""
    changes: list[fpb.Change] = []
    call = caller.feed.Watch(fpb.WatchRequest(after_revision=after))
    for response in call:
        changes += response.changes
        if changes and changes[-1].revision >= until:
            break
    call.cancel()
    return changes


def head(caller: Caller) -> int:
    return int(caller.customers.ListCustomers.trailers(cpb.ListCustomersRequest())["clientela-revision"])


def test_two_servers_write_one_journal_and_both_tell_all_of_it_in_order(pair: list[Caller]) -> None:
    before = head(pair[0])
    buyer = pair[0].customers.CreateCustomer(to_create(fresh())).name

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda n: pair[n % 2].purchases.RecordPurchase(to_record(buyer)), range(60)))
        feeds = list(threads.map(lambda caller: watched(caller, before, before + 61), pair))

    revisions = list(range(before + 1, before + 62))
    assert [each.revision for each in feeds[0]] == revisions
    assert feeds[0] == feeds[1]
    assert sorted(each.revision for each in made) == revisions[1:]
    [total] = pair[1].customers.GetCustomer(cpb.GetCustomerRequest(name=buyer)).totals
    assert total.purchase_count == 60


def test_a_request_id_holds_across_servers(pair: list[Caller]) -> None:
    buyer = pair[0].customers.CreateCustomer(to_create(fresh())).name
    request = to_record(buyer)
    request.request_id = request_id()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: pair[n % 2].purchases.RecordPurchase(request), range(8)))

    assert all(each == answers[0] for each in answers)
    changed = ppb.RecordPurchaseRequest()
    changed.CopyFrom(request)
    changed.purchase.note = "another"
    assert refusal(pair[1].purchases.RecordPurchase, changed).reason == "REQUEST_ID_REUSED"


def test_an_etag_holds_across_servers(pair: list[Caller]) -> None:
    """Of a hundred pairs of editors, one at each server, one always wins and one is told."""
    with ThreadPoolExecutor(2) as threads:
        for _ in range(20):
            made = pair[0].customers.CreateCustomer(to_create(fresh()))
            wishes = [cpb.Customer(name=made.name, etag=made.etag, patron=word) for word in ("one", "two")]

            def change(number: int, wishes: list[cpb.Customer] = wishes) -> str:
                try:
                    pair[number].customers.UpdateCustomer(cpb.UpdateCustomerRequest(customer=wishes[number]))
                except grpc.RpcError as error:
                    return Refused.of(error).reason
                return "changed"

            assert sorted(threads.map(change, range(2))) == ["ETAG_MISMATCH", "changed"]


def test_what_one_server_answered_is_read_at_the_other(pair: list[Caller]) -> None:
    for number in range(20):
        writer, reader = pair[number % 2], pair[1 - number % 2]
        made = writer.customers.CreateCustomer(to_create(fresh()))
        assert reader.customers.GetCustomer(cpb.GetCustomerRequest(name=made.name)) == made


async def test_a_watcher_at_one_server_is_told_of_what_the_other_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the database, at once: that a server also looks now and then does not come into it."""
    monkeypatch.setattr("clientela_server.store.database.postgres_database._LOOK_S", 10 * HANG_S)
    url = postgres().new_ledger()
    async with running(tmp_path, database=url) as one, running(tmp_path, database=url) as other:
        watch = other.admin.feed.Watch(fpb.WatchRequest())
        await watch.read()
        async with asyncio.timeout(HANG_S):
            for _ in range(30):
                await one.admin.customers.CreateCustomer(to_create(fresh()))
                while not (await watch.read()).changes:
                    pass
        watch.cancel()


def test_a_watch_is_resumed_at_the_other_server(pair: list[Caller]) -> None:
    """Also right behind a commit of which that server has not heard yet: that is not ahead of the journal."""
    for _ in range(20):
        made = pair[0].purchases.RecordPurchase(to_record(buyer_at(pair[0])))
        first = next(iter(pair[1].feed.Watch(fpb.WatchRequest(after_revision=made.revision))))
        assert first.bookmark_revision == made.revision


def buyer_at(caller: Caller) -> str:
    return str(caller.customers.CreateCustomer(to_create(fresh())).name)


# ---- a database that goes away


@contextmanager
def served_by_its_own() -> Iterator[tuple[LocalPostgres, Caller]]:
    """A PostgreSQL of the test's own, to be hurt, and an administrator of a server on it."""
    with (
        LocalPostgres() as own,
        LocalServer(database=own.new_ledger()) as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        yield own, Caller(channel, server.token)


def test_a_write_goes_on_where_the_connection_was_ended(pair: list[Caller]) -> None:
    """Idle connections that were ended are nobody's business: the next call finds new ones."""
    for _ in range(3):
        postgres().execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OURS}")
        made = pair[0].customers.CreateCustomer(to_create(fresh()))
        assert pair[1].customers.GetCustomer(cpb.GetCustomerRequest(name=made.name)) == made


@pytest.mark.long
def test_a_transaction_that_the_database_undid_is_run_again(pair: list[Caller]) -> None:
    """Once as PostgreSQL itself reports it: a serialization failure, raised by a trigger."""
    url = postgres().new_ledger()
    with two_servers(url) as callers:
        postgres().execute("CREATE SEQUENCE tries", url)
        postgres().execute(
            "CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF nextval('tries') <= 2 THEN RAISE EXCEPTION 'try again' USING ERRCODE = '40001'; END IF; "
            "RETURN NEW; END $$",
            url,
        )
        postgres().execute(
            "CREATE TRIGGER fail_once BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION fail_once()",
            url,
        )
        made = callers[0].customers.CreateCustomer(to_create("a"))

        assert made.name == "customers/a"
        assert [row[0] for row in postgres().execute("SELECT revision FROM journal", url)] == [1]
        assert postgres().execute("SELECT last_value FROM tries", url) == [(3,)]


@pytest.mark.long
def test_while_the_database_is_away_calls_are_told_so_and_then_it_goes_on() -> None:
    with served_by_its_own() as (own, caller):
        before = caller.customers.CreateCustomer(to_create("before"))
        own.kill()
        request = to_create("meanwhile")
        request.request_id = request_id()
        for told in (
            refusal(caller.customers.GetCustomer, cpb.GetCustomerRequest(name=before.name)),
            refusal(caller.customers.CreateCustomer, request),
        ):
            assert (told.code, told.reason) == (grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE")
            assert "127.0.0.1" not in str(told)
        own.start()
        wait_for(lambda: get_back(caller, before.name) == before)
        assert caller.customers.CreateCustomer(request).name == "customers/meanwhile"


def get_back(caller: Caller, name: str) -> Any:
    try:
        return caller.customers.GetCustomer(cpb.GetCustomerRequest(name=name))
    except grpc.RpcError:
        return None


@pytest.mark.long
async def test_a_write_that_waits_while_the_database_starts_anew_is_done_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection is gone, so the write is known not to be done, and is run when it can be."""
    # A loaded machine may take longer to start one than a caller is kept waiting.
    monkeypatch.setattr("clientela_server.store.journal.committer._AGAIN_S", HANG_S)
    monkeypatch.setattr("clientela_server.rpc.gate.gate.limit_s_of", unhurried_limit_s)
    with LocalPostgres() as own:
        async with running(tmp_path, database=own.new_ledger()) as live:
            await live.admin.customers.CreateCustomer(to_create("before"))
            await asyncio.to_thread(own.stop)
            call = live.admin.customers.CreateCustomer(to_create("meanwhile"))
            await asyncio.to_thread(own.start)
            assert (await call).name == "customers/meanwhile"


class Cut:
    """The next commit whose connection ends: before the database has heard of it, or before its answer is."""

    def __init__(self, live: Running, patch: pytest.MonkeyPatch, *, heard: bool) -> None:
        self._writer: Any = live.server.database.writer
        self._commit = self._writer.commit
        self._heard = heard
        self.left = 1
        patch.setattr(self._writer, "commit", self.commit)

    def commit(self) -> None:
        """End the connection where the database does not know what we know."""
        if not self.left:
            return self._commit()
        self.left -= 1
        if self._heard:
            self._commit()
        self._writer.close()
        raise StoreLost("the connection broke")


@pytest.mark.parametrize("heard", [True, False])
async def test_a_commit_whose_answer_is_lost_is_looked_up_and_done_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: bool
) -> None:
    """Whether or not the database received the commit, the caller gets the true outcome, and nothing else."""
    async with running(tmp_path, database=postgres().new_ledger()) as live:
        await live.admin.customers.CreateCustomer(to_create("a"))
        cut = Cut(live, monkeypatch, heard=heard)

        made = await live.admin.purchases.RecordPurchase(to_record("customers/a"))

        assert cut.left == 0
        assert made.revision == 2
        assert live.server.journal.head == 2
        listed = await live.admin.purchases.ListPurchases(ppb.ListPurchasesRequest(parent="customers/a"))
        assert list(listed.purchases) == [made]


# ---- what the administrator sees


def test_the_ready_line_and_the_log_do_not_tell_the_password() -> None:
    url = postgres().new_ledger().replace("clientela@", "clientela:hunter2@")
    with LocalServer(database=url) as server:
        assert "database=postgresql://127.0.0.1:" in server.ready_line
        assert "hunter2" not in server.ready_line + server.log


def test_a_database_that_can_not_be_reached_is_reported_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = postgres().url.replace("clientela@", "clientela:hunter2@").replace("/postgres", "/none")

    assert main(["token", "list", "--database", url]) == 1

    told = capsys.readouterr().err
    assert told.count("\n") == 1 and '"none" does not exist' in told and "hunter2" not in told


def test_texts_compare_by_code_point_whatever_language_the_database_was_made_for(
    pair: list[Caller],
) -> None:
    """The rule is each column's own: in a language's order a prefix's texts would not stand together."""
    texts = postgres().execute(
        "SELECT table_name, column_name, collation_name FROM information_schema.columns "
        "WHERE table_schema = 'ledger_1' AND data_type = 'text'"
    )
    assert len(texts) > 20
    assert {row[2] for row in texts} == {"C"}


async def test_ledgers_of_one_database_do_not_hear_of_each_other(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    async with (
        running(folders[0], database=postgres().new_ledger()) as first,
        running(folders[1], database=postgres().new_ledger()) as second,
    ):
        watch = second.admin.feed.Watch(fpb.WatchRequest())
        assert (await watch.read()).bookmark_revision == 0
        for number in range(3):
            await first.admin.customers.CreateCustomer(to_create(f"a{number}"))
        await second.admin.customers.CreateCustomer(to_create("b"))

        assert [each.revision for each in (await watch.read()).changes] == [1]
        assert second.server.journal.head == 1
        watch.cancel()
