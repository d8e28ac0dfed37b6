"""Create findings: one open finding for each kind and subject.

Revision ID: 20261124_0030
Revises: 20261124_0010
"""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: Final = "20261124_0030"
down_revision: Final = "20261124_0010"
branch_labels: Final = None
depends_on: Final = None

INSTANT: Final = sa.DateTime(timezone=True)
JSON_DOCUMENT: Final = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("organ_id", sa.String(), nullable=False),
        sa.Column("entry_code", sa.String(), nullable=True),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("evidence", JSON_DOCUMENT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("seen_in", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name="fk_finding_organ_id_organ"),
        sa.PrimaryKeyConstraint("id", name="pk_finding"),
    )
    op.create_index(
        "uq_finding_open",
        "finding",
        ["subject", "kind"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_finding_organ_id_state", "finding", ["organ_id", "state"], unique=False)
    op.create_index("ix_finding_entry_code", "finding", ["entry_code"], unique=False)


def downgrade() -> None:
    op.drop_table("finding")
