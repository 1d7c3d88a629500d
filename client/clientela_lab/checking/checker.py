"""The checker: compares the clients' history with the ledger, and reports every broken promise.

It is a black-box test. Three states of a key (a write's request id) are possible:
- acknowledged: some attempt was answered, so it is in the ledger exactly once, as answered;
- refused: every attempt ended with a code that proves that nothing was written, so it is not in the ledger;
- unknown: anything else, so it is in the ledger once or not at all.
From these follow bounds for every sum. Refunds are amounts below zero, so the same bounds hold for them.

Each function below proves one promise; tests/faults/test_checker.py shows each to find a planted fault.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from clientela_lab.checking.history import Event, Row
from clientela_lab.checking.money import exactly

DEFINITE = frozenset(
    """INVALID_ARGUMENT UNAUTHENTICATED PERMISSION_DENIED NOT_FOUND ALREADY_EXISTS FAILED_PRECONDITION
    OUT_OF_RANGE UNIMPLEMENTED ABORTED""".split()
)
# The SDK's code for a write that was given up before there was a connection to send it on.
NEVER_LEFT = "NEVER_LEFT"
WRITES = frozenset({"buy", "refund", "create", "update", "import"})
# An entry as a watcher received it: revision, key, amount.
Seen = tuple[int, str, int]


class Kind(StrEnum):
    """The kinds of violation, one a promise."""

    LOST = "acknowledged, and not in the ledger"
    DOUBLED = "in the ledger more than once"
    REFUSED_YET_WRITTEN = "refused, and yet in the ledger"
    ANSWERS_DIFFER = "the same request was answered in two ways"
    ANSWER_UNTRUE = "the answer names another entry than the ledger's"
    CHANGED = "in the ledger otherwise than it was asked for"
    FOREIGN = "in the ledger, and nobody asked for it"
    REVISIONS = "revisions are not 1, 2, 3, ..."
    REORDERED = "answered first, and later in the ledger than what began after it"
    TOTAL_WRONG = "the stored total is not the sum of the entries"
    SUM_IMPOSSIBLE = "the sum is not between what must and what may be in it"
    READ_STALE = "a read older than what was answered before it"
    READ_UNTRUE = "a read that is not what the ledger holds up to its revision"
    FEED_WRONG = "a watcher saw something else than the journal"
    FEED_SHORT = "a watcher did not see the whole journal"
    KEY_REUSED = "another request under a used key was accepted"
    OVERWRITTEN = "two updates of the same version were accepted"
    HARNESS = "the harness itself contradicts itself"


class Violation(NamedTuple):
    """One broken promise. about: a key, a customer or a watcher. facts: in words."""

    kind: Kind
    about: str
    facts: str = ""

    def __str__(self) -> str:
        return f"{self.kind.name}: {self.kind}: {self.about} {self.facts}".rstrip()


@dataclass
class Write:
    """All that clients know of one key's write."""

    cust: str
    amount: int
    first_invoked: int  # a place in the history
    _: KW_ONLY
    attempts: int = 0
    # Place, id and revision; an import's answer has no revisions of its items.
    answers: list[tuple[int, str, int | None]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        """Whether some attempt was answered."""
        return bool(self.answers)

    @property
    def answered_first(self) -> tuple[int, int] | None:
        """The place and the revision of the first answer that has a revision."""
        return next(((place, told) for place, _, told in self.answers if told is not None), None)

    @property
    def refused(self) -> bool:
        """Whether every attempt ended in a refusal; an attempt without an outcome leaves it unknown."""
        closed = len(self.codes) == self.attempts
        return not self.answers and closed and {*DEFINITE, NEVER_LEFT}.issuperset(self.codes)


def check(
    hist: Iterable[Event],
    rows: Iterable[Sequence[Any]],
    totals: Mapping[str, int],
    watches: Iterable[Sequence[Seen]] = (),
) -> list[Violation]:
    """Return every violation.

    hist: events as in history.py, in order. rows, totals: the ledger's. watches: for each watcher the
    entries that it received, over all its connections.
    """
    events, entries = list(hist), [Row(*row) for row in rows]
    writes = gather(events)
    by_key: dict[str, list[Row]] = defaultdict(list)
    for row in entries:
        by_key[row.key].append(row)
    return [
        *a_key_means_one_request(events),
        *(breach for key, write in writes.items() for breach in written_as_told(key, write, by_key[key])),
        *nothing_that_nobody_asked_for(writes, entries),
        *revisions_have_no_gap(entries),
        *what_began_later_comes_later(writes),
        *totals_are_the_sums(writes, entries, totals),
        *reads_are_fresh_and_true(events, entries),
        *a_version_is_updated_once(events),
        *watchers_saw_the_journal(entries, watches),
    ]


def gather(events: Iterable[Event]) -> dict[str, Write]:
    """Return the writes of a history by key."""
    writes: dict[str, Write] = {}
    for place, event in enumerate(events):
        if event["op"] not in WRITES:
            continue
        key = event["key"]
        write = writes.setdefault(key, Write(event["cust"], event["amount"], place))
        if event["ev"] == "invoke":
            write.attempts += 1
        elif event["ev"] == "ok":
            write.answers.append((place, event["id"], event["rev"]))
        else:
            write.codes.append(event["code"])
    return writes


def a_key_means_one_request(events: Iterable[Event]) -> Iterator[Violation]:
    """A key with another request (op "reuse") is refused; the harness itself never mixes them up."""
    meant: dict[str, tuple[str, int]] = {}
    for event in events:
        body = (event["cust"], event["amount"])
        if event["op"] == "reuse" and event["ev"] == "ok":
            yield Violation(Kind.KEY_REUSED, event["key"], f"answered {event['id']}")
        elif event["op"] in WRITES and meant.setdefault(event["key"], body) != body:
            yield Violation(Kind.HARNESS, event["key"], "sent with two bodies")


def written_as_told(key: str, write: Write, rows: Sequence[Row]) -> Iterator[Violation]:
    """Acknowledged is once, refused never, unknown at most once; and what is there is what was asked for."""
    if write.acknowledged:
        yield from _acknowledged_once(key, write, rows)
    elif write.refused and rows:
        yield Violation(Kind.REFUSED_YET_WRITTEN, key, f"{write.codes} and {len(rows)} entries")
    elif len(rows) > 1:
        yield Violation(Kind.DOUBLED, key, f"unknown, and {len(rows)} entries")
    for row in rows:
        if (row.cust, row.amount) != (write.cust, write.amount):
            yield Violation(Kind.CHANGED, key, f"{write.cust} {exactly(write.amount)} became {row}")


def _acknowledged_once(key: str, write: Write, rows: Sequence[Row]) -> Iterator[Violation]:
    told = {(name, revision) for _, name, revision in write.answers}
    if len(told) > 1:
        yield Violation(Kind.ANSWERS_DIFFER, key, str(told))
    if not rows:
        yield Violation(Kind.LOST, key, f"answered {told}")
    elif len(rows) > 1:
        yield Violation(Kind.DOUBLED, key, f"acknowledged, and {len(rows)} entries")
    elif not told & {(rows[0].id, rows[0].revision), (rows[0].id, None)}:
        yield Violation(Kind.ANSWER_UNTRUE, key, f"answered {told}, there is {rows[0]}")


def nothing_that_nobody_asked_for(writes: Mapping[str, Write], rows: Iterable[Row]) -> Iterator[Violation]:
    """Every entry was asked for."""
    for row in rows:
        if row.key not in writes:
            yield Violation(Kind.FOREIGN, row.id, str(row))


def revisions_have_no_gap(rows: Sequence[Row]) -> Iterator[Violation]:
    """Revisions are 1, 2, 3, ..."""
    for wanted, row in enumerate(rows, 1):
        if row.revision != wanted:
            yield Violation(Kind.REVISIONS, row.id, f"{row.revision} in the place of {wanted}")
            return


def what_began_later_comes_later(writes: Mapping[str, Write]) -> Iterator[Violation]:
    """A write that began after another was answered has the greater revision."""
    answered = sorted(filter(None, (write.answered_first for write in writes.values())))
    reached, next_answer = 0, iter([*answered, (float("inf"), 0)])
    place, revision = next(next_answer)
    for key, write in sorted(writes.items(), key=lambda item: item[1].first_invoked):
        while place < write.first_invoked:
            reached = max(reached, revision)
            place, revision = next(next_answer)
        if write.answered_first and write.answered_first[1] <= reached:
            yield Violation(Kind.REORDERED, key, f"revision {write.answered_first[1]}, begun after {reached}")


def totals_are_the_sums(
    writes: Mapping[str, Write], rows: Iterable[Row], totals: Mapping[str, int]
) -> Iterator[Violation]:
    """Each stored total is the sum of its entries, and that lies between what must and what may be in it."""
    found: dict[str, int] = defaultdict(int)
    for row in rows:
        found[row.cust] += row.amount
    least, most = _bounds(writes.values())
    for cust in sorted(found.keys() | totals.keys() | least.keys() | most.keys()):
        if found[cust] != totals.get(cust, 0):
            facts = f"{exactly(totals.get(cust, 0))}, entries {exactly(found[cust])}"
            yield Violation(Kind.TOTAL_WRONG, cust, facts)
        if not least[cust] <= found[cust] <= most[cust]:
            facts = f"{exactly(found[cust])}, not from {exactly(least[cust])} to {exactly(most[cust])}"
            yield Violation(Kind.SUM_IMPOSSIBLE, cust, facts)


def _bounds(writes: Iterable[Write]) -> tuple[dict[str, int], dict[str, int]]:
    """An unknown purchase may add to the sum, an unknown refund may take from it."""
    least: dict[str, int] = defaultdict(int)
    most: dict[str, int] = defaultdict(int)
    for write in writes:
        if write.refused:
            continue
        least[write.cust] += write.amount if write.acknowledged else min(0, write.amount)
        most[write.cust] += write.amount if write.acknowledged else max(0, write.amount)
    return least, most


def reads_are_fresh_and_true(events: Iterable[Event], rows: Sequence[Row]) -> Iterator[Violation]:
    """A read shows at least what was answered before it began, and exactly the ledger of its revision."""
    known = 0
    floor: dict[int, int] = {}
    sums = _Sums(rows)
    for event in events:
        if event["op"] == "read" and event["ev"] == "invoke":
            floor[event["n"]] = known
        elif event["op"] == "read" and event["ev"] == "ok":
            facts = f"{event['total']} at revision {event['rev']}"
            if event["rev"] < floor[event["n"]]:
                yield Violation(Kind.READ_STALE, event["cust"], f"{facts}, begun after {floor[event['n']]}")
            wanted = sums.up_to(event["cust"], event["rev"])
            if event["total"] != wanted:
                yield Violation(Kind.READ_UNTRUE, event["cust"], f"{facts}, entries {wanted}")
        if event["ev"] == "ok":
            known = max(known, event.get("rev") or 0)


class _Sums:
    """What each customer's entries add up to, up to any revision."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._steps: dict[str, list[tuple[int, int]]] = defaultdict(lambda: [(0, 0)])
        for row in rows:
            steps = self._steps[row.cust]
            steps.append((row.revision, steps[-1][1] + row.amount))

    def up_to(self, cust: str, revision: int) -> int:
        steps = self._steps[cust]
        return steps[bisect_right(steps, revision, key=lambda step: step[0]) - 1][1]


def a_version_is_updated_once(events: Iterable[Event]) -> Iterator[Violation]:
    """Of all updates that name the same version (`etag`) of a customer, at most one is accepted."""
    winners: dict[tuple[str, str], str] = {}
    for event in events:
        if event["op"] == "update" and event["ev"] == "ok":
            first = winners.setdefault((event["cust"], event["etag"]), event["key"])
            if first != event["key"]:
                facts = f"version {event['etag']} by {first} and {event['key']}"
                yield Violation(Kind.OVERWRITTEN, event["cust"], facts)


def watchers_saw_the_journal(rows: Iterable[Row], watches: Iterable[Sequence[Seen]]) -> Iterator[Violation]:
    """Each watcher saw every entry once and in order, also over cuts, and when all is quiet all of them."""
    journal: list[Seen] = [(row.revision, row.key, row.amount) for row in rows]
    for number, watch in enumerate(watches, 1):
        about = f"watcher {number}"
        pairs = enumerate(zip(watch, journal, strict=False), 1)
        differs = next((place for place, (saw, wrote) in pairs if tuple(saw) != wrote), None)
        if differs is not None:
            facts = f"at {differs}: saw {watch[differs - 1]}, there is {journal[differs - 1]}"
            yield Violation(Kind.FEED_WRONG, about, facts)
        elif len(watch) > len(journal):
            yield Violation(Kind.FEED_WRONG, about, f"saw {watch[len(journal)]}, which is not there")
        if len(watch) < len(journal):
            yield Violation(Kind.FEED_SHORT, about, f"saw {len(watch)} of {len(journal)}")
