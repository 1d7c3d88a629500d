"""What a real database keeps and tells of standings, after any work, is what the naive rules say.

Commits hold any mixture of work, days pass, policies change; after each round the facts are compared with the
ledger, stages and kinds with tests/domain/naive, and the changes of stage that were told with each other.
"""

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.v1 import standing_pb2 as pb
from clientela_server.domain.days import DAY_US
from clientela_server.domain.standing.kinds import Kind
from clientela_server.domain.standing.market import RankingThresholds
from clientela_server.domain.standing.stages import Stage
from clientela_server.domain.standing.standing import standing_of
from clientela_server.nouns import NOUNS
from clientela_server.rpc.codec.standing import to_stage_change
from clientela_server.store.aggregates import due_customers, stage_changes
from clientela_server.store.aggregates.aggregate_rows import aggregates_of_row
from clientela_server.store.aggregates.policy import PolicyStore
from clientela_server.store.aggregates.ranking_thresholds import (
    ThresholdScan,
    apply_mismatches,
    scan_thresholds,
)
from clientela_server.store.aggregates.rebuild import make_missing
from clientela_server.store.aggregates.stage_changes import changes_with
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.identity import load_secret
from clientela_server.store.database.migrate import migrate
from clientela_server.store.database.sqlite import SqliteConnection
from clientela_server.store.integrity.verify import verify
from clientela_server.store.journal import feed
from clientela_server.usecases.standings import StandingReads
from tests.domain import naive
from tests.domain.naive import EPOCH, Others
from tests.store.bare_ledger import Ledger
from tests.store.random_ledgers import World

pytestmark = pytest.mark.sqlite
# Four customers each.
LEDGERS = {"thorough": 2_500, "brief": 15}.get(settings.get_current_profile_name(), 40)
DAYS = (0, 0, 1, 2, 15, 30, 31, 89, 91, 150, 180, 365, 366)


@dataclass(frozen=True)
class Told:
    """A change of stage as the feed tells it."""

    revision: int
    before: str
    after: str
    findings: dict[str, bool]


def told(connection: Connection) -> dict[str, list[Told]]:
    """Read all changes of stage from the feed's own entries, by customer."""
    entries = feed.read_after(connection, 0, (), 100_000)
    beside = changes_with(connection, NOUNS, entries)
    changes = defaultdict(list)
    for entry in entries:
        if entry.noun == stage_changes.NOUN:
            change = pb.StageChange.FromString(entry.record)
        elif entry.revision in beside:
            change = to_stage_change(beside[entry.revision])
        else:
            continue
        names = [Stage(number).name for number in (change.from_stage, change.to_stage)]
        found = {each.label: each.holds for each in change.findings}
        changes[change.customer.removeprefix("customers/")].append(Told(entry.revision, *names, found))
    return changes


def read(world: World, ask: Callable[[Connection], Any]) -> Any:
    connection = world.ledger.connection
    connection.begin(write=False)
    try:
        return ask(connection)
    finally:
        connection.rollback()


def scanned(connection: Connection, world: World) -> ThresholdScan:
    """Return the thresholds of the ledger as it is."""
    return scan_thresholds(connection, world.policy, world.now_us)


def go_round(world: World) -> None:
    """Do what the server does by itself."""
    while read(world, lambda connection: due_customers.has_due(connection, world.now_us)):
        world.ledger.within(world.ledger.due_stages.run_batch, world.now_us)
    mismatches = read(world, lambda connection: scanned(connection, world)).mismatches
    if mismatches:
        world.ledger.within(lambda transaction: apply_mismatches(transaction, mismatches), world.now_us)


def check_told(world: World, changes: dict[str, list[Told]], stages: dict[str, str]) -> None:
    """Each change once and with its evidence: they make a chain from POTENTIAL to what is kept now."""
    for who, stage in stages.items():
        at = "POTENTIAL"
        for change in changes[who]:
            assert change.before == at != change.after, (who, changes[who])
            assert change.findings.keys() == {change.before, change.after} - {"BETWEEN"}
            assert change.findings.get(change.after, True)
            assert not change.findings.get(change.before) or (change.before, change.after) == (
                "REGULAR",
                "LOYAL",
            )
            at = change.after
        assert at == stage, (who, changes[who])


def check_past(world: World, reads: StandingReads, who: str, market: RankingThresholds) -> None:
    """As of the end of a past day only what was bought up to then counts; others count as they are now."""
    day = world.day - world.chance.randrange(1, 800)
    at_us, on = (day + 1) * DAY_US - 1, EPOCH + timedelta(day)
    standing = read(world, lambda connection: reads.get_past(connection, who, market, at_us))
    client = world.client(who)
    then = replace(client, ledger=tuple(each for each in client.ledger if each.on <= on))
    labels = {each.label for each in standing.findings if each.holds} - {"STRATEGIC", "MASS"}
    assert labels == naive.labels(then, world.policy, Others(), on) - {"STRATEGIC", "MASS"}, (who, on)


def check(world: World) -> None:
    today = EPOCH + timedelta(world.day)
    market = read(world, lambda connection: scanned(connection, world)).thresholds
    reads, stages = StandingReads(NOUNS, PolicyStore(NOUNS)), {}
    for who in world.people:
        client = world.client(who)
        row, policy = read(world, lambda connection, who=who: reads.grounds(connection, who))
        kept = aggregates_of_row(row)
        standing = standing_of(kept.facts, policy, market, world.day, who)
        labels = naive.labels(client, world.policy, world.others(who), today)
        assert {each.label for each in standing.findings if each.holds} == labels, who
        assert {kind.name for kind in Kind if kept.kinds >> kind & 1} == labels & set(Kind.__members__), who
        check_past(world, reads, who, market)
        stages[who] = naive.stage(client, world.policy, today)
        assert Stage(kept.stage).name == stages[who], who
    check_told(world, read(world, told), stages)


def whole(connection: Connection, now_us: int) -> list[str]:
    """What `verify` says, by the clock of the ledger, against one that only its own server wrote: nothing."""
    checks = verify(connection, NOUNS, clock=lambda: now_us)
    return [fault for each in checks for fault in each.faults]


def run(folder: Path, seed: int, rounds: int = 7) -> None:
    """Work through some rounds of a seed's own ledger."""
    chance = random.Random(seed)
    connection = SqliteConnection(folder / "ledger.db")
    try:
        migrate(connection)
        load_secret(connection)
        world = World(Ledger(connection), chance, chance.randrange(14_000, 26_000))
        make_missing(connection, NOUNS, world.now_us)
        world.begin()
        for _ in range(rounds):
            works = [world.work() for _ in range(chance.randrange(1, 16))]
            if chance.random() < 0.25:
                works.insert(chance.randrange(len(works)), world.new_policy())
            # A piece of work is made for the model as it is: so what counts on others is done one by one.
            at_once = chance.choice([1, 1, 4])
            for at in range(0, len(works), at_once):
                world.commit(works[at : at + at_once])
            assert world.ledger.faults() == []
            go_round(world)
            check(world)
            assert read(world, lambda connection: whole(connection, world.now_us)) == []
            world.now_us += chance.choice(DAYS) * DAY_US
    finally:
        connection.close()


@pytest.mark.timeout(1800)
@settings(max_examples=LEDGERS)
@given(seed=st.integers(0, 2**32))
def test_after_any_work_all_is_as_the_rules_read(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    run(tmp_path_factory.mktemp("standings"), seed)
