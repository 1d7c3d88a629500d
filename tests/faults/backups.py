"""Backups made while clients write: each is restored, verified, and compared with what was acknowledged.

What must hold of each: it is whole, it shows one revision and says which, it holds every write that was
acknowledged before it began, and what it holds is what the ledger still has at the end.
"""

from collections import defaultdict
from pathlib import Path

from clientela_server.nouns import NOUNS
from clientela_server.store.integrity.backups import BackupUnusable, Made, back_up, restore
from clientela_server.store.integrity.verify import Check
from tests.faults.crew import Crew
from tests.faults.ledger import Ledger, read_ledger
from tests.faults.table import Result
from tests.faults.trial import Trial

_ANSWERS = 3


def run(trial: Trial) -> Result:
    """Back up `trial.tries` times under four writers and two watchers; restore and compare each."""
    with trial, trial.load() as load:
        load.start()
        taken = [_taken(trial, load, number) for number in range(trial.tries)]
        load.stop()
        load.settle()
    ledger = read_ledger(trial.server.database)
    broken = [fault for file, made, known in taken for fault in _faults(file, made, known, ledger)]
    revisions = [made.head.revision for _, made, _ in taken]
    note = f"{len(set(revisions)):,} different revisions, up to {max(revisions):,}"
    return trial.verdict(load.watches, broken, note)


def _taken(trial: Trial, load: Crew, number: int) -> tuple[Path, Made, int]:
    """Make a backup; return it, and the last revision that was acknowledged before it began."""
    load.wait_for(_ANSWERS)
    revisions = [event["rev"] for event in trial.history.events if event["ev"] == "ok" and event.get("rev")]
    file = trial.folder / f"backup-{number}.db"
    return file, back_up(trial.server.database, file), max(revisions, default=0)


def _faults(file: Path, made: Made, acknowledged: int, ledger: Ledger) -> list[str]:
    """Restore a backup beside the others, and say what is wrong with it; what is whole is removed."""
    place = file.with_suffix(".restored")
    checks: list[Check] = []
    try:
        restore(file, place, NOUNS, checks.append, force=False)
    except BackupUnusable as error:
        return [f"{file.name}: {error}", *(fault for check in checks for fault in check.faults)]
    faults = differences(made, acknowledged, read_ledger(place), ledger)
    if not faults:
        for each in (file, place):
            each.unlink()
    return [f"{file.name}: {fault}" for fault in faults]


def differences(made: Made, acknowledged: int, kept: Ledger, ledger: Ledger) -> list[str]:
    """Return the differences of a backup from the whole ledger."""
    rows, totals = kept
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        sums[row.cust] += row.amount
    wrong = {
        f"it holds revision {rows[-1].revision if rows else 0}, and says {made.head.revision}": (
            made.head.revision != (rows[-1].revision if rows else 0)
        ),
        f"revision {acknowledged} was acknowledged before it began": made.head.revision < acknowledged,
        "it is not the beginning of the ledger": rows != ledger[0][: len(rows)],
        "its totals are not the sums of its rows": any(
            sums[cust] != totals.get(cust, 0) for cust in {*sums, *totals}
        ),
    }
    return [what for what, is_so in wrong.items() if is_so]
