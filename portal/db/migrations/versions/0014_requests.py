"""Hold what schools ask for, who supports it, what others owe each request, and the steps and campaigns of each territory."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request_campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("endorsed_by", sa.Date(), nullable=True),
        sa.Column("advised_by", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.Date(), nullable=True),
        sa.Column("ready_on", sa.Date(), nullable=True),
        sa.Column("fictitious", sa.Boolean(), nullable=False),
        sa.CheckConstraint("closes_on >= opens_on", name=op.f("ck_request_campaign_closes_after_it_opens")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_request_campaign_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_campaign")),
        sa.UniqueConstraint("territory_id", "name", name=op.f("uq_request_campaign_territory_id_name")),
    )
    op.create_index(op.f("ix_request_campaign_territory_id"), "request_campaign", ["territory_id"])

    op.create_table(
        "request_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("relay_required", sa.Boolean(), nullable=False),
        sa.Column("visa_required", sa.Boolean(), nullable=False),
        sa.Column("relay_days", sa.Integer(), nullable=True),
        sa.Column("visa_days", sa.Integer(), nullable=True),
        sa.Column("instruction_days", sa.Integer(), nullable=True),
        sa.Column("answer_days", sa.Integer(), nullable=True),
        sa.Column("block_days", sa.Integer(), nullable=True),
        sa.Column("receipt", sa.String(length=1200), nullable=False),
        sa.CheckConstraint(
            "answer_days IS NULL OR answer_days BETWEEN 1 AND 250", name=op.f("ck_request_steps_answer_days_possible")
        ),
        sa.CheckConstraint("block_days IS NULL OR block_days BETWEEN 1 AND 250", name=op.f("ck_request_steps_block_days_possible")),
        sa.CheckConstraint(
            "instruction_days IS NULL OR instruction_days BETWEEN 1 AND 250",
            name=op.f("ck_request_steps_instruction_days_possible"),
        ),
        sa.CheckConstraint("relay_days IS NULL OR relay_days BETWEEN 1 AND 250", name=op.f("ck_request_steps_relay_days_possible")),
        sa.CheckConstraint("visa_days IS NULL OR visa_days BETWEEN 1 AND 250", name=op.f("ck_request_steps_visa_days_possible")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_request_steps_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_steps")),
        sa.UniqueConstraint("territory_id", name=op.f("uq_request_steps_territory_id")),
    )
    op.create_table(
        "software_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("key_of_draft", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("requester_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("within", sa.String(length=60), nullable=False),
        sa.Column("discipline_id", sa.Integer(), nullable=True),
        sa.Column("title_id", sa.Integer(), nullable=True),
        sa.Column("title_name", sa.String(length=120), nullable=False),
        sa.Column("title_key", sa.String(length=120), nullable=False),
        sa.Column("website", sa.String(length=300), nullable=False),
        sa.Column("wanted_version", sa.String(length=60), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=True),
        sa.Column("audience", sa.String(length=200), nullable=False),
        sa.Column("pupils", sa.Integer(), nullable=True),
        sa.Column("need", sa.String(length=2000), nullable=False),
        sa.Column("exam", sa.String(length=200), nullable=False),
        sa.Column("places", sa.String(length=300), nullable=False),
        sa.Column("workstations", sa.Integer(), nullable=True),
        sa.Column("needed_on", sa.Date(), nullable=True),
        sa.Column("considered", sa.String(length=1500), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_doubt", sa.String(length=400), nullable=False),
        sa.Column("school_rank", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("receipt", sa.String(length=1200), nullable=False),
        sa.Column("days_left", sa.Integer(), nullable=True),
        sa.CheckConstraint("(status = 'draft') = (sent_at IS NULL)", name=op.f("ck_software_request_sent_or_draft")),
        sa.CheckConstraint("(status = 'merged') = (merged_into_id IS NOT NULL)", name=op.f("ck_software_request_merged_somewhere")),
        sa.CheckConstraint(
            "kind IN ('new-title', 'new-version', 'extension', 'list-change', 'renewal', 'withdrawal')",
            name=op.f("ck_software_request_kind_known"),
        ),
        sa.CheckConstraint(
            "status = 'draft' OR (length(trim(title_name)) > 0 AND length(trim(need)) > 0 AND length(trim(audience)) > 0 AND length(trim(places)) > 0 AND length(trim(considered)) > 0 AND needed_on IS NOT NULL AND discipline_id IS NOT NULL)",
            name=op.f("ck_software_request_six_answers"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'relay', 'relay-question', 'visa', 'visa-question', 'instruction', 'instruction-question', 'declined', 'given-up', 'merged')",
            name=op.f("ck_software_request_status_known"),
        ),
        sa.CheckConstraint("merged_into_id IS NULL OR merged_into_id <> id", name=op.f("ck_software_request_not_into_itself")),
        sa.CheckConstraint("pupils IS NULL OR pupils > 0", name=op.f("ck_software_request_pupils_counted")),
        sa.CheckConstraint("school_rank IS NULL OR school_rank > 0", name=op.f("ck_software_request_ranked_from_one")),
        sa.CheckConstraint("workstations IS NULL OR workstations > 0", name=op.f("ck_software_request_workstations_counted")),
        sa.ForeignKeyConstraint(["discipline_id"], ["discipline.id"], name=op.f("fk_software_request_discipline_id")),
        sa.ForeignKeyConstraint(["list_id"], ["software_list.id"], name=op.f("fk_software_request_list_id")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["software_request.id"], name=op.f("fk_software_request_merged_into_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["person.id"], name=op.f("fk_software_request_requester_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_software_request_school_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_software_request_territory_id")),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_software_request_title_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_software_request")),
        sa.UniqueConstraint("key_of_draft", name=op.f("uq_software_request_key_of_draft")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_software_request_merged_into_id"), "software_request", ["merged_into_id"])
    op.create_index(op.f("ix_software_request_requester_id"), "software_request", ["requester_id"])
    op.create_index(op.f("ix_software_request_school_id"), "software_request", ["school_id"])
    op.create_index(op.f("ix_software_request_scope_status_since"), "software_request", ["scope", "status", "since"])
    op.create_index(op.f("ix_software_request_title_id"), "software_request", ["title_id"])
    op.create_index(op.f("ix_software_request_title_key"), "software_request", ["title_key"])
    op.create_index(op.f("ix_software_request_within_status_since"), "software_request", ["within", "status", "since"])

    op.create_table(
        "co_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("audience", sa.String(length=200), nullable=False),
        sa.Column("pupils", sa.Integer(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=600), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_as", sa.String(length=80), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("pupils > 0", name=op.f("ck_co_signature_pupils_counted")),
        sa.CheckConstraint("weeks BETWEEN 1 AND 52", name=op.f("ck_co_signature_weeks_of_a_year")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_co_signature_person_id")),
        sa.ForeignKeyConstraint(["request_id"], ["software_request.id"], name=op.f("fk_co_signature_request_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_co_signature_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_co_signature")),
        sa.UniqueConstraint("request_id", "person_id", name=op.f("uq_co_signature_request_id_person_id")),
    )
    op.create_index(op.f("ix_co_signature_person_id"), "co_signature", ["person_id"])
    op.create_index(op.f("ix_co_signature_request_id"), "co_signature", ["request_id"])

    op.create_table(
        "request_block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=600), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_doubt", sa.String(length=400), nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filled_by", sa.String(length=60), nullable=False),
        sa.Column("filled_as", sa.String(length=80), nullable=False),
        sa.CheckConstraint("(state = 'owed') = (filled_at IS NULL)", name=op.f("ck_request_block_filled_when")),
        sa.CheckConstraint(
            "kind IN ('school', 'technical', 'data', 'accessibility', 'licence')", name=op.f("ck_request_block_kind_known")
        ),
        sa.CheckConstraint("state <> 'not-needed' OR length(trim(reason)) > 0", name=op.f("ck_request_block_reason_said")),
        sa.CheckConstraint("state = 'owed' OR length(trim(filled_as)) > 0", name=op.f("ck_request_block_filled_by_someone")),
        sa.CheckConstraint("state IN ('owed', 'filled', 'not-needed')", name=op.f("ck_request_block_state_known")),
        sa.ForeignKeyConstraint(["request_id"], ["software_request.id"], name=op.f("fk_request_block_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_block")),
        sa.UniqueConstraint("request_id", "kind", name=op.f("uq_request_block_request_id_kind")),
    )
    op.create_index(op.f("ix_request_block_request_id"), "request_block", ["request_id"])


def downgrade() -> None:

    op.drop_table("request_block")

    op.drop_table("co_signature")

    op.drop_table("software_request")
    op.drop_table("request_steps")

    op.drop_table("request_campaign")
