"""Let people ask for a harvest of a source, whether or not its time has come.

Revision ID: 20261125_2340
Revises: 20261125_2250
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "20261125_2340"
down_revision: Final = "20261125_2250"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    op.add_column("source", sa.Column("asked_by", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("source", "asked_by")
