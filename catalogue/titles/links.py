"""The rows that join titles to disciplines, levels and needs, written for many titles at once."""

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from catalogue.titles.models import Discipline, Level, Need, TitleDiscipline, TitleLevel, TitleNeed

Noun = type[Discipline] | type[Level] | type[Need]
LINKS: dict[Noun, tuple[type[SQLModel], str]] = {
    Discipline: (TitleDiscipline, "discipline_id"),
    Level: (TitleLevel, "level_id"),
    Need: (TitleNeed, "need_id"),
}


def linked(session: Session, noun: Noun) -> dict[int, list[int]]:
    """For each title id, the ids of what it is joined to."""
    table, column = _table(noun)
    found: dict[int, list[int]] = {}
    for title_id, other_id in session.exec(sa.select(table.c.title_id, table.c[column]).order_by(table.c.title_id)):  # type: ignore[call-overload]
        found.setdefault(title_id, []).append(other_id)
    return found


def join(session: Session, noun: Noun, wanted: Mapping[int, Iterable[int]]) -> None:
    """Make these titles joined to exactly these; other titles are left alone."""
    table, column = _table(noun)
    if not wanted:
        return
    connection = session.connection()
    connection.execute(sa.delete(table).where(table.c.title_id == sa.bindparam("title")), [{"title": key} for key in wanted])
    rows = [{"title_id": key, column: other} for key, others in wanted.items() for other in others]
    if rows:
        connection.execute(sa.insert(table), rows)


def _table(noun: Noun) -> tuple[sa.Table, str]:
    link, column = LINKS[noun]
    return link.__table__, column  # type: ignore[attr-defined]
