"""Remind people of due dates, once each time: the row says how far reminders have gone, the territory how early and how high."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

REMINDED = "reminded IN ('none', 'soon', 'late', 'escalated')"
KEEPS = {"request_block": {}, "software_request": {"table_kwargs": {"sqlite_autoincrement": True}}}
DAYS = ("remind_days", "escalate_days")


def upgrade() -> None:
    for name, kept in KEEPS.items():
        with op.batch_alter_table(name, **kept) as table:
            table.add_column(sa.Column("reminded", sa.String(length=24), nullable=False, server_default="none"))
            table.create_check_constraint(op.f(f"ck_{name}_reminded_known"), REMINDED)
        with op.batch_alter_table(name, **kept) as table:
            table.alter_column("reminded", existing_type=sa.String(length=24), server_default=None)
    with op.batch_alter_table("request_steps") as table:
        for name in DAYS:
            table.add_column(sa.Column(name, sa.Integer(), nullable=True))
            table.create_check_constraint(op.f(f"ck_request_steps_{name}_possible"), f"{name} IS NULL OR {name} BETWEEN 1 AND 250")


def downgrade() -> None:
    with op.batch_alter_table("request_steps") as table:
        for name in DAYS:
            table.drop_constraint(op.f(f"ck_request_steps_{name}_possible"), type_="check")
            table.drop_column(name)
    for name, kept in KEEPS.items():
        with op.batch_alter_table(name, **kept) as table:
            table.drop_constraint(op.f(f"ck_{name}_reminded_known"), type_="check")
            table.drop_column("reminded")
