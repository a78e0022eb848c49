"""Know days once for all: holidays, exams and freezes, with the extent of what is known."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "academy_zone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("academy", sa.String(length=40), nullable=False),
        sa.Column("zone", sa.String(length=24), nullable=False),
        sa.Column("part", sa.String(length=24), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint("zone <> ''", name=op.f("ck_academy_zone_zone_said")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_academy_zone")),
        sa.UniqueConstraint("academy", name=op.f("uq_academy_zone_academy")),
    )

    op.create_table(
        "exam",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam")),
        sa.UniqueConstraint("code", name=op.f("uq_exam_code")),
    )

    op.create_table(
        "known_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject", sa.String(length=24), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("fictitious", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('school-holidays', 'public-holidays', 'exams')", name=op.f("ck_known_period_kind_known")),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_known_period_dates_ordered")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_period")),
        sa.UniqueConstraint("kind", "subject", "first_day", name=op.f("uq_known_period_kind_subject_first_day")),
    )

    op.create_table(
        "public_holiday",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_holiday")),
        sa.UniqueConstraint("part", "day", name=op.f("uq_public_holiday_part_day")),
    )

    op.create_table(
        "school_holiday",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=24), nullable=False),
        sa.Column("school_year", sa.String(length=9), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("first_day_off", sa.Date(), nullable=False),
        sa.Column("last_day_off", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.CheckConstraint("last_day_off >= first_day_off", name=op.f("ck_school_holiday_dates_ordered")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_holiday")),
        sa.UniqueConstraint("zone", "school_year", "name", name=op.f("uq_school_holiday_zone_school_year_name")),
    )

    op.create_table(
        "exam_date",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("exam_id", sa.Integer(), nullable=False),
        sa.Column("session", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=120), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("fictitious", sa.Boolean(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_exam_date_dates_ordered")),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_date_exam_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_date")),
        sa.UniqueConstraint("exam_id", "session", "event", name=op.f("uq_exam_date_exam_id_session_event")),
    )

    op.create_table(
        "school_week",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=True),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("monday", sa.Boolean(), nullable=False),
        sa.Column("tuesday", sa.Boolean(), nullable=False),
        sa.Column("wednesday", sa.Boolean(), nullable=False),
        sa.Column("thursday", sa.Boolean(), nullable=False),
        sa.Column("friday", sa.Boolean(), nullable=False),
        sa.Column("saturday", sa.Boolean(), nullable=False),
        sa.Column("sunday", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(territory_id IS NULL) <> (school_id IS NULL)", name=op.f("ck_school_week_one_owner")),
        sa.CheckConstraint(
            "monday OR tuesday OR wednesday OR thursday OR friday OR saturday OR sunday", name=op.f("ck_school_week_some_day_open")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_school_week_school_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_school_week_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_week")),
        sa.UniqueConstraint("school_id", name=op.f("uq_school_week_school_id")),
        sa.UniqueConstraint("territory_id", name=op.f("uq_school_week_territory_id")),
    )

    op.create_table(
        "school_year",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=9), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("starts_on < ends_on", name=op.f("ck_school_year_dates_ordered")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_school_year_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_year")),
        sa.UniqueConstraint("territory_id", "label", name=op.f("uq_school_year_territory_id_label")),
    )

    op.create_table(
        "freeze_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=24), nullable=False),
        sa.Column("target", sa.String(length=24), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("title_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("overridable", sa.Boolean(), nullable=False),
        sa.Column("override_permission", sa.String(length=60), nullable=False),
        sa.Column("fictitious", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(target = 'room') = (room_id IS NOT NULL)", name=op.f("ck_freeze_period_room_said")),
        sa.CheckConstraint("(target = 'school') = (school_id IS NOT NULL)", name=op.f("ck_freeze_period_school_said")),
        sa.CheckConstraint("(target = 'title') = (title_id IS NOT NULL)", name=op.f("ck_freeze_period_title_said")),
        sa.CheckConstraint("overridable = (override_permission <> '')", name=op.f("ck_freeze_period_overrider_said")),
        sa.CheckConstraint("target IN ('territory', 'school', 'room', 'title')", name=op.f("ck_freeze_period_target_known")),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_freeze_period_reason_said")),
        sa.CheckConstraint("what IN ('packages', 'bookings', 'both')", name=op.f("ck_freeze_period_what_known")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_freeze_period_dates_ordered")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_freeze_period_room_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_freeze_period_school_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_freeze_period_territory_id")),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_freeze_period_title_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freeze_period")),
        sa.UniqueConstraint("territory_id", "name", "starts_on", name=op.f("uq_freeze_period_territory_id_name_starts_on")),
    )
    op.create_index(op.f("ix_freeze_period_room_id"), "freeze_period", ["room_id"])
    op.create_index(op.f("ix_freeze_period_school_id"), "freeze_period", ["school_id"])
    op.create_index(op.f("ix_freeze_period_territory_id_ends_on"), "freeze_period", ["territory_id", "ends_on"])
    op.create_index(op.f("ix_freeze_period_title_id"), "freeze_period", ["title_id"])

    op.create_table(
        "freeze_override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("freeze_id", sa.Integer(), nullable=False),
        sa.Column("title_id", sa.Integer(), nullable=True),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("signed_by", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=1200), nullable=False),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_freeze_override_reason_said")),
        sa.CheckConstraint("trim(signed_by) <> ''", name=op.f("ck_freeze_override_author_said")),
        sa.CheckConstraint("(title_id IS NULL) <> (school_id IS NULL)", name=op.f("ck_freeze_override_one_subject")),
        sa.ForeignKeyConstraint(["freeze_id"], ["freeze_period.id"], name=op.f("fk_freeze_override_freeze_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_freeze_override_school_id")),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_freeze_override_title_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freeze_override")),
        sa.UniqueConstraint("freeze_id", "school_id", name=op.f("uq_freeze_override_freeze_id_school_id")),
        sa.UniqueConstraint("freeze_id", "title_id", name=op.f("uq_freeze_override_freeze_id_title_id")),
    )
    op.create_index(op.f("ix_freeze_override_school_id"), "freeze_override", ["school_id"])
    op.create_index(op.f("ix_freeze_override_title_id"), "freeze_override", ["title_id"])


def downgrade() -> None:
    op.drop_table("freeze_override")
    op.drop_table("freeze_period")
    op.drop_table("school_year")
    op.drop_table("school_week")
    op.drop_table("exam_date")
    op.drop_table("school_holiday")
    op.drop_table("public_holiday")
    op.drop_table("known_period")
    op.drop_table("exam")
    op.drop_table("academy_zone")
