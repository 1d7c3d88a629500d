"""Verification of the customer aggregates against a rebuild from registry and ledger."""

import json
from collections.abc import Iterable

import sqlalchemy as sa

from clientela_server.store.aggregates.aggregate_rows import values_of as columns_of
from clientela_server.store.aggregates.rebuild import NOT_MADE, Made, are_made, category_rows, made_anew
from clientela_server.store.database.connection import Connection
from clientela_server.store.database.schema import bought_categories, customers, facts
from clientela_server.store.database.statements import LIMIT, NO_OFFSET, Statement, text_list
from clientela_server.store.integrity.verify_rows import Found
from clientela_server.store.journal.nouns import Nouns

_SHOWN = 1000
# What follows from the facts by the policy and the day is compared in `verify_stages`.
_NOT_COMPARED = ("stage", "kinds", "due_day")
_COMPARED = [column for column in facts.columns if column.name not in _NOT_COMPARED]
_KEPT = Statement(sa.select(*_COMPARED).where(facts.c.customer_id.in_(text_list("customer_ids"))))
_CATEGORIES = Statement(
    sa.select(*bought_categories.columns).where(
        bought_categories.c.customer_id.in_(text_list("customer_ids"))
    )
)
_STRAY = Statement(
    sa.select(facts.c.customer_id)
    .select_from(facts.outerjoin(customers, customers.c.customer_id == facts.c.customer_id))
    .where(customers.c.customer_id.is_(None))
    .limit(LIMIT)
    .offset(NO_OFFSET)
)
_STRAY_CATEGORIES = Statement(
    sa.select(bought_categories.c.customer_id)
    .select_from(
        bought_categories.outerjoin(customers, customers.c.customer_id == bought_categories.c.customer_id)
    )
    .where(customers.c.customer_id.is_(None))
    .limit(LIMIT)
    .offset(NO_OFFSET)
)


def facts_as_ledger(connection: Connection, nouns: Nouns) -> Found:
    """Rebuild every customer's facts and compare them with the stored ones."""
    if not are_made(connection):
        return NOT_MADE, []
    count, faults = 0, list[str]()
    for page in made_anew(connection, nouns):
        count += len(page)
        faults += _compared(connection, page)
    for (customer_id,) in connection.run(_STRAY, {"limit": _SHOWN}):
        faults.append(f"customers/{customer_id}: has facts, and is not there")
    for (customer_id,) in connection.run(_STRAY_CATEGORIES, {"limit": _SHOWN}):
        faults.append(f"customers/{customer_id}: has bought categories, and is not there")
    return f"{count:,}, each what the registry and the ledger come to", faults


def _compared(connection: Connection, page: list[Made]) -> Iterable[str]:
    ids = {"customer_ids": json.dumps([customer_id for customer_id, *_ in page])}
    names = [column.name for column in _COMPARED]
    kept = {row[0]: dict(zip(names, row, strict=True)) for row in connection.run(_KEPT, ids)}
    categories: dict[str, dict[str, float]] = {}
    for customer_id, category, median in connection.run(_CATEGORIES, ids):
        categories.setdefault(customer_id, {})[category] = median
    for customer_id, made, totals, delete_us in page:
        wanted = {"customer_id": customer_id, "delete_us": delete_us, **columns_of(made, totals)}
        found = kept.get(customer_id)
        if found is None:
            yield f"customers/{customer_id}: has no facts"
            continue
        wrong = [name for name in names if found[name] != wanted[name]]
        bought = {row["category"]: row["median_quantity"] for row in category_rows(customer_id, made)}
        if categories.get(customer_id, {}) != bought:
            wrong.append("bought categories")
        if wrong:
            yield f"customers/{customer_id}: its facts differ in {', '.join(wrong)}"
