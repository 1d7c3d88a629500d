"""Verification of stages and kinds against facts and policy, and against the published changes.

A stage turns with a write or on a day; each turn is told, in an entry or beside one. Until the day on which
a customer is due to be looked at again, its facts come to what is kept. From that day on it waits for
`due_stage_job`, and only what was told last can be compared.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from clientela_server.domain.days import day_of
from clientela_server.domain.standing.kinds import RELATIVE_BITS, kinds_of
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.stages import Stage, due_day, stage_of
from clientela_server.domain.standing.standing import StageChange
from clientela_server.store.aggregates.aggregate_rows import COLUMNS, CustomerAggregates, aggregates_of_row
from clientela_server.store.aggregates.policy import REVIEW_ALL, SELECT_META, PolicyStore
from clientela_server.store.aggregates.rebuild import NOT_MADE, are_made, is_judged_by_other_rules
from clientela_server.store.aggregates.stage_changes import NOUN
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import facts, journal, stage_changes
from clientela_server.store.database.statements import LIMIT, NO_OFFSET, Statement
from clientela_server.store.integrity.verify_rows import Found
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.names import name_of

_PAGE = 500
_FACTS = Statement(
    sa.select(*COLUMNS)
    .where(facts.c.customer_id > sa.bindparam("after"))
    .order_by(facts.c.customer_id)
    .limit(LIMIT)
    .offset(NO_OFFSET)
)
_BESIDE = Statement(
    sa.select(journal.c.revision, journal.c.name, stage_changes.c.to_stage).join(
        stage_changes, stage_changes.c.revision == journal.c.revision
    )
)
_ENTRIES = Statement(
    sa.select(journal.c.revision, journal.c.record).where(journal.c.noun == sa.literal_column(f"'{NOUN}'"))
)
_LAST_US = Statement(sa.select(sa.func.coalesce(sa.func.max(journal.c.commit_us), sa.text("0"))))


def stages_as_told(connection: Connection, nouns: Nouns, now_us: int) -> Found:
    """Compare every customer's stage with the last published one, and with its facts unless due."""
    if not are_made(connection):
        return NOT_MADE, []
    told = _told(connection, nouns)
    waiting = connection.run(SELECT_META, {"of_key": REVIEW_ALL}) or is_judged_by_other_rules(connection)
    policy = None if waiting else PolicyStore(nouns).in_snapshot(connection)
    # A clock that was ahead and was set back has left what was true then.
    today = day_of(max(now_us, connection.run(_LAST_US)[0][0]))
    count, faults = 0, list[str]()
    for customer_id, kept in _kept(connection):
        count += 1
        found = [*_told_faults(kept, told.get(customer_id))]
        found += _rule_faults(kept, policy, today) if policy else []
        faults += [f"{name_of(customer_id)}: {wrong}" for wrong in found]
    return f"{count:,}, each as it was told", faults


def _told(connection: Connection, nouns: Nouns) -> dict[str, int]:
    """Return the last published stage of each customer."""
    turns = [(revision, name.split("/")[1], to) for revision, name, to in connection.run(_BESIDE)]
    codec = nouns.codec(StageChange)
    for revision, record in connection.run(_ENTRIES):
        change = codec.decode(record)
        turns.append((revision, change.customer_id, change.after))
    return {customer_id: to for _, customer_id, to in sorted(turns)}


def _kept(connection: Connection) -> Iterator[tuple[str, CustomerAggregates]]:
    after = ""
    while True:
        rows = connection.run(_FACTS, {"after": after, "limit": _PAGE})
        yield from ((row[0], aggregates_of_row(row[1:])) for row in rows)
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def _told_faults(kept: CustomerAggregates, told: int | None) -> Iterator[str]:
    if told is not None and kept.stage != told:
        yield f"its stage is {_named(kept.stage)}, and {_named(told)} was told last"


def _rule_faults(kept: CustomerAggregates, policy: Policy, today: int) -> Iterator[str]:
    if (kept.kinds ^ kinds_of(kept.facts, policy)) & ~RELATIVE_BITS:
        yield "its kinds are not what its facts come to"
    if kept.due_day is not None and kept.due_day <= today:
        return
    stage, due = stage_of(kept.facts, policy, today), due_day(kept.facts, policy, today)
    if kept.stage != stage:
        yield f"its stage is {_named(kept.stage)}, and its facts come to {stage.name}"
    if due is not None and (kept.due_day is None or kept.due_day > due):
        yield "the day on which to look at it again is later than its stage may change"


def _named(stage: int) -> str:
    return Stage(stage).name if stage in {*Stage} else str(stage)
