"""A hundred thousand titles, made from the real ones: other names, the same uses, subjects and levels."""

import random
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Session, select

from catalogue.titles.models import Title, TitleDiscipline, TitleLevel, TitleNeed
from portal.db import Database
from portal.text import fold
from portal.trail.revision import bump

SIZE = 100_000
SYLLABLES = [c + v for c in "bcdfglmnprstvz" for v in ("a", "e", "i", "o", "u", "an", "or")]
LINKS = ((TitleDiscipline, "discipline_id"), (TitleLevel, "level_id"), (TitleNeed, "need_id"))
AT_ONCE = 5000


def crowd(database: Database) -> None:
    """Add titles until there are SIZE of them; the seed is fixed, so every run measures the same."""
    database.write(_add)


def _add(session: Session) -> None:
    chance = random.Random(20261124)  # noqa: S311 – names, not secrets
    connection = session.connection()
    columns = [column for column in Title.__table__.columns if column.key not in {"id", "slug", "name", "sort_key", "changed_at"}]  # type: ignore[attr-defined]
    models = connection.execute(sa.select(Title.__table__.c.id, *columns)).all()  # type: ignore[attr-defined]
    first = 1 + max(model.id for model in models)
    rows, origins = [], {}
    for number in range(SIZE - len(models)):
        model = models[number % len(models)]
        name = f"{_word(chance).capitalize()} {_word(chance).capitalize()}"
        origins[first + number] = model.id
        shared = {column.key: getattr(model, column.key) for column in columns}
        rows.append(
            {**shared, "id": first + number, "slug": f"{fold(name).replace(' ', '-')}-{number}", "name": name, "sort_key": fold(name), "changed_at": datetime.now(UTC)}
        )  # fmt: skip
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(sa.insert(Title), rows[start : start + AT_ONCE])
    for link, key in LINKS:
        _link(session, link, key, origins)
    bump(session)


def _link(session: Session, link: type, key: str, origins: dict[int, int]) -> None:
    of: dict[int, list[int]] = {}
    for title_id, other in session.exec(select(link.title_id, getattr(link, key))):  # type: ignore[attr-defined]
        of.setdefault(title_id, []).append(other)
    rows = [{"title_id": new, key: other} for new, old in origins.items() for other in of.get(old, ())]
    for start in range(0, len(rows), AT_ONCE):
        session.connection().execute(sa.insert(link), rows[start : start + AT_ONCE])


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))
