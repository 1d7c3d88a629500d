"""The same request eight times at once, on eight connections: one write, eight equal answers."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from clientela_lab.checking.money import NANOS
from tests.faults import intents
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.faults.workload import connection
from tests.faults.writer import Writer
from tests.rpc.callers import Caller

AT_ONCE = 8


def run(trial: Trial) -> Result:
    """Send `trial.tries` keys so."""
    with trial, trial.load(writers=0, watchers=1) as load, ExitStack() as held:
        load.start()
        threads = held.enter_context(ThreadPoolExecutor(AT_ONCE))
        channels = [held.enter_context(connection(trial.server.address)) for _ in range(AT_ONCE)]
        callers = [Caller(channel, trial.server.token) for channel in channels]
        writers = [load.writer(caller, f"copy {n}") for n, caller in enumerate(callers)]
        for _ in range(trial.tries):
            cust, key = trial.chance.choice(load.customers), intents.new_key(trial.chance)
            copies = [intents.buy(caller, cust, key, NANOS) for caller in callers]
            list(threads.map(Writer.insist, writers, copies))
        load.stop()
        load.settle()
    return trial.verdict(load.watches)
