"""Let people stop runs: who asked for it, and how many records were left unapplied.

Revision ID: 20261125_1930
Revises: 20261124_0030
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "20261125_1930"
down_revision: Final = "20261124_0030"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    op.add_column("harvest_run", sa.Column("cancel_asked_by", sa.String(), nullable=True))
    op.add_column("harvest_run", sa.Column("unapplied", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("harvest_run", "unapplied")
    op.drop_column("harvest_run", "cancel_asked_by")
