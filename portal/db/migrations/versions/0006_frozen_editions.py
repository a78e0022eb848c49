"""Keep what was voted as it was voted, and let exits be proposed before they are decided."""

import sqlalchemy as sa
from alembic import op

from portal.db.append_only import forbid_changes

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BEFORE = "status IN ('proposed', 'admitted', 'set-aside')"
AFTER = "status IN ('proposed', 'admitted', 'set-aside', 'leaving', 'withdrawn')"


def upgrade() -> None:
    with op.batch_alter_table("entry") as table:
        table.drop_constraint(op.f("ck_entry_status_known"), type_="check")
        table.create_check_constraint(op.f("ck_entry_status_known"), AFTER)
    op.create_table(
        "frozen_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=24), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("format IN ('json', 'csv')", name=op.f("ck_frozen_edition_format_known")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_frozen_edition_sha256_whole")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_frozen_edition_edition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozen_edition")),
        sa.UniqueConstraint("edition_id", "format", name=op.f("uq_frozen_edition_edition_id_format")),
    )
    op.create_index(op.f("ix_frozen_edition_edition_id"), "frozen_edition", ["edition_id"])
    forbid_changes("frozen_edition", ("edition_id", "format"))


def downgrade() -> None:
    op.drop_table("frozen_edition")
    # What an older release knows of them: the first still hold their seat, the others do not.
    op.execute("UPDATE entry SET status = 'admitted' WHERE status = 'leaving'")
    op.execute("UPDATE entry SET status = 'set-aside' WHERE status = 'withdrawn'")
    with op.batch_alter_table("entry") as table:
        table.drop_constraint(op.f("ck_entry_status_known"), type_="check")
        table.create_check_constraint(op.f("ck_entry_status_known"), BEFORE)
