"""Create uploaded tables of organs: the upload, its file in parts, and its rows as they were looked at.

Revision ID: 20261125_2250
Revises: 20261125_2114
"""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: Final = "20261125_2250"
down_revision: Final = "20261125_2114"
branch_labels: Final = None
depends_on: Final = None

INSTANT: Final = sa.DateTime(timezone=True)
JSON_DOCUMENT: Final = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organ_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("reached", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("counts", JSON_DOCUMENT, nullable=False),
        sa.Column("with_similar", sa.Integer(), nullable=False),
        sa.Column("rows", sa.String(), nullable=False),
        sa.Column("submits", sa.Boolean(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("problem_value", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name="fk_upload_organ_id_organ"),
        sa.PrimaryKeyConstraint("id", name="pk_upload"),
    )
    op.create_index("ix_upload_organ_id", "upload", ["organ_id"], unique=False)
    op.create_table(
        "upload_chunk",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name="fk_upload_chunk_upload_id_upload"),
        sa.PrimaryKeyConstraint("upload_id", "number", name="pk_upload_chunk"),
    )
    op.create_table(
        "upload_row",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("document", JSON_DOCUMENT, nullable=True),
        sa.Column("flaws", JSON_DOCUMENT, nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=True),
        sa.Column("draft_version", sa.Integer(), nullable=False),
        sa.Column("similar", JSON_DOCUMENT, nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name="fk_upload_row_upload_id_upload"),
        sa.PrimaryKeyConstraint("upload_id", "number", name="pk_upload_row"),
    )


def downgrade() -> None:
    op.drop_table("upload_row")
    op.drop_table("upload_chunk")
    op.drop_table("upload")
