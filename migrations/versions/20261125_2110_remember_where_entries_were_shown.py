"""Remember on which tiers entries were ever published, so that the feed of changes can say what is gone.

Entries that are published now are noted; what was taken back before is not known any more and stays unsaid.

Revision ID: 20261125_2110
Revises: 20261125_2104
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "20261125_2110"
down_revision: Final = "20261125_2104"
branch_labels: Final = None
depends_on: Final = None

INSTANT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "entry_showing",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("left_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_entry_showing_entry_id_entry"),
        sa.PrimaryKeyConstraint("entry_id", "tier", name="pk_entry_showing"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_entry_showing_left_at", "entry_showing", ["left_at"])
    op.execute(
        "INSERT INTO entry_showing (entry_id, tier) SELECT entry_id, substr(label, 11) FROM entry_label "
        "WHERE label LIKE 'published:%'"
    )


def downgrade() -> None:
    op.drop_index("ix_entry_showing_left_at", table_name="entry_showing")
    op.drop_table("entry_showing")
