"""How often letters come: chosen in one's account, by the link of a letter without signing in, or by a mail program."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, col, select
from werkzeug.test import TestResponse

from portal.clock import Clock
from portal.db import Database
from portal.letters.badges import PACES
from portal.letters.gathering import gather
from portal.letters.links import sign
from portal.letters.models import Kind, Letter, LetterPace, Pace
from portal.people.models import Person
from portal.web.dressing import dresser
from tests.http.administering import comes_in, install, portal_of, send
from tests.http.coming_in import Browser
from tests.http.reading import Read, words
from tests.http.test_news import key_of, notices, told
from tests.http.test_own_account import data
from tests.page_client import PageClient

PATH = "/mon-compte/lettres"
USUAL = {"todo": "daily", "own": "daily", "followed": "weekly", "said": "each"}
ALL_NEVER = dict.fromkeys(USUAL, "never")
THURSDAY = datetime(2026, 11, 26, 9, tzinfo=UTC)
FRIDAY_MORNING = datetime(2026, 11, 27, 6, tzinfo=UTC)  # seven in Paris
MONDAY_MORNING = datetime(2026, 11, 30, 6, tzinfo=UTC)


@pytest.fixture
def database(app: Flask, ent: str) -> Database:
    install(app, ent)
    go_to(app, THURSDAY)
    return portal_of(app).database


@pytest.fixture
def teacher(app: Flask, ent: str, database: Database) -> Browser:
    return comes_in(Browser(app, ent), "enseignante")


@pytest.fixture
def me(teacher: Browser, database: Database) -> int:
    return key_of(database, "enseignante")


@pytest.fixture
def token(app: Flask, me: int) -> str:
    return sign(portal_of(app).settings, me)


@pytest.fixture
def stranger(app: Flask) -> PageClient:
    """Whoever holds a letter, without a cookie."""
    client = app.test_client()
    assert isinstance(client, PageClient)
    return client


def go_to(app: Flask, at: datetime) -> None:
    object.__setattr__(portal_of(app), "clock", Clock(real=lambda: at))


def shown(page: TestResponse) -> dict[str, str]:
    """By kind, the pace that the form shows."""
    return {
        one.attrib["name"]: one.attrib["value"]
        for one in Read(page).all("input", type="radio")
        if one.get("checked") is not None
    }  # fmt: skip


def chosen(database: Database, person: int) -> dict[str, str]:
    """What is kept: nothing for whoever never chose."""
    with database.read() as session:
        held = session.exec(select(LetterPace).where(LetterPace.person_id == person))
        return {one.kind.value: one.pace.value for one in held}


def writes_letters(app: Flask) -> int:
    """A round of the worker."""
    portal = portal_of(app)
    return gather(portal.database, portal.clock, dresser(app, portal.settings))


# In one's account


def test_the_form_shows_what_is_usual_then_what_was_chosen(teacher: Browser, database: Database, me: int) -> None:
    assert shown(teacher.client.get(PATH)) == USUAL
    assert chosen(database, me) == {}
    wanted = {"todo": "each", "own": "never", "followed": "daily", "said": "weekly"}
    assert send(teacher, PATH, **wanted).headers["Location"] == PATH
    assert shown(teacher.client.get(PATH)) == chosen(database, me) == wanted
    assert send(teacher, PATH, **wanted).status_code == 303
    assert chosen(database, me) == wanted, "a second click"


@pytest.mark.parametrize("wrong", ["hourly", "EACH", "", " ", "each daily", "a" * 5000, "<b>"])
def test_an_unknown_pace_is_refused_in_french_and_what_else_was_chosen_stays_on_the_form(
    teacher: Browser, database: Database, me: int, wrong: str
) -> None:
    refused = send(teacher, PATH, **{**USUAL, "own": wrong, "said": "never"})
    assert refused.status_code == 422
    assert "Il reste 1 point à corriger" in words(Read(refused).root)
    said = words(Read(refused).all("p", class_="error")[0])
    assert said == ("Il manque la fréquence. Complétez cette case." if not wrong.strip() else OTHERWISE)
    kept = shown(refused)
    assert (kept["todo"], kept["followed"], kept["said"]) == ("daily", "weekly", "never")
    assert "own" not in kept
    assert chosen(database, me) == {}


OTHERWISE = "Cette valeur ne convient pas. Choisissez-en ou écrivez-en une autre."


def test_a_form_that_says_nothing_of_a_kind_changes_nothing(teacher: Browser, database: Database, me: int) -> None:
    assert send(teacher, PATH, todo="never").status_code == 422
    assert send(teacher, PATH).status_code == 422
    assert chosen(database, me) == {}


def test_choosing_is_for_oneself_alone(teacher: Browser, app: Flask, ent: str, database: Database) -> None:
    send(teacher, PATH, **ALL_NEVER, person_id=str(key_of(database, "referent")))
    assert shown(comes_in(Browser(app, ent), "referent").client.get(PATH)) == USUAL


def test_the_last_letters_are_listed_with_what_became_of_each(teacher: Browser, database: Database, me: int) -> None:
    assert "Aucune lettre encore." in teacher.client.get(PATH).text
    became: list[dict[str, Any]] = [
        {}, {"sent_at": THURSDAY, "attempts": 1}, {"attempts": 2, "trouble": "OSError: no route"},
        {"attempts": 40, "given_up_at": THURSDAY},
    ]  # fmt: skip

    def write(session: Session) -> None:
        for number, one in enumerate(became):
            session.add(_letter(me, f"Lettre {number}", **one))
        session.add(_letter(key_of(database, "referent"), "Lettre d’un autre"))

    database.write(write)
    page = teacher.client.get(PATH)
    (table,) = Read(page).all("table")
    rows = [[words(cell) for cell in row if cell.tag in {"th", "td"}] for row in table.iter("tr")][1:]
    assert rows == [
        ["Lettre 3", "26 novembre 2026", "n’a pas pu partir 40 essais"],
        ["Lettre 2", "26 novembre 2026", "nouvel essai à venir 2 essais"],
        ["Lettre 1", "26 novembre 2026", "partie"],
        ["Lettre 0", "26 novembre 2026", "en attente"],
    ]
    assert "no route" not in page.text


def _letter(person: int, subject: str, **became: Any) -> Letter:
    return Letter(
        person_id=person, recipient="x@exemple.example", subject=subject, body="Bonjour", written_at=THURSDAY, not_before=THURSDAY, **became
    )  # fmt: skip


def test_twenty_letters_are_listed_at_most_the_latest_first(teacher: Browser, database: Database, me: int) -> None:
    database.write(lambda session: session.add_all(_letter(me, f"Lettre {number}") for number in range(22)))
    (table,) = Read(teacher.client.get(PATH)).all("table")
    listed = [words(one) for one in table.iter("th") if one.get("scope") == "row"]
    assert listed == [f"Lettre {number}" for number in range(21, 1, -1)]


def test_the_account_leads_to_letters_and_letters_to_news(teacher: Browser) -> None:
    assert f'href="{PATH}"' in teacher.client.get("/mon-compte").text
    assert 'href="/nouvelles"' in teacher.client.get(PATH).text


def test_the_file_of_one_s_data_holds_news_letters_and_choices(teacher: Browser, app: Flask, database: Database, me: int) -> None:
    told(app, me, is_alone=True)
    told(app, key_of(database, "referent"), is_alone=True)
    assert writes_letters(app) == 2
    send(teacher, PATH, **{**USUAL, "own": "never"})
    held = data(teacher)
    assert [(one["kind"], one["subject"]) for one in held["notices"]] == [("own", "Nouvelle n° 1")]
    assert [(one["recipient"], one["subject"]) for one in held["letters"]] == [
        ("enseignante@demonstration.example", "Nouvelle n° 1")
    ]
    assert {one["kind"]: one["pace"] for one in held["letter_paces"]} == {**USUAL, "own": "never"}
    assert {"html", "settings_url"}.isdisjoint(held["letters"][0])


# When what waits leaves


def test_what_waits_leaves_at_the_new_pace_and_a_receipt_at_once_whatever_is_chosen(
    teacher: Browser, app: Flask, database: Database, me: int
) -> None:
    (waiting,), (followed,) = told(app, me), told(app, me, kind=Kind.FOLLOWED)
    (receipt,) = told(app, me, is_alone=True)

    def leaves() -> dict[int, datetime | None]:
        return {one.key: one.post_at for one in notices(database, me)}

    assert leaves() == {waiting: FRIDAY_MORNING, followed: MONDAY_MORNING, receipt: THURSDAY}
    for own, at in (("weekly", MONDAY_MORNING), ("each", THURSDAY), ("daily", FRIDAY_MORNING), ("never", None)):
        send(teacher, PATH, **{**USUAL, "own": own})
        assert leaves() == {waiting: at, followed: MONDAY_MORNING, receipt: THURSDAY}, own


def test_who_wants_no_letter_gets_the_receipt_alone_and_reads_the_rest_in_the_portal(
    teacher: Browser, app: Flask, database: Database, me: int
) -> None:
    told(app, me)
    send(teacher, PATH, **ALL_NEVER)
    told(app, me, is_alone=True)
    told(app, me)
    go_to(app, THURSDAY + timedelta(days=30))
    assert writes_letters(app) == 1
    with database.read() as session:
        (letter,) = session.exec(select(Letter).where(Letter.person_id == me)).all()
    assert letter.recipient == "enseignante@demonstration.example"
    assert len(notices(database, me)) == 3


def test_what_is_already_in_a_letter_is_not_put_in_another(teacher: Browser, app: Flask, database: Database, me: int) -> None:
    told(app, me)
    go_to(app, FRIDAY_MORNING)
    assert writes_letters(app) == 1
    before = [one.model_dump() for one in notices(database, me)]
    teacher = comes_in(teacher, "enseignante")
    send(teacher, PATH, **dict.fromkeys(USUAL, "each"))
    assert [one.model_dump() for one in notices(database, me)] == before
    assert writes_letters(app) == 0


# By the link of a letter


def test_a_letter_holds_the_link_and_the_link_holds_no_name(
    app: Flask, database: Database, me: int, token: str, stranger: PageClient
) -> None:
    told(app, me, is_alone=True)
    writes_letters(app)
    with database.read() as session:
        (letter,) = session.exec(select(Letter)).all()
    assert letter.settings_url == f"{portal_of(app).settings.public_url}/lettres/{token}"
    assert letter.settings_url in letter.body
    assert letter.settings_url in letter.html
    page = stranger.get(f"/lettres/{token}")
    assert page.status_code == 200
    with database.read() as session:
        person = session.get_one(Person, me)
    for private in (person.email, person.family_name, f"person:{me}", "Nouvelle n°"):
        assert private not in page.text
    assert [words(one) for one in Read(page).all("button", name="rythme")] == [*PACES.values()]
    assert page.headers["Cache-Control"] == "no-store"


def test_reading_the_link_changes_nothing(app: Flask, database: Database, me: int, token: str, stranger: PageClient) -> None:
    for query in ("", "?rythme=never", "?choisi=never", "?List-Unsubscribe=One-Click", "?choisi=autre", "?choisi=<b>"):
        for method in ("GET", "HEAD"):
            assert stranger.open(f"/lettres/{token}{query}", method=method).status_code == 200
    assert chosen(database, me) == {}


@pytest.mark.parametrize("pace", list(Pace))
def test_each_button_sets_all_kinds_and_the_page_says_so(
    database: Database, me: int, token: str, stranger: PageClient, pace: Pace
) -> None:
    done = stranger.post(f"/lettres/{token}", data={"rythme": pace.value}, headers={"Origin": "http://localhost"})
    assert (done.status_code, done.headers["Location"]) == (303, f"/lettres/{token}?choisi={pace}")
    assert chosen(database, me) == dict.fromkeys(USUAL, pace.value)
    told_so = stranger.get(done.headers["Location"])
    assert str(PACES[pace]) in words(Read(told_so).all("div", class_="notice")[0])


def test_a_mail_program_that_unsubscribes_needs_no_cookie_no_origin_and_means_none(
    app: Flask, database: Database, me: int, token: str
) -> None:
    """RFC 8058: a POST of one field, as multipart or not, from anywhere."""
    for more in ({}, {"content_type": "multipart/form-data"}):
        program = app.test_client()
        done = program.post(f"/lettres/{token}", data={"List-Unsubscribe": "One-Click"}, **more)
        assert done.status_code in {200, 204}, "a redirect is not followed: RFC 8058, 3.1"
        assert chosen(database, me) == ALL_NEVER
        assert "Set-Cookie" not in done.headers
        database.write(lambda session: session.execute(sa.delete(LetterPace)))


@pytest.mark.parametrize("typed", [{}, {"rythme": ""}, {"rythme": "hourly"}, {"autre": "never"}, {"rythme": "NEVER"}])
def test_a_post_that_says_nothing_is_refused_and_changes_nothing(
    database: Database, me: int, token: str, stranger: PageClient, typed: dict[str, str]
) -> None:
    refused = stranger.post(f"/lettres/{token}", data=typed, headers={"Origin": "http://localhost"})
    assert 400 <= refused.status_code < 500
    assert chosen(database, me) == {}


def test_a_false_or_cut_link_leads_nowhere_and_says_where_to_go(
    app: Flask, database: Database, me: int, token: str, stranger: PageClient
) -> None:
    settings, (said, _dot, signature) = portal_of(app).settings, token.partition(".")
    other = sign(settings, key_of(database, "referent"))
    forged = [
        token[:-1], token[1:], said, f"{said}.", f".{signature}", f"{other.partition('.')[0]}.{signature}", f"{token}x", "1", str(me), "x",
        token.swapcase(), sign(settings, 999999999), sign(settings, 0), sign(settings, -1),
        sign(settings.model_copy(update={"secret_key": type(settings.secret_key)("another key, as long as the first one is")}), me),
    ]  # fmt: skip
    for one in forged:
        answered = stranger.get(f"/lettres/{one}")
        assert answered.status_code == 404, one
        assert "Ce lien ne mène plus à aucun compte" in answered.text
        posted = stranger.post(f"/lettres/{one}", data={"rythme": "never"}, headers={"Origin": "http://localhost"})
        assert posted.status_code == 404, one
    with database.read() as session:
        assert session.exec(select(LetterPace)).all() == []


def test_the_link_of_a_closed_account_leads_nowhere(database: Database, me: int, token: str, stranger: PageClient) -> None:
    database.write(lambda session: setattr(session.get_one(Person, me), "closed_at", THURSDAY))
    assert stranger.get(f"/lettres/{token}").status_code == 404
    assert stranger.post(f"/lettres/{token}", data={"List-Unsubscribe": "One-Click"}).status_code == 404
    assert chosen(database, me) == {}


def test_the_link_of_an_account_that_was_linked_since_sets_that_of_the_person(
    database: Database, me: int, token: str, stranger: PageClient
) -> None:
    stands_for_both = key_of(database, "referent")
    database.write(lambda session: setattr(session.get_one(Person, me), "linked_to_id", stands_for_both))
    stranger.post(f"/lettres/{token}", data={"List-Unsubscribe": "One-Click"})
    assert (chosen(database, me), chosen(database, stands_for_both)) == ({}, ALL_NEVER)


def test_the_link_opens_nothing_else(token: str, stranger: PageClient, app: Flask, database: Database) -> None:
    stranger.get(f"/lettres/{token}")
    assert stranger.get("/nouvelles").status_code == 303
    assert stranger.get(PATH).status_code == 303
    with database.read() as session:
        assert session.exec(select(sa.func.count(col(LetterPace.id)))).one() == 0
