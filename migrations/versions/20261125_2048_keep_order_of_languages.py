"""Keep the order of languages on PostgreSQL: documents and names are stored as they were written, not sorted by key.

The first language of a text is the one its organ wrote; `jsonb` sorts keys, and would make English the first.

Revision ID: 20261125_2048
Revises: 20261125_2005
"""

from typing import Final

from alembic import op

revision: Final = "20261125_2048"
down_revision: Final = "20261125_2005"
branch_labels: Final = None
depends_on: Final = None

ORDERED: Final = (("revision", "document"), ("organ", "name"))
"""Table and column of JSON whose order says something."""


def upgrade() -> None:
    _store_as("json")


def downgrade() -> None:
    _store_as("jsonb")


def _store_as(kind: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, column in ORDERED:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind} USING {column}::{kind}")
