"""What was read of one customer, kept until the customer is written to, so that it need not be read again.

Rules
1. Each commit is announced with the names of what it wrote, on the event loop, before any of its writes is
   answered. What was read of those is dropped; all is dropped if the commit does not follow the one announced
   last, or changes the policy, by which everybody is judged.
2. Something is given, and kept, only for a read of exactly the revision announced last. A snapshot may show a
   commit a moment before it is announced: then it is read.

So what is given is what would be read. Where other servers write to the same database, the revision of a read
is not known before it is read, and nothing is given. Read next: `store/journal/transaction`.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

from clientela_server.store.aggregates.policy import NAME as POLICY
from clientela_server.store.journal.transaction import Commit
from clientela_server.store.names import customer_of

_BYTES_KEPT = 32 * 1024 * 1024
_BYTES_EACH = 64 * 1024
# What is taken besides the bytes themselves.
_OVERHEAD = 400


class KeptAnswers:
    """Keeps what was used last, by the customer's id and the question. Used on the event loop."""

    def __init__(self, revision: int) -> None:
        self._revision = revision
        self._answers: OrderedDict[tuple[str, Hashable], tuple[Any, int]] = OrderedDict()
        self._questions: dict[str, set[Hashable]] = {}
        self._bytes = 0

    def find(self, customer_id: str, question: Hashable, revision: int | None) -> Any:
        """Return what was read of a customer for a question, as of a revision; None if it is not kept."""
        if revision != self._revision:
            return None
        key = (customer_id, question)
        kept = self._answers.get(key)
        if kept is None:
            return None
        self._answers.move_to_end(key)
        return kept[0]

    def keep(
        self, customer_id: str, question: Hashable, revision: int | None, answer: Any, *, size: int
    ) -> None:
        """Keep what was read as of a revision; size: how many bytes it takes."""
        key = (customer_id, question)
        if revision != self._revision or size > _BYTES_EACH or key in self._answers:
            return
        self._answers[key] = (answer, size + _OVERHEAD)
        self._questions.setdefault(customer_id, set()).add(question)
        self._bytes += size + _OVERHEAD
        while self._bytes > _BYTES_KEPT:
            self._drop(*next(iter(self._answers)))

    def announce(self, commit: Commit) -> None:
        """Drop what was read of what a commit wrote."""
        if commit.after != self._revision or POLICY in commit.names:
            self._answers.clear()
            self._questions.clear()
            self._bytes = 0
        for customer_id in map(customer_of, commit.names):
            for question in tuple(self._questions.get(customer_id, ())):
                self._drop(customer_id, question)
        self._revision = commit.head

    def _drop(self, customer_id: str, question: Hashable) -> None:
        self._bytes -= self._answers.pop((customer_id, question))[1]
        questions = self._questions[customer_id]
        questions.discard(question)
        if not questions:
            del self._questions[customer_id]
