"""Keep of every answer what its server said of the state of the page, so that only what changed is asked for.

Revision ID: 20261125_2102
Revises: 20261125_2048
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "20261125_2102"
down_revision: Final = "20261125_2048"
branch_labels: Final = None
depends_on: Final = None

COLUMNS: Final = ("link", "etag", "last_modified", "read_at", "is_trusted")


def upgrade() -> None:
    with op.batch_alter_table("harvest_fetch") as table:
        for name in COLUMNS[:3]:
            table.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("is_trusted", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    with op.batch_alter_table("harvest_fetch") as table:
        for name in reversed(COLUMNS):
            table.drop_column(name)
