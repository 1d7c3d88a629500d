"""A line that breaks and comes back every half second, under clients that use the SDK.

Whatever they do about it, they do not storm the server: so many connections a second, and no more.
"""

import threading

from tests.faults.proxy import Proxy
from tests.faults.table import Result
from tests.faults.trial import Trial

# The line's own timing: nothing to wait for.
_HALF_S = 0.5
# One channel tries 0, 0.1, 0.26 and 0.52 s after a break; a look at why, and what jitter brings together.
CONNECTS_A_SECOND_MAX = 10


def run(trial: Trial) -> Result:
    """Break and mend the line `trial.tries` times."""
    with trial, Proxy(trial.server.address) as proxy, trial.sdk_load(proxy.address) as load:
        load.start()
        for _ in range(trial.tries):
            proxy.cut()
            threading.Event().wait(_HALF_S)
            proxy.mend()
            threading.Event().wait(_HALF_S)
        load.wait_for(1)
        load.stop()
        load.settle()
    peak = most_within_a_second(proxy.connects)
    late = [f"{peak} connections within a second"] if peak > CONNECTS_A_SECOND_MAX else []
    seconds = max(1.0, proxy.connects[-1] - proxy.connects[0])
    often = len(proxy.connects) / seconds
    broken = [f"{often:.1f} connections a second"] if often > CONNECTS_A_SECOND_MAX else []
    note = f"at most {peak} connections a second, {len(load.failures)} calls given up"
    return trial.verdict(load.watches, broken, note, late)


def most_within_a_second(times: list[float]) -> int:
    """Count the most that fall into any one second."""
    return max((sum(begin <= time < begin + 1 for time in times) for begin in times), default=0)
