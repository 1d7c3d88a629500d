"""Running totals as stored in a customer's aggregates row: JSON text that SQL can query.

A JSON object with an array for each currency, in order: {"EUR":[count,units,nanos,first_us,last_us]}; an
empty text where nothing was bought. Read next: `domain/totals` for the rule, `customer_aggregates` for who
keeps them.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa

from clientela_server.domain.money import NANOS_PER_UNIT
from clientela_server.domain.totals import Totals
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import facts
from clientela_server.store.database.statements import CastJson, Statement, text_list

_OF_MANY = Statement(
    sa.select(facts.c.customer_id, facts.c.totals).where(facts.c.customer_id.in_(text_list("customer_ids")))
)


def held_in(currency: sa.BindParameter[str]) -> sa.ColumnElement[Any]:
    """Return the SQL for a currency's array in a row's totals; NULL without purchases in it."""
    held: sa.ColumnElement[Any] = CastJson(sa.func.nullif(facts.c.totals, sa.literal_column("''")))
    return held.op("->")(currency)


def first_us_in(currency: sa.BindParameter[str]) -> sa.ColumnElement[int]:
    """Return the SQL for the time of the first purchase in a currency; NULL if there is none."""
    return sa.cast(held_in(currency).op("->>")(sa.literal_column("3")), sa.BigInteger)


def totals_of_text(text: str) -> dict[str, Totals]:
    """Read totals, by currency."""
    if not text:
        return {}
    return {
        currency: Totals(currency, count, units * NANOS_PER_UNIT + nanos, first_us, last_us)
        for currency, (count, units, nanos, first_us, last_us) in orjson.loads(text).items()
    }


def text_of(totals: Mapping[str, Totals]) -> str:
    """Serialize totals canonically."""
    if not totals:
        return ""
    return "{" + ",".join(_written(each) for each in in_order(totals)) + "}"


def in_order(totals: Mapping[str, Totals]) -> list[Totals]:
    """Return totals in the order of their currencies."""
    return [totals[currency] for currency in sorted(totals)]


def _written(each: Totals) -> str:
    units, nanos = divmod(each.amount, NANOS_PER_UNIT)
    return f'"{each.currency}":[{each.purchase_count},{units},{nanos},{each.first_us},{each.last_us}]'


def of_customers(connection: Connection, customer_ids: Sequence[str]) -> dict[str, dict[str, Totals]]:
    """Read the totals of customers, those that there are."""
    if not customer_ids:
        return {}
    rows = connection.run(_OF_MANY, {"customer_ids": json.dumps(customer_ids)})
    return {customer_id: totals_of_text(text) for customer_id, text in rows}
