"""Create releases of organs' catalogues, and the entry revisions that each holds.

Revision ID: 20261125_2355
Revises: 20261125_2340
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "20261125_2355"
down_revision: Final = "20261125_2340"
branch_labels: Final = None
depends_on: Final = None

INSTANT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organ_id", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("prepared_by", sa.String(), nullable=False),
        sa.Column("prepared_at", INSTANT, nullable=False),
        sa.Column("signed_by", sa.String(), nullable=False),
        sa.Column("signed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name="fk_release_organ_id_organ"),
        sa.PrimaryKeyConstraint("id", name="pk_release"),
    )
    op.create_index("ix_release_organ_id_tier_number", "release", ["organ_id", "tier", "number"], unique=True)
    op.create_table(
        "release_entry",
        sa.Column("release_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_release_entry_entry_id_entry"),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name="fk_release_entry_release_id_release"),
        sa.PrimaryKeyConstraint("release_id", "entry_id", name="pk_release_entry"),
    )


def downgrade() -> None:
    op.drop_table("release_entry")
    op.drop_table("release")
