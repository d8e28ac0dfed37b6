"""Create the senders of bundles, and let a staged entry bring its code along.

Revision ID: 20261126_0247
Revises: 20261126_0240
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "20261126_0247"
down_revision: Final = "20261126_0240"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    op.create_table(
        "bundle_sender",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("is_done", sa.Boolean(), nullable=False),
        sa.Column("is_trusted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_bundle_sender_source_id_source"),
        sa.PrimaryKeyConstraint("name", name="pk_bundle_sender"),
        sa.UniqueConstraint("public_key", name="uq_bundle_sender_public_key"),
        sa.UniqueConstraint("source_id", name="uq_bundle_sender_source_id"),
    )
    op.add_column("staged_entry", sa.Column("code", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("staged_entry", "code")
    op.drop_table("bundle_sender")
