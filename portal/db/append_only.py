"""Tables that only grow: both databases themselves refuse to change or delete a row, whoever asks."""

from alembic import op

REFUSAL = "what happened is never rewritten"


def forbid_changes(table: str, *unique: tuple[str, ...]) -> None:
    """Called by migrations. PostgreSQL also refuses TRUNCATE; dropping the table drops the triggers.

    `unique`: the columns of each unique constraint, by which SQLite's REPLACE could take a row away too.
    """
    if op.get_context().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table}: {REFUSAL}'); END"
            )
        # REPLACE deletes a row without telling the triggers above.
        alike = [" AND ".join(f"{column} = NEW.{column}" for column in columns) for columns in [("id",), *unique]]
        same = " OR ".join(f"({one})" for one in alike)
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
            f"BEGIN SELECT RAISE(ABORT, '{table}: {REFUSAL}'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '%: {REFUSAL}', TG_TABLE_NAME; END $$"
    )
    op.execute(f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")


def allow_changes(table: str) -> None:
    """For a migration that gives the table another shape; `forbid_changes` comes after it."""
    if op.get_context().dialect.name == "sqlite":
        for rule in ("update", "delete", "replace"):
            op.execute(f"DROP TRIGGER {table}_no_{rule}")
        return
    for rule in ("change", "truncate"):
        op.execute(f"DROP TRIGGER {table}_no_{rule} ON {table}")
