"""Standings that were told just now: to judge a client and say why takes longer than all else of the call.

An answer is given again as long as all that it follows from is the same: the client's row, the policy, the
market, the day and the language. So it is never older than an answer made anew. Answers are kept as bytes.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from clientela_server.domain.standing.market import Market
from clientela_server.domain.standing.policy import Policy
from clientela_server.store.database.connection import Row

_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Grounds:
    """All that an answer follows from, but the language."""

    row: Row
    policy: Policy
    market: Market
    day: int

    def are(self, others: "Grounds") -> bool:
        """Tell whether they are the same; policy and market by identity, for each change makes new ones."""
        return (
            self.policy is others.policy
            and self.market is others.market
            and self.day == others.day
            and self.row == others.row
        )


class KnownStandings:
    """Holds answers, those that were asked for last. Used on the event loop."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], tuple[Grounds, bytes]] = OrderedDict()

    def answer(self, customer_id: str, language: str, grounds: Grounds, make: Callable[[], bytes]) -> bytes:
        """Give the answer, made where it is not known."""
        key = (customer_id, language)
        known = self._known.pop(key, None)
        if known is None or not known[0].are(grounds):
            known = (grounds, make())
        self._known[key] = known
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return known[1]
