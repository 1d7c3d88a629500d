"""The running facts of customers, changes of stage, segments, spends.

The facts of what is in the ledger already are made by store/aggregates/rebuild.py: for these the entries
have to be read, which SQL can't.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables; totals are among the facts from now on."""
    _facts()
    op.drop_table("totals")
    op.create_table(
        "bought_categories",
        sa.Column("customer_id", _TEXT, primary_key=True),
        sa.Column("category", _TEXT, primary_key=True),
        sa.Column("median_quantity", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_bought_categories_median", "bought_categories", ["category", "median_quantity"])
    op.create_table(
        "stage_changes",
        sa.Column(
            "revision",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=False,
        ),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("day", "from_stage", "to_stage")),
        sa.Column("purchases", sa.BigInteger, nullable=False),
        sa.Column("referrals", sa.Integer, nullable=False),
        sa.Column("days", sa.LargeBinary, nullable=False),
        sa.Column("policy", sa.LargeBinary),
    )
    op.create_table(
        "segments",
        sa.Column("segment_id", _TEXT, primary_key=True),
        sa.Column("display_name", _TEXT, nullable=False),
        sa.Column("filter", _TEXT, nullable=False),
        sa.Column("create_us", sa.BigInteger, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "segment_members",
        sa.Column("segment_id", _TEXT, primary_key=True),
        sa.Column("customer_id", _TEXT, primary_key=True),
        sqlite_with_rowid=False,
    )
    _spends()
    own = sa.text("noun IN ('policy', 'segment', 'spend')")
    op.create_index(
        "ix_journal_firms_own", "journal", ["name", "revision"], sqlite_where=own, postgresql_where=own
    )


def _spends() -> None:
    op.create_table(
        "spends",
        sa.Column("spend_id", _TEXT, primary_key=True),
        sa.Column("channel", sa.Integer, nullable=False),
        sa.Column("campaign", _TEXT),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("purpose", "start_day", "end_day")),
        sa.Column("currency", _TEXT, nullable=False),
        sa.Column("create_us", sa.BigInteger, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
    )


def _facts() -> None:
    op.create_table(
        "facts",
        sa.Column("customer_id", _TEXT, primary_key=True),
        sa.Column("delete_us", sa.BigInteger),
        sa.Column("stage", sa.Integer, nullable=False),
        sa.Column("kinds", sa.Integer, nullable=False),
        sa.Column("due_day", sa.Integer),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("party", "reachable", "prefers", "referrals")
        ),
        *(
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in ("purchases", "own_use", "business", "direct", "partner")
        ),
        sa.Column("purchase_days", sa.Integer, nullable=False),
        sa.Column("first_day", sa.Integer),
        sa.Column("last_day", sa.Integer),
        sa.Column("twice_median_gap", sa.Integer, nullable=False),
        sa.Column("totals", _TEXT, nullable=False),
        *(sa.Column(name, sa.LargeBinary, nullable=False) for name in ("days", "revenue")),
        sa.Column("quantities", _TEXT, nullable=False),
        sqlite_with_rowid=False,
    )
    due = sa.text("due_day IS NOT NULL")
    op.create_index("ix_facts_due", "facts", ["due_day"], sqlite_where=due, postgresql_where=due)
