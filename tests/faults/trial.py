"""One trial of one fault: a folder with all that it leaves, a seed, a server, a history, and the verdict.

    def run(trial: Trial) -> Result:
        with trial, trial.load() as load:
            load.start()
            ...                                 # break things, trial.tries times
            load.stop()
            load.settle()
        return trial.verdict(load.watches)      # the server is dead: the ledger is read from the store

All chance comes from `trial.chance`. Read next: catalogue.py, where a fault is entered.
"""

import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from clientela_lab.checking.checker import WRITES, Seen, check
from clientela_lab.checking.history import History
from tests.faults.ledger import read_ledger
from tests.faults.sdk_load import SdkLoad
from tests.faults.table import Result
from tests.faults.victim import Victim
from tests.faults.workload import Workload


class Trial:
    """What a fault is tried with.

    planted: a bug of planted.py to run the server with. database: a URL of PostgreSQL, where it is no file.
    """

    def __init__(
        self,
        fault: str,
        folder: Path,
        seed: int,
        tries: int,
        planted: str = "",
        database: str | None = None,
    ) -> None:
        self.fault = fault
        self.folder = folder
        self.seed = seed
        self.tries = tries
        self.chance = random.Random(f"{seed} {fault}")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "seed").write_text(f"{seed}\n")
        self.history = History(folder / "history.jsonl")
        data = folder / "data"
        data.mkdir()
        self.server = Victim(data, database=database)
        self.server.plant(planted)

    def load(self, also: str = "", **options: Any) -> Workload:
        """Make clients for the server, which runs; by turns for another one too, if there is one."""
        address = f"ipv4:{self.server.address},{also}" if also else self.server.address
        return Workload(address, self.server.token, self.history, self.seed, **options)

    def sdk_load(self, address: str = "") -> SdkLoad:
        """Make clients that use the SDK; by another address, where there is something in between."""
        return SdkLoad(address or self.server.address, self.server.token, self.history, self.seed)

    def verdict(
        self,
        watches: Iterable[Sequence[Seen]] = (),
        broken: Sequence[str] = (),
        note: str = "",
        late: Sequence[str] = (),
    ) -> Result:
        """Hold the history against the store. What is `broken` or `late` besides is added, and kept."""
        violations = check(self.history.events, *read_ledger(self.server.database), watches)
        acknowledged = {
            event["key"] for event in self.history.events if event["ev"] == "ok" and event["op"] in WRITES
        }
        result = Result(
            self.fault,
            self.tries,
            len(acknowledged),
            violations,
            self.server.slowest_restart_s,
            list(broken),
            note,
            list(late),
        )
        self._keep(result, watches)
        return result

    def _keep(self, result: Result, watches: Iterable[Sequence[Seen]]) -> None:
        """Put beside the history what it needs to be judged again, if it must be."""
        if result.complaints():
            (self.folder / "complaints").write_text("\n".join(result.complaints()) + "\n")
            (self.folder / "watches.json").write_text(json.dumps(list(watches)))

    def __enter__(self) -> Self:
        self.server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.kill()
        self.history.close()
