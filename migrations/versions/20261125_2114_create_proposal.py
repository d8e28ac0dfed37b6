"""Create proposals of organs: new entries, changes and withdrawals on their way through review; find titles.

Revision ID: 20261125_2114
Revises: 20261125_2113
"""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: Final = "20261125_2114"
down_revision: Final = "20261125_2113"
branch_labels: Final = None
depends_on: Final = None

INSTANT: Final = sa.DateTime(timezone=True)
JSON_DOCUMENT: Final = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organ_id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("document", JSON_DOCUMENT, nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("authors", JSON_DOCUMENT, nullable=False),
        sa.Column("submitted_by", sa.String(), nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_proposal_entry_id_entry"),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name="fk_proposal_organ_id_organ"),
        sa.PrimaryKeyConstraint("id", name="pk_proposal"),
    )
    op.create_index("ix_proposal_entry_id", "proposal", ["entry_id"], unique=False)
    op.create_index("ix_proposal_organ_id_state", "proposal", ["organ_id", "state"], unique=False)
    op.create_index("ix_proposal_state_submitted_at", "proposal", ["state", "submitted_at"], unique=False)
    op.create_index("ix_entry_title_folded", "entry", ["title_folded"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_entry_title_folded", "entry")
    op.drop_table("proposal")
