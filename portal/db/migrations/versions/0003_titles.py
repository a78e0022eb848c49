"""Know the titles, what they are for, and where each fact comes from."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalogue_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_revision")),
    )
    op.create_table(
        "category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("acronyms", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("slug", name=op.f("uq_category_slug")),
    )
    op.create_table(
        "discipline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("acronyms", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discipline")),
        sa.UniqueConstraint("slug", name=op.f("uq_discipline_slug")),
    )
    op.create_table(
        "level",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level")),
        sa.UniqueConstraint("code", name=op.f("uq_level_code")),
    )
    op.create_table(
        "need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
        sa.UniqueConstraint("slug", name=op.f("uq_need_slug")),
    )
    op.create_table(
        "release_cycle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=60), nullable=False),
        sa.Column("cycle", sa.String(length=60), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("ended", sa.Boolean(), nullable=True),
        sa.Column("latest", sa.String(length=60), nullable=False),
        sa.Column("long_term", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_cycle")),
        sa.UniqueConstraint("product", "cycle", name=op.f("uq_release_cycle_product_cycle")),
    )
    op.create_table(
        "title",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("sort_key", sa.String(length=120), nullable=False),
        sa.Column("publisher", sa.String(length=120), nullable=False),
        sa.Column("licence", sa.String(length=80), nullable=False),
        sa.Column("licence_type", sa.String(length=24), nullable=False),
        sa.Column("homepage", sa.String(length=300), nullable=False),
        sa.Column("platforms", sa.JSON(), nullable=False),
        sa.Column("latest_version", sa.String(length=60), nullable=False),
        sa.Column("purpose", sa.String(length=140), nullable=False),
        sa.Column("usage", sa.Integer(), nullable=False),
        sa.Column("identifiers", sa.JSON(), nullable=False),
        sa.Column("eol_product", sa.String(length=60), nullable=False),
        sa.Column("confidence", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("source_date", sa.Date(), nullable=True),
        sa.Column("withdrawn_from_sources", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("confidence IN ('high', 'medium', 'unverified')", name=op.f("ck_title_confidence_known")),
        sa.CheckConstraint(
            "licence_type IN ('libre', 'gratuit', 'proprietaire', 'inconnu')", name=op.f("ck_title_licence_type_known")
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_title_name_said")),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f("fk_title_category_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_title")),
        sa.UniqueConstraint("slug", name=op.f("uq_title_slug")),
    )
    op.create_index(op.f("ix_title_category_id"), "title", ["category_id"])
    op.create_index(op.f("ix_title_sort_key"), "title", ["sort_key"])

    op.create_table(
        "alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_alias_title_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alias")),
        sa.UniqueConstraint("title_id", "name", name=op.f("uq_alias_title_id_name")),
    )
    op.create_index(op.f("ix_alias_title_id"), "alias", ["title_id"])

    op.create_table(
        "alternative",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint("title_id <> other_id", name=op.f("ck_alternative_not_itself")),
        sa.ForeignKeyConstraint(["other_id"], ["title.id"], name=op.f("fk_alternative_other_id")),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_alternative_title_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alternative")),
        sa.UniqueConstraint("title_id", "other_id", name=op.f("uq_alternative_title_id_other_id")),
    )
    op.create_index(op.f("ix_alternative_other_id"), "alternative", ["other_id"])
    op.create_index(op.f("ix_alternative_title_id"), "alternative", ["title_id"])

    op.create_table(
        "fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("confidence", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("confidence IN ('high', 'medium', 'unverified')", name=op.f("ck_fact_confidence_known")),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_fact_title_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
        sa.UniqueConstraint("title_id", "field", name=op.f("uq_fact_title_id_field")),
    )
    op.create_index(op.f("ix_fact_title_id"), "fact", ["title_id"])

    op.create_table(
        "installer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("version_label", sa.String(length=60), nullable=False),
        sa.Column("architecture", sa.String(length=20), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("silent_switch", sa.String(length=300), nullable=False),
        sa.Column("silent_origin", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=120), nullable=False),
        sa.Column("min_os", sa.String(length=40), nullable=False),
        sa.Column("snapshot", sa.String(length=20), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_installer_title_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installer")),
    )
    op.create_index(op.f("ix_installer_title_id"), "installer", ["title_id"])

    op.create_table(
        "title_discipline",
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("discipline_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["discipline_id"], ["discipline.id"], name=op.f("fk_title_discipline_discipline_id")),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_title_discipline_title_id")),
        sa.PrimaryKeyConstraint("title_id", "discipline_id", name=op.f("pk_title_discipline")),
    )
    op.create_index(op.f("ix_title_discipline_discipline_id"), "title_discipline", ["discipline_id"])

    op.create_table(
        "title_level",
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("level_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["level_id"], ["level.id"], name=op.f("fk_title_level_level_id")),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_title_level_title_id")),
        sa.PrimaryKeyConstraint("title_id", "level_id", name=op.f("pk_title_level")),
    )
    op.create_index(op.f("ix_title_level_level_id"), "title_level", ["level_id"])

    op.create_table(
        "title_need",
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["need_id"], ["need.id"], name=op.f("fk_title_need_need_id")),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_title_need_title_id")),
        sa.PrimaryKeyConstraint("title_id", "need_id", name=op.f("pk_title_need")),
    )
    op.create_index(op.f("ix_title_need_need_id"), "title_need", ["need_id"])

    op.execute("INSERT INTO catalogue_revision (id, version, number) VALUES (1, 1, 1)")


def downgrade() -> None:

    op.drop_table("title_need")

    op.drop_table("title_level")

    op.drop_table("title_discipline")

    op.drop_table("installer")

    op.drop_table("fact")

    op.drop_table("alternative")

    op.drop_table("alias")

    op.drop_table("title")
    op.drop_table("release_cycle")
    op.drop_table("need")
    op.drop_table("level")
    op.drop_table("discipline")
    op.drop_table("category")
    op.drop_table("catalogue_revision")
