"""Coming in from the ENT and leaving: what is opened, what is refused, and what is never stored."""

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import col, select

from portal.clock import Clock
from portal.db import METADATA, Database
from portal.people.models import Attachment, Person
from portal.signin.models import Identity, OpenSession, PendingSignIn, Provider
from portal.signin.secrets import digest
from portal.trail.models import Event
from tests.http.coming_in import DOOR, PUBLIC, SESSION, Browser, own

BACK = f"{DOOR}/retour/"


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["logitheque"].database
    return found


def rows(database: Database, table: Any) -> list[Any]:
    with database.read() as session:
        return list(session.exec(select(table).order_by(col(table.id))))


def everything(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.read() as session:
        return {
            name: session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in METADATA.tables.items()
        }


def at(app: Flask, **later: float) -> None:
    """Move the portal's time on."""
    joined = app.extensions["logitheque"]
    real = joined.clock.real
    object.__setattr__(joined, "clock", Clock(real=lambda: real() + timedelta(**later)))


def test_a_deep_link_survives_the_sign_in(browser: Browser) -> None:
    arrived = browser.comes_in("enseignante", "/catalogue?q=dessin&page=2")
    assert (arrived.status_code, arrived.headers["Location"]) == (303, "/catalogue?q=dessin&page=2")
    assert "Enseignante" in browser.client.get("/connexion").text


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "javascript:alert(1)",
     "http:evil.example", "/" + "a" * 3000, "/connexion", "/deconnexion", "", "evil"],
)  # fmt: skip
def test_only_our_own_paths_are_returned_to(browser: Browser, elsewhere: str) -> None:
    location = browser.comes_in("enseignante", elsewhere).headers["Location"]
    assert location.startswith("/"), location
    assert not location.startswith(("//", "/\\"))
    assert urlsplit(location).netloc == ""
    assert not location.startswith(("/connexion", "/deconnexion"))


def test_a_first_arrival_makes_one_person_and_the_next_ones_none(browser: Browser, database: Database) -> None:
    for _time in range(3):
        browser.comes_in("itinerante")
    (person,) = rows(database, Person)
    (identity,) = rows(database, Identity)
    assert identity.person_id == person.id
    assert person.email == "itinerante@demonstration.example"
    assert {one.uai for one in rows(database, Attachment)} == {"0261505V", "0260037Z"}
    (event,) = [one for one in rows(database, Event) if one.subject_kind == "person"]
    assert (event.move, event.actor) == ("arrived", f"person:{person.id}")
    assert person.email not in str(event.details)


def test_the_session_is_renewed_at_each_sign_in(browser: Browser, database: Database) -> None:
    browser.comes_in("enseignante")
    first = browser.cookie()
    browser.comes_in("enseignante")
    assert browser.cookie() != first
    (held,) = rows(database, OpenSession)
    assert held.digest == digest(browser.cookie())


def test_ids_and_tickets_are_stored_as_digests(browser: Browser, database: Database) -> None:
    back = browser.signs_in_there("enseignante", browser.leaves_for_the_ent())
    ticket = parse_qs(urlsplit(back).query)["ticket"][0]
    browser.client.get(back)
    with database.read() as session:
        stored = str([list(session.execute(sa.select(table))) for table in METADATA.tables.values()])
    assert browser.cookie() not in stored
    assert ticket not in stored
    assert digest(ticket) in stored


def test_the_ticket_leaves_the_address_and_is_told_to_nobody(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    back = browser.signs_in_there("enseignante", browser.leaves_for_the_ent("/listes"))
    ticket = parse_qs(urlsplit(back).query)["ticket"][0]
    arrived = browser.client.get(back)
    assert (arrived.status_code, arrived.headers["Location"]) == (303, "/listes")
    assert arrived.headers["Referrer-Policy"] == "no-referrer"
    assert arrived.headers["Cache-Control"] == "no-store"
    assert ticket not in str([record.__dict__ for record in caplog.records])


def test_a_ticket_is_accepted_once(browser: Browser, app: Flask, ent: str, database: Database) -> None:
    back = browser.signs_in_there("enseignante", browser.leaves_for_the_ent())
    browser.client.get(back)
    assert len(rows(database, OpenSession)) == 1
    again = Browser(app, ent)
    again.leaves_for_the_ent()
    assert "echec" in again.client.get(back).headers["Location"]
    assert len(rows(database, OpenSession)) == 1
    assert "echec" in browser.client.get(back).headers["Location"], "the browser's own second try has nothing under way"


def test_a_ticket_we_did_not_ask_for_opens_nothing_and_begins_a_sign_in_of_our_own(browser: Browser, database: Database) -> None:
    """Else a link could sign a victim in as the attacker. A tile of the ENT comes so, too: its people do not see the difference."""
    service = f"{PUBLIC}{BACK}"
    stray = browser.signs_in_there("region", f"{browser.ent}/login?service={quote(service, safe='')}")
    sent = browser.client.get(stray)
    assert sent.status_code == 303
    assert sent.headers["Location"].startswith(f"{browser.ent}/login?service=")
    assert not rows(database, OpenSession)
    assert not rows(database, Person)


def test_a_ticket_with_a_state_of_ours_but_not_this_browser_s_is_refused(
    browser: Browser, app: Flask, ent: str, database: Database
) -> None:
    attacker = Browser(app, ent)
    back = attacker.signs_in_there("region", attacker.leaves_for_the_ent())
    assert "motif=expired" in browser.client.get(back).headers["Location"], "without a sign-in under way"
    browser.leaves_for_the_ent()
    assert "motif=expired" in browser.client.get(back).headers["Location"], "with another one under way"
    assert not rows(database, OpenSession)


def test_a_sign_in_must_be_done_within_ten_minutes(browser: Browser, app: Flask, database: Database) -> None:
    address = browser.leaves_for_the_ent()
    at(app, minutes=10)
    failed = browser.client.get(browser.signs_in_there("enseignante", address)).headers["Location"]
    assert "motif=expired" in failed
    assert not rows(database, OpenSession)
    assert browser.client.get(failed).status_code == 400


def test_what_is_under_way_says_nothing_of_who_comes_and_goes_with_the_answer(browser: Browser, database: Database) -> None:
    address = browser.leaves_for_the_ent("/listes")
    (pending,) = rows(database, PendingSignIn)
    assert pending.digest == digest(browser.cookie("connexion"))
    assert set(pending.model_dump()) == {
        "id",
        "version",
        "digest",
        "provider_id",
        "state",
        "nonce",
        "verifier",
        "back",
        "purpose",
        "began_at",
    }
    browser.client.get(browser.signs_in_there("enseignante", address))
    assert not rows(database, PendingSignIn)
    assert not browser.cookie("connexion")


def test_abandoned_sign_ins_are_forgotten_at_the_next_one(browser: Browser, app: Flask, ent: str, database: Database) -> None:
    for _time in range(3):
        Browser(app, ent).leaves_for_the_ent()
    at(app, minutes=11)
    browser.leaves_for_the_ent()
    assert len(rows(database, PendingSignIn)) == 1


@pytest.mark.parametrize("login", ["eleve", "parent"])
def test_pupils_and_parents_leave_nothing_behind_them(
    browser: Browser, database: Database, login: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    before = everything(database)
    failed = browser.comes_in(login).headers["Location"]
    shown = browser.client.get(failed)
    assert shown.status_code == 403
    assert "réservé aux personnels" in shown.text
    assert 'href="/catalogue"' in shown.text
    assert everything(database) == before
    assert not browser.cookie()
    said = str([record.__dict__ for record in caplog.records])
    assert "DEMO-" not in said
    assert login not in said.replace("parental", "")
    assert "not_for_you" not in said


def test_a_parent_who_teaches_comes_in(browser: Browser, database: Database) -> None:
    assert browser.comes_in("parent-enseignant").headers["Location"] == "/"
    assert len(rows(database, Person)) == 1


def test_a_visitor_has_no_session_and_no_cookie(app: Flask, browser: Browser, database: Database) -> None:
    before = everything(database)
    for path in ("/connexion", "/connexion?q=0261505V", "/connexion/au-revoir", "/accessibilite", "/nulle-part"):
        assert "Set-Cookie" not in browser.client.get(path).headers
    assert everything(database) == before


def test_the_cookie_is_ours_alone(browser: Browser) -> None:
    (said,) = [one for one in browser.comes_in("enseignante").headers.getlist("Set-Cookie") if one.startswith(f"{SESSION}=")]
    assert "HttpOnly" in said
    assert "SameSite=Lax" in said
    assert "Path=/" in said
    assert "Max-Age" not in said, "it ends with the browser"
    assert "Expires" not in said
    assert "Secure" not in said, "on loopback http only"


def test_a_session_ends_after_its_idle_and_its_longest_time(browser: Browser, app: Flask) -> None:
    browser.comes_in("enseignante")
    for _page in range(5):
        at(app, hours=1, minutes=59)
        assert browser.client.get("/mon-compte").status_code == 200
    at(app, hours=2, minutes=10)
    assert browser.client.get("/mon-compte").status_code == 303, "idle"
    browser.comes_in("enseignante")
    for _page in range(11):
        at(app, hours=1)
        assert browser.client.get("/mon-compte").status_code == 200
    at(app, hours=1, minutes=1)
    assert browser.client.get("/mon-compte").status_code == 303, "in use, but twelve hours old"


def test_last_seen_is_written_once_a_minute_at_most(browser: Browser, app: Flask, database: Database, count_queries: Any) -> None:
    browser.comes_in("enseignante")
    with count_queries(database) as sent:
        for _page in range(3):
            browser.client.get("/connexion/au-revoir")
    assert not [one for one in sent if one.startswith(("UPDATE", "INSERT", "DELETE"))]
    at(app, seconds=61)
    with count_queries(database) as sent:
        for _page in range(3):
            browser.client.get("/connexion/au-revoir")
    assert len([one for one in sent if one.startswith("UPDATE open_session")]) == 1


def test_a_signed_in_page_asks_one_query_for_who_reads(browser: Browser, database: Database, count_queries: Any) -> None:
    with count_queries(database) as before:
        browser.client.get("/accessibilite")
    browser.comes_in("enseignante")
    with count_queries(database) as sent:
        browser.client.get("/accessibilite")
    assert len([one for one in sent if one.startswith("SELECT")]) == len(before) + 1


def test_leaving_ends_the_session_here_and_goes_on_to_the_ent(browser: Browser, database: Database) -> None:
    browser.comes_in("enseignante")
    stolen = browser.cookie()
    left = browser.client.post("/deconnexion", headers={"Origin": "http://localhost"})
    assert left.status_code == 200
    assert left.headers["Refresh"].startswith(f"0; url={browser.ent}/logout")
    assert not rows(database, OpenSession)
    assert not browser.cookie()
    browser.client.set_cookie(SESSION, stolen)
    assert browser.client.get("/mon-compte").status_code == 303


def test_leaving_twice_or_without_a_session_says_the_same(browser: Browser) -> None:
    for _time in range(2):
        left = browser.client.post("/deconnexion", headers={"Origin": "http://localhost"})
        assert left.status_code == 200
        assert "Vous êtes déconnecté" in left.text
        assert "Refresh" not in left.headers


LOGOUT = (
    '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
    'ID="x" Version="2.0"><saml:NameID>@NOT_USED@</saml:NameID><samlp:SessionIndex>{}</samlp:SessionIndex></samlp:LogoutRequest>'
)


@pytest.mark.parametrize("raw", [False, True], ids=["form field", "raw body"])
def test_the_ent_s_single_logout_ends_that_session_alone(
    browser: Browser, app: Flask, ent: str, database: Database, raw: bool
) -> None:
    other = Browser(app, ent)
    other.comes_in("enseignant2")
    back = browser.signs_in_there("enseignante", browser.leaves_for_the_ent())
    browser.client.get(back)
    ticket = parse_qs(urlsplit(back).query)["ticket"][0]
    from_the_ent = app.test_client()
    for said, left in ((LOGOUT.format("ST-unknown"), 2), (LOGOUT.format(ticket), 1), (LOGOUT.format(ticket), 1)):
        body: dict[str, Any] = {"data": said.encode()} if raw else {"data": {"logoutRequest": said}}
        answered = from_the_ent.post(BACK, **body)
        assert (answered.status_code, answered.data) == (204, b""), "it tells nobody whether the session was there"
        assert len(rows(database, OpenSession)) == left
    assert browser.client.get("/mon-compte").status_code == 303
    assert other.client.get("/mon-compte").status_code == 200


def test_a_page_of_ours_cannot_be_made_to_sign_somebody_out_from_another_site(browser: Browser) -> None:
    browser.comes_in("enseignante")
    assert browser.client.post("/deconnexion", headers={"Origin": "https://evil.example"}).status_code == 403
    assert browser.client.post("/deconnexion", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.client.post("/deconnexion").status_code == 403, "a browser that does not say where the form was"
    assert browser.client.get("/mon-compte").status_code == 200


def test_leaving_everywhere_keeps_this_browser(browser: Browser, app: Flask, ent: str, database: Database) -> None:
    others = [Browser(app, ent) for _n in range(2)]
    for one in (*others, browser):
        one.comes_in("enseignante")
    Browser(app, ent).comes_in("enseignant2")
    assert browser.client.get("/mon-compte").text.count("par ENT de démonstration") == 3
    browser.client.post("/mon-compte/sessions/fin", headers={"Origin": "http://localhost"})
    assert browser.client.get("/mon-compte").status_code == 200
    assert [one.client.get("/mon-compte").status_code for one in others] == [303, 303]
    assert len(rows(database, OpenSession)) == 2


def test_a_page_of_one_s_own_asks_to_sign_in_and_comes_back(browser: Browser) -> None:
    asked = browser.client.get("/mon-compte")
    assert (asked.status_code, asked.headers["Location"]) == (303, "/connexion?retour=%2Fmon-compte")
    part = browser.client.get("/mon-compte", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/listes"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/connexion?retour=%2Flistes")


def test_what_was_typed_is_not_lost_when_the_session_is_over(browser: Browser) -> None:
    shown = browser.client.post("/mon-compte/sessions/fin", data={"raison": "une « phrase » <longue>", "uai": ["a", "b"]})
    assert shown.status_code == 401
    assert 'name="raison" value="une « phrase » &lt;longue&gt;"' in shown.text.replace("\u00a0", " ")
    assert shown.text.count('name="uai"') == 2
    assert 'action="/mon-compte/sessions/fin"' in shown.text


def test_a_closed_account_opens_nothing(browser: Browser, database: Database, app: Flask) -> None:
    browser.comes_in("enseignante")
    now = app.extensions["logitheque"].clock.now()
    database.write(lambda session: session.execute(sa.update(Person).values(closed_at=now)))
    assert browser.client.get("/mon-compte").status_code == 303


def test_an_ent_that_is_closed_or_unknown_lets_nobody_in(browser: Browser, database: Database) -> None:
    address = browser.leaves_for_the_ent()
    database.write(lambda session: session.execute(sa.update(Provider).values(enabled=False)))
    assert browser.client.get(browser.signs_in_there("enseignante", address)).status_code == 404
    assert browser.client.get(DOOR).status_code == 404
    assert browser.client.get("/connexion/inconnu").status_code == 404
    assert "Aucun ENT n’est encore raccordé" in browser.client.get("/connexion").text


def test_the_only_school_becomes_the_current_one_and_several_are_a_choice(browser: Browser, app: Flask, ent: str) -> None:
    browser.comes_in("enseignante")
    assert browser.cookie("etablissement") == "0261505V"
    teaches_in_two = Browser(app, ent)
    arrived = teaches_in_two.comes_in("itinerante", "/listes").headers["Location"]
    assert arrived == "/mon-compte/etablissement?retour=%2Flistes"
    assert not teaches_in_two.cookie("etablissement")
    teaches_in_two.client.set_cookie("etablissement", "0260037Z")
    assert teaches_in_two.comes_in("itinerante", "/listes").headers["Location"] == "/listes", "chosen once, remembered"


def test_the_link_to_sign_in_comes_back_to_the_page_it_was_on(browser: Browser) -> None:
    for referrer, back in (("http://localhost/listes?q=a", "%2Flistes%3Fq%3Da"), ("https://evil.example/listes", "")):
        shown = browser.client.get("/connexion", headers={"Referer": referrer}).text
        assert f'href="{DOOR}{"?retour=" + back if back else ""}"' in shown


def test_the_ent_used_last_comes_first(browser: Browser) -> None:
    browser.comes_in("enseignante")
    assert "ENT de démonstration" in browser.client.get("/connexion").text.partition("La dernière fois")[2].partition("<h2")[0]


def test_the_service_address_is_ours_whatever_host_the_browser_says(browser: Browser) -> None:
    sent = browser.client.get(DOOR, headers={"Host": "evil.example"})
    (service,) = parse_qs(urlsplit(sent.headers["Location"]).query)["service"]
    assert own(service).startswith(BACK)
