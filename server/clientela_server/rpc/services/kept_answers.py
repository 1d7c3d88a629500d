"""Answers about one customer, kept until the customer is written to, so that they need not be read again.

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
from collections.abc import Hashable

from clientela_server.store.journal.transaction import Commit
from clientela_server.store.names import customer_of

_BYTES_KEPT = 32 * 1024 * 1024
_BYTES_EACH = 64 * 1024
# What an answer takes besides its own bytes.
_OVERHEAD = 400


class KeptAnswers:
    """Keeps the answers used last, by the customer's id and the question. Used on the event loop."""

    def __init__(self, revision: int) -> None:
        self._revision = revision
        self._answers: OrderedDict[tuple[str, Hashable], bytes] = OrderedDict()
        self._questions: dict[str, set[Hashable]] = {}
        self._bytes = 0

    def find(self, customer_id: str, question: Hashable, revision: int | None) -> bytes | None:
        """Return the answer to a question about a customer as of a revision; None if it is not kept."""
        if revision != self._revision:
            return None
        key = (customer_id, question)
        answer = self._answers.get(key)
        if answer is not None:
            self._answers.move_to_end(key)
        return answer

    def keep(self, customer_id: str, question: Hashable, revision: int | None, answer: bytes) -> None:
        """Keep an answer that was read as of a revision."""
        key = (customer_id, question)
        if revision != self._revision or len(answer) > _BYTES_EACH or key in self._answers:
            return
        self._answers[key] = answer
        self._questions.setdefault(customer_id, set()).add(question)
        self._bytes += len(answer) + _OVERHEAD
        while self._bytes > _BYTES_KEPT:
            self._drop(*next(iter(self._answers)))

    def announce(self, commit: Commit) -> None:
        """Drop the answers that a commit was about."""
        if commit.after != self._revision:
            self._answers.clear()
            self._questions.clear()
            self._bytes = 0
        for customer_id in map(customer_of, commit.names):
            for question in tuple(self._questions.get(customer_id, ())):
                self._drop(customer_id, question)
        self._revision = commit.head

    def _drop(self, customer_id: str, question: Hashable) -> None:
        self._bytes -= len(self._answers.pop((customer_id, question))) + _OVERHEAD
        questions = self._questions[customer_id]
        questions.discard(question)
        if not questions:
            del self._questions[customer_id]
