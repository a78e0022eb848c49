"""« À voir ensemble »: what a school and its technician read together, fed by whoever has something to bring, and by them alone."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, select

from portal.access import Actor
from portal.calendars.models import Freeze, FreezeTarget, Frozen
from portal.db import Database
from portal.people.places import Place
from portal.territories.models import School, Territory
from portal.web.kit import Portal
from portal.web.panels import MOST_SHOWN, PANELS, Line, Panel
from tests.conftest import Counting
from tests.http.administering import portal_of, send
from tests.http.asking import Arrive, app, arrive, asks, database, moves, new_key
from tests.http.reading import Read, words
from tests.http.test_request_threads import form, people
from workflows.requests.models import Block, Message, SoftwareRequest, Thread

pytest_plugins = ("tests.data.catalogue_data",)
__all__ = ["app", "arrive", "database"]
SCHOOL, OTHER = "0261505V", "0260037Z"
PATH = f"/etablissements/{SCHOOL}/a-voir-ensemble"
QUESTIONS, OF_SCHOOL, OF_TERRITORY, DATES = (
    "Questions ouvertes",
    "Ce que l’établissement doit",
    "Ce que la collectivité doit",
    "Dates qui approchent",
)


def panels(read: Read) -> dict[str, list[str]]:
    """By title, each line in words."""
    found = {}
    for section in read.all("section", class_="panel"):
        (title,) = section.iter("h2")
        found[(title.text or "").strip()] = [words(row) for body in section.iter("tbody") for row in body.iter("tr")]
    return found


def lines(read: Read, panel: str, what: str) -> list[str]:
    return [line for line in panels(read)[panel] if what in line]


def emptied(database: Database) -> None:
    """The demonstration's own requests would fill the page: those of the school are closed."""

    def work(session: Session) -> None:
        for one in session.exec(select(SoftwareRequest).where(SoftwareRequest.scope == f"school:{SCHOOL}")):
            one.scope = "school:elsewhere"

    database.write(work)


def test_those_who_read_the_requests_of_the_school_open_it_and_nobody_else(arrive: Arrive) -> None:
    links = [f'href="{PATH}"', f'href="/etablissements/{SCHOOL}/demandes"']
    for login in ("referent", "proviseure", "ddfpt", "region", "technicien", "packageuse", "dpd"):
        browser = arrive(login)
        assert browser.client.get(PATH).status_code == 200, login
        school = browser.client.get(f"/etablissements/{SCHOOL}").text
        assert all(link in school for link in links), login
    for login in ("referent2", "proviseur2", "enseignante", "documentaliste", "enseignant2"):
        browser = arrive(login)
        assert browser.client.get(PATH).status_code in {403, 404}, login
        school = browser.client.get(f"/etablissements/{SCHOOL}").text
        assert not [link for link in links if link in school], login
    assert arrive("region").client.get("/etablissements/0000000A/a-voir-ensemble").status_code == 404
    assert PATH in arrive("referent").client.get(f"/etablissements/{SCHOOL}/demandes").text


def test_a_school_page_that_a_browser_keeps_is_asked_again_once_more_opens(arrive: Arrive) -> None:
    teacher, lead = arrive("enseignante"), arrive("referent")
    tags = {browser.client.get(f"/etablissements/{SCHOOL}").headers["ETag"].partition(":")[0] for browser in (teacher, lead)}
    assert len(tags) == 2


def test_each_thing_stands_where_whoever_answers_for_it_finds_it(arrive: Arrive, database: Database) -> None:
    emptied(database)
    technician, lead = arrive("technicien"), arrive("referent")
    read = Read(technician.client.get(PATH))
    assert panels(read)[QUESTIONS] == panels(read)[OF_SCHOOL] == panels(read)[OF_TERRITORY] == []
    assert "Aucune question n’attend de réponse." in read.html
    number = asks(arrive("enseignante"))
    read = Read(technician.client.get(PATH))
    assert any("À relayer" in line and "Référent·e numérique" in line for line in lines(read, OF_SCHOOL, "Chronoscope"))
    assert any("Établissement" in line and "DDFPT" in line for line in lines(read, OF_SCHOOL, "Chronoscope"))
    (owed,) = lines(read, OF_TERRITORY, "Chronoscope")
    assert "Technique, Données personnelles" in owed
    assert "Délégué·e à la protection des données" in owed
    moves(lead, number, "ask", raison="Pour quelle salle ?")
    read = Read(technician.client.get(PATH))
    (asked,) = lines(read, QUESTIONS, "Chronoscope")
    assert "Pour quelle salle ?" in asked
    assert "La personne qui demande" in asked
    moves(arrive("enseignante"), number, "answer", raison="B12.")
    moves(lead, number, "relay")
    moves(arrive("proviseure"), number, "endorse")
    read = Read(technician.client.get(PATH))
    assert lines(read, QUESTIONS, "Chronoscope") == []
    assert any("À instruire" in line and "Responsable des listes" in line for line in lines(read, OF_TERRITORY, "Chronoscope"))


def test_a_message_that_calls_somebody_waits_until_it_is_answered(arrive: Arrive, database: Database) -> None:
    emptied(database)
    number, technician, teacher = asks(arrive("enseignante")), arrive("technicien"), arrive("enseignante")
    offered = people(Read(technician.client.get(f"/demandes/{number}")), number)
    author = next(value for label, value in offered.items() if label.startswith("La personne qui demande"))
    lead = next(value for label, value in offered.items() if label.startswith("Référent·e numérique"))
    said = {"cle": new_key(), "message": "Quand passez-vous ?", "prevenir": author}
    assert technician.client.post(
        f"/demandes/{number}/echanges", data={**said, "prevenir": [author, lead]}, headers={"Origin": "http://localhost"}
    ).status_code == 303  # fmt: skip
    (waits,) = lines(Read(technician.client.get(PATH)), QUESTIONS, "Chronoscope")
    assert "Quand passez-vous" in waits
    assert "La personne qui demande" in waits
    assert "Référent·e numérique" in waits
    held = form(Read(teacher.client.get(f"/demandes/{number}")), number, "echanges")
    send(teacher, f"/demandes/{number}/echanges", **held | {"message": "Jeudi à 14 h."})
    assert lines(Read(technician.client.get(PATH)), QUESTIONS, "Chronoscope") == []
    within = {"cle": new_key(), "message": "Un secret entre nous.", "prevenir": _region(technician, number)}
    assert send(technician, f"/demandes/{number}/instruction", **within).status_code == 303
    for login in ("technicien", "referent"):
        assert "Un secret entre nous." not in arrive(login).client.get(PATH).text


def _region(browser: Any, number: int) -> str:
    offered = people(Read(browser.client.get(f"/demandes/{number}")), number, "instruction")
    return next(value for label, value in offered.items() if label.startswith("Responsable des listes"))


def test_a_freeze_that_comes_near_is_said(arrive: Arrive, app: Flask, database: Database) -> None:
    today = portal_of(app).clock.today("Europe/Paris")

    def work(session: Session) -> None:
        school = session.exec(select(School).where(School.uai == OTHER)).one()
        aura = session.exec(select(Territory).where(Territory.code == "aura")).one()
        for name, days, of in (("du lycée entier", 20, None), ("de l’autre lycée", 20, school), ("d’après", 90, None)):
            first = date.fromordinal(today.toordinal() + days)
            session.add(
                Freeze(
                    territory_id=aura.key, name=f"Gel {name}", starts_on=first, ends_on=first, what=Frozen.BOTH, reason="Épreuves.",
                    target=FreezeTarget.SCHOOL if of else FreezeTarget.TERRITORY, school_id=of.key if of else None,
                )
            )  # fmt: skip

    database.write(work)
    said = " ".join(panels(Read(arrive("technicien").client.get(PATH)))[DATES])
    assert "Gel du lycée entier" in said
    assert "Gel de l’autre lycée" not in said
    assert "Gel d’après" not in said


def test_another_procedure_brings_its_panel_and_its_lines(arrive: Arrive, app: Flask) -> None:
    def packaging(_session: Session, _joined: Portal, _actor: Actor, place: Place, _now: datetime) -> Iterator[Panel]:
        if place.scope == f"school:{SCHOOL}":
            yield Panel(
                "Essais à faire", "Aucun essai.", [Line(f"Essai {index}", due=date(2030, 1, 31 - index)) for index in range(20)]
            )
            yield Panel("Questions ouvertes", "", [Line("Une question du paquet", due=date(2020, 1, 1))])

    app.extensions[PANELS] = (*app.extensions[PANELS], packaging)
    read = Read(arrive("technicien").client.get(PATH))
    assert list(panels(read))[-1] == "Essais à faire"
    assert len(panels(read)["Essais à faire"]) == MOST_SHOWN
    assert "Essai 19" in panels(read)["Essais à faire"][0], "what is due first comes first"
    assert "et 8 autres" in read.html
    assert "Une question du paquet" in panels(read)[QUESTIONS][0]
    assert "Essai" not in arrive("region").client.get(f"/etablissements/{OTHER}/a-voir-ensemble").text


def test_it_costs_as_many_queries_for_thirty_as_for_three(arrive: Arrive, database: Database, count_queries: Counting) -> None:
    emptied(database)
    teacher, technician = arrive("enseignante"), arrive("technicien")
    first = asks(teacher)
    asked = []
    for more in (2, 27):
        _crowd(database, first, more)
        technician.client.get(PATH)
        with count_queries(database) as sent:
            read = Read(technician.client.get(PATH))
        asked.append(len(sent))
    assert len(panels(read)[OF_SCHOOL]) == MOST_SHOWN
    assert asked[0] == asked[1] <= 40, asked


def _crowd(database: Database, first: int, more: int) -> None:
    """That many more, each with a question, blocks, and a message that calls its requester."""

    def work(session: Session) -> None:
        one = session.get_one(SoftwareRequest, first)
        for index in range(more):
            values = {**one.model_dump(exclude={"id", "version"}), "key_of_draft": f"crowd-{more:04}-{index:010}"}
            status = "relay-question" if index % 2 else "relay"
            other = SoftwareRequest(**{**values, "title_name": f"Titre {more} {index}", "status": status})
            session.add(other)
            session.flush()
            for block in session.exec(select(Block).where(Block.request_id == first)):
                session.add(Block(**{**block.model_dump(exclude={"id", "version"}), "request_id": other.key}))
            key = f"person:{one.requester_id}"
            session.add(
                Message(
                    request_id=other.key, key_of_page=f"crowd-{more:04}-{index:010}", thread=Thread.PUBLIC, author="person:999999",
                    written_as="Technicien·ne", written_at=one.since, text="Alors ?", mentions=[key],
                )
            )  # fmt: skip

    database.write(work)


@pytest.mark.parametrize("login", ["technicien", "referent"])
def test_it_is_said_in_english_too(arrive: Arrive, login: str) -> None:
    browser = arrive(login)
    browser.client.set_cookie("langue", "en")
    assert browser.client.get(PATH).status_code == 200
