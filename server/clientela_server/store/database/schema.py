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
    # What binds it to the entry before: see chain.py. No salt: the record was emptied by an erasure.
    sa.Column("salt", sa.LargeBinary),
    sa.Column("seal", sa.LargeBinary, nullable=False, server_default=sa.text("''")),
    sa.Column("hash", sa.LargeBinary, nullable=False, server_default=sa.text("''")),
)
# Not unique: older servers wrote again under the same id after a week, and in other letters at once.
sa.Index(
    "ix_journal_request",
    sa.func.lower(journal.c.request_id),
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
# What is no customer's: few entries, whose history is found among many.
FIRMS_OWN = sa.text("noun IN ('policy', 'segment', 'spend')")
sa.Index(
    "ix_journal_firms_own",
    journal.c.name,
    journal.c.revision,
    sqlite_where=FIRMS_OWN,
    postgresql_where=FIRMS_OWN,
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

# The running facts of each customer, with the totals of its purchases, and what followed from them when they
# were last looked at: the stage, the kinds as bits, and the first day on which time alone may change the
# stage. A day is counted from 1970.
facts = sa.Table(
    "facts",
    metadata,
    sa.Column("customer_id", sa.Text, primary_key=True),
    sa.Column("delete_us", sa.BigInteger),
    sa.Column("stage", sa.Integer, nullable=False),
    sa.Column("kinds", sa.Integer, nullable=False),
    sa.Column("due_day", sa.Integer),
    sa.Column("party", sa.Integer, nullable=False),
    sa.Column("reachable", sa.Integer, nullable=False),
    sa.Column("prefers", sa.Integer, nullable=False),
    sa.Column("referrals", sa.Integer, nullable=False),
    sa.Column("purchases", sa.BigInteger, nullable=False),
    sa.Column("own_use", sa.BigInteger, nullable=False),
    sa.Column("business", sa.BigInteger, nullable=False),
    sa.Column("direct", sa.BigInteger, nullable=False),
    sa.Column("partner", sa.BigInteger, nullable=False),
    sa.Column("purchase_days", sa.Integer, nullable=False),
    sa.Column("first_day", sa.Integer),
    sa.Column("last_day", sa.Integer),
    sa.Column("twice_median_gap", sa.Integer, nullable=False),
    sa.Column("totals", sa.Text, nullable=False),
    sa.Column("days", sa.LargeBinary, nullable=False),
    sa.Column("revenue", sa.LargeBinary, nullable=False),
    sa.Column("quantities", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
sa.Index(
    "ix_facts_due",
    facts.c.due_day,
    sqlite_where=facts.c.due_day.is_not(None),
    postgresql_where=facts.c.due_day.is_not(None),
)

# What categories a customer bought, and how much of each at a time; for filters, and to rank customers by it.
bought_categories = sa.Table(
    "bought_categories",
    metadata,
    sa.Column("customer_id", sa.Text, primary_key=True),
    sa.Column("category", sa.Text, primary_key=True),
    sa.Column("median_quantity", sa.Double, nullable=False),
    sa.Index("ix_bought_categories_median", "category", "median_quantity"),
    sqlite_with_rowid=False,
)

# A stage that changed with a write, under the write's revision, and what it was judged by: the reasons are
# put into words when somebody reads them. No policy: the defaults.
stage_changes = sa.Table(
    "stage_changes",
    metadata,
    sa.Column(
        "revision", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
    ),
    sa.Column("day", sa.Integer, nullable=False),
    sa.Column("from_stage", sa.Integer, nullable=False),
    sa.Column("to_stage", sa.Integer, nullable=False),
    sa.Column("purchases", sa.BigInteger, nullable=False),
    sa.Column("referrals", sa.Integer, nullable=False),
    sa.Column("days", sa.LargeBinary, nullable=False),
    sa.Column("policy", sa.LargeBinary),
)

segments = sa.Table(
    "segments",
    metadata,
    sa.Column("segment_id", sa.Text, primary_key=True),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("filter", sa.Text, nullable=False),
    sa.Column("create_us", sa.BigInteger, nullable=False),
    sa.Column("record", sa.LargeBinary, nullable=False),
)

# Who is in a segment, as was last told by the feed.
segment_members = sa.Table(
    "segment_members",
    metadata,
    sa.Column("segment_id", sa.Text, primary_key=True),
    sa.Column("customer_id", sa.Text, primary_key=True),
    sqlite_with_rowid=False,
)

# What was spent, and how to find it; of one that was deleted only the journal knows.
spends = sa.Table(
    "spends",
    metadata,
    sa.Column("spend_id", sa.Text, primary_key=True),
    sa.Column("channel", sa.Integer, nullable=False),
    sa.Column("campaign", sa.Text),
    sa.Column("purpose", sa.Integer, nullable=False),
    sa.Column("start_day", sa.Integer, nullable=False),
    sa.Column("end_day", sa.Integer, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("create_us", sa.BigInteger, nullable=False),
    sa.Column("record", sa.LargeBinary, nullable=False),
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
