"""Who leads each school: seen by whoever may name a head there, over their own territory, in a number of queries that does not grow."""

from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import select
from werkzeug.test import TestResponse

from portal.db import Database
from portal.people.models import Accreditation, Person
from portal.web.pagination import page_number
from tests.conftest import Counting
from tests.http.administering import COLLEGE, ELSEWHERE, FIRST, SECOND, comes_in, granted, install, portal_of, school, send
from tests.http.coming_in import Browser
from tests.http.reading import Read, words

PATH = "/administration/chefs"


@pytest.fixture
def database(app: Flask) -> Database:
    return portal_of(app).database


@pytest.fixture
def region(app: Flask, ent: str, browser: Browser) -> Browser:
    install(app, ent)
    return comes_in(browser, "region", proved=True)


def cells(row: Element) -> list[str]:
    return [words(cell) for cell in row if cell.tag in {"th", "td"}]


def lines(shown: TestResponse) -> dict[str, list[str]]:
    """By UAI, what the line says, the school aside."""
    (table,) = Read(shown).all("table") or [Element("table")]
    found = {}
    for row in table.iter("tr"):
        links = [link.attrib["href"] for link in row.iter("a")]
        if links:
            found[links[0].rpartition("/")[2]] = cells(row)[1:]
    return found


def counts(shown: TestResponse) -> list[str]:
    (held,) = Read(shown).all("dl", class_="counts")
    return [words(one) for one in held.iter("dd")]


def forget_heads(database: Database) -> None:
    database.write(
        lambda session: session.execute(
            sa.delete(Accreditation).where(sa.column("scope").in_([f"school:{FIRST}", f"school:{SECOND}"]))
        )
    )


@pytest.mark.parametrize(("login", "schools"), [("region", {FIRST, SECOND}), ("administratrice", {FIRST, SECOND, COLLEGE})])
def test_each_sees_the_schools_where_they_may_name_a_head(
    app: Flask, ent: str, browser: Browser, login: str, schools: set[str]
) -> None:
    install(app, ent)
    shown = comes_in(browser, login).client.get(PATH)
    assert set(lines(shown)) == schools
    assert ELSEWHERE not in shown.text
    assert counts(shown) == [str(len(schools)), "2", "0"]
    assert shown.headers["Cache-Control"] == "no-store"


def test_a_line_says_who_since_when_until_when_and_by_what_letter(region: Browser, app: Flask, database: Database) -> None:
    forget_heads(database)
    today = portal_of(app).clock.today("Europe/Paris")
    granted(database, app, "head", f"school:{FIRST}", letter="LM-2026-7", name="Camille")
    shown = region.client.get(PATH)
    who, since, until, letter, team = lines(shown)[FIRST]
    assert who == "CamilleProviseur·e"
    assert since.endswith(str(today.year))
    assert until == f"31 décembre {today.year + 1}"
    assert (letter, team) == ("LM-2026-7", "Voir l’équipe")
    assert lines(shown)[SECOND] == ["personne aujourd’hui", "", "", "", "Nommer"]
    assert f'href="/etablissements/{SECOND}/equipe"' in shown.text
    assert counts(shown) == ["2", "1", "0"]


@pytest.mark.parametrize("gone", ["revoked", "ended", "not there yet", "account closed", "another role"])
def test_whoever_does_not_lead_it_today_does_not_count(region: Browser, app: Flask, database: Database, gone: str) -> None:
    forget_heads(database)
    today, now = portal_of(app).clock.today("Europe/Paris"), portal_of(app).clock.now()
    key = granted(database, app, "delegate" if gone == "another role" else "head", f"school:{FIRST}", name="Camille")
    values: dict[str, dict[str, Any]] = {
        "revoked": {"revoked_at": now, "revoked_by": "person:1"},
        "ended": {"starts_on": today - timedelta(days=9), "until": today - timedelta(days=1)},
        "not there yet": {"starts_on": today + timedelta(days=1)},
    }
    this = sa.column("id") == key
    if gone in values:
        database.write(lambda session: session.execute(sa.update(Accreditation).where(this).values(**values[gone])))
    if gone == "account closed":
        person = sa.select(Accreditation.person_id).where(sa.literal_column("accreditation.id") == key).scalar_subquery()
        database.write(lambda session: session.execute(sa.update(Person).where(sa.column("id") == person).values(closed_at=now)))
    shown = region.client.get(PATH)
    assert counts(shown) == ["2", "0", "0"]
    assert "personne aujourd’hui" in lines(shown)[FIRST][0]
    assert ("Camille" in shown.text) == (gone == "not there yet"), "who comes next is said"
    assert set(lines(region.client.get(f"{PATH}?voir=sans"))) == {FIRST, SECOND}


@pytest.mark.parametrize(("days", "is_soon"), [(0, True), (30, True), (31, False)])
def test_an_end_within_thirty_days_is_said_and_found(
    region: Browser, app: Flask, database: Database, days: int, is_soon: bool
) -> None:
    forget_heads(database)
    today = portal_of(app).clock.today("Europe/Paris")
    granted(database, app, "head", f"school:{FIRST}", until=today + timedelta(days=days))
    shown = region.client.get(f"{PATH}?voir=bientot")
    assert set(lines(shown)) == ({FIRST} if is_soon else set())
    assert counts(shown) == ["2", "1", "1" if is_soon else "0"]
    assert ("se termine bientôt" in lines(region.client.get(PATH))[FIRST][2]) is is_soon
    if is_soon:
        granted(database, app, "head", f"school:{FIRST}", starts_on=today + timedelta(days=days + 1), name="Relève")
        assert counts(region.client.get(PATH)) == ["2", "1", "0"], "somebody follows"


def test_schools_are_found_by_name_town_or_code(region: Browser) -> None:
    for typed, found in (
        ("trois sources", {FIRST}), ("Sources VALENCE", {FIRST}), ("romans", {SECOND}), (SECOND, {SECOND}), ("026 0037-z", {SECOND}),
        ("0260037", {SECOND}), ("balmes", set()), ("nulle part", set()), ("", {FIRST, SECOND}), ("%", {FIRST, SECOND}),
    ):  # fmt: skip
        shown = region.client.get(PATH, query_string={"q": typed})
        assert set(lines(shown)) == found, typed
        assert counts(shown)[0] == "2", "the counts are of all"
        assert ("Aucun établissement ne correspond" in shown.text) is not bool(found)


def test_filters_and_words_are_kept_together(region: Browser) -> None:
    shown = Read(region.client.get(f"{PATH}?q=romans&voir=sans"))
    links = [link.attrib["href"] for nav in shown.all("nav", class_="tabs") for link in nav.iter("a")]
    assert links == [f"{PATH}?q=romans", f"{PATH}?q=romans&voir=sans", f"{PATH}?q=romans&voir=bientot"]
    assert [one.attrib["value"] for one in shown.all("input", name="voir")] == ["sans"]
    unknown = region.client.get(f"{PATH}?voir=autre")
    assert set(lines(unknown)) == {FIRST, SECOND}
    assert not Read(unknown).all("input", name="voir")


def add_schools(database: Database, start: int, end: int) -> None:
    database.write(
        lambda session: session.add_all([school(f"09{number:05}A", f"Lycée numéro {number:03}") for number in range(start, end)])
    )


def test_a_long_list_has_pages_and_an_odd_number_shows_one_that_exists(region: Browser, database: Database) -> None:
    add_schools(database, 0, 60)
    assert len(lines(region.client.get(PATH))) == 25
    last = region.client.get(f"{PATH}?page=3")
    assert len(lines(last)) == 12
    assert f'href="{PATH}?page=2"' in last.text
    assert "62 établissements" in last.text.replace("\u00a0", " ")
    for odd in ("999", "99999"):
        assert lines(region.client.get(f"{PATH}?page={odd}")) == lines(last)
    for odd in ("0", "-1", "abc", "²", "9" * 30, ""):
        assert len(lines(region.client.get(PATH, query_string={"page": odd}))) == 25


@pytest.mark.parametrize(
    ("typed", "number"), [("2", 2), ("0", 1), ("", 1), ("²", 1), ("1e3", 1), ("1000000", 1), ("999999", 999_999)]
)
def test_a_page_number_is_read_or_is_the_first(typed: str, number: int) -> None:
    assert page_number(typed) == number


def test_thirty_schools_cost_as_many_queries_as_three(
    region: Browser, app: Flask, database: Database, count_queries: Counting
) -> None:
    with count_queries(database) as few:
        assert len(lines(region.client.get(PATH))) == 2
    add_schools(database, 0, 30)
    for number in range(22):
        granted(database, app, "head", f"school:09{number:05}A")
    with count_queries(database) as many:
        assert len(lines(region.client.get(PATH))) == 25
    assert len(many) == len(few)


@pytest.mark.parametrize("login", ["region", "administratrice"])
def test_a_head_is_named_on_the_page_of_the_team_which_the_list_leads_to(
    app: Flask, ent: str, browser: Browser, database: Database, login: str
) -> None:
    """And by her own account, the school is then hers."""
    install(app, ent)
    forget_heads(database)
    comes_in(browser, login, proved=True)
    assert lines(browser.client.get(PATH))[FIRST][-1] == "Nommer"
    team = f"/etablissements/{FIRST}/equipe"
    shown = Read(browser.client.get(team))
    head = next(one.attrib["value"] for one in shown.all("option") if words(one) == "Proviseure (lycée polyvalent)")
    assert "head" in [one.attrib.get("value") for one in shown.all("option")]
    today = portal_of(app).clock.today("Europe/Paris")
    days = {"starts_on": today.isoformat(), "until": (today + timedelta(days=200)).isoformat()}
    sent = send(browser, team, person=head, role="head", letter="LM-2026-7", reason="", **days)
    assert sent.status_code == 303, sent.text
    who, _since, _until, letter, link = lines(browser.client.get(PATH))[FIRST]
    assert who.startswith("Proviseure")
    assert (letter, link) == ("LM-2026-7", "Voir l’équipe")
    own = comes_in(Browser(app, ent), "proviseure")
    assert own.client.get(team).status_code == 200
    assert own.client.get(PATH).status_code == 403, "a head names no head"
    with database.read() as session:
        key = session.exec(select(Accreditation.id).where(Accreditation.letter == "LM-2026-7")).one()
    assert send(browser, f"{team}/{key}/retrait", raison="Change de lycée.").status_code == 303
    assert lines(browser.client.get(PATH))[FIRST][-1] == "Nommer"
    assert own.client.get(team).status_code in {403, 404}


def test_without_the_right_to_read_a_team_no_link_leads_to_it(region: Browser, database: Database) -> None:
    database.write(
        lambda session: session.execute(sa.text("UPDATE role SET permissions = '[\"head:name\"]' WHERE code = 'decider'"))
    )
    assert lines(region.client.get(PATH))[FIRST][-1] == ""
    assert "/equipe" not in region.client.get(PATH).text


def test_an_installation_without_schools_says_so(app: Flask, ent: str, browser: Browser, database: Database) -> None:
    install(app, ent)
    database.write(lambda session: session.execute(sa.text("DELETE FROM school")))
    shown = comes_in(browser, "region").client.get(PATH)
    assert "Aucun établissement n’est servi ici" in shown.text
    assert counts(shown) == ["0", "0", "0"]
