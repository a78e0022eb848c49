"""Find what one actor did, and what happened on a day, without reading the whole trail."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_trail_event_actor_id"), "trail_event", ["actor", "id"])
    op.create_index(op.f("ix_trail_event_at"), "trail_event", ["at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_trail_event_at"), "trail_event")
    op.drop_index(op.f("ix_trail_event_actor_id"), "trail_event")
