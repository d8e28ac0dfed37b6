"""Keep the secrets of sources, sealed.

Revision ID: 20261125_2103
Revises: 20261125_2102
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "20261125_2103"
down_revision: Final = "20261125_2102"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    op.create_table(
        "source_secret",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_source_secret_source_id_source"),
        sa.PrimaryKeyConstraint("source_id", name="pk_source_secret"),
    )


def downgrade() -> None:
    op.drop_table("source_secret")
