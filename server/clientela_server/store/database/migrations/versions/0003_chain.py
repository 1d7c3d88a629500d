"""The chain of the journal, and request ids that are found however they are spelled.

What binds the entries that are there already is made by store/database/chain.py, in the same transaction:
SQL has no such hash.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns, and make the index anew."""
    op.add_column("journal", sa.Column("salt", sa.LargeBinary))
    for name in ("seal", "hash"):
        made = sa.Column(name, sa.LargeBinary, nullable=False, server_default=sa.text("''"))
        op.add_column("journal", made)
    op.drop_index("ix_journal_request", "journal")
    with_request = sa.text("request_id IS NOT NULL")
    op.create_index(
        "ix_journal_request",
        "journal",
        [sa.text("lower(request_id)"), "actor"],
        sqlite_where=with_request,
        postgresql_where=with_request,
    )
