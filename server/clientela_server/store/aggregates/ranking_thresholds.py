"""The ranking thresholds of STRATEGIC and MASS, computed for all clients from one snapshot.

The scan reads the ledger of the policy's window, so it runs on a thread and its result is cached; a client is
compared with the cached thresholds. The stored kinds, which filters use, are corrected where they differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import sqlalchemy as sa

from clientela_server.clock import Clock
from clientela_server.domain.days import DAY_US, day_of
from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.domain.standing.kinds import RELATIVE_BITS, Kind
from clientela_server.domain.standing.market import (
    QuantityThreshold,
    RankingThresholds,
    RevenueThreshold,
    easiest_category,
    revenue_threshold,
    top_places,
)
from clientela_server.domain.standing.policy import Policy
from clientela_server.store.aggregates.customer_aggregates import is_registered, load, save
from clientela_server.store.aggregates.policy import PolicyStore
from clientela_server.store.aggregates.refreshing_cache import RefreshingCache
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.database import Database
from clientela_server.store.database.schema import bought_categories, facts, purchases
from clientela_server.store.database.statements import CommaJoinedBy, Statement
from clientela_server.store.journal.journal import Journal
from clientela_server.store.journal.transaction import Transaction

_QUICK_S = 0.02
_BATCH_SIZE = 2000


def _ranked() -> Statement:
    """Build the query of clients by revenue, descending, many clients to a row.

    The database sorts and concatenates: a thread that handles a million rows in Python would hold the GIL and
    delay calls.
    """
    coin = sa.literal_column(str(NANOS_PER_UNIT), sa.BigInteger)
    nanos = sa.cast(sa.func.sum(purchases.c.nanos - purchases.c.refunded_nanos), sa.BigInteger)
    rest = (nanos % coin + coin) % coin
    units = sa.cast(sa.func.sum(purchases.c.units - purchases.c.refunded_units), sa.BigInteger)
    sums = (
        sa.select(
            purchases.c.currency,
            purchases.c.customer_id,
            (units + (nanos - rest) // coin).label("units"),
            rest.label("nanos"),
        )
        .where(purchases.c.refund_of.is_(None), purchases.c.purchase_us >= sa.bindparam("since_us"))
        .group_by(purchases.c.currency, purchases.c.customer_id)
        .subquery()
    )
    order = (sums.c.units.desc(), sums.c.nanos.desc(), sums.c.customer_id)
    place = sa.func.row_number().over(partition_by=sums.c.currency, order_by=order).label("place")
    nothing = sa.literal_column("0", sa.BigInteger)
    placed = (
        sa.select(*sums.c, place)
        .where(sums.c.units >= nothing, sums.c.units + sums.c.nanos > nothing)
        .subquery()
    )
    part = placed.c.place // sa.literal_column(str(_BATCH_SIZE), sa.BigInteger)
    return Statement(
        sa.select(
            placed.c.currency,
            *(CommaJoinedBy(placed.c[name], placed.c.place) for name in ("customer_id", "units", "nanos")),
        )
        .group_by(placed.c.currency, part)
        .order_by(placed.c.currency, part)
    )


_RANKED = _ranked()
_CATEGORIES = Statement(
    sa.select(bought_categories.c.category, sa.func.count()).group_by(bought_categories.c.category)
)
_OF_CATEGORY = bought_categories.c.category == sa.bindparam("category")
_FALLING = Statement(
    sa.select(bought_categories.c.median_quantity)
    .where(_OF_CATEGORY)
    .order_by(bought_categories.c.median_quantity.desc())
    .limit(sa.literal_column("1"))
    .offset(sa.bindparam("place", type_=sa.Integer))
)
_ABOVE = Statement(
    sa.select(sa.func.min(bought_categories.c.median_quantity)).where(
        _OF_CATEGORY, bought_categories.c.median_quantity > sa.bindparam("beyond")
    )
)
_TOP = Statement(
    sa.select(bought_categories.c.customer_id).where(
        _OF_CATEGORY, bought_categories.c.median_quantity >= sa.bindparam("least")
    )
)
_MARKED = Statement(
    sa.select(facts.c.customer_id, facts.c.kinds).where(
        facts.c.kinds.op("&")(sa.literal_column(str(RELATIVE_BITS))) != sa.literal_column("0")
    )
)


@dataclass(frozen=True, slots=True)
class ThresholdScan:
    """The thresholds, and the customers whose stored kinds differ: (id, correct bits)."""

    thresholds: RankingThresholds
    mismatches: Sequence[tuple[str, int]]


class RankingThresholdsCache(RefreshingCache):
    """Caches the last computed thresholds."""

    def __init__(self, database: Database, journal: Journal, policies: PolicyStore, clock: Clock) -> None:
        super().__init__(journal, clock, _QUICK_S)
        self._database = database
        self._policies = policies
        self._last = ThresholdScan(RankingThresholds(), ())

    async def current(self) -> RankingThresholds:
        """Return the thresholds, refreshed if cheap."""
        await self.refresh_if_cheap()
        return self._last.thresholds

    def take_mismatches(self) -> Sequence[tuple[str, int]]:
        """Return the mismatches to be corrected, once.

        The cache is then stale, so that the scan is repeated until there are no mismatches.
        """
        mismatches = self._last.mismatches
        if mismatches:
            self._last = replace(self._last, mismatches=())
            self._revision = -1
        return mismatches

    async def _compute(self, now_us: int) -> int:
        self._last, revision = await self._database.scan(
            lambda connection: scan_thresholds(connection, self._policies.in_snapshot(connection), now_us)
        )
        return revision


def scan_thresholds(connection: Connection, policy: Policy, now_us: int) -> ThresholdScan:
    """Compute all thresholds and mismatches; the connection must be in a snapshot."""
    day = day_of(now_us)
    bits: dict[str, int] = {}
    revenue = _revenue_thresholds(connection, policy, day, bits)
    quantities = {}
    for category, clients in connection.run(_CATEGORIES):
        least, line = _quantity_threshold(connection, category, clients, policy)
        quantities[category] = line
        if least is not None:
            for (customer_id,) in connection.run(_TOP, {"category": category, "least": least}):
                bits[customer_id] = bits.get(customer_id, 0) | 1 << Kind.MASS
    marked = {customer_id: kinds & RELATIVE_BITS for customer_id, kinds in connection.run(_MARKED)}
    mismatches = [
        (each, bits.get(each, 0)) for each in {**marked, **bits} if marked.get(each) != bits.get(each)
    ]
    return ThresholdScan(
        RankingThresholds(day, now_us, revenue, quantities, easiest_category(quantities)), sorted(mismatches)
    )


def _revenue_thresholds(
    connection: Connection, policy: Policy, day: int, bits: dict[str, int]
) -> dict[str, RevenueThreshold]:
    """Compute each currency's threshold, and set the STRATEGIC bit of clients above it."""
    # Of a million clients two lists, and not a list of pairs: the collector need not go through them.
    ids: dict[str, list[str]] = {}
    amounts: dict[str, list[int]] = {}
    since = {"since_us": (day - policy.strategic_days + 1) * DAY_US}
    for currency, names, units, nanos in connection.run(_RANKED, since):
        ids.setdefault(currency, []).extend(names.split(","))
        pairs = zip(map(int, units.split(",")), map(int, nanos.split(",")), strict=True)
        amounts.setdefault(currency, []).extend([whole * NANOS_PER_UNIT + rest for whole, rest in pairs])
    lines = {}
    for currency, ranked in ids.items():
        line = lines[currency] = revenue_threshold(ranked, amounts[currency], policy)
        for customer_id in ranked[: line.members]:
            bits[customer_id] = bits.get(customer_id, 0) | 1 << Kind.STRATEGIC
    return lines


def _quantity_threshold(
    connection: Connection, category: str, clients: int, policy: Policy
) -> tuple[float | None, QuantityThreshold]:
    """Return a category's lowest median in the top (None if the top is empty), and its threshold."""
    places = top_places(clients, policy)
    last = _falling(connection, category, places - 1) if places else None
    beyond = _falling(connection, category, places)
    above = {"category": category, "beyond": -1.0 if beyond is None else beyond}
    least = connection.run(_ABOVE, above)[0][0]
    return least, QuantityThreshold(clients, _decimal(least), _decimal(last), _decimal(beyond))


def _falling(connection: Connection, category: str, place: int) -> float | None:
    """Return the median at a rank, from 0 for the highest; None beyond the last."""
    rows = connection.run(_FALLING, {"category": category, "place": place})
    return float(rows[0][0]) if rows else None


def _decimal(median: float | None) -> Decimal | None:
    return None if median is None else Decimal(repr(median))


def apply_mismatches(transaction: Transaction, mismatches: Sequence[tuple[str, int]]) -> None:
    """Correct the stored kinds, which filters use."""
    for customer_id, bits in mismatches:
        if is_registered(transaction, customer_id):
            aggregates = load(transaction, customer_id)
            kinds = aggregates.kinds & ~RELATIVE_BITS | bits
            save(transaction, customer_id, aggregates.with_(kinds=kinds))
