"""Let the desk curate single elements of harvested entries.

Revision ID: 20261125_2113
Revises: 20261125_2112
"""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: Final = "20261125_2113"
down_revision: Final = "20261125_2112"
branch_labels: Final = None
depends_on: Final = None

INSTANT: Final = sa.DateTime(timezone=True)
JSON_DOCUMENT: Final = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "curation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("value", JSON_DOCUMENT, nullable=True),
        sa.Column("source_value", JSON_DOCUMENT, nullable=True),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_curation_entry_id_entry"),
        sa.PrimaryKeyConstraint("id", name="pk_curation"),
    )
    op.create_index(
        "uq_curation_held",
        "curation",
        ["entry_id", "element"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "curation_sighting",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("value", JSON_DOCUMENT, nullable=True),
        sa.PrimaryKeyConstraint("run_id", "entry_id", "element", name="pk_curation_sighting"),
    )


def downgrade() -> None:
    op.drop_table("curation_sighting")
    op.drop_table("curation")
