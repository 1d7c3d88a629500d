"""The answer is lost after the write was done: the request went through, the reply did not come back.

The client asks again with the same key, and must get the answer that was lost.
"""

from clientela_lab.checking.money import NANOS
from tests.faults import intents
from tests.faults.crew import Tally
from tests.faults.proxy import LoseSecondReply, Proxy
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.faults.workload import connection
from tests.rpc.callers import Caller


def run(trial: Trial) -> Result:
    """Lose `trial.tries` answers: every connection carries one and loses the next."""
    lost = Tally()
    with trial, trial.load(writers=0, watchers=1) as load:
        load.start()
        with (
            Proxy(trial.server.address, lambda: LoseSecondReply(lost.add)) as proxy,
            connection(proxy.address) as channel,
        ):
            caller = Caller(channel, trial.server.token)
            writer = load.writer(caller, "at the end of a bad line")
            while lost.count < trial.tries:
                key = intents.new_key(trial.chance)
                writer.insist(intents.buy(caller, trial.chance.choice(load.customers), key, NANOS))
        load.stop()
        load.settle()
    return trial.verdict(load.watches)
