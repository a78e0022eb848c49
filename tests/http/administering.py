"""An installation with what administrators set: two territories, schools, the portal's roles and the demonstration's people."""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, SQLModel, select
from werkzeug.test import TestResponse

from portal.access import system
from portal.clock import Clock
from portal.db import Database
from portal.demo.people_loading import load_people
from portal.people.granting import Wish, grant
from portal.people.models import Accreditation, Person, Role
from portal.people.places import place_of
from portal.signin.loading import declare_demonstration
from portal.signin.models import Provider
from portal.territories.models import School, Territory, TerritoryLevel
from portal.text import fold
from portal.trail.models import Event
from portal.web.kit import Portal
from tests.http.coming_in import Browser

HERE = {"Origin": "http://localhost"}
FIRST, SECOND, COLLEGE, ELSEWHERE = "0261505V", "0260037Z", "0380002W", "9830002K"


def portal_of(app: Flask) -> Portal:
    found: Portal = app.extensions["logitheque"]
    return found


def school(uai: str, name: str, *, kind: str = "lycée", region: str = "Ici", city: str = "Valence") -> School:
    return School(
        uai=uai, name=name, name_key=fold(name), type=kind, kind=kind, sector="public", city=city, city_key=fold(city),
        postal_code="26000", department_code="26" if kind == "lycée" else "38", department="Drôme", academy="Grenoble", region=region,
        search_key=f" {fold(name)} {fold(city)}", source="test",
    )  # fmt: skip


INSTALLED: dict[date, dict[sa.Table, list[dict[str, Any]]]] = {}  # what a first test of this process installed that day


def install(app: Flask, ent: str) -> None:
    """Everything but sessions; the demonstration's people hold what they hold there."""
    portal = portal_of(app)
    today = portal.clock.today("Europe/Paris")  # the day of the territories: accreditations begin on it
    portal.database.write(lambda session: session.execute(sa.delete(Provider)))  # the installation brings its own
    if today in INSTALLED:
        portal.database.write(lambda session: _put_back(session, INSTALLED[today]))
    else:
        INSTALLED[today] = _installed(portal)
    portal.database.write(lambda session: declare_demonstration(session, ent))


def _installed(portal: Portal) -> dict[sa.Table, list[dict[str, Any]]]:
    """By table, the rows that an installation brings: reading them is what makes two hundred others quick."""

    def work(session: Session) -> dict[sa.Table, list[dict[str, Any]]]:
        empty = [table for table in SQLModel.metadata.sorted_tables if not session.execute(sa.select(table).limit(1)).first()]
        _fill(session, portal)
        session.flush()
        rows = {table: [dict(row) for row in session.execute(sa.select(table)).mappings()] for table in empty}
        return {table: held for table, held in rows.items() if held}

    return portal.database.write(work)


def _put_back(session: Session, installed: dict[sa.Table, list[dict[str, Any]]]) -> None:
    for table, rows in installed.items():
        session.execute(sa.insert(table), rows)
        if session.get_bind().dialect.name == "postgresql" and "id" in table.c:
            following = sa.func.setval(sa.func.pg_get_serial_sequence(table.name, "id"), max(row["id"] for row in rows))
            session.execute(sa.select(following))


def _fill(session: Session, portal: Portal) -> None:
    session.add_all(
        [
            Territory(code="aura", name="La Région", level=TerritoryLevel.REGION, area="Ici", school_types=["lycée"], zone="Europe/Paris"),
            Territory(code="isere", name="L’Isère", level=TerritoryLevel.DEPARTMENT, area="38", school_types=["collège"], zone="Europe/Paris"),
            school(FIRST, "Lycée des Trois Sources"), school(SECOND, "Lycée professionnel du Port", city="Romans"),
            school(COLLEGE, "Collège des Balmes", kind="collège", city="Vienne"), school(ELSEWHERE, "Lycée du Lagon", region="Ailleurs"),
        ]
    )  # fmt: skip
    session.flush()
    load_people(session, portal.policy, at=portal.clock.now())


def comes_in(browser: Browser, login: str, *, proved: bool = False) -> Browser:
    """`proved`: the password was typed again just now."""
    browser.comes_in(login)
    return proves(browser, login) if proved else browser


def proves(browser: Browser, login: str) -> Browser:
    sent = browser.client.get("/mon-compte/confirmer", query_string={"retour": "/mon-compte"})
    browser.client.get(browser.signs_in_there(login, sent.headers["Location"]))
    return browser


def send(browser: Browser, path: str, **typed: Any) -> TestResponse:
    """As a form of the page sends it."""
    return browser.client.post(path, data=typed, headers=HERE)


def later(app: Flask, **by: float) -> None:
    """Move the portal's time on."""
    portal = portal_of(app)
    real = portal.clock.real
    object.__setattr__(portal, "clock", Clock(real=lambda: real() + timedelta(**by)))


def granted(
    database: Database, app: Flask, role: str, scope: str, *, until: date | None = None, starts_on: date | None = None, letter: str = "",
    name: str = "Quelqu’un",
) -> int:  # fmt: skip
    """A new person who holds a role from today on, until the end of next year; the key of the accreditation."""
    portal = portal_of(app)
    today = portal.clock.today("Europe/Paris")

    def work(session: Session) -> int:
        person = Person(given_name=name, sort_key=fold(name), first_seen_at=portal.clock.now(), seen_at=portal.clock.now())
        session.add(person)
        session.flush()
        place, held = place_of(session, scope), session.exec(select(Role).where(Role.code == role)).one()
        assert place is not None
        wish = Wish(person, held, place, starts_on or today, until or date(today.year + 1, 12, 31), letter)
        return grant(session, portal.policy, system("test", *portal.policy.rules), wish, portal.clock.now()).key

    return database.write(work)


def events(database: Database, kind: str, move: str) -> list[Event]:
    with database.read() as session:
        return list(session.exec(select(Event).where(Event.subject_kind == kind, Event.move == move).order_by(Event.id)))  # type: ignore[arg-type]


def accreditations(database: Database) -> list[Accreditation]:
    with database.read() as session:
        return list(session.exec(select(Accreditation)))
