"""The section of what schools declared: found by school and by programme, withdrawn by those of the territory alone."""

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from portal.db import Database
from portal.territories.models import Programme, ProgrammeKind, School, Teaching
from portal.text import fold
from tests.conftest import Counting
from tests.http.administering import COLLEGE, ELSEWHERE, FIRST, SECOND, comes_in, events, install, portal_of, school, send
from tests.http.coming_in import Browser
from tests.http.reading import Read, words

PATH = "/administration/formations"
PROGRAMMES = {
    "bac-pro:ciel": (ProgrammeKind.BAC_PRO, "Bac pro Cybersécurité"),
    "series:sti2d": (ProgrammeKind.SERIES, "Sciences et technologies de l’industrie"),
    "bts:sio": (ProgrammeKind.BTS, "BTS Services informatiques"),
}
TAUGHT = [
    (FIRST, "bac-pro:ciel"),
    (FIRST, "series:sti2d"),
    (SECOND, "bac-pro:ciel"),
    (COLLEGE, "series:sti2d"),
    (ELSEWHERE, "bac-pro:ciel"),
]


@pytest.fixture
def empty(app: Flask, ent: str) -> Database:
    install(app, ent)
    return portal_of(app).database


@pytest.fixture
def database(empty: Database) -> Database:
    def work(session: Session) -> None:
        schools = {one.uai: one.key for one in session.exec(select(School))}
        programmes = {
            code: Programme(code=code, kind=kind, name=name, sort_key=fold(name), source="test")
            for code, (kind, name) in PROGRAMMES.items()
        }
        session.add_all(programmes.values())
        session.flush()
        for uai, code in TAUGHT:
            session.add(
                Teaching(
                    school_id=schools[uai],
                    programme_id=programmes[code].key,
                    source="Déclaration de l’établissement",
                    declared=True,
                )
            )
        session.add(Teaching(school_id=schools[FIRST], programme_id=programmes["bts:sio"].key, source="données ouvertes"))

    empty.write(work)
    return empty


def lines(browser: Browser, query: str = "") -> list[str]:
    response = browser.client.get(f"{PATH}{query}")
    assert response.status_code == 200, response.status
    return [words(row) for table in Read(response).all("table") for row in table.iter("tr")][1:]


def key_of(database: Database, uai: str, code: str = "bac-pro:ciel") -> int:
    with database.read() as session:
        return (
            session.exec(select(Teaching).join(School).join(Programme).where(School.uai == uai, Programme.code == code)).one().key
        )


def count(database: Database) -> int:
    with database.read() as session:
        return len(session.exec(select(col(Teaching.id))).all())


def test_what_schools_declared_is_shown_and_what_is_published_is_not(database: Database, browser: Browser) -> None:
    region = comes_in(browser, "region")
    shown = lines(region)
    assert len(shown) == 3
    assert all("Déclaration de l’établissement" in line for line in shown)
    assert not [line for line in shown if "BTS" in line or "Balmes" in line or "Lagon" in line]
    assert "pas encore son jour ni son auteur·rice" in region.client.get(PATH).text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=trois+sources", 2), ("?q=cyber", 2), ("?q=CYBERSÉCURITÉ+romans", 1), ("?q=ciel", 2), (f"?q={FIRST}", 2), (f"?q={SECOND.lower()}", 1),
        ("?q=lagon", 0), ("?q=BTS", 0), ("?q=%25", 3), ("?q=balmes", 0), ("?type=series", 1), ("?type=series&q=romans", 0), ("?type=xyz", 3),
        ("?territoire=aura", 3), ("?territoire=isere", 3), ("?page=9", 3), ("?page=-1", 3), ("?q=" + "a" * 3000, 0), ("?q=%00", 3),
    ],
)  # fmt: skip
def test_declarations_are_found_by_school_and_by_programme(database: Database, browser: Browser, query: str, found: int) -> None:
    region = comes_in(browser, "region")
    assert len(lines(region, query)) == found
    assert ("Aucune formation déclarée ne correspond" in region.client.get(f"{PATH}{query}").text) is (found == 0)


def test_who_runs_several_territories_chooses_among_them(database: Database, browser: Browser) -> None:
    comes_in(browser, "administratrice")
    assert [len(lines(browser, query)) for query in ("", "?territoire=isere", "?territoire=aura", "?territoire=x")] == [4, 1, 3, 4]
    page = Read(browser.client.get(f"{PATH}?q=ciel&territoire=aura"))
    links = {words(link): link.attrib["href"] for nav in page.all("nav") for link in nav.iter("a") if link.get("class") == "tag"}
    assert links["Bac pro 2"] == f"{PATH}?q=ciel&type=bac-pro&territoire=aura"
    assert links["L’Isère"] == f"{PATH}?q=ciel&territoire=isere"


def test_a_declaration_is_withdrawn_with_a_reason_and_the_search_stays(database: Database, browser: Browser) -> None:
    region, key = comes_in(browser, "region"), key_of(database, FIRST)
    page = Read(region.client.get(f"{PATH}?q=cyber&type=bac-pro"))
    (form,) = [form for form in page.all("form") if f"/{key}/" in form.get("action", "")]
    refused = send(region, form.attrib["action"], raison=" ")
    assert refused.status_code == 422
    assert "Il manque la raison du retrait" in refused.text
    sent = send(region, form.attrib["action"], raison="Section fermée")
    assert (sent.status_code, sent.headers["Location"]) == (303, f"{PATH}?q=cyber&type=bac-pro")
    assert len(lines(region)) == 2
    (event,) = events(database, "school", "teaching-withdrawn")
    assert (event.reason, event.details["programme"]) == ("Section fermée", "bac-pro:ciel")
    assert send(region, form.attrib["action"], raison="Deux fois").status_code == 404


def test_what_is_not_of_ones_territory_or_not_declared_cannot_be_withdrawn(database: Database, browser: Browser) -> None:
    region, before = comes_in(browser, "region"), count(database)
    others = [key_of(database, COLLEGE, "series:sti2d"), key_of(database, ELSEWHERE), key_of(database, FIRST, "bts:sio"), 999999999]
    for key in others:
        assert send(region, f"{PATH}/{key}/retrait", raison="r").status_code == 404
    assert count(database) == before


@pytest.mark.parametrize("login", ["proviseure", "enseignante", "inspectrice"])
def test_others_have_no_such_page(database: Database, browser: Browser, login: str) -> None:
    comes_in(browser, login)
    assert browser.client.get(PATH).status_code == 403
    assert send(browser, f"{PATH}/{key_of(database, FIRST)}/retrait", raison="r").status_code == 403


def test_without_a_declaration_the_page_says_so(empty: Database, browser: Browser) -> None:
    assert "Aucune formation n’est déclarée." in comes_in(browser, "region").client.get(PATH).text


def test_a_long_list_is_read_page_by_page_for_the_same_queries(
    database: Database, browser: Browser, count_queries: Counting
) -> None:
    region = comes_in(browser, "region")

    def sent(query: str) -> int:
        with count_queries(database) as statements:
            assert region.client.get(f"{PATH}{query}").status_code == 200
        return len(statements)

    def add(session: Session) -> None:
        programme = session.exec(select(Programme).where(Programme.code == "bac-pro:ciel")).one()
        for number in range(60):
            one = school(f"02699{number:02}A", f"Lycée n° {number}", city="Die")
            session.add(one)
            session.flush()
            session.add(Teaching(school_id=one.key, programme_id=programme.key, source="test", declared=True))

    region.client.get(PATH)
    few = sent("")
    database.write(add)
    assert sent("") == sent("?page=2") == few
    assert [len(lines(region, f"?page={page}")) for page in (1, 2, 3, 4)] == [25, 25, 13, 13]
    assert f'href="{PATH}?q=die&amp;page=2"' in region.client.get(f"{PATH}?q=die").text
