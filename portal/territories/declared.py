"""What schools declared that they teach, one page at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager
from sqlmodel import Session, col, select

from portal.db import related
from portal.territories.models import Programme, ProgrammeKind, School, Teaching, Territory
from portal.territories.queries import served_by


@dataclass(frozen=True)
class Declared:
    """One page, how many there are in all, and how many of each kind for the same words."""

    total: int
    page: int
    rows: Sequence[Teaching]
    kinds: dict[ProgrammeKind, int]


def declared(
    session: Session,
    territories: Sequence[Territory],
    words: Collection[str],
    kind: ProgrammeKind | None,
    *,
    page: int,
    per_page: int,
) -> Declared:
    """Three queries at most. A page beyond the last one shows the last one."""
    found = sa.and_(col(Teaching.declared), served_by(territories), *(_has(word) for word in words))
    joined = sa.select(col(Programme.kind), sa.func.count()).select_from(Teaching).join(School).join(Programme)
    kinds = {row[0]: row[1] for row in session.execute(joined.where(found).group_by(col(Programme.kind)))}
    total = kinds.get(kind, 0) if kind else sum(kinds.values())
    page = max(1, min(page, -(-total // per_page)))
    asked = (
        select(Teaching)
        .join(related(Teaching.school))
        .join(related(Teaching.programme))
        .options(contains_eager(related(Teaching.school)), contains_eager(related(Teaching.programme)))
        .where(found)
        .order_by(col(School.city_key), col(School.name_key), col(School.id), col(Programme.sort_key), col(Teaching.id))
        .offset((page - 1) * per_page)
        .limit(per_page)
    )
    if kind:
        asked = asked.where(col(Programme.kind) == kind)
    return Declared(total, page, session.exec(asked).all() if total else [], kinds)


def _has(word: str) -> sa.ColumnElement[bool]:
    """A word begins one of the school's, of the programme's, or one of their codes."""
    return sa.or_(
        col(School.search_key).contains(f" {word}", autoescape=True),
        (sa.literal(" ") + col(Programme.sort_key)).contains(f" {word}", autoescape=True),
        col(School.uai).startswith(word.upper(), autoescape=True),
        col(Programme.code).contains(f":{word}", autoescape=True),
    )
