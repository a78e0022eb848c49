"""Say of each version of a title how far its package is from the computers of a territory."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATES = "'asked', 'preparing', 'testing', 'acceptance', 'pilot', 'released', 'withdrawn', 'blocked'"


def upgrade() -> None:
    op.create_table(
        "package",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("version_label", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=600), nullable=False),
        sa.Column("waits_for", sa.String(length=120), nullable=False),
        sa.CheckConstraint(f"status IN ({STATES})", name=op.f("ck_package_status_known")),
        sa.CheckConstraint("number > 0", name=op.f("ck_package_number_positive")),
        sa.CheckConstraint("status <> 'blocked' OR (reason <> '' AND waits_for <> '')", name=op.f("ck_package_blocked_explained")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_package_territory_id")),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_package_title_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package")),
        sa.UniqueConstraint(
            "territory_id",
            "title_id",
            "version_label",
            "number",
            name=op.f("uq_package_territory_id_title_id_version_label_number"),
        ),
    )
    op.create_index(op.f("ix_package_territory_id"), "package", ["territory_id"])
    op.create_index(op.f("ix_package_title_id"), "package", ["title_id"])


def downgrade() -> None:
    op.drop_table("package")
