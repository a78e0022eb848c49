"""Tell people what concerns them, in letters at the pace that each chooses by kind of news: one pace for all was too coarse."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KINDS = ("todo", "own", "followed", "said")
CAME = {"html": sa.Text(), "settings_url": sa.String(length=300), "about_kind": sa.String(length=40)}


def upgrade() -> None:
    op.create_table(
        "letter_pace",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("pace", sa.String(length=24), nullable=False),
        sa.CheckConstraint("kind IN ('todo', 'own', 'followed', 'said')", name=op.f("ck_letter_pace_kind_known")),
        sa.CheckConstraint("pace IN ('each', 'daily', 'weekly', 'never')", name=op.f("ck_letter_pace_pace_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_letter_pace_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_pace")),
        sa.UniqueConstraint("person_id", "kind", name=op.f("uq_letter_pace_person_id_kind")),
    )
    op.create_table(
        "letter_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=150), nullable=False),
        sa.Column("text", sa.String(length=3000), nullable=False),
        sa.CheckConstraint("length(trim(subject)) > 0 AND length(trim(text)) > 0", name=op.f("ck_letter_words_not_empty")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_letter_words_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_words")),
        sa.UniqueConstraint("territory_id", "code", name=op.f("uq_letter_words_territory_id_code")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("about_kind", sa.String(length=40), nullable=False),
        sa.Column("about_id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_alone", sa.Boolean(), nullable=False),
        sa.Column("post_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(length=60), nullable=False),
        sa.CheckConstraint("kind IN ('todo', 'own', 'followed', 'said')", name=op.f("ck_notice_kind_known")),
        sa.CheckConstraint("(person_id IS NULL) = (length(address) > 0)", name=op.f("ck_notice_told_to_someone")),
        sa.CheckConstraint("(settled_at IS NULL) = (length(settled_by) = 0)", name=op.f("ck_notice_settled_by_someone")),
        sa.ForeignKeyConstraint(["event_id"], ["trail_event.id"], name=op.f("fk_notice_event_id")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_notice_letter_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_notice_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "event_id", "person_id", "about_kind", "about_id", name=op.f("uq_notice_event_id_person_id_about_kind_about_id")
        ),
    )
    op.create_index(op.f("ix_notice_about_kind_about_id_settled_at"), "notice", ["about_kind", "about_id", "settled_at"])
    op.create_index(op.f("ix_notice_at"), "notice", ["at"])
    op.create_index(op.f("ix_notice_letter_id_post_at"), "notice", ["letter_id", "post_at"])
    op.create_index(op.f("ix_notice_person_id_settled_at_id"), "notice", ["person_id", "settled_at", "id"])
    with op.batch_alter_table("letter") as table:
        for name, kind in CAME.items():
            table.add_column(sa.Column(name, kind, nullable=False, server_default=""))
        table.add_column(sa.Column("about_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True))
        table.create_index(op.f("ix_letter_person_id"), ["person_id"])
        table.create_index(op.f("ix_letter_written_at"), ["written_at"])
        table.create_foreign_key(op.f("fk_letter_person_id"), "person", ["person_id"], ["id"])
        table.create_check_constraint(op.f("ck_letter_sent_or_given_up"), "sent_at IS NULL OR given_up_at IS NULL")
    with op.batch_alter_table("letter") as table:
        for name, kind in CAME.items():
            table.alter_column(name, existing_type=kind, server_default=None)
    for kind in KINDS:  # daily was the pace of whoever chose nothing: kinds now have their own
        op.execute(
            f"INSERT INTO letter_pace (version, person_id, kind, pace) SELECT 1, id, '{kind}', digest FROM person WHERE digest <> 'daily'"
        )
    with op.batch_alter_table("person") as table:
        table.drop_constraint(op.f("ck_person_digest_known"), type_="check")
        table.drop_column("digest")


def downgrade() -> None:
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("digest", sa.String(length=24), nullable=False, server_default="daily"))
        table.create_check_constraint(op.f("ck_person_digest_known"), "digest IN ('each', 'daily', 'weekly')")
    op.execute(
        "UPDATE person SET digest = (SELECT pace FROM letter_pace WHERE person_id = person.id AND kind = 'todo') WHERE EXISTS "
        "(SELECT 1 FROM letter_pace WHERE person_id = person.id AND kind = 'todo' AND pace IN ('each', 'daily', 'weekly'))"
    )
    with op.batch_alter_table("person") as table:
        table.alter_column("digest", existing_type=sa.String(length=24), server_default=None)
    op.drop_table("notice")
    with op.batch_alter_table("letter") as table:
        table.drop_constraint(op.f("ck_letter_sent_or_given_up"), type_="check")
        table.drop_constraint(op.f("fk_letter_person_id"), type_="foreignkey")
        table.drop_index(op.f("ix_letter_written_at"))
        table.drop_index(op.f("ix_letter_person_id"))
        for name in (*CAME, "about_id", "person_id", "given_up_at"):
            table.drop_column(name)
    op.drop_table("letter_words")
    op.drop_table("letter_pace")
