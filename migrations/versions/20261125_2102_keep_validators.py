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
    # each column by itself: a batch would copy the table, which SQLite then declares in another order
    for name in COLUMNS[:3]:
        op.add_column("harvest_fetch", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("harvest_fetch", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("harvest_fetch", sa.Column("is_trusted", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("harvest_fetch", name)
