"""Know the files that people join: what they are called, what they hold, who joined them to what."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enclosure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.Column("added_as", sa.String(length=80), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.String(length=60), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_enclosure_not_empty")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_enclosure_digest_whole")),
        sa.CheckConstraint("(removed_at IS NULL) = (removed_by = '')", name=op.f("ck_enclosure_removed_by_someone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enclosure")),
    )
    op.create_index(op.f("ix_enclosure_sha256"), "enclosure", ["sha256"])
    op.create_index(op.f("ix_enclosure_subject_kind_subject_id_id"), "enclosure", ["subject_kind", "subject_id", "id"])


def downgrade() -> None:
    op.drop_table("enclosure")
