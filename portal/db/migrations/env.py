"""How Alembic talks to our database: plain types, batches on SQLite, no file of configuration."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel.sql import sqltypes

from portal.db import METADATA


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write SQLModel's own types as SQLAlchemy's: a migration must outlive the library's habits."""
    if kind == "type" and isinstance(item, sqltypes.AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.Text()"
    if kind == "type" and isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    if kind == "type" and isinstance(item, sa.TypeDecorator) and isinstance(item.impl_instance, sa.DateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=context.config.attributes["connection"].dialect.name == "sqlite",
    render_item=render_item,
    compare_type=True,
)
context.run_migrations()
