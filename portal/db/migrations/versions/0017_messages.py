"""Hold what the parties of a request say to each other: written once, never changed."""

import sqlalchemy as sa
from alembic import op

from portal.db.append_only import forbid_changes

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("key_of_page", sa.String(length=32), nullable=False),
        sa.Column("thread", sa.String(length=24), nullable=False),
        sa.Column("author", sa.String(length=60), nullable=False),
        sa.Column("written_as", sa.String(length=80), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("mentions", sa.JSON(), nullable=False),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("thread IN ('public', 'internal')", name=op.f("ck_request_message_thread_known")),
        sa.CheckConstraint("corrects_id IS NULL OR corrects_id < id", name=op.f("ck_request_message_corrects_an_earlier_one")),
        sa.CheckConstraint("length(trim(text)) > 0", name=op.f("ck_request_message_something_said")),
        sa.ForeignKeyConstraint(["corrects_id"], ["request_message.id"], name=op.f("fk_request_message_corrects_id")),
        sa.ForeignKeyConstraint(["request_id"], ["software_request.id"], name=op.f("fk_request_message_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_message")),
        sa.UniqueConstraint("request_id", "author", "key_of_page", name=op.f("uq_request_message_request_id_author_key_of_page")),
    )
    op.create_index(op.f("ix_request_message_author"), "request_message", ["author"])
    op.create_index(op.f("ix_request_message_corrects_id"), "request_message", ["corrects_id"])
    op.create_index(op.f("ix_request_message_request_id_thread_id"), "request_message", ["request_id", "thread", "id"])
    forbid_changes("request_message", ("request_id", "author", "key_of_page"))


def downgrade() -> None:

    op.drop_table("request_message")
