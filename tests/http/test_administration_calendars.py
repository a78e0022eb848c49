"""The section of calendars: what is known and unknown, freezes decided and undone by those of the territory alone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlmodel import Session, select

from portal.calendars.access import OVERRIDE_FREEZE
from portal.calendars.models import (
    AcademyZone,
    CalendarKind,
    Freeze,
    FreezeOverride,
    FreezeTarget,
    Frozen,
    KnownPeriod,
    PublicHoliday,
    SchoolHoliday,
    SchoolYear,
)
from portal.db import Database
from portal.territories.models import Room, School, Territory, TerritoryLevel
from tests.conftest import Counting
from tests.http.administering import COLLEGE, FIRST, comes_in, events, install, later, portal_of, send
from tests.http.coming_in import Browser
from tests.http.reading import Read, words

PATH = "/administration/calendriers"
TYPED = {"name": "Épreuves du brevet", "what": "both", "reason": "Les salles servent aux épreuves.", "overridable": "y"}


@pytest.fixture
def database(app: Flask, ent: str) -> Database:
    install(app, ent)
    return portal_of(app).database


@pytest.fixture
def today(app: Flask) -> date:
    return portal_of(app).clock.today("Europe/Paris")


def read(browser: Browser, path: str) -> Read:
    response = browser.client.get(path)
    assert response.status_code == 200, response.status
    return Read(response)


def days(today: date, first: int, last: int) -> dict[str, str]:
    return {"first": str(today + timedelta(first)), "last": str(today + timedelta(last))}


def territory_id(session: Session, code: str = "aura") -> int:
    return session.exec(select(Territory).where(Territory.code == code)).one().key


def freeze(database: Database, today: date, first: int, last: int, *, code: str = "aura", name: str = "Gel", **other: Any) -> int:
    """One that came with the data: nobody signed it."""
    said = {"what": Frozen.PACKAGES, "reason": "Épreuves.", "target": FreezeTarget.TERRITORY} | other

    def work(session: Session) -> int:
        row = Freeze(
            territory_id=territory_id(session, code),
            name=name,
            starts_on=today + timedelta(first),
            ends_on=today + timedelta(last),
            **said,
        )
        session.add(row)
        session.flush()
        return row.key

    return database.write(work)


def stored(database: Database, key: int) -> Freeze | None:
    with database.read() as session:
        return session.get(Freeze, key)


def section(page: Read, name: str) -> str:
    (found,) = [one for one in page.all("section") if one.get("aria-labelledby") == name]
    return words(found)


def refusal(sent: Any) -> str:
    assert sent.status_code == 422, sent.status
    return words(Read(sent).all("div", class_="error-summary")[0])


def test_what_is_unknown_is_said_and_not_taken_for_free(database: Database, browser: Browser, today: date) -> None:
    region = comes_in(browser, "region")
    assert "inconnue" in words(read(region, PATH).all("table")[0])
    assert "L’année d’aujourd’hui est inconnue" in section(read(region, f"{PATH}/aura"), "annees")

    def know(session: Session) -> None:
        year = {"territory_id": territory_id(session)}
        session.add(SchoolYear(label="an 1", starts_on=today - timedelta(30), ends_on=today + timedelta(300), **year))
        session.add(SchoolYear(label="an 2", starts_on=today + timedelta(301), ends_on=today + timedelta(660), **year))
        session.add(AcademyZone(academy="Grenoble", zone="A", part="metropole", source="test"))
        for kind, subject, last in ((CalendarKind.SCHOOL_HOLIDAYS, "A", 300), (CalendarKind.PUBLIC_HOLIDAYS, "metropole", 400)):
            session.add(
                KnownPeriod(
                    kind=kind, subject=subject, first_day=today - timedelta(60), last_day=today + timedelta(last), source="test"
                )
            )
        off: dict[str, Any] = {"zone": "A", "school_year": "x", "source": "test"}
        session.add(SchoolHoliday(name="Noël", first_day_off=today + timedelta(20), last_day_off=today + timedelta(34), **off))
        session.add(SchoolHoliday(name="Été", first_day_off=today + timedelta(290), **off))
        session.add(PublicHoliday(part="metropole", day=today + timedelta(25), name="Jour de Noël", source="test"))

    database.write(know)
    assert "an 1" in words(read(region, PATH).all("table")[0])
    page = read(region, f"{PATH}/aura")
    following, current = [words(row) for row in page.all("tr")][1:]
    assert "en cours" in current
    assert "Vacances, zone A connu Jours fériés connu" in current
    assert "Vacances, zone A inconnu Jours fériés connu en partie" in following
    shown = section(page, "annees")
    assert "Noël" in shown
    assert "le jour de la reprise n’est pas publié" in shown
    assert "Jour de Noël" in shown
    assert "Inconnues : aucune date n’est publiée" in shown


def test_freezes_stand_where_they_are_today(database: Database, browser: Browser, today: date) -> None:
    override: dict[str, Any] = {"overridable": True, "override_permission": OVERRIDE_FREEZE}
    past = freeze(database, today, -20, -1, name="Rentrée")
    freeze(database, today, -5, 0, name="Épreuves en cours", what=Frozen.BOTH)
    with database.read() as session:
        school_id = session.exec(select(School.id).where(School.uai == FIRST)).one()
    key = freeze(database, today, 1, 5, name="Salle prêtée", target=FreezeTarget.SCHOOL, school_id=school_id, **override)

    def add(session: Session) -> None:
        room = Room(school_id=school_id or 0, name="B12", seats=20)
        session.add(room)
        session.flush()
        said: dict[str, Any] = {"signed_by": "Région", "at": datetime(2026, 1, 1, tzinfo=UTC), "reason": "r"}
        session.add(FreezeOverride(freeze_id=key, school_id=school_id, **said))
        held: dict[str, Any] = {"what": Frozen.BOOKINGS, "target": FreezeTarget.ROOM, "room_id": room.key, "reason": "Travaux."}
        session.add(Freeze(territory_id=territory_id(session), name="Travaux", starts_on=today, ends_on=today, **held))

    database.write(add)
    page = read(comes_in(browser, "region"), f"{PATH}/aura")
    assert "Épreuves en cours" in section(page, "en-cours")
    assert "S’arrêtentles installations et les réservations" in section(page, "en-cours")
    assert "Lycée des Trois Sources, B12" in section(page, "en-cours")
    assert "OùLycée des Trois Sources Dérogationoui ; 1 accordée" in section(page, "a-venir").replace("\u202f", " ")
    assert "Rentrée" in section(page, "passes")
    assert "Chargé avec les données du portail" in section(page, "passes")
    assert f'href="{PATH}/aura/gels/{past}"' in page.html


def test_a_freeze_is_decided_and_signed(app: Flask, database: Database, browser: Browser, today: date) -> None:
    region = comes_in(browser, "region")
    assert region.client.get(f"{PATH}/aura/gels/nouveau").status_code == 200
    sent = send(region, f"{PATH}/aura/gels/nouveau", **TYPED, **days(today, 3, 9), school=f" {FIRST.lower()} ")
    assert (sent.status_code, sent.headers["Location"]) == (303, f"{PATH}/aura")
    (event,) = events(database, "freeze_period", "declared")
    held = stored(database, event.subject_id)
    assert held is not None
    assert (held.target, held.what, held.overridable) == (FreezeTarget.SCHOOL, Frozen.BOTH, True)
    shown = section(read(region, f"{PATH}/aura"), "a-venir")
    assert f"Décidé par {event.function}" in shown
    assert "Lycée des Trois Sources" in shown
    later(app, days=4)
    assert "Épreuves du brevet" in section(read(comes_in(browser, "region"), f"{PATH}/aura"), "en-cours")


@pytest.mark.parametrize(
    ("between", "wrong", "said"),
    [
        ((9, 3), {}, "Le dernier jour vient avant le premier"),
        ((-1, 3), {}, "Un gel ne commence pas dans le passé"),
        ((3, 900), {}, "plus d’un an"),
        ((3, 9), {"name": " "}, "Il manque le nom du gel"),
        ((3, 9), {"reason": ""}, "Il manque la raison du gel"),
        ((3, 9), {"what": "tout"}, "Cette valeur ne convient pas"),
        ((3, 9), {"school": "0999999X"}, "Ce territoire ne sert aucun établissement"),
        ((3, 9), {"school": COLLEGE}, "Ce territoire ne sert aucun établissement"),
        ((3, 9), {"school": FIRST + "9"}, "dépasse 8 caractères"),
        ((3, 9), {"first": "demain"}, "Cette valeur ne convient pas"),
        ((12, 14), {}, "empêche déjà tout cela"),
        ((3, 12), {"name": "BACCALAURÉAT", "what": "bookings"}, "a déjà lieu du"),
    ],
)
def test_a_wrong_freeze_is_refused_with_what_to_do_and_what_was_typed_stays(
    database: Database, browser: Browser, between: tuple[int, int], wrong: dict[str, str], said: str
) -> None:
    today = datetime.now(ZoneInfo("Europe/Paris")).date()
    freeze(database, today, 10, 20, name="Baccalauréat", what=Frozen.BOTH)
    sent = send(comes_in(browser, "region"), f"{PATH}/aura/gels/nouveau", **TYPED | days(today, *between) | wrong)
    assert said in refusal(sent)
    assert ("Les salles servent aux épreuves." in sent.text) is (wrong.get("reason") != "")
    assert events(database, "freeze_period", "declared") == []


def test_a_freeze_to_come_is_corrected_then_withdrawn(database: Database, browser: Browser, today: date) -> None:
    region, key = comes_in(browser, "region"), freeze(database, today, 5, 9)
    page = f"{PATH}/aura/gels/{key}"
    assert "Retirer ce gel" in read(region, page).html
    said = TYPED | days(today, 6, 12) | {"version": "1", "why": "Report"}
    assert "Il manque la raison de ce changement" in refusal(send(region, page, **said | {"why": ""}))
    assert "Le dernier jour vient avant" in refusal(send(region, page, **said | days(today, 9, 8)))
    assert send(region, page, **said).status_code == 303
    held = stored(database, key)
    assert held is not None
    assert (held.name, held.starts_on) == ("Épreuves du brevet", today + timedelta(6))
    late = send(region, page, **said | {"why": "Une autre raison"})
    assert late.status_code == 409
    assert "Une autre raison" in late.text
    assert "pendant que vous écriviez" in late.text
    assert "Corrigé par" in words(read(region, page).all("dl")[0])
    assert "Il manque la raison du retrait" in refusal(send(region, f"{page}/retrait", **{"retrait-why": " "}))
    assert send(region, f"{page}/retrait", **{"retrait-why": "Annulées"}).status_code == 303
    assert stored(database, key) is None
    assert [event.reason for event in events(database, "freeze_period", "withdrawn")] == ["Annulées"]
    assert region.client.get(page).status_code == 404
    assert send(region, f"{page}/retrait", **{"retrait-why": "Deux fois"}).status_code == 404


def test_a_freeze_under_way_only_ends_early(database: Database, browser: Browser, today: date) -> None:
    region, key = comes_in(browser, "region"), freeze(database, today, -5, 9)
    page = f"{PATH}/aura/gels/{key}"
    shown = read(region, page).html
    assert "Terminer ce gel plus tôt" in shown
    assert "Retirer ce gel" not in shown
    assert "a commencé" in refusal(send(region, page, **TYPED, **days(today, 6, 12), version="1", why="r"))
    assert "a commencé" in refusal(send(region, f"{page}/retrait", **{"retrait-why": "r"}))
    assert "Ce jour est passé" in refusal(send(region, f"{page}/fin", last=str(today - timedelta(1)), why="r"))
    assert "Il manque le nouveau dernier jour" in refusal(send(region, f"{page}/fin", last="", why="r"))
    assert send(region, f"{page}/fin", last=str(today), why="Finies").status_code == 303
    held = stored(database, key)
    assert held is not None
    assert held.ends_on == today
    assert "Terminé plus tôt" in words(read(region, page).all("ol", class_="timeline")[0])


def test_a_past_freeze_is_shown_and_does_not_change(database: Database, browser: Browser, today: date) -> None:
    region, key = comes_in(browser, "region"), freeze(database, today, -9, -1)
    page = f"{PATH}/aura/gels/{key}"
    assert "il ne change plus" in read(region, page).html
    assert "il ne change plus" in refusal(send(region, page, **TYPED, **days(today, 6, 12), version="1", why="r"))
    assert "s’est déjà terminé" in refusal(send(region, f"{page}/fin", last=str(today), why="r"))


def test_another_territory_has_no_address(database: Database, browser: Browser, today: date) -> None:
    region = comes_in(browser, "region")
    theirs, mine = freeze(database, today, 5, 9, code="isere"), freeze(database, today, 5, 9)
    assert "Isère" not in read(region, PATH).html
    for path in (f"{PATH}/isere", f"{PATH}/isere/gels/nouveau", f"{PATH}/isere/gels/{theirs}", f"{PATH}/aura/gels/{theirs}",
                 f"{PATH}/isere/gels/{mine}", f"{PATH}/aura/gels/999999999", f"{PATH}/nulle-part"):  # fmt: skip
        assert region.client.get(path).status_code == 404, path
    said = TYPED | days(today, 6, 12) | {"version": "1", "why": "r", "retrait-why": "r", "last": str(today)}
    for path in (f"{PATH}/isere/gels/nouveau", *(f"{PATH}/{code}/gels/{key}{end}" for code, key in (("isere", theirs), ("aura", theirs), ("isere", mine))
                 for end in ("", "/fin", "/retrait"))):  # fmt: skip
        assert send(region, path, **said).status_code == 404, path
    assert stored(database, theirs) is not None
    assert events(database, "freeze_period", "corrected") == []


@pytest.mark.parametrize("login", ["proviseure", "technicien"])
def test_others_have_no_such_page(database: Database, browser: Browser, today: date, login: str) -> None:
    comes_in(browser, login)
    key = freeze(database, today, 5, 9)
    for path in (PATH, f"{PATH}/aura", f"{PATH}/aura/gels/nouveau", f"{PATH}/aura/gels/{key}"):
        assert browser.client.get(path).status_code == 403, path
    assert send(browser, f"{PATH}/aura/gels/{key}/retrait", **{"retrait-why": "r"}).status_code == 403


def test_many_past_freezes_are_read_page_by_page(database: Database, browser: Browser, today: date) -> None:
    region = comes_in(browser, "region")
    for number in range(45):
        freeze(database, today, -200 + number, -190 + number, name=f"Gel {number}")
    pages = [section(read(region, f"{PATH}/aura?page={number}"), "passes") for number in ("1", "3", "99", "x")]
    assert "Gel 44 " in pages[0]
    assert "Gel 0 " in pages[1]
    assert pages[2] == pages[1]
    assert pages[3] == pages[0]
    assert "1 à 20 sur 45" in pages[0]


def test_thirty_cost_what_three_cost(database: Database, browser: Browser, today: date, count_queries: Counting) -> None:
    comes_in(browser, "administratrice")

    def add(first: int, last: int) -> None:
        rows = [
            Territory(code=f"t{n}", name=f"T{n}", level=TerritoryLevel.REGION, area=f"T{n}", school_types=["lycée"], zone="Europe/Paris")
            for n in range(first, last)
        ]  # fmt: skip
        database.write(lambda session: session.add_all(rows))
        for n in range(first, last):
            freeze(database, today, -20, -10, name=f"Passé {n}")
            freeze(database, today, -5, 10, name=f"En cours {n}")
            freeze(database, today, 5, 10, name=f"À venir {n}", code=f"t{n}")

    def sent(path: str) -> int:
        with count_queries(database) as statements:
            assert browser.client.get(path).status_code == 200
        return len(statements)

    add(0, 3)
    browser.client.get(PATH)
    few = [sent(path) for path in (PATH, f"{PATH}/aura")]
    add(3, 30)
    assert [sent(path) for path in (PATH, f"{PATH}/aura")] == few
