"""Where the lines of STRATEGIC and MASS run, found for all clients at once from one snapshot.

This reads the ledger of the days that count, so it is done on a thread, now and then; what it finds is compared
with by everybody who asks. The kinds that are kept for filters follow, where they differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from clientela_server.domain.facts import DAY_US, day_of
from clientela_server.domain.kinds import RELATIVE_BITS, Kind
from clientela_server.domain.market import Market, QuantityLine, RevenueLine, revenue_line, top_places
from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.domain.policy import Policy
from clientela_server.store.connection import Connection
from clientela_server.store.facts import find, is_registered, keep
from clientela_server.store.schema import bought_categories, facts, purchases
from clientela_server.store.statements import Statement
from clientela_server.store.transaction import Transaction

_REVENUE = Statement(
    sa.select(
        purchases.c.currency,
        purchases.c.customer_id,
        sa.func.sum(purchases.c.units - purchases.c.refunded_units),
        sa.func.sum(purchases.c.nanos - purchases.c.refunded_nanos),
    )
    .where(purchases.c.refund_of.is_(None), purchases.c.purchase_us >= sa.bindparam("since_us"))
    .group_by(purchases.c.currency, purchases.c.customer_id)
)
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
class Found:
    """The lines, as of a revision, and whose kinds are kept otherwise than they follow: ids, and bits."""

    market: Market
    revision: int
    wrong: Sequence[tuple[str, int]]


def find_lines(connection: Connection, policy: Policy, now_us: int, revision: int) -> Found:
    """Find all lines; the connection must be in a snapshot."""
    day, bits = day_of(now_us), dict[str, int]()
    revenue = _revenue_lines(connection, policy, day, bits)
    quantities = {}
    for category, clients in connection.run(_CATEGORIES):
        least = _least(connection, category, top_places(clients, policy))
        quantities[category] = QuantityLine(None if least is None else Decimal(repr(least)), clients)
        if least is not None:
            for (customer_id,) in connection.run(_TOP, {"category": category, "least": least}):
                bits[customer_id] = bits.get(customer_id, 0) | 1 << Kind.MASS
    marked = {customer_id: kinds & RELATIVE_BITS for customer_id, kinds in connection.run(_MARKED)}
    wrong = [(each, bits.get(each, 0)) for each in {**marked, **bits} if marked.get(each) != bits.get(each)]
    return Found(Market(day, now_us, revenue, quantities), revision, sorted(wrong))


def _revenue_lines(
    connection: Connection, policy: Policy, day: int, bits: dict[str, int]
) -> dict[str, RevenueLine]:
    """Find the line of each currency, and note who is over it."""
    ranked: dict[str, list[tuple[str, int]]] = {}
    since = {"since_us": (day - policy.strategic_days + 1) * DAY_US}
    for currency, customer_id, units, nanos in connection.run(_REVENUE, since):
        amount = int(units) * NANOS_PER_UNIT + int(nanos)
        if amount > 0:
            ranked.setdefault(currency, []).append((customer_id, amount))
    lines = {}
    for currency, revenues in ranked.items():
        revenues.sort(key=lambda each: (-each[1], each[0]))
        line = lines[currency] = revenue_line(revenues, policy)
        for customer_id, _ in revenues[: line.members]:
            bits[customer_id] = bits.get(customer_id, 0) | 1 << Kind.STRATEGIC
    return lines


def _least(connection: Connection, category: str, places: int) -> float | None:
    """Tell the least median in the top: above that of the first client for whom there is no place."""
    beyond = connection.run(_FALLING, {"category": category, "place": places})
    least = connection.run(_ABOVE, {"category": category, "beyond": beyond[0][0] if beyond else -1.0})
    return None if least[0][0] is None else float(least[0][0])


def mark(transaction: Transaction, wrong: Sequence[tuple[str, int]]) -> None:
    """Keep the kinds that follow from the lines, for filters."""
    for customer_id, bits in wrong:
        if is_registered(transaction, customer_id):
            kept = find(transaction, customer_id)
            kinds = kept.kinds & ~RELATIVE_BITS | bits
            keep(transaction, customer_id, kept.with_(kinds=kinds))
