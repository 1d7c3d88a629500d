"""Answers about customers, kept until the customer is written to, so that they need not be read again.

Rules
1. Each commit is announced with the names of its entries, on the event loop, before any of its writes is
   answered. What it was about is dropped; all is dropped if it does not follow the commit announced last.
2. An answer is given, and kept, only for a read of exactly the revision announced last. A snapshot may show a
   commit a moment before it is announced: then the answer is read.

So an answer that is given is the one that would be read. Where other servers write to the same database,
the revision of a read is not known before it is read, and nothing is given. Read next:
`store/journal/transaction`.
"""

from collections import OrderedDict

from clientela_server.store.journal.transaction import Commit
from clientela_server.store.names import customer_of

# Some 12 MiB in most registries, and 64 at most.
_KEPT = 30_000
_BYTES_MAX = 2048


class KeptAnswers:
    """Keeps the most recently used answers, by the customer's id. Used on the event loop."""

    def __init__(self, revision: int) -> None:
        self._revision = revision
        self._answers: OrderedDict[str, bytes] = OrderedDict()

    def find(self, customer_id: str, revision: int) -> bytes | None:
        """Return the answer about a customer as of a revision, None if it is not kept."""
        if revision != self._revision:
            return None
        answer = self._answers.get(customer_id)
        if answer is not None:
            self._answers.move_to_end(customer_id)
        return answer

    def keep(self, customer_id: str, revision: int, answer: bytes) -> None:
        """Keep an answer that was read as of a revision."""
        if revision != self._revision or len(answer) > _BYTES_MAX:
            return
        self._answers[customer_id] = answer
        if len(self._answers) > _KEPT:
            self._answers.popitem(last=False)

    def announce(self, commit: Commit) -> None:
        """Drop the answers that a commit was about."""
        if commit.after == self._revision:
            for name in commit.names:
                self._answers.pop(customer_of(name), None)
        else:
            self._answers.clear()
        self._revision = commit.head
