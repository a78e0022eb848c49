"""Find the latest requests, the first that are due, and those for the same title in a territory, without reading ten thousand of them."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_software_request_since": ["since"],
    "ix_software_request_due_on": ["due_on"],
    "ix_software_request_title_key_within": ["title_key", "within"],
}


def upgrade() -> None:
    for name, columns in INDEXES.items():
        op.create_index(op.f(name), "software_request", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(op.f(name), "software_request")
