"""The registry, the ledger, the journal, the tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# Texts compare by code point in both databases, whatever language PostgreSQL was set up for: so lists have
# one order, and what begins with a prefix lies between two texts.
_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# As Python folds case where PostgreSQL can (18), else as near as it can.
_FOLD_CASE = """
DO $do$
DECLARE folded text := CASE
    WHEN current_setting('server_version_num')::int >= 180000 THEN 'casefold($1 COLLATE pg_unicode_fast)'
    WHEN EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu') THEN 'lower($1 COLLATE "und-x-icu")'
    WHEN EXISTS (SELECT FROM pg_collation WHERE collname = 'pg_c_utf8') THEN 'lower($1 COLLATE pg_c_utf8)'
    ELSE 'lower($1)' END;
BEGIN
    EXECUTE 'CREATE OR REPLACE FUNCTION fold_case(text) RETURNS text '
        'LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS ' || quote_literal('SELECT ' || folded);
END $do$
"""


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "meta",
        sa.Column("key", _TEXT, primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(_FOLD_CASE)
        # Whoever writes holds this row until he is done: see store/database/postgres.py.
        op.execute("INSERT INTO meta (key, value) VALUES ('writer', '')")
    _journal()
    _customers()
    _ledger()
    op.create_table(
        "tokens",
        sa.Column("name", _TEXT, primary_key=True),
        sa.Column("role", _TEXT, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("create_us", sa.BigInteger, nullable=False),
        sa.Column("expire_us", sa.BigInteger),
        sa.Column("revoke_us", sa.BigInteger),
    )


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column(
            "revision",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("commit_us", sa.BigInteger, nullable=False),
        sa.Column("actor", _TEXT, nullable=False),
        sa.Column("method", _TEXT, nullable=False),
        sa.Column("request_id", _TEXT),
        sa.Column("digest", sa.LargeBinary),
        sa.Column("noun", _TEXT, nullable=False),
        sa.Column("name", _TEXT, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
    )
    with_request = sa.text("request_id IS NOT NULL")
    op.create_index(
        "ix_journal_request",
        "journal",
        ["request_id", "actor"],
        sqlite_where=with_request,
        postgresql_where=with_request,
    )
    of_customer = sa.text("noun = 'customer'")
    op.create_index(
        "ix_journal_customer",
        "journal",
        ["name", "revision"],
        sqlite_where=of_customer,
        postgresql_where=of_customer,
    )


def _customers() -> None:
    op.create_table(
        "customers",
        sa.Column("customer_id", _TEXT, primary_key=True),
        sa.Column("uid", _TEXT, nullable=False),
        sa.Column("display_name", _TEXT, nullable=False),
        sa.Column("display_name_folded", _TEXT, nullable=False),
        sa.Column("given_name", _TEXT),
        sa.Column("family_name", _TEXT),
        sa.Column("legal_name", _TEXT),
        sa.Column("tax_id", _TEXT),
        sa.Column("language_code", _TEXT),
        sa.Column("marketing_consent", sa.Boolean),
        sa.Column("channel", sa.Integer, nullable=False),
        sa.Column("campaign", _TEXT),
        sa.Column("referrer", _TEXT),
        sa.Column("patron", _TEXT),
        sa.Column("create_us", sa.BigInteger, nullable=False),
        sa.Column("update_us", sa.BigInteger, nullable=False),
        sa.Column("delete_us", sa.BigInteger),
        sa.Column("record", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "customer_terms",
        sa.Column("customer_id", _TEXT, primary_key=True),
        sa.Column("field", _TEXT, primary_key=True),
        sa.Column("value", _TEXT, primary_key=True),
    )
    op.create_index("ix_customer_terms_value", "customer_terms", ["field", "value"])
    op.create_table(
        "customer_emails",
        sa.Column("email", _TEXT, primary_key=True),
        sa.Column("customer_id", _TEXT, nullable=False),
    )
    op.create_index("ix_customer_emails_customer", "customer_emails", ["customer_id"])


def _ledger() -> None:
    op.create_table(
        "totals",
        sa.Column("customer_id", _TEXT, primary_key=True),
        sa.Column("currency", _TEXT, primary_key=True),
        sa.Column("purchase_count", sa.BigInteger, nullable=False),
        sa.Column("units", sa.BigInteger, nullable=False),
        sa.Column("nanos", sa.Integer, nullable=False),
        sa.Column("first_us", sa.BigInteger, nullable=False),
        sa.Column("last_us", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "purchases",
        sa.Column("customer_id", _TEXT, primary_key=True),
        sa.Column("purchase_id", _TEXT, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("purchase_us", sa.BigInteger, nullable=False),
        sa.Column("create_us", sa.BigInteger, nullable=False),
        sa.Column("currency", _TEXT, nullable=False),
        sa.Column("units", sa.BigInteger, nullable=False),
        sa.Column("nanos", sa.Integer, nullable=False),
        sa.Column("refunded_units", sa.BigInteger, nullable=False),
        sa.Column("refunded_nanos", sa.Integer, nullable=False),
        sa.Column("purpose", sa.Integer, nullable=False),
        sa.Column("sales_path", sa.Integer, nullable=False),
        sa.Column("source", sa.Integer, nullable=False),
        sa.Column("refund_of", _TEXT),
        sa.Column("recorded_by", _TEXT, nullable=False),
    )
    op.create_index("ix_purchases_revision", "purchases", ["revision"], unique=True)
