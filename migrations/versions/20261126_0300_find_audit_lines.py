"""Find the lines of the audit log by who acted and by when.

Revision ID: 20261126_0300
Revises: 20261126_0247
"""

from typing import Final

from alembic import op

revision: Final = "20261126_0300"
down_revision: Final = "20261126_0247"
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    op.create_index("ix_audit_event_actor_position", "audit_event", ["actor", "position"])
    op.create_index("ix_audit_event_recorded_at", "audit_event", ["recorded_at"])


def downgrade() -> None:
    op.drop_index("ix_audit_event_recorded_at", table_name="audit_event")
    op.drop_index("ix_audit_event_actor_position", table_name="audit_event")
