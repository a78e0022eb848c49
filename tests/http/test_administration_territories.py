"""The section of territories: one’s own alone, corrected without erasing anybody’s correction, in as many queries for thirty."""

from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from catalogue.lists.models import SoftwareList
from portal.db import Database
from portal.signin.models import Protocol, Provider
from portal.territories.models import Territory, TerritoryLevel
from portal.territories.rules import PROCESS
from tests.conftest import Counting
from tests.http.administering import COLLEGE, comes_in, events, install, portal_of, send
from tests.http.coming_in import Browser
from tests.http.reading import Read, words

PATH = "/administration/territoires"
TYPED = {
    "name": "La Région",
    "contact": "logiciels@region.example",
    "reason": "Nouvelle adresse",
    **dict.fromkeys(PROCESS, "Huit semaines."),
}


@pytest.fixture
def database(app: Flask, ent: str) -> Database:
    install(app, ent)
    return portal_of(app).database


def read(browser: Browser, path: str, status: int = 200) -> Read:
    response = browser.client.get(path)
    assert response.status_code == status, response.status
    return Read(response)


def version(database: Database, code: str = "aura") -> str:
    with database.read() as session:
        return str(session.exec(select(Territory.version).where(Territory.code == code)).one())


def held(database: Database, code: str = "aura") -> Territory:
    with database.read() as session:
        return session.exec(select(Territory).where(Territory.code == code)).one()


def rows(page: Read) -> list[list[str]]:
    return [[words(cell) for cell in row if cell.tag in {"th", "td"}] for row in page.all("tr")][1:]


def test_each_territory_says_whom_it_serves_and_with_what(database: Database, browser: Browser) -> None:
    def work(session: Session) -> None:
        key = session.exec(select(Territory.id).where(Territory.code == "aura")).one()
        session.add(SoftwareList(territory_id=key or 0, slug="socle", name="Socle", short_name="Socle", rank=1, audience="tous"))
        said: dict[str, Any] = {"protocol": Protocol.CAS, "base_url": "https://x.example"}
        session.add(Provider(slug="un", label="ENT d’ici", serves=["territory:aura"], **said))
        session.add(Provider(slug="deux", label="ENT d’académie", serves=["academy:Grenoble"], **said))
        session.add(Provider(slug="trois", label="ENT d’un collège", serves=[f"school:{COLLEGE}"], **said))
        session.add(
            Provider(slug="rien", label="ENT d’ailleurs", serves=["academy:Nouméa", "territory:x", "school:0000000X"], **said)
        )

    database.write(work)
    isere, aura = rows(read(comes_in(browser, "administratrice"), PATH))
    assert aura[1:4] == ["Région", "2", "1"]
    assert aura[4] == "ENT d’académie (en partie), ENT d’ici, ENT de démonstration"
    assert isere[1:4] == ["Département", "1", "0"]
    assert (
        isere[4]
        == "ENT d’académie (en partie), ENT d’un collège (en partie), ENT de démonstration, ENT des collèges (démonstration)"
    )
    assert (aura[5], isere[5]) == ("Europe/Paris", "Europe/Paris")


def test_one_sees_and_corrects_ones_own_territory_alone(database: Database, browser: Browser) -> None:
    region = comes_in(browser, "region")
    assert [row[0] for row in rows(read(region, PATH))] == ["La Régionaura"]
    assert region.client.get(f"{PATH}/aura").status_code == 200
    for code in ("isere", "nulle-part", "AURA", "aura%00", "*"):
        assert region.client.get(f"{PATH}/{code}").status_code == 404
        assert send(region, f"{PATH}/{code}", version="1", **TYPED).status_code == 404
    assert held(database, "isere").name == "L’Isère"
    assert events(database, "territory", "corrected") == []


@pytest.mark.parametrize("login", ["proviseure", "enseignante", "dpd"])
def test_others_have_no_such_page(database: Database, browser: Browser, login: str) -> None:
    comes_in(browser, login)
    assert browser.client.get(PATH).status_code == 403
    assert browser.client.get(f"{PATH}/aura").status_code == 403
    assert send(browser, f"{PATH}/aura", version="1", **TYPED).status_code == 403


def test_a_correction_is_kept_signed_and_shown(database: Database, browser: Browser) -> None:
    region = comes_in(browser, "region")
    sent = send(region, f"{PATH}/aura", version=version(database), **TYPED)
    assert (sent.status_code, sent.headers["Location"]) == (303, f"{PATH}/aura")
    assert (held(database).contact, held(database).process["payer"]) == ("logiciels@region.example", "Huit semaines.")
    (event,) = events(database, "territory", "corrected")
    assert event.reason == "Nouvelle adresse"
    shown = read(region, f"{PATH}/aura")
    (told,) = shown.all("ol", class_="timeline")
    assert "Correction : Adresse électronique, Qui décide" in words(told)
    assert event.function in words(told)


def test_two_people_at_once_erase_nothing_and_lose_nothing(database: Database, browser: Browser) -> None:
    region, seen = comes_in(browser, "region"), version(database)
    assert send(region, f"{PATH}/aura", version=seen, **TYPED | {"delay": "Six semaines."}).status_code == 303
    late = send(region, f"{PATH}/aura", version=seen, **TYPED | {"delay": "Dix semaines.", "reason": "Autre délai"})
    assert late.status_code == 409
    shown = Read(late)
    assert "pendant que vous écriviez" in words(shown.all("div", class_="error-summary")[0])
    assert "Délai Six semaines." in words(shown.all("div", class_="notice")[0])
    assert "Nom" not in words(shown.all("div", class_="notice")[0])
    typed = {
        one.attrib["name"]: one.get("value") or (one.text or "").strip()
        for one in (*shown.all("input"), *shown.all("textarea"))
        if "name" in one.attrib
    }
    assert (typed["delay"], typed["reason"]) == ("Dix semaines.", "Autre délai")
    assert held(database).process["delay"] == "Six semaines."
    again = send(region, f"{PATH}/aura", **{name: typed[name] for name in ("version", *TYPED)})
    assert again.status_code == 303
    assert held(database).process["delay"] == "Dix semaines."


@pytest.mark.parametrize("seen", ["", "0", "-1", "9" * 30, "²", "x"])
def test_a_made_up_version_is_late(database: Database, browser: Browser, seen: str) -> None:
    assert send(comes_in(browser, "region"), f"{PATH}/aura", version=seen, **TYPED).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "words_of_it"),
    [
        ({"name": "  "}, "Il manque le nom du territoire"),
        ({"contact": "region"}, "L’adresse électronique n’est pas complète"),
        ({"payer": "p" * 601}, "dépasse 600 caractères"),
        ({"reason": ""}, "Il manque la raison de la correction"),
    ],
)
def test_a_fault_is_said_and_what_was_typed_stays(
    database: Database, browser: Browser, wrong: dict[str, str], words_of_it: str
) -> None:
    sent = send(
        comes_in(browser, "region"), f"{PATH}/aura", version=version(database), **TYPED | {"effect": "À la rentrée."} | wrong
    )
    assert sent.status_code == 422
    assert words_of_it in words(Read(sent).all("div", class_="error-summary")[0])
    assert "À la rentrée." in sent.text
    assert events(database, "territory", "corrected") == []


def test_markup_that_is_typed_is_shown_as_text(database: Database, browser: Browser) -> None:
    region = comes_in(browser, "region")
    send(region, f"{PATH}/aura", version=version(database), **TYPED | {"name": "<b>Région</b>", "reason": "<script>"})
    for path in (PATH, f"{PATH}/aura"):
        assert "<b>" not in region.client.get(path).text
        assert "<script>" not in region.client.get(path).text


def test_thirty_territories_cost_what_three_cost(database: Database, browser: Browser, count_queries: Counting) -> None:
    comes_in(browser, "administratrice")

    def add(first: int, last: int) -> None:
        rows = [
            Territory(code=f"t{n}", name=f"T{n}", level=TerritoryLevel.REGION, area=f"T{n}", school_types=["lycée"], zone="Europe/Paris")
            for n in range(first, last)
        ]  # fmt: skip
        database.write(lambda session: session.add_all(rows))

    def sent() -> int:
        with count_queries(database) as statements:
            assert browser.client.get(PATH).status_code == 200
        return len(statements)

    add(0, 1)
    browser.client.get(PATH)
    few = sent()
    add(1, 28)
    with database.read() as session:
        assert len(session.exec(select(col(Territory.id))).all()) == 30
    assert sent() == few
