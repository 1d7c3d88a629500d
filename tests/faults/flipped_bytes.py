"""A byte of the ledger's file changes on the disk: it is found, or it changes no answer; never is it served.

Each try changes one bit of a whole ledger, somewhere. Then all tables are read as the server reads them, and
`verify` is asked; what must not be is an answer that differs without an error.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from clientela_server.nouns import NOUNS
from clientela_server.store.database.connection import DatabaseUnusable, StoreError
from clientela_server.store.database.files.sqlite_files import open_to_read
from clientela_server.store.database.schema import metadata
from clientela_server.store.integrity.verify import verify
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.faults.workload import connection
from tests.rpc.callers import Caller
from tests.upkeep.some_of_everything import fill

Answers = dict[str, list[tuple[Any, ...]]]


def run(trial: Trial) -> Result:
    """Change one bit `trial.tries` times, each in a ledger that was whole."""
    with trial, connection(trial.server.address) as channel:
        fill(Caller(channel, trial.server.token), imported=300)
        trial.server.stop()
    path = trial.server.file
    whole, answers = path.read_bytes(), read_all(path)
    assert answers is not None
    outcomes: Counter[str] = Counter()
    broken = []
    for _ in range(trial.tries):
        place, bit = trial.chance.randrange(len(whole)), trial.chance.randrange(8)
        damaged = bytearray(whole)
        damaged[place] ^= 1 << bit
        path.write_bytes(damaged)
        outcome = outcome_of(path, answers)
        outcomes[outcome] += 1
        if outcome == "served":
            broken.append(f"bit {bit} of byte {place:,} changed an answer without an error")
    path.write_bytes(whole)
    note = f"{outcomes['found']:,} found, {outcomes['harmless']:,} harmless, {outcomes['served']:,} served"
    return Result(trial.fault, trial.tries, sum(map(len, answers.values())), broken=broken, note=note)


def outcome_of(path: Path, answers: Answers) -> str:
    """Return the outcome of a changed byte: "found", "harmless", or "served", a wrong answer."""
    read = read_all(path)
    if read is not None and read != answers:
        return "served"
    return "harmless" if is_whole(path) else "found"


def read_all(path: Path) -> Answers | None:
    """Read every row of every table, as the server reads; None where the database says it can't be."""
    try:
        connection = open_to_read(path)
        try:
            return {table.name: connection.query(sa.select(table)) for table in metadata.sorted_tables}
        finally:
            connection.close()
    except (StoreError, DatabaseUnusable):
        return None


def is_whole(path: Path) -> bool:
    """Ask `verify`."""
    try:
        connection = open_to_read(path)
        try:
            connection.begin(write=False)
            return not any(check.faults for check in verify(connection, NOUNS))
        finally:
            connection.close()
    except (StoreError, DatabaseUnusable):
        return False
