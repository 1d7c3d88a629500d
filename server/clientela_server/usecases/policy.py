"""The one write of the policy.

Read next: `domain/standing/policy` for its bounds, `due_stage_job` for the review that follows.
"""

from collections.abc import Callable

from clientela_server.domain.errors import Aborted
from clientela_server.domain.standing.policy import Policy, PolicyState, checked
from clientela_server.store.aggregates import policy as rows
from clientela_server.store.aggregates.policy import NAME
from clientela_server.store.journal.entries import Entry, WriteContext
from clientela_server.store.journal.nouns import Nouns
from clientela_server.store.journal.transaction import Apply, Transaction


class PolicyWrites:
    """The write of the policy, as an `Apply` for the journal."""

    def __init__(self, nouns: Nouns) -> None:
        self._codec = nouns.codec(PolicyState)

    def update(self, change: Callable[[Policy], Policy], etag: str) -> Apply:
        """Return the write that changes thresholds and marks all for review; InvalidArgument on bad ones."""

        def apply(transaction: Transaction, context: WriteContext) -> Entry:
            known = rows.policy_record(transaction)
            self._match_etag(known, etag)
            current = rows.DEFAULTS if known is None else self._codec.decode(known).policy
            made = checked(change(current))
            record = self._codec.encode(PolicyState(made, transaction.now_us, transaction.next_revision))
            rows.put_meta(transaction, NAME, record)
            if made != current:
                rows.put_meta(transaction, rows.REVIEW_ALL, b"")
            return transaction.append(context, rows.NOUN, NAME, record)

        return apply

    def _match_etag(self, known: bytes | None, etag: str) -> None:
        """Raise Aborted if the etag is not current (AIP-154); an empty one matches anything."""
        current = "" if known is None else self._codec.decode(known).etag
        if etag and etag != current:
            raise Aborted("ETAG_MISMATCH", resource=NAME, name=NAME, etag=etag, current_etag=current)
