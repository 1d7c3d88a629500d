"""Standings computed at read time, from one aggregates row, the policy and the ranking thresholds.

Read next: `domain/standing/standing` for the rules, `customer_aggregates` for what a write changes.
"""

from clientela_server.domain.days import day_of
from clientela_server.domain.purchases import Purchase
from clientela_server.domain.standing.facts import Facts, added_up
from clientela_server.domain.standing.market import RankingThresholds
from clientela_server.domain.standing.policy import Policy
from clientela_server.domain.standing.standing import Standing, standing_of
from clientela_server.store.aggregates.aggregate_rows import aggregates_of_row
from clientela_server.store.aggregates.customer_aggregates import read_row
from clientela_server.store.aggregates.policy import PolicyStore
from clientela_server.store.aggregates.rebuild import read_ledgers
from clientela_server.store.database.connection import Connection, Row
from clientela_server.store.journal.nouns import Nouns


class StandingReads:
    """Computes standings from stored aggregates."""

    def __init__(self, nouns: Nouns, policies: PolicyStore) -> None:
        self._purchases = nouns.codec(Purchase)
        self._policies = policies

    def grounds(self, connection: Connection, customer_id: str) -> tuple[Row, Policy]:
        """Return the inputs of a standing: aggregates row and policy; NotFound for an unknown customer."""
        return read_row(connection, customer_id), self._policies.in_snapshot(connection)

    def get_past(
        self, connection: Connection, customer_id: str, thresholds: RankingThresholds, at_us: int
    ) -> Standing:
        """Return a standing as of a past time, from the customer's own ledger up to then."""
        now = aggregates_of_row(read_row(connection, customer_id)).facts
        entries = read_ledgers(connection, [customer_id])
        ledger = [self._purchases.decode(record) for _, record in entries]
        facts = Facts(now.party, now.reachable, now.prefers, now.referrals)
        facts = added_up(facts, ledger, until_us=at_us)
        return standing_of(
            facts, self._policies.in_snapshot(connection), thresholds, day_of(at_us), customer_id
        )

    def policy(self, connection: Connection) -> Policy:
        """Return the policy by which clients are judged."""
        return self._policies.in_snapshot(connection)
