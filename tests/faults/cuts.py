"""The line is cut after N bytes of a call, for each N from none to all, of what goes up and what comes down.

The call is made again on a line that holds; whatever had come through of it, it is done once.
"""

from clientela_lab.checking.money import NANOS
from tests.faults import intents
from tests.faults.proxy import CutAfter, PassAll, Proxy, Rule
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.faults.workload import Workload, connection
from tests.rpc.callers import Caller


def run(trial: Trial) -> Result:
    """Cut at `trial.tries` places, chosen by chance, or at all where there are no more."""
    with trial, trial.load(writers=0, watchers=1) as load:
        load.start()
        with Proxy(trial.server.address) as proxy:
            whole = PassAll()
            _buy_over(proxy, [whole], trial, load)
            places = [(up, count) for up in (True, False) for count in range(whole.passed[up] + 1)]
            trial.tries = min(trial.tries, len(places))
            for up, count in trial.chance.sample(places, trial.tries):
                _buy_over(proxy, [CutAfter(up, count)], trial, load)
        load.stop()
        load.settle()
    return trial.verdict(
        load.watches, note=f"a call is {whole.passed[True]} bytes up, {whole.passed[False]} down"
    )


def _buy_over(proxy: Proxy, rules: list[Rule], trial: Trial, load: Workload) -> None:
    """Buy something on a new connection; once its rules are used up, the line holds."""
    proxy.rule = lambda: rules.pop() if rules else PassAll()
    with connection(proxy.address) as channel:
        caller = Caller(channel, trial.server.token)
        key = intents.new_key(trial.chance)
        load.writer(caller, key).insist(intents.buy(caller, load.customers[0], key, NANOS))
