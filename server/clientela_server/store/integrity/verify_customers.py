"""Verification of customers against the journal: record, columns and terms."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from clientela_server.domain.customers import Customer, CustomerState
from clientela_server.store.database.connection import Connection, Row
from clientela_server.store.database.schema import customer_emails, customer_terms, customers, journal
from clientela_server.store.database.statements import LIMIT, NO_OFFSET, Statement, text_list
from clientela_server.store.integrity.verify_rows import Found
from clientela_server.store.journal.nouns import Nouns, RecordCodec
from clientela_server.store.names import name_of
from clientela_server.store.nouns.customer_rows import row_of, terms_of

_PAGE = 500
_COLUMNS = list(customers.columns)
_CUSTOMERS = Statement(
    sa.select(*_COLUMNS)
    .where(customers.c.customer_id > sa.bindparam("after"))
    .order_by(customers.c.customer_id)
    .limit(LIMIT)
    .offset(NO_OFFSET)
)
# In order, so that of each name the last one stands.
_STATES = Statement(
    sa.select(journal.c.name, journal.c.revision, journal.c.record)
    .where(sa.text("noun = 'customer'"), journal.c.name.in_(text_list("names")))
    .order_by(journal.c.revision)
)
_TERMS = Statement(
    sa.select(customer_terms.c.customer_id, customer_terms.c.field, customer_terms.c.value).where(
        customer_terms.c.customer_id.in_(text_list("customer_ids"))
    )
)
_EMAILS = Statement(
    sa.select(customer_emails.c.customer_id, customer_emails.c.email).where(
        customer_emails.c.customer_id.in_(text_list("customer_ids"))
    )
)
_COUNTS = Statement(
    sa.select(
        sa.select(sa.func.count(sa.distinct(journal.c.name)))
        .where(sa.text("noun = 'customer'"))
        .scalar_subquery(),
        sa.select(sa.func.count()).select_from(customer_terms).scalar_subquery(),
        sa.select(sa.func.count()).select_from(customer_emails).scalar_subquery(),
    )
)


def as_journal(connection: Connection, nouns: Nouns) -> Found:
    """Compare every customer with its last journal entry; return figures and faults."""
    codec, faults = nouns.codec(CustomerState), list[str]()
    count = terms = emails = 0
    for rows in _pages(connection):
        page = _Page(connection, [row[0] for row in rows])
        count += len(rows)
        terms += page.terms_count
        emails += page.emails_count
        for row in rows:
            faults += [f"{name_of(row[0])}: {wrong}" for wrong in page.faults_of(row, codec)]
    in_journal, all_terms, all_emails = connection.run(_COUNTS)[0]
    if in_journal > count:
        faults.append(f"{in_journal - count} of the journal's customers are not in the table")
    for what, all_, seen in (("terms", all_terms, terms), ("e-mail addresses", all_emails, emails)):
        if all_ != seen:
            faults.append(f"{all_ - seen} {what} belong to no customer")
    return f"{count:,}, with {terms:,} terms and {emails:,} e-mail addresses, as the journal has them", faults


def _pages(connection: Connection) -> Iterator[list[Row]]:
    after = ""
    while True:
        rows = connection.run(_CUSTOMERS, {"after": after, "limit": _PAGE})
        yield rows
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


class _Page:
    """What the other tables hold of some customers."""

    def __init__(self, connection: Connection, ids: list[str]) -> None:
        names = {"names": json.dumps([name_of(each) for each in ids])}
        self._states = {name: (revision, record) for name, revision, record in connection.run(_STATES, names)}
        self._terms: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._emails: dict[str, list[str]] = defaultdict(list)
        of_these = {"customer_ids": json.dumps(ids)}
        for customer_id, field, value in connection.run(_TERMS, of_these):
            self._terms[customer_id].append((field, value))
        for customer_id, email in connection.run(_EMAILS, of_these):
            self._emails[customer_id].append(email)
        self.terms_count = sum(map(len, self._terms.values()))
        self.emails_count = sum(map(len, self._emails.values()))

    def faults_of(self, row: Row, codec: RecordCodec[CustomerState]) -> Iterator[str]:
        """Yield the faults of a row and its dependent rows."""
        customer_id, record = row[0], row[-1]
        try:
            customer = codec.decode(record).customer
        except Exception as error:  # noqa: BLE001 - bytes that are none of ours may fail in any way
            yield f"its record can't be read, {type(error).__name__}"
            return
        yield from self._state_faults(customer_id, customer, codec)
        differing = _differing(row, row_of(customer, record))
        if differing:
            yield f"its row differs from its record in {', '.join(differing)}"
        if sorted(self._terms[customer_id]) != list(terms_of(customer)):
            yield "the terms that filters find it by are not those of its record"
        living = customer.delete_us is None
        if sorted(self._emails[customer_id]) != (sorted(customer.email_keys) if living else []):
            yield "the e-mail addresses that it holds are not those of its record"

    def _state_faults(
        self, customer_id: str, customer: Customer, codec: RecordCodec[CustomerState]
    ) -> Iterator[str]:
        revision, state = self._states.get(name_of(customer_id), (0, None))
        if state is None:
            yield "is not in the journal"
        elif customer.revision != revision:
            yield f"is of revision {customer.revision}, and the journal has {revision}"
        elif codec.decode(state).customer != customer:
            yield f"is not what the journal has, revision {revision}"


def _differing(row: Row, wanted: dict[str, Any]) -> list[str]:
    return [column.name for column, value in zip(_COLUMNS, row, strict=True) if wanted[column.name] != value]
