"""Create the catalogue: organs, sources, runs with outcomes, snapshots, plans, entries with revisions, outbox, audit.

Revision ID: 20261124_0010
Revises:
"""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: Final = "20261124_0010"
down_revision: Final = None
branch_labels: Final = None
depends_on: Final = None

INSTANT: Final = sa.DateTime(timezone=True)
JSON_DOCUMENT: Final = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
POSITION: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

INSERT_ONLY: Final = ("snapshot", "snapshot_chunk", "revision", "audit_event")
"""Tables whose rows are history: the database itself refuses to change or delete them."""

TABLES: Final = (
    "organ",
    "source",
    "harvest_run",
    "harvest_outcome",
    "snapshot",
    "snapshot_chunk",
    "harvest_fetch",
    "staged_entry",
    "entry",
    "revision",
    "entry_label",
    "entry_attribute",
    "counter",
    "outbox",
    "audit_event",
)
"""In an order in which each refers to earlier ones only."""


def upgrade() -> None:
    _create_organs_and_sources()
    _create_harvest()
    _create_snapshots()
    _create_staging()
    _create_entries()
    _create_entry_sides()
    _create_outbox_and_audit()
    for table in INSERT_ONLY:
        _forbid_changes(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")


def _create_organs_and_sources() -> None:
    op.create_table(
        "organ",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", JSON_DOCUMENT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("short_name", sa.String(), nullable=False),
        sa.Column("aliases", JSON_DOCUMENT, nullable=False),
        sa.Column("district_code", sa.String(), nullable=False),
        sa.Column("uscc", sa.String(), nullable=False),
        sa.Column("main_theme", sa.String(), nullable=False),
        sa.Column("obligations", JSON_DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organ"),
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organ_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("options", JSON_DOCUMENT, nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name="fk_source_organ_id_organ"),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
    )
    op.create_index("ix_source_organ_id", "source", ["organ_id"], unique=False)


def _create_harvest() -> None:
    op.create_table(
        "harvest_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reading", sa.String(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("heartbeat_at", INSTANT, nullable=False),
        sa.Column("sealed_at", INSTANT, nullable=True),
        sa.Column("verdict", sa.String(), nullable=True),
        sa.Column("gate", sa.String(), nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("problem", JSON_DOCUMENT, nullable=True),
        sa.Column("gathered", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("vanished", sa.Integer(), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_harvest_run_source_id_source"),
        sa.PrimaryKeyConstraint("id", name="pk_harvest_run"),
    )
    op.create_index("ix_harvest_run_source_id_started_at", "harvest_run", ["source_id", "started_at"], unique=False)
    op.create_index(
        "uq_harvest_run_running",
        "harvest_run",
        ["source_id"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "harvest_outcome",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["harvest_run.id"], name="fk_harvest_outcome_run_id_harvest_run"),
        sa.PrimaryKeyConstraint("run_id", "position", name="pk_harvest_outcome"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_harvest_outcome_run_id_identifier", "harvest_outcome", ["run_id", "identifier"], unique=False)


def _create_snapshots() -> None:
    op.create_table(
        "snapshot",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("stored_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_snapshot"),
    )
    op.create_table(
        "snapshot_chunk",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["snapshot.digest"], name="fk_snapshot_chunk_digest_snapshot"),
        sa.PrimaryKeyConstraint("digest", "number", name="pk_snapshot_chunk"),
    )
    op.create_table(
        "harvest_fetch",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("charset", sa.String(), nullable=False),
        sa.Column("fetched_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["snapshot.digest"], name="fk_harvest_fetch_digest_snapshot"),
        sa.ForeignKeyConstraint(["run_id"], ["harvest_run.id"], name="fk_harvest_fetch_run_id_harvest_run"),
        sa.PrimaryKeyConstraint("run_id", "number", name="pk_harvest_fetch"),
    )
    op.create_index("ix_harvest_fetch_digest", "harvest_fetch", ["digest"], unique=False)


def _create_staging() -> None:
    op.create_table(
        "staged_entry",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("organ_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("source_digest", sa.String(), nullable=False),
        sa.Column("reading", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_folded", sa.String(), nullable=False),
        sa.Column("update_cycle", sa.String(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("updated_on", sa.Date(), nullable=True),
        sa.Column("violation_count", sa.Integer(), nullable=False),
        sa.Column("violations", JSON_DOCUMENT, nullable=False),
        sa.Column("attributes", JSON_DOCUMENT, nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "position", name="pk_staged_entry"),
    )


def _create_entries() -> None:
    op.create_table(
        "entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("organ_id", sa.String(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("source_digest", sa.String(), nullable=False),
        sa.Column("reading", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_folded", sa.String(), nullable=False),
        sa.Column("update_cycle", sa.String(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("updated_on", sa.Date(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("missing_since", INSTANT, nullable=True),
        sa.Column("violation_count", sa.Integer(), nullable=False),
        sa.Column("violations", JSON_DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name="fk_entry_organ_id_organ"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_entry_source_id_source"),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
        sa.UniqueConstraint("code", name="uq_entry_code"),
        sa.UniqueConstraint("serial", name="uq_entry_serial"),
        sa.UniqueConstraint("source_id", "identifier", name="uq_entry_source_id_identifier"),
    )
    op.create_index("ix_entry_changed_at_serial", "entry", ["changed_at", "serial"], unique=False)
    op.create_index("ix_entry_organ_id_changed_at", "entry", ["organ_id", "changed_at"], unique=False)
    op.create_table(
        "revision",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("document", JSON_DOCUMENT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_revision_entry_id_entry"),
        sa.PrimaryKeyConstraint("entry_id", "number", name="pk_revision"),
    )


def _create_entry_sides() -> None:
    op.create_table(
        "entry_label",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_entry_label_entry_id_entry"),
        sa.PrimaryKeyConstraint("entry_id", "label", name="pk_entry_label"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entry_attribute",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name="fk_entry_attribute_entry_id_entry"),
        sa.PrimaryKeyConstraint("entry_id", "name", "value", name="pk_entry_attribute"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_entry_attribute_name_value_entry_id", "entry_attribute", ["name", "value", "entry_id"], unique=False
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )


def _create_outbox_and_audit() -> None:
    op.create_table(
        "outbox",
        sa.Column("position", POSITION, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_outbox"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit_event",
        sa.Column("position", POSITION, autoincrement=False, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_audit_event"),
    )
    op.create_index("ix_audit_event_subject", "audit_event", ["subject"], unique=False)


def _forbid_changes(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_insert_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is insert-only'); END"
        )
