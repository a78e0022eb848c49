"""Let people come in from their ENT: providers, accounts, schools, roles, accreditations, sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("given_name", sa.String(length=80), nullable=False),
        sa.Column("family_name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("sort_key", sa.String(length=170), nullable=False),
        sa.Column("profile", sa.String(length=24), nullable=False),
        sa.Column("digest", sa.String(length=24), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("linked_to_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("digest IN ('each', 'daily', 'weekly')", name=op.f("ck_person_digest_known")),
        sa.ForeignKeyConstraint(["linked_to_id"], ["person.id"], name=op.f("fk_person_linked_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index(op.f("ix_person_linked_to_id"), "person", ["linked_to_id"])
    op.create_index(op.f("ix_person_seen_at"), "person", ["seen_at"])

    op.create_table(
        "provider",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("protocol", sa.String(length=24), nullable=False),
        sa.Column("base_url", sa.String(length=300), nullable=False),
        sa.Column("serves", sa.JSON(), nullable=False),
        sa.Column("contact", sa.String(length=254), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("is_demonstration", sa.Boolean(), nullable=False),
        sa.Column("validation", sa.String(length=24), nullable=False),
        sa.Column("state_in_service", sa.Boolean(), nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("secret_env", sa.String(length=80), nullable=False),
        sa.Column("token_auth", sa.String(length=24), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("pkce", sa.Boolean(), nullable=False),
        sa.Column("subject_attribute", sa.String(length=60), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("academy", sa.String(length=40), nullable=False),
        sa.Column("gives_join_key", sa.Boolean(), nullable=False),
        sa.Column("adults_only", sa.Boolean(), nullable=False),
        sa.Column("names_heads", sa.Boolean(), nullable=False),
        sa.Column("proves_fresh", sa.Boolean(), nullable=False),
        sa.Column("ends_its_session", sa.Boolean(), nullable=False),
        sa.CheckConstraint("protocol <> 'oidc' OR length(client_id) > 0", name=op.f("ck_provider_oidc_has_a_client")),
        sa.CheckConstraint("protocol IN ('cas', 'oidc')", name=op.f("ck_provider_protocol_known")),
        sa.CheckConstraint(
            "token_auth IN ('client_secret_basic', 'client_secret_post')", name=op.f("ck_provider_token_auth_known")
        ),
        sa.CheckConstraint(
            "validation IN ('p3/serviceValidate', 'serviceValidate', 'proxyValidate', 'samlValidate')",
            name=op.f("ck_provider_validation_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
        sa.UniqueConstraint("slug", name=op.f("uq_provider_slug")),
    )
    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("scope_kind", sa.String(length=24), nullable=False),
        sa.Column("permissions", sa.JSON(), nullable=False),
        sa.Column("granted_with", sa.String(length=60), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "scope_kind IN ('everywhere', 'territory', 'school', 'committee', 'space')", name=op.f("ck_role_scope_kind_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("code", name=op.f("uq_role_code")),
    )
    op.create_table(
        "accreditation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("called", sa.String(length=80), nullable=False),
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("within", sa.String(length=60), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("letter", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.String(length=60), nullable=False),
        sa.Column("granted_as", sa.String(length=80), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(length=60), nullable=False),
        sa.Column("revoked_as", sa.String(length=80), nullable=False),
        sa.Column("revoke_reason", sa.String(length=1000), nullable=False),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (length(trim(revoked_by)) = 0)", name=op.f("ck_accreditation_revoked_by_someone")
        ),
        sa.CheckConstraint("length(trim(granted_as)) > 0", name=op.f("ck_accreditation_has_a_granter")),
        sa.CheckConstraint("until >= starts_on", name=op.f("ck_accreditation_ends_after_it_starts")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_accreditation_person_id")),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_accreditation_role_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accreditation")),
    )
    op.create_index(op.f("ix_accreditation_person_id"), "accreditation", ["person_id"])
    op.create_index(op.f("ix_accreditation_scope_until"), "accreditation", ["scope", "until"])

    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("uai", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("standing", sa.String(length=24), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.String(length=80), nullable=False),
        sa.Column("settle_reason", sa.String(length=1000), nullable=False),
        sa.CheckConstraint("standing IN ('asked', 'claimed', 'confirmed', 'ended')", name=op.f("ck_attachment_standing_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attachment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("person_id", "uai", name=op.f("uq_attachment_person_id_uai")),
    )
    op.create_index(op.f("ix_attachment_uai"), "attachment", ["uai"])

    op.create_table(
        "ended_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("jti", sa.String(length=255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_ended_token_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_token")),
        sa.UniqueConstraint("provider_id", "jti", name=op.f("uq_ended_token_provider_id_jti")),
    )
    op.create_index(op.f("ix_ended_token_at"), "ended_token", ["at"])

    op.create_table(
        "identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("join_key", sa.String(length=80), nullable=False),
        sa.Column("profiles", sa.JSON(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_identity_person_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_identity_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("provider_id", "subject", name=op.f("uq_identity_provider_id_subject")),
    )
    op.create_index(op.f("ix_identity_join_key"), "identity", ["join_key"])
    op.create_index(op.f("ix_identity_person_id"), "identity", ["person_id"])

    op.create_table(
        "open_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticket_digest", sa.String(length=64), nullable=True),
        sa.Column("sid", sa.String(length=255), nullable=True),
        sa.Column("id_token", sa.Text(), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_open_session_person_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_open_session_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_open_session_digest")),
        sa.UniqueConstraint("ticket_digest", name=op.f("uq_open_session_ticket_digest")),
    )
    op.create_index(op.f("ix_open_session_person_id"), "open_session", ["person_id"])
    op.create_index(op.f("ix_open_session_provider_id_sid"), "open_session", ["provider_id", "sid"])
    op.create_index(op.f("ix_open_session_provider_id_subject"), "open_session", ["provider_id", "subject"])

    op.create_table(
        "pending_sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=128), nullable=False),
        sa.Column("back", sa.String(length=2000), nullable=False),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('enter', 'prove', 'link')", name=op.f("ck_pending_sign_in_purpose_known")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_pending_sign_in_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_sign_in")),
        sa.UniqueConstraint("digest", name=op.f("uq_pending_sign_in_digest")),
    )
    op.create_index(op.f("ix_pending_sign_in_began_at"), "pending_sign_in", ["began_at"])

    op.create_table(
        "role_label",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("territory_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_role_label_role_id")),
        sa.ForeignKeyConstraint(["territory_id"], ["territory.id"], name=op.f("fk_role_label_territory_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_label")),
        sa.UniqueConstraint("role_id", "territory_id", name=op.f("uq_role_label_role_id_territory_id")),
    )


def downgrade() -> None:
    op.drop_table("role_label")
    op.drop_table("pending_sign_in")
    op.drop_table("open_session")
    op.drop_table("identity")
    op.drop_table("ended_token")
    op.drop_table("attachment")
    op.drop_table("accreditation")
    op.drop_table("role")
    op.drop_table("provider")
    op.drop_table("person")
