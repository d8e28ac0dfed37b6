"""Keep the life of organs: parent, contact, from when until when, successor, former codes; and the version of a form.

Revision ID: 20261126_0240
Revises: 20261125_2355
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "20261126_0240"
down_revision: Final = "20261125_2355"
branch_labels: Final = None
depends_on: Final = None

COLUMNS: Final = ("parent_id", "successor_id", "valid_from", "valid_to", "contact", "former_usccs", "version")


def upgrade() -> None:
    for column in ("parent_id", "successor_id"):
        op.add_column("organ", sa.Column(column, sa.String(), nullable=True))
    for column in ("valid_from", "valid_to"):
        op.add_column("organ", sa.Column(column, sa.Date(), nullable=True))
    for column in ("contact", "former_usccs"):
        op.add_column("organ", sa.Column(column, sa.String(), nullable=False, server_default=""))
    op.add_column("organ", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    for column in COLUMNS:
        op.drop_column("organ", column)
