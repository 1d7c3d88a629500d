"""The database server hurt, instead of ours: connections ended in the midst of whatever they do, and kill -9.

A connection that ends leaves nothing written, but for one that was just committing: then our server asks the
database itself, and answers what is true. So no client needs to see any of it; if one does, it is told so.
"""

import threading

from clientela_lab.servers.local_postgres import LocalPostgres
from tests.faults.crew import Crew
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.stores import postgres

# How long after an answer the moment may be: a time, and no event, for the moment is what is tried.
_MOMENT_S = 0.05
_ANSWERS = 2
_ANSWERS_BETWEEN_KILLS = 10
_END = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'clientela-server%'"
)


def connections_ended(trial: Trial) -> Result:
    """End all connections of the server, `trial.tries` times, wherever each is in its transaction."""
    with trial, trial.load() as load:
        load.start()
        for _ in range(trial.tries):
            _amid(trial, load, _ANSWERS)
            postgres().execute(_END)
        load.stop()
        load.settle()
    return trial.verdict(load.watches)


def killed(trial: Trial) -> Result:
    """kill -9 PostgreSQL, and start it again, `trial.tries` times; our server stays."""
    with LocalPostgres(durable=True) as own:
        trial.server.database = own.new_ledger()
        with trial, trial.load() as load:
            load.start()
            for _ in range(trial.tries):
                _amid(trial, load, _ANSWERS_BETWEEN_KILLS)
                own.kill()
                own.start()
            load.stop()
            load.settle()
        return trial.verdict(load.watches)


def _amid(trial: Trial, load: Crew, answers: int) -> None:
    """Wait until the clients are at it, and then for a moment."""
    load.wait_for(answers)
    threading.Event().wait(trial.chance.uniform(0, _MOMENT_S))
