"""Keep with each voted file the address it was voted under, and give a list an address that no other territory's list has."""

import sqlalchemy as sa
from alembic import op

from portal.db.append_only import allow_changes, forbid_changes

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BY_EDITION, BY_ADDRESS = ("edition_id", "format"), ("list_slug", "label", "format")


def upgrade() -> None:
    # Of lists that share an address, the first keeps it: the others take their territory's code too.
    op.execute(
        "UPDATE software_list SET slug = slug || '-' || (SELECT code FROM territory WHERE territory.id = territory_id) "
        "WHERE EXISTS (SELECT 1 FROM software_list AS other WHERE other.slug = software_list.slug AND other.id < software_list.id)"
    )
    with op.batch_alter_table("software_list") as table:
        table.drop_constraint(op.f("uq_software_list_territory_id_slug"), type_="unique")
        table.create_unique_constraint(op.f("uq_software_list_slug"), ["slug"])
    allow_changes("frozen_edition")
    op.add_column("frozen_edition", sa.Column("list_slug", sa.String(length=60)))
    op.add_column("frozen_edition", sa.Column("label", sa.String(length=14)))
    op.execute(
        "UPDATE frozen_edition SET "
        "list_slug = (SELECT slug FROM software_list JOIN edition ON edition.list_id = software_list.id WHERE edition.id = edition_id), "
        "label = (SELECT school_year || CASE amendment WHEN 0 THEN '' ELSE '.' || amendment END FROM edition WHERE id = edition_id)"
    )
    with op.batch_alter_table("frozen_edition") as table:
        table.alter_column("list_slug", existing_type=sa.String(length=60), nullable=False)
        table.alter_column("label", existing_type=sa.String(length=14), nullable=False)
        table.create_unique_constraint(op.f("uq_frozen_edition_list_slug_label_format"), list(BY_ADDRESS))
    forbid_changes("frozen_edition", BY_EDITION, BY_ADDRESS)


def downgrade() -> None:
    allow_changes("frozen_edition")
    with op.batch_alter_table("frozen_edition") as table:
        table.drop_constraint(op.f("uq_frozen_edition_list_slug_label_format"), type_="unique")
        table.drop_column("label")
        table.drop_column("list_slug")
    forbid_changes("frozen_edition", BY_EDITION)
    with op.batch_alter_table("software_list") as table:
        table.drop_constraint(op.f("uq_software_list_slug"), type_="unique")
        table.create_unique_constraint(op.f("uq_software_list_territory_id_slug"), ["territory_id", "slug"])
