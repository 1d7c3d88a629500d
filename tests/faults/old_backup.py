"""An old backup is restored: revisions go back, so watchers are told to begin anew, and requests that are
sent again are done once, whether the backup knows them or not."""

import grpc

from clientela.v1 import feed_pb2 as pb
from clientela_server.nouns import NOUNS
from clientela_server.store.integrity.backups import back_up, restore
from tests.faults.ledger import read_ledger
from tests.faults.table import Result
from tests.faults.trial import Trial
from tests.faults.workload import connection
from tests.rpc.callers import Caller
from tests.rpc.making import new_customer, to_record
from tests.rpc.refusals import Refused

_REQUESTS = 20


def run(trial: Trial) -> Result:
    """Restore an older backup `trial.tries` times, and send every request again, in another order."""
    broken: list[str] = []
    with trial:
        with connection(trial.server.address) as channel:
            buyer = new_customer(Caller(channel, trial.server.token), "buyer").name
        for number in range(trial.tries):
            broken += [f"restore {number}: {fault}" for fault in _attempt(trial, number, buyer)]
    rows, totals = read_ledger(trial.server.database)
    keys = [row.key for row in rows if row.amount]
    if len(keys) != len(set(keys)) or len(keys) != trial.tries * _REQUESTS:
        broken.append(
            f"{trial.tries * _REQUESTS} requests made {len(keys)} entries, of {len(set(keys))} keys"
        )
    if totals["buyer"] != sum(row.amount for row in rows):
        broken.append("the total is not the sum of the rows")
    return Result(
        trial.fault, trial.tries, len(keys), (), trial.server.slowest_restart_s, broken, "each sent 3 times"
    )


def _attempt(trial: Trial, number: int, buyer: str) -> list[str]:
    requests = [to_record(buyer, 1 + at) for at in range(_REQUESTS)]
    for at, request in enumerate(requests):
        request.request_id = f"{number:08x}-0000-4000-8000-{trial.seed % 10**6:06d}{at:06d}"
    backup = trial.folder / f"backup-{number}.db"
    with connection(trial.server.address) as channel:
        admin = Caller(channel, trial.server.token)
        before = [admin.purchases.RecordPurchase(request) for request in requests[: _REQUESTS // 2]]
        back_up(trial.server.database, backup)
        for request in requests[_REQUESTS // 2 :]:
            admin.purchases.RecordPurchase(request)
        stream = admin.feed.Watch(pb.WatchRequest())
        seen = next(stream)
        stream.cancel()
    trial.server.stop()
    restore(backup, trial.server.database, NOUNS, lambda _: None, force=True)
    trial.server.revive()
    with connection(trial.server.address) as channel:
        admin = Caller(channel, trial.server.token)
        faults = [] if _is_told(admin, seen) else ["who resumed a watch was not told to begin anew"]
        trial.chance.shuffle(requests)
        replies = [{r.request_id: admin.purchases.RecordPurchase(r) for r in requests} for _ in "abc"]
    if replies[1:] != replies[:1] * 2:
        faults.append("a request that was sent again had another answer")
    known = {reply.name: reply for reply in replies[0].values()}
    if any(known.get(each.name) != each for each in before):
        faults.append("what the backup knew had another answer than before")
    return faults


def _is_told(admin: Caller, seen: pb.WatchResponse) -> bool:
    """Resume a watch of before the restore."""
    try:
        next(admin.feed.Watch(pb.WatchRequest(after_revision=seen.bookmark_revision, epoch=seen.epoch)))
    except grpc.RpcError as error:
        return Refused.of(error).reason == "EPOCH_CHANGED"
    return False
