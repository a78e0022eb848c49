"""Reading schools, in a number of queries that does not depend on how many there are."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from rapidfuzz import fuzz, process
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from portal.territories.models import School, Territory, TerritoryLevel
from portal.territories.whole import WholeSchool

ELSEWHERE = "Europe/Paris"  # whose days are counted where no territory here serves, or everywhere
KM_PER_DEGREE = 111.195
AROUND = 30  # km: what one drives to in half an hour or so
NEAREST = 6
LIKE_ENOUGH, SAME_TOWN = 78, 82  # of 100: a name is found in a part of what was typed, a town in all of it
WHOLE_CITIES = ("paris", "lyon", "marseille")  # the directory also writes their arrondissements as towns
EITHER = {"saint": ("saint", "st "), "st": ("saint", "st "), "sainte": ("sainte", "ste "), "ste": ("sainte", "ste ")}


@dataclass(frozen=True)
class Town:
    """A town where there are schools; its centre is theirs, None when the directory places none of them."""

    name: str
    key: str
    department_code: str
    department: str
    schools: int
    centre: tuple[float, float] | None

    @property
    def written(self) -> str:
        """What an address says of it: two towns of one name are in two departments."""
        return f"{self.name} ({self.department_code})"

    def km_to(self, school: School) -> float | None:
        if self.centre is None or school.latitude is None or school.longitude is None:
            return None
        return _km(*self.centre, school.latitude, school.longitude)


@dataclass(frozen=True)
class Found:
    """One page of schools, and how many there are in all."""

    total: int
    page: int
    schools: list[School]


def home_zone(session: Session, home: str) -> str:
    """Whose days and hours are shown where no territory is spoken for: those of the installation's own."""
    found = session.exec(select(Territory.zone).where(Territory.code == home)).first()
    return found or ELSEWHERE


def served_by(territories: Iterable[Territory]) -> ColumnElement[bool]:
    """The face in SQL of `Territory.serves`."""
    return sa.or_(
        sa.false(),
        *(
            sa.and_(
                col(School.sector) == "public",
                col(School.kind).in_(one.school_types),
                col(School.region if one.level is TerritoryLevel.REGION else School.department_code) == one.area,
            )
            for one in territories
        ),
    )


def towns(session: Session, keys: Sequence[str]) -> list[Town]:
    """The towns of these folded names, longest name first, then the one with most schools. « valence 26 » says which Valence."""
    split = [(key.rpartition(" ")[0], key.rpartition(" ")[2].upper()) for key in keys]
    named = sa.or_(col(School.city_key).in_(keys), *(_in_town(key) for key in keys if key in WHOLE_CITIES))
    exact = [sa.and_(_in_town(key), col(School.department_code) == code) for key, code in split if key and 2 <= len(code) <= 3]
    rows = session.execute(
        sa.select(
            sa.func.min(School.city), col(School.city_key), col(School.department_code), sa.func.min(School.department),
            sa.func.count(), sa.func.count(col(School.latitude)), sa.func.sum(col(School.latitude)), sa.func.sum(col(School.longitude)),
        ).where(col(School.open), sa.or_(named, *exact)).group_by(col(School.city_key), col(School.department_code))
    ).all()  # fmt: skip
    wanted = {key: len(key) for key in keys} | {f"{key} {code.lower()}": len(key) + len(code) for key, code in split}
    found = _whole(rows)
    return sorted(
        found, key=lambda town: (-wanted.get(f"{town.key} {town.department_code.lower()}", wanted.get(town.key, 0)), -town.schools)
    )


def search_schools(session: Session, words: Sequence[str], served: ColumnElement[bool], *, page: int, per_page: int) -> Found:
    """Open schools that have every word; those that are served come first."""
    order = [sa.case((served, 0), else_=1), col(School.name_key), col(School.city_key), col(School.id)]
    return _page(session, having(words), order, page, per_page)


def schools_around(
    session: Session,
    town: Town,
    words: Sequence[str],
    also: Sequence[str],
    served: ColumnElement[bool],
    *,
    page: int,
    per_page: int,
) -> Found:
    """Schools of the town, then those around it, nearest first, then those of its department that nobody has placed.

    `words` narrow all of these; schools that have every word of `also`, wherever they are, come in at their distance.
    """
    here = sa.and_(_in_town(town.key), col(School.department_code) == town.department_code)
    distance = _square_of_km(town)
    unplaced = col(School.latitude).is_(None)
    near = sa.or_(here, _around(town, distance), sa.and_(unplaced, col(School.department_code) == town.department_code))
    wanted = sa.or_(sa.and_(near, having(words)), having(also)) if also else sa.and_(near, having(words))
    order: list[Any] = [
        sa.case((here, 0), (unplaced, 2), else_=1),
        sa.case((sa.and_(here, sa.not_(served)), 1), else_=0),
        sa.case((here, 0.0), else_=sa.func.coalesce(distance, 0.0)),
        col(School.name_key),
        col(School.id),
    ]
    return _page(session, wanted, order, page, per_page)


def schools_like(session: Session, text: str, most: int = NEAREST) -> tuple[list[str], list[School]]:
    """For words that nothing has: towns (as `Town.written`) and schools whose names look most like them.

    A town is named alone or, with its school, is only part of what looks alike.
    """
    rows = session.execute(
        sa.select(col(School.uai), col(School.name_key), col(School.city), col(School.city_key), col(School.department_code))
        .where(col(School.open))
        .order_by(col(School.uai))
    ).all()
    cities = {f"{city} ({code})": key for _uai, _name, city, key, code in rows}
    near = process.extract(text, cities, scorer=fuzz.ratio, score_cutoff=SAME_TOWN, limit=most)
    names = {uai: name if near else f"{name} {key}" for uai, name, _city, key, _code in rows}
    best = process.extract(text, names, scorer=fuzz.partial_ratio, score_cutoff=LIKE_ENOUGH, limit=most) if len(text) > 4 else []
    return [city for _key, _score, city in near], schools_of(session, [uai for _name, _score, uai in best])


def schools_of(session: Session, codes: Sequence[str]) -> list[School]:
    """Schools by their UAI, in the order given; a code that nobody has is left out."""
    found = {school.uai: school for school in session.exec(select(School).where(col(School.uai).in_(codes)))} if codes else {}
    return [found[code] for code in codes if code in found]


def neighbours(session: Session, uai: str, most: int = NEAREST) -> list[School]:
    """Open schools of the same department whose codes stand just before and after, in order."""
    same = sa.and_(col(School.open), col(School.uai).startswith(uai[:3], autoescape=True))
    before = select(School).where(same, col(School.uai) < uai).order_by(col(School.uai).desc()).limit(most // 2)
    after = select(School).where(same, col(School.uai) > uai).order_by(col(School.uai)).limit(most // 2)
    return [*reversed(session.exec(before).all()), *session.exec(after).all()]


def successors(session: Session, closed: WholeSchool, most: int = NEAREST) -> list[School]:
    """Open schools where a closed one was: of its name first, then of its kind, in its town."""
    alike = sa.or_(col(School.name_key) == closed.name_key, col(School.city_key) == closed.city_key)
    return list(
        session.exec(
            select(School)
            .where(col(School.open), col(School.department_code) == closed.department_code, alike)
            .order_by(
                sa.case((col(School.name_key) == closed.name_key, 0), else_=1),
                sa.case((col(School.kind) == closed.kind, 0), else_=1),
                sa.case((col(School.sector) == closed.sector, 0), else_=1),
                col(School.name_key),
            )
            .limit(most)
        )
    )


def _page(session: Session, wanted: ColumnElement[bool], order: list[Any], page: int, per_page: int) -> Found:
    """A page beyond the last one shows the last one."""
    total = session.exec(select(sa.func.count()).select_from(School).where(col(School.open), wanted)).one()
    page = max(1, min(page, -(-total // per_page)))
    rows = select(School).where(col(School.open), wanted).order_by(*order).offset((page - 1) * per_page).limit(per_page)
    return Found(total, page, list(session.exec(rows)) if total else [])


def having(words: Sequence[str]) -> ColumnElement[bool]:
    """Every word begins a word of the name, the town, the department, the postal code, the type or the sector."""
    text = col(School.search_key)
    return sa.and_(
        sa.true(), *(sa.or_(*(text.contains(f" {one}", autoescape=True) for one in EITHER.get(word, (word,)))) for word in words)
    )


def _in_town(key: str) -> ColumnElement[bool]:
    same = col(School.city_key) == key
    return sa.or_(same, col(School.city_key).like(f"{key} % arrondissement")) if key in WHOLE_CITIES else same


def _around(town: Town, distance: ColumnElement[float | None]) -> ColumnElement[bool]:
    """A box first, which costs little, then the distance."""
    if town.centre is None:
        return sa.false()
    latitude, longitude = town.centre
    north, east = AROUND / KM_PER_DEGREE, AROUND / _km_per_degree_east(latitude)
    return sa.and_(
        col(School.latitude).between(latitude - north, latitude + north),
        col(School.longitude).between(longitude - east, longitude + east),
        distance <= AROUND**2,
    )


def _square_of_km(town: Town) -> ColumnElement[float | None]:
    """The plane that touches the globe there: right to a few metres at this scale, and databases need no trigonometry."""
    if town.centre is None:
        return sa.literal(0.0)
    latitude, longitude = town.centre
    north = (col(School.latitude) - latitude) * KM_PER_DEGREE
    east = (col(School.longitude) - longitude) * _km_per_degree_east(latitude)
    return north * north + east * east


def _km_per_degree_east(latitude: float) -> float:
    return KM_PER_DEGREE * max(0.01, math.cos(math.radians(latitude)))


def _km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Over the globe."""
    one, other, turn = math.radians(latitude), math.radians(other_latitude), math.radians(other_longitude - longitude)
    half = math.sin((other - one) / 2) ** 2 + math.cos(one) * math.cos(other) * math.sin(turn / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(half))


def _whole(rows: Sequence[Any]) -> list[Town]:
    """Arrondissements put together again."""
    parts: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        parts.setdefault((next((one for one in WHOLE_CITIES if row[1].startswith(f"{one} ")), row[1]), row[2]), []).append(row)
    found = []
    for (key, code), held in parts.items():
        schools, placed = sum(row[4] for row in held), sum(row[5] for row in held)
        centre = (sum(row[6] or 0 for row in held) / placed, sum(row[7] or 0 for row in held) / placed) if placed else None
        name = key.capitalize() if key in WHOLE_CITIES else held[0][0]
        found.append(Town(name, key, code, held[0][3], schools, centre))
    return found
