"""Know what a territory maintains, by its lists, and what it decided about the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "software_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("short_name", sa.String(length=40), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("audience", sa.String(length=300), nullable=False),
        sa.Column("audience_codes", sa.JSON(), nullable=False),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_software_list_capacity_positive")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_software_list_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_software_list")),
        sa.UniqueConstraint("territory_id", "slug", name=op.f("uq_software_list_territory_id_slug")),
    )
    op.create_index(op.f("ix_software_list_territory_id"), "software_list", ["territory_id"])

    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=24), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("signed_by", sa.String(length=120), nullable=False),
        sa.Column("motive", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=1200), nullable=False),
        sa.Column("what_would_change", sa.String(length=600), nullable=False),
        sa.Column("trial_possible", sa.Boolean(), nullable=False),
        sa.Column("ask_again", sa.String(length=600), nullable=False),
        sa.Column("paid_by", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "level IN ('maintained', 'ending', 'unsupported', 'school', 'experimental', 'known', 'refused', 'forbidden')",
            name=op.f("ck_decision_level_known"),
        ),
        sa.CheckConstraint(
            "level IN ('unsupported', 'school', 'experimental', 'refused', 'forbidden')", name=op.f("ck_decision_level_decidable")
        ),
        sa.CheckConstraint("level NOT IN ('refused', 'forbidden') OR ask_again <> ''", name=op.f("ck_decision_reexamination_said")),
        sa.CheckConstraint(
            "level NOT IN ('refused', 'forbidden') OR what_would_change <> ''", name=op.f("ck_decision_way_out_said")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_decision_reason_said")),
        sa.CheckConstraint("signed_by <> ''", name=op.f("ck_decision_author_said")),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_decision_dates_ordered")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_decision_territory_id")),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_decision_title_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_territory_id_title_id_since"), "decision", ["territory_id", "title_id", "since"])
    op.create_index(op.f("ix_decision_title_id"), "decision", ["title_id"])

    op.create_table(
        "edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("school_year", sa.String(length=9), nullable=False),
        sa.Column("amendment", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("voted_on", sa.Date(), nullable=True),
        sa.CheckConstraint("status IN ('draft', 'voted', 'current', 'archived')", name=op.f("ck_edition_status_known")),
        sa.CheckConstraint("starts_on < ends_on", name=op.f("ck_edition_dates_ordered")),
        sa.ForeignKeyConstraint(["list_id"], ["software_list.id"], name=op.f("fk_edition_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint("list_id", "school_year", "amendment", name=op.f("uq_edition_list_id_school_year_amendment")),
    )
    op.create_index(op.f("ix_edition_list_id"), "edition", ["list_id"])

    op.create_table(
        "entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("version_label", sa.String(length=60), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=600), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("exit_reason", sa.String(length=600), nullable=False),
        sa.Column("replacement_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR exit_reason <> ''", name=op.f("ck_entry_exit_reasoned")),
        sa.CheckConstraint("status IN ('proposed', 'admitted', 'set-aside')", name=op.f("ck_entry_status_known")),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_entry_edition_id")),
        sa.ForeignKeyConstraint(["replacement_id"], ["title.id"], name=op.f("fk_entry_replacement_id")),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_entry_title_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("edition_id", "title_id", name=op.f("uq_entry_edition_id_title_id")),
    )
    op.create_index(op.f("ix_entry_edition_id"), "entry", ["edition_id"])
    op.create_index(op.f("ix_entry_title_id"), "entry", ["title_id"])


def downgrade() -> None:

    op.drop_table("entry")

    op.drop_table("edition")

    op.drop_table("decision")

    op.drop_table("software_list")
