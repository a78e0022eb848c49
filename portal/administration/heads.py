"""The heads of the schools where the reader may name one: who, since when, until when, and on what ground."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.access import Actor
from portal.people.access import May, covers
from portal.people.holding import Today, in_force, today_by_zone
from portal.people.models import Accreditation, Person
from portal.people.queries import granted_with_account, head_roles
from portal.territories.asked import Asked
from portal.territories.models import School, Territory
from portal.territories.queries import having, served_by
from portal.territories.uai import as_written, looks_like_one
from portal.text import french
from portal.web.language import gettext as _
from portal.web.pagination import Page

PATH = "/administration/chefs"
PER_PAGE = 25
SOON = 30  # days
WITHOUT, ENDING = "sans", "bientot"


@dataclass(frozen=True)
class Head:
    """Who was named. `to_come`: from a day that is not there yet."""

    name: str
    called: str
    starts_on: date
    until: date
    letter: str
    ends_soon: bool
    to_come: bool


@dataclass(frozen=True)
class Line:
    """A school. `team`: where a head is named, empty for a reader who may not open it."""

    uai: str
    name: str
    type: str
    town: str
    url: str
    team: str
    heads: list[Head]
    is_led: bool


@dataclass(frozen=True)
class Heads:
    """What `administration/heads.html` shows. `schools` and `led` count all of them, whatever is asked."""

    q: str
    view: str
    schools: int
    led: int
    ending: int
    total: int
    lines: list[Line]
    page: Page
    tabs: list[dict[str, str]]


class _Where(NamedTuple):
    scope: str
    within: str


def heads(session: Session, actor: Actor, *, q: str, view: str, page: int, now: datetime) -> Heads:
    territories = session.exec(select(Territory).order_by(col(Territory.id))).all()
    today = today_by_zone(session, now)
    own, led, ending = _within(actor, territories), _led(today), sa.and_(_led(today), sa.not_(_led(today, days=SOON + 1)))
    asked = Asked.of(q, "")
    view = view if view in {WITHOUT, ENDING} else ""
    wanted = sa.and_(_named(asked), {"": sa.true(), WITHOUT: sa.not_(led), ENDING: ending}[view])
    counts = session.execute(
        sa.select(sa.func.count(), _how_many(led), _how_many(ending), _how_many(wanted)).select_from(School).where(own)
    ).one()
    schools, led_now, ending_soon, total = (int(one or 0) for one in counts)
    page = max(1, min(page, -(-total // PER_PAGE)))
    rows = select(School).where(own, wanted).order_by(col(School.name_key), col(School.city_key), col(School.id))
    found = session.exec(rows.offset((page - 1) * PER_PAGE).limit(PER_PAGE)).all()
    named = _of(session, found, today)
    return Heads(
        q=asked.text,
        view=view,
        schools=schools,
        led=led_now,
        ending=ending_soon,
        total=total,
        lines=[_line(one, named[one.scope], actor, territories) for one in found],
        page=Page(page, total, PER_PAGE, lambda at: _address(asked.text, view, at)),
        tabs=[{"key": key, "label": label, "url": _address(asked.text, key)} for key, label in _views()],
    )


def _views() -> list[tuple[str, str]]:
    return [("", _("Tous")), (WITHOUT, _("Sans chef·fe nommé·e")), (ENDING, _("Se termine dans les 30 jours"))]


def _address(q: str, view: str, page: int = 1) -> str:
    said = [(name, value) for name, value in (("q", q), ("voir", view), ("page", str(page) if page > 1 else "")) if value]
    return f"{PATH}?{urlencode(said)}" if said else PATH


def _within(actor: Actor, territories: Sequence[Territory]) -> sa.ColumnElement[bool]:
    """Open schools of the territories over which the reader holds the permission, and those over which it is held alone."""
    scopes = actor.scopes(May.NAME_HEAD)
    theirs = [one for one in territories if "*" in scopes or one.scope in scopes]
    alone = sorted(one.removeprefix("school:") for one in scopes if one.startswith("school:"))
    return sa.and_(col(School.open), sa.or_(served_by(theirs), col(School.uai).in_(alone)))


def _named(asked: Asked) -> sa.ColumnElement[bool]:
    """By words, or by a code: with or without its letter."""
    if looks_like_one(asked.text):
        return col(School.uai).startswith(as_written(asked.text), autoescape=True)
    return having(asked.words)


def _led(today: Today, *, days: int = 0) -> sa.ColumnElement[bool]:
    """Whether somebody leads the school today, or is named to lead it in that many days."""
    held = (
        sa.select(sa.literal(1))
        .select_from(Accreditation)
        .join(Person, col(Person.id) == Accreditation.person_id)
        .where(col(Accreditation.scope) == sa.literal("school:") + col(School.uai), col(Accreditation.role_id).in_(head_roles()))
    )
    return sa.exists(held.where(in_force(today, days=days)).correlate(School))


def _how_many(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _of(session: Session, schools: Sequence[School], today: Today) -> dict[str, list[Head]]:
    """By scope, those of today first, then those to come."""
    found: dict[str, list[Head]] = defaultdict(list)
    granted, account = granted_with_account()
    rows = session.execute(
        granted.where(
            col(Accreditation.scope).in_([one.scope for one in schools]),
            col(Accreditation.role_id).in_(head_roles()),
            col(Accreditation.revoked_at).is_(None),
            col(Person.closed_at).is_(None),
        ).order_by(col(Accreditation.starts_on), col(account.sort_key), col(Accreditation.id))
    ).all()
    for one, person in rows:
        day = today.get(one.zone)
        if day and one.until >= day:
            found[one.scope].append(_head(one, person, day))
    return found


def _head(one: Accreditation, person: Person, day: date) -> Head:
    return Head(
        name=person.name or _("Personne qui n’est pas encore venue"),
        called=one.called,
        starts_on=one.starts_on,
        until=one.until,
        letter=one.letter,
        ends_soon=(one.until - day).days <= SOON,
        to_come=one.starts_on > day,
    )


def _line(school: School, named: list[Head], actor: Actor, territories: Sequence[Territory]) -> Line:
    served = next((one.scope for one in territories if one.serves(school)), "")
    url = f"/etablissements/{school.uai}"
    return Line(
        uai=school.uai,
        name=french(school.name),
        type=french(school.type),
        town=f"{school.postal_code} {school.city}".strip(),
        url=url,
        team=f"{url}/equipe" if covers(actor, May.READ_ACCREDITATIONS, _Where(school.scope, served)) else "",
        heads=named,
        is_led=any(not one.to_come for one in named),
    )
