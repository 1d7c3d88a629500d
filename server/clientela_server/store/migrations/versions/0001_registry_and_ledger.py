"""The registry, the ledger, the journal, the tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
    _journal()
    _customers()
    _ledger()
    op.create_table(
        "tokens",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
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
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text),
        sa.Column("digest", sa.LargeBinary),
        sa.Column("noun", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
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
    op.create_table(
        "customer_terms",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
    )
    op.create_index("ix_customer_terms_value", "customer_terms", ["field", "value"])
    op.create_table(
        "customer_emails",
        sa.Column("email", sa.Text, primary_key=True),
        sa.Column("customer_id", sa.Text, nullable=False),
    )
    op.create_index("ix_customer_emails_customer", "customer_emails", ["customer_id"])


def _ledger() -> None:
    op.create_table(
        "totals",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("currency", sa.Text, primary_key=True),
        sa.Column("purchase_count", sa.BigInteger, nullable=False),
        sa.Column("units", sa.BigInteger, nullable=False),
        sa.Column("nanos", sa.Integer, nullable=False),
        sa.Column("first_us", sa.BigInteger, nullable=False),
        sa.Column("last_us", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "purchases",
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
    )
    op.create_index("ix_purchases_revision", "purchases", ["revision"], unique=True)
