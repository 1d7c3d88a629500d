"""The tables as they are now; how they became so is in `migrations/`.

Keys are composite and led by the customer, so that the ledger can be spread over machines by customer.
Times are microseconds, money is units and nanos; blobs hold a resource as the contract encodes it.
"""

import sqlalchemy as sa

metadata = sa.MetaData()

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)

journal = sa.Table(
    "journal",
    metadata,
    sa.Column(
        "revision", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
    ),
    sa.Column("commit_us", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("request_id", sa.Text),
    sa.Column("digest", sa.LargeBinary),
    sa.Column("noun", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("record", sa.LargeBinary, nullable=False),
)
# Not unique: a request id may be used again once its time is over.
sa.Index(
    "ix_journal_request",
    journal.c.request_id,
    journal.c.actor,
    sqlite_where=journal.c.request_id.is_not(None),
    postgresql_where=journal.c.request_id.is_not(None),
)
# Of purchases there is one entry each, found by its revision: no need to index the many.
sa.Index(
    "ix_journal_customer",
    journal.c.name,
    journal.c.revision,
    sqlite_where=sa.text("noun = 'customer'"),
    postgresql_where=sa.text("noun = 'customer'"),
)

customers = sa.Table(
    "customers",
    metadata,
    sa.Column("customer_id", sa.Text, primary_key=True),
    sa.Column("uid", sa.Text, nullable=False),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("display_name_folded", sa.Text, nullable=False),
    sa.Column("given_name", sa.Text),
    sa.Column("family_name", sa.Text),
    sa.Column("legal_name", sa.Text),
    sa.Column("tax_id", sa.Text),
    sa.Column("language_code", sa.Text),
    sa.Column("marketing_consent", sa.Boolean),
    sa.Column("channel", sa.Integer, nullable=False),
    sa.Column("campaign", sa.Text),
    sa.Column("referrer", sa.Text),
    sa.Column("patron", sa.Text),
    sa.Column("create_us", sa.BigInteger, nullable=False),
    sa.Column("update_us", sa.BigInteger, nullable=False),
    sa.Column("delete_us", sa.BigInteger),
    sa.Column("record", sa.LargeBinary, nullable=False),
)

# One row for each value of a field that has many, for filters. `field` is "emails", "labels.KEY", ...
customer_terms = sa.Table(
    "customer_terms",
    metadata,
    sa.Column("customer_id", sa.Text, primary_key=True),
    sa.Column("field", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Index("ix_customer_terms_value", "field", "value"),
)

# The addresses of the living only: this is what makes them unique.
customer_emails = sa.Table(
    "customer_emails",
    metadata,
    sa.Column("email", sa.Text, primary_key=True),
    sa.Column("customer_id", sa.Text, nullable=False),
    sa.Index("ix_customer_emails_customer", "customer_id"),
)

totals = sa.Table(
    "totals",
    metadata,
    sa.Column("customer_id", sa.Text, primary_key=True),
    sa.Column("currency", sa.Text, primary_key=True),
    sa.Column("purchase_count", sa.BigInteger, nullable=False),
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.Column("nanos", sa.Integer, nullable=False),
    sa.Column("first_us", sa.BigInteger, nullable=False),
    sa.Column("last_us", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# How to find an entry of the ledger; the entry itself is in the journal, once, under its revision.
purchases = sa.Table(
    "purchases",
    metadata,
    sa.Column("customer_id", sa.Text, primary_key=True),
    sa.Column("purchase_id", sa.Text, primary_key=True),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("purchase_us", sa.BigInteger, nullable=False),
    sa.Column("create_us", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.Column("nanos", sa.Integer, nullable=False),
    sa.Column("refunded_units", sa.BigInteger, nullable=False),
    sa.Column("refunded_nanos", sa.Integer, nullable=False),
    sa.Column("purpose", sa.Integer, nullable=False),
    sa.Column("sales_path", sa.Integer, nullable=False),
    sa.Column("source", sa.Integer, nullable=False),
    sa.Column("refund_of", sa.Text),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Index("ix_purchases_revision", "revision", unique=True),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("create_us", sa.BigInteger, nullable=False),
    sa.Column("expire_us", sa.BigInteger),
    sa.Column("revoke_us", sa.BigInteger),
)
