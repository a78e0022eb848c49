"""Reading titles for pages that only name them."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlmodel import Session, col

from catalogue.titles.models import Title


def names_of(session: Session, keys: Collection[int]) -> Mapping[int, str]:
    """By id; no query for no key."""
    if not keys:
        return {}
    return {row[0]: row[1] for row in session.execute(sa.select(col(Title.id), col(Title.name)).where(col(Title.id).in_(keys)))}
