"""Keep letters about sources until they are sent, and how the people of a source were told last that it stands.

Revision ID: 20261125_2104
Revises: 20261125_2103
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "20261125_2104"
down_revision: Final = "20261125_2103"
branch_labels: Final = None
depends_on: Final = None

INSTANT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("source") as table:
        table.add_column(sa.Column("told", sa.String(), nullable=False, server_default="good"))
    op.create_table(
        "source_letter",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["harvest_run.id"], name="fk_source_letter_run_id_harvest_run"),
        sa.PrimaryKeyConstraint("run_id", "recipient", name="pk_source_letter"),
    )
    op.create_index(
        "ix_source_letter_unsent",
        "source_letter",
        ["next_try_at"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("source_letter")
    with op.batch_alter_table("source") as table:
        table.drop_column("told")
