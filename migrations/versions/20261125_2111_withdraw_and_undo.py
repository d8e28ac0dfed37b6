"""Withdraw entries with a tombstone, keep what an entry was with each revision, and let runs be undone.

Revision ID: 20261125_2111
Revises: 20261125_2110
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "20261125_2111"
down_revision: Final = "20261125_2110"
branch_labels: Final = None
depends_on: Final = None

INSTANT: Final = sa.DateTime(timezone=True)
FIGURES: Final = ("withdrawn", "lapsed")
RUNS: Final = ("undoes", "undone_by")


def upgrade() -> None:
    op.create_table(
        "tombstone",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("state_before", sa.String(), nullable=False),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_tombstone_entry_id_entry"),
        sa.ForeignKeyConstraint(["successor_id"], ["entry.id"], name="fk_tombstone_successor_id_entry"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_tombstone"),
    )
    op.execute(
        'INSERT INTO tombstone (entry_id, reason, withdrawn_at, "by", note, state_before) '
        "SELECT id, 'decided', changed_at, '', '', 'published' FROM entry WHERE state = 'withdrawn'"
    )
    op.add_column("entry", sa.Column("missing_runs", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE entry SET missing_runs = 1 WHERE missing_since IS NOT NULL")
    for column in ("state", "organ_id"):
        op.add_column("revision", sa.Column(column, sa.String(), nullable=True))
    for column in FIGURES:
        op.add_column("harvest_run", sa.Column(column, sa.Integer(), nullable=False, server_default="0"))
    for column in RUNS:
        op.add_column("harvest_run", sa.Column(column, sa.Uuid(), nullable=True))


def downgrade() -> None:
    for column in (*RUNS, *FIGURES):
        op.drop_column("harvest_run", column)
    for column in ("organ_id", "state"):
        op.drop_column("revision", column)
    op.drop_column("entry", "missing_runs")
    op.drop_table("tombstone")
