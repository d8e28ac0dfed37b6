"""Keep what held runs wait with until a named person decides, and what entries were called before.

Revision ID: 20261125_2112
Revises: 20261125_2111
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "20261125_2112"
down_revision: Final = "20261125_2111"
branch_labels: Final = None
depends_on: Final = None

INSTANT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("staged_entry", sa.Column("is_held", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("harvest_run", sa.Column("decision", sa.String(), nullable=True))
    op.add_column("harvest_run", sa.Column("decided_by", sa.String(), nullable=True))
    op.add_column("harvest_run", sa.Column("decided_at", INSTANT, nullable=True))
    op.execute("UPDATE harvest_run SET decision = 'superseded', decided_by = '' WHERE state = 'held'")
    op.create_table(
        "held_absence",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["harvest_run.id"], name="fk_held_absence_run_id_harvest_run"),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_held_absence_entry_id_entry"),
        sa.PrimaryKeyConstraint("run_id", "entry_id", name="pk_held_absence"),
    )
    op.create_table(
        "former_identifier",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("moved_at", INSTANT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_former_identifier_entry_id_entry"),
        sa.PrimaryKeyConstraint("entry_id", "run_id", name="pk_former_identifier"),
    )


def downgrade() -> None:
    op.drop_table("former_identifier")
    op.drop_table("held_absence")
    for column in ("decided_at", "decided_by", "decision"):
        op.drop_column("harvest_run", column)
    op.drop_column("staged_entry", "is_held")
