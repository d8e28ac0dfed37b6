"""Keep of every source when its plan comes next and how often it has failed in a row.

Revision ID: 20261125_1944
Revises: 20261125_1930
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "20261125_1944"
down_revision: Final = "20261125_1930"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    with op.batch_alter_table("source") as table:
        table.add_column(sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("source") as table:
        table.drop_column("failures")
        table.drop_column("planned_at")
