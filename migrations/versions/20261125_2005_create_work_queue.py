"""Create the queue of tasks, on PostgreSQL alone: the tables of procrastinate, by that library's own migrations.

They are applied in the order of their names up to a fixed one, so that this step stays what it is when the library is
upgraded; a later step applies those that follow.

Revision ID: 20261125_2005
Revises: 20261125_2003
"""

from contextlib import closing
from importlib import resources
from typing import Final

from alembic import op
from sqlalchemy import Connection

revision: Final = "20261125_2005"
down_revision: Final = "20261125_2003"
branch_labels: Final = None
depends_on: Final = None

LAST: Final = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
"""The last migration of procrastinate 3.10.0."""

UNDO: Final = """
DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers CASCADE;
DO $$
DECLARE made record;
BEGIN
    FOR made IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE proname LIKE 'procrastinate\\_%' AND pronamespace = current_schema()::regnamespace
    LOOP EXECUTE format('DROP ROUTINE %s CASCADE', made.name); END LOOP;
    FOR made IN SELECT oid::regtype AS name FROM pg_type
        WHERE typname LIKE 'procrastinate\\_%' AND typnamespace = current_schema()::regnamespace
    LOOP EXECUTE format('DROP TYPE %s CASCADE', made.name); END LOOP;
END $$
"""


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    steps = resources.files("procrastinate.sql.migrations").iterdir()
    for step in sorted((it for it in steps if it.name.endswith(".sql") and it.name <= LAST), key=lambda it: it.name):
        _run(connection, step.read_text(encoding="utf-8"))


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        _run(connection, UNDO)


def _run(connection: Connection, statements: str) -> None:
    """Run several statements at once, in the transaction of the migration, whose text is no pattern of parameters."""
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(statements)
