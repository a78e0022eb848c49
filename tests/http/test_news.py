"""« Nouvelles »: what one was told, seen to or not, counted on every page, and nobody else's."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from portal.access import system
from portal.db import Database
from portal.letters.models import Kind, Notice
from portal.letters.telling import Told, settle, tell
from portal.letters.words import Words
from portal.people.models import Person
from portal.signin.loading import COLLEGES, declare_other_demonstrations
from portal.signin.models import Identity, Provider
from portal.territories.models import Territory
from portal.text import Sentence
from portal.trail.trail import record
from tests.conftest import Counting
from tests.http.administering import comes_in, install, portal_of, send
from tests.http.arrivals import running_ent
from tests.http.asking import asks, moves
from tests.http.coming_in import Browser
from tests.http.reading import Read, words
from tests.http.test_demonstration_doors import At
from tests.http.test_own_account import links_from
from tests.page_client import PageClient

pytest_plugins = ("tests.data.catalogue_data",)

PATH, SETTLED = "/nouvelles", "/nouvelles?voir=traitees"
PER_PAGE = 25


@pytest.fixture
def database(app: Flask, ent: str) -> Database:
    install(app, ent)
    return portal_of(app).database


@pytest.fixture
def teacher(app: Flask, ent: str, database: Database) -> Browser:
    return comes_in(Browser(app, ent), "enseignante")


@pytest.fixture
def own_ent(own_app: Flask, own: Any) -> Iterator[str]:
    """That of a demonstration, with its catalogue and its requests."""
    own_app.test_client_class = PageClient
    with running_ent(own.settings, ()) as address:
        yield address


def key_of(database: Database, login: str) -> int:
    """Of the first account that has this address."""
    with database.read() as session:
        asked = select(Person.id).where(Person.email == f"{login}@demonstration.example").order_by(col(Person.id))
        found = session.exec(asked).first()
    assert found, login
    return found


def told(app: Flask, person: int, *, times: int = 1, kind: Kind = Kind.OWN, is_alone: bool = False) -> list[int]:
    """Somebody is told of as many things, numbered from 1; the keys of these news."""
    portal = portal_of(app)
    now = portal.clock.now()

    def work(session: Session) -> list[int]:
        territory = session.exec(select(Territory).where(Territory.code == "aura")).one()
        written: list[Notice] = []
        for one in range(1, times + 1):
            said = Words("test.told.requester", kind, Sentence("Quand on essaie"), f"Nouvelle n° {one}", f"Un : {one}.\n\nDeux.")
            event = record(session, system("test"), territory, "told", at=now)
            written += tell(session, [Told(said, territory, territory, f"/demandes/{one}", [person], is_alone=is_alone)], event)
        session.flush()
        return [one.key for one in written]

    return portal.database.write(work)


def notices(database: Database, person: int) -> list[Notice]:
    with database.read() as session:
        return list(session.exec(select(Notice).where(Notice.person_id == person).order_by(col(Notice.id))))


def subjects(page: TestResponse) -> list[str]:
    return [words(one) for held in Read(page).all("ul", class_="news") for one in held.iter("h2")]


def tabs(page: TestResponse) -> list[str]:
    return [words(link) for nav in Read(page).all("nav", class_="tabs") for link in nav.iter("a")]


def counted(page: TestResponse) -> str:
    """What the header says beside « Nouvelles »."""
    return "".join(words(one) for one in Read(page).all("span", class_="count-badge"))


def shown_until(page: TestResponse) -> str:
    """Up to which news « all » would go."""
    (held,) = Read(page).all("input", name="jusque")
    return held.attrib["value"]


def test_who_was_told_nothing_reads_that_and_how_many_letters_come(teacher: Browser) -> None:
    page = teacher.client.get(PATH)
    assert page.status_code == 200
    assert "Aucune nouvelle." in page.text
    assert tabs(page) == ["À traiter (0)", "Traitées (0)"]
    assert 'href="/mon-compte/lettres"' in page.text
    assert "Tout marquer" not in page.text
    assert counted(page) == ""
    assert "Rien n’est encore traité." in teacher.client.get(SETTLED).text
    assert page.headers["Cache-Control"] == "no-store"


def test_news_say_why_one_is_told_when_what_and_where_to_go(teacher: Browser, app: Flask, database: Database) -> None:
    (key,) = told(app, key_of(database, "enseignante"), kind=Kind.TODO)
    page = teacher.client.get(PATH)
    (line,) = Read(page).all("ul", class_="news")[0].iter("li")
    today = portal_of(app).clock.today("Europe/Paris")
    assert [words(one) for one in line.iter("p")][1:] == ["Un : 1.", "Deux."]
    assert "Ce qui vous attend" in words(line)
    assert str(today.year) in words(line)
    assert [one.attrib["href"] for one in line.iter("a")] == ["/demandes/1"]
    assert [one.attrib["action"] for one in line.iter("form")] == [f"{PATH}/{key}"]
    (button,) = line.iter("button")
    assert button.attrib["aria-label"] == "Marquer comme traitée : Nouvelle n° 1".replace(" :", "\xa0:")
    assert counted(page) == "1"


def test_what_is_marked_as_seen_to_goes_to_the_other_tab_and_comes_back(teacher: Browser, app: Flask, database: Database) -> None:
    me = key_of(database, "enseignante")
    first, second = told(app, me, times=2)
    assert send(teacher, f"{PATH}/{first}").headers["Location"] == PATH
    left, done = teacher.client.get(PATH), teacher.client.get(SETTLED)
    assert (subjects(left), subjects(done)) == (["Nouvelle n° 2"], ["Nouvelle n° 1"])
    assert tabs(left) == tabs(done) == ["À traiter (1)", "Traitées (1)"]
    assert "traitée le" in done.text
    assert "Tout marquer" not in done.text
    assert counted(left) == "1"
    assert send(teacher, f"{PATH}/{first}", faire="reprendre").status_code == 303
    assert subjects(teacher.client.get(PATH)) == ["Nouvelle n° 2", "Nouvelle n° 1"]
    again = next(one for one in notices(database, me) if one.key == first)
    assert (again.settled_at, again.settled_by) == (None, "")
    assert send(teacher, f"{PATH}/{second}", faire="reprendre").status_code == 303, "what was never put away stays"
    assert counted(teacher.client.get(PATH)) == "2"


def test_a_second_click_changes_nothing(teacher: Browser, app: Flask, database: Database) -> None:
    me = key_of(database, "enseignante")
    (key,) = told(app, me)
    send(teacher, f"{PATH}/{key}")
    (before,) = notices(database, me)
    assert before.settled_by == f"person:{me}"
    assert send(teacher, f"{PATH}/{key}").status_code == 303
    assert notices(database, me)[0].model_dump() == before.model_dump()


def test_what_somebody_else_did_is_said_without_a_name(teacher: Browser, app: Flask, database: Database) -> None:
    told(app, key_of(database, "enseignante"), kind=Kind.TODO)
    now = portal_of(app).clock.now()
    database.write(
        lambda session: settle(session, session.exec(select(Territory).where(Territory.code == "aura")).one(), "relay", now)
    )
    page = teacher.client.get(SETTLED)
    assert subjects(page) == ["Nouvelle n° 1"]
    assert "sans objet depuis le" in page.text
    assert "relay" not in page.text


def test_all_are_marked_but_what_came_after_the_page_was_read(teacher: Browser, app: Flask, database: Database) -> None:
    me = key_of(database, "enseignante")
    told(app, me, times=3)
    page = teacher.client.get(PATH)
    (late,) = told(app, me)
    assert send(teacher, PATH, jusque=shown_until(page)).headers["Location"] == PATH
    assert [one.key for one in notices(database, me) if one.settled_at is None] == [late]
    before = [one.model_dump() for one in notices(database, me)]
    send(teacher, PATH, jusque=shown_until(page))
    assert [one.model_dump() for one in notices(database, me)] == before, "a second click"


@pytest.mark.parametrize("said", ["", "0", "-1", "tout", "1e9", "9" * 30, "²"])
def test_all_up_to_nothing_that_is_a_number_marks_nothing(teacher: Browser, app: Flask, database: Database, said: str) -> None:
    me = key_of(database, "enseignante")
    told(app, me)
    assert send(teacher, PATH, jusque=said).status_code == 303
    assert [one.settled_at for one in notices(database, me)] == [None]


def test_news_of_others_are_not_there_and_stay_as_they_are(teacher: Browser, app: Flask, ent: str, database: Database) -> None:
    lead = key_of(database, "referent")
    (theirs,) = told(app, lead)
    (mine,) = told(app, key_of(database, "enseignante"))
    before = [one.model_dump() for one in notices(database, lead)]
    for typed in ({}, {"faire": "reprendre"}):
        missing, found = send(teacher, f"{PATH}/999999999", **typed), send(teacher, f"{PATH}/{theirs}", **typed)
        assert missing.status_code == found.status_code == 404
        assert "Cette nouvelle n’existe plus" in found.text
    send(teacher, PATH, jusque=str(max(theirs, mine)))
    assert [one.model_dump() for one in notices(database, lead)] == before
    assert counted(comes_in(Browser(app, ent), "referent").client.get(PATH)) == "1"


def test_a_number_that_no_news_can_have_is_no_failure(teacher: Browser) -> None:
    for wrong in ("0", "99999999999999999999999999", "abc", "-1"):
        assert send(teacher, f"{PATH}/{wrong}").status_code == 404, wrong


def test_a_visitor_is_asked_to_sign_in(app: Flask, database: Database) -> None:
    client = app.test_client()
    assert client.get(PATH).headers["Location"].startswith("/connexion?retour=")
    assert client.post(f"{PATH}/1", headers={"Origin": "http://localhost"}).status_code == 401


def test_twenty_six_are_two_pages_the_newest_first(teacher: Browser, app: Flask, database: Database) -> None:
    me = key_of(database, "enseignante")
    told(app, me, times=PER_PAGE)
    assert not Read(teacher.client.get(PATH)).all("nav", class_="pagination")
    told(app, me)
    first, second = teacher.client.get(PATH), teacher.client.get(f"{PATH}?page=2")
    assert len(subjects(first)) == PER_PAGE
    assert subjects(first)[:2] == ["Nouvelle n° 1", "Nouvelle n° 25"]
    assert subjects(second) == ["Nouvelle n° 1"]
    (turning,) = Read(first).all("nav", class_="pagination")
    assert {one.attrib["href"] for one in turning.iter("a")} == {PATH, f"{PATH}?page=2"}
    assert subjects(teacher.client.get(f"{PATH}?page=99")) == subjects(second), "beyond the end is the end"
    for wrong in ("0", "-1", "x", "1e3", "²", "9" * 40, ""):
        assert subjects(teacher.client.get(PATH, query_string={"page": wrong})) == subjects(first), wrong
    send(teacher, PATH, jusque=shown_until(second))
    assert tabs(teacher.client.get(PATH)) == ["À traiter (0)", "Traitées (26)"], "all means all, from whichever page"


def test_pages_of_a_tab_stay_in_it(teacher: Browser, app: Flask, database: Database) -> None:
    me = key_of(database, "enseignante")
    told(app, me, times=PER_PAGE + 1)
    send(teacher, PATH, jusque=shown_until(teacher.client.get(PATH)))
    (turning,) = Read(teacher.client.get(SETTLED)).all("nav", class_="pagination")
    assert {one.attrib["href"] for one in turning.iter("a")} == {SETTLED, f"{SETTLED}&page=2"}
    assert subjects(teacher.client.get(f"{SETTLED}&page=2")) == ["Nouvelle n° 1"]


@pytest.mark.parametrize("view", ["autre", "TRAITEES", "<b>", "", "a" * 5000])
def test_an_unknown_view_is_what_is_to_be_seen_to(teacher: Browser, app: Flask, database: Database, view: str) -> None:
    told(app, key_of(database, "enseignante"))
    page = teacher.client.get(PATH, query_string={"voir": view})
    assert subjects(page) == ["Nouvelle n° 1"]
    (chosen,) = [one for one in Read(page).all("a") if one.get("aria-current") == "page" and one.get("href", "").startswith(PATH)]
    assert words(chosen) == "À traiter (1)"


def test_thirty_cost_as_many_queries_as_three(teacher: Browser, app: Flask, database: Database, count_queries: Counting) -> None:
    me, costs = key_of(database, "enseignante"), []
    for times in (3, 27):
        told(app, me, times=times)
        with count_queries(database) as sent:
            assert teacher.client.get(PATH).status_code == 200
        costs.append(len(sent))
    assert costs[0] == costs[1] > 0


def test_in_english_the_page_is_english_and_what_was_written_stays_french(teacher: Browser, app: Flask, database: Database) -> None:
    told(app, key_of(database, "enseignante"))
    teacher.client.set_cookie("langue", "en")
    page = teacher.client.get(PATH)
    assert '<html lang="en">' in page.text
    assert "Sign out" in page.text
    (line,) = Read(page).all("ul", class_="news")[0].iter("li")
    assert [one.attrib["lang"] for one in line.iter("h2")] == ["fr"]
    assert [one.get("lang") for one in line.iter("p")] == [None, "fr", "fr"]


@pytest.fixture
def linked(app: Flask, ent: str, database: Database) -> tuple[Browser, list[int]]:
    """Somebody whose other account was told something before it was linked, and something since; the keys of both news."""
    database.write(lambda session: declare_other_demonstrations(session, ent))
    mine = comes_in(Browser(app, ent), "itinerante")
    At(app, ent, COLLEGES).comes_in("itinerante")
    with database.read() as session:
        other = session.exec(select(Identity.person_id).join(Provider).where(Provider.slug == COLLEGES)).one()
    before = told(app, other)
    assert subjects(mine.client.get(PATH)) == []
    links_from(mine, app, ent)
    return mine, [*before, *told(app, other)]


def test_what_is_told_to_an_account_is_read_and_seen_to_by_whoever_linked_it(
    linked: tuple[Browser, list[int]], database: Database
) -> None:
    mine, keys = linked
    assert len(subjects(mine.client.get(PATH))) == 2
    assert [one.key for one in notices(database, key_of(database, "itinerante"))] == keys[1:], (
        "what is new goes to the first account"
    )
    for key in keys:
        assert send(mine, f"{PATH}/{key}").status_code == 303
    assert len(subjects(mine.client.get(SETTLED))) == 2


def test_the_header_counts_what_the_page_shows_of_linked_accounts_too(linked: tuple[Browser, list[int]]) -> None:
    mine, _keys = linked
    page = mine.client.get(PATH)
    assert (tabs(page)[0], counted(page)) == ("À traiter (2)", "2")
    send(mine, PATH, jusque=shown_until(page))
    page = mine.client.get(PATH)
    assert (tabs(page)[0], counted(page)) == ("À traiter (0)", "")


@pytest.mark.parametrize("path", ["/", "/catalogue", "/catalogue?q=geogebra", "/catalogue/gimp"])
def test_a_page_that_a_browser_kept_is_not_shown_with_an_old_count(own_app: Flask, own_ent: str, path: str) -> None:
    reader, database = Browser(own_app, own_ent), portal_of(own_app).database
    reader.comes_in("referent")
    me = key_of(database, "referent")
    first = reader.client.get(path)
    (key,) = told(own_app, me)
    second = reader.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert second.headers["ETag"] != first.headers["ETag"]
    assert int(counted(second)) == int(counted(first) or 0) + 1
    assert reader.client.get(path, headers={"If-None-Match": second.headers["ETag"]}).status_code == 304
    send(reader, f"{PATH}/{key}")
    third = reader.client.get(path, headers={"If-None-Match": second.headers["ETag"]})
    assert (third.status_code, counted(third)) == (200, counted(first))


def test_a_request_is_news_for_whoever_has_it_then_for_whoever_asked(own_app: Flask, own_ent: str) -> None:
    teacher, lead = Browser(own_app, own_ent), Browser(own_app, own_ent)
    for browser, login in ((teacher, "enseignante"), (lead, "referent")):
        browser.comes_in(login)
    number = asks(teacher)
    to_do, own = lead.client.get(PATH), teacher.client.get(PATH)
    assert "Chronoscope des marées : une demande à relayer" in subjects(to_do)
    assert any("est reçue" in one for one in subjects(own)), "her receipt is also read there"
    for page in (to_do, own):
        assert f'href="/demandes/{number}"' in page.text
    assert f'href="/demandes/{number}/volets/school"' in to_do.text, "he owes a block of it too, whoever relays it"
    assert moves(lead, number, "relay").status_code == 303
    assert int(counted(lead.client.get(PATH)) or 0) < int(counted(to_do))
    assert any("une demande à relayer" in one for one in subjects(lead.client.get(SETTLED)))
    assert "traitée le" in lead.client.get(SETTLED).text, "by what he did"
    assert any("votre demande est relayée" in one for one in subjects(teacher.client.get(PATH)))


def test_news_of_a_year_ago_can_still_be_read(teacher: Browser, app: Flask, database: Database) -> None:
    told(app, key_of(database, "enseignante"))
    database.write(lambda session: session.execute(sa.update(Notice).values(at=datetime(2025, 12, 1, 23, 30, tzinfo=UTC))))
    (when,) = Read(teacher.client.get(PATH)).all("time")
    assert when.attrib["datetime"].startswith("2025-12-01T23:30")
