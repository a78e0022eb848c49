"""« Mon compte »: all that the portal knows of somebody, what they may change of it, and the file that holds it."""

import json
import re
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, select

from portal.db import Database
from portal.people.models import Accreditation, Person
from portal.signin.linking import proposed
from portal.signin.loading import COLLEGES, DEMONSTRATION, declare_other_demonstrations
from portal.signin.models import Identity, OpenSession, Provider
from tests.http.administering import FIRST, SECOND, comes_in, events, install, later, portal_of, send
from tests.http.coming_in import Browser
from tests.http.reading import Read, words
from tests.http.test_demonstration_doors import At

LINK = f"/mon-compte/relier/{COLLEGES}"
MARKED = re.compile(rf'href="({LINK}\?cle=[^"]+)"')


@pytest.fixture
def database(app: Flask, ent: str) -> Database:
    install(app, ent)
    database = portal_of(app).database
    database.write(lambda session: declare_other_demonstrations(session, ent))
    return database


@pytest.fixture
def itinerante(app: Flask, ent: str, database: Database) -> Browser:
    return comes_in(Browser(app, ent), "itinerante")


def person(database: Database, login: str) -> Person:
    """As the first ENT knows them: another may send the same address."""
    asked = select(Person).join(Identity).join(Provider).where(Provider.slug == DEMONSTRATION)
    with database.read() as session:
        return session.exec(asked.where(Person.email == f"{login}@demonstration.example")).one()


def proposal(browser: Browser) -> str:
    """The address that one's page proposes."""
    found = MARKED.search(browser.client.get("/mon-compte").text)
    assert found, "nothing is proposed"
    return unescape(found[1])


def links_from(browser: Browser, app: Flask, ent: str, login: str = "itinerante") -> Any:
    """From one's account to the other ENT, and back: what our own address answers."""
    there = At(app, ent, COLLEGES)
    sent = browser.client.get(proposal(browser))
    assert "renew=true" in sent.headers["Location"], "the password is asked again there"
    return browser.client.get(there.signs_in_there(login, sent.headers["Location"]))


def data(browser: Browser) -> dict[str, Any]:
    answer = browser.client.get("/mon-compte/donnees")
    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=logitheque-")
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = json.loads(answer.data)
    return found


def test_the_file_holds_all_that_is_held_and_no_key_to_a_door(itinerante: Browser, app: Flask, database: Database) -> None:
    send(itinerante, "/mon-compte/rattachements/retrait", uai=FIRST)
    held = data(itinerante)
    assert [one["email"] for one in held["accounts"]] == ["itinerante@demonstration.example"]
    assert [(one["provider"], one["subject"], one["join_key"]) for one in held["identities"]] == [
        ("demonstration", "DEMO-0004", "DEMO-9000004")
    ]
    assert {one["uai"] for one in held["attachments"]} == {FIRST, SECOND}
    assert len(held["sessions"]) == 1
    assert [one["move"] for one in held["trail"]] == ["arrived"]
    with database.read() as session:
        secrets = [one for row in session.exec(select(OpenSession)) for one in (row.digest, row.ticket_digest, row.sid) if one]
    assert secrets
    assert [one for one in secrets if one in json.dumps(held)] == []


def test_the_file_holds_nothing_of_anybody_else(itinerante: Browser, app: Flask, ent: str, database: Database) -> None:
    head = comes_in(Browser(app, ent), "proviseure", proved=True)
    me = person(database, "itinerante").key
    granted = send(
        head, f"/etablissements/{FIRST}/equipe", person=str(me), role="digital-lead", starts_on="2026-01-01", until="2099-08-31",
        letter="LM 7", reason="Volontaire",
    )  # fmt: skip
    assert granted.status_code == 303
    mine, hers = data(itinerante), data(head)
    assert [(one["role"], one["letter"], one["granted_as"]) for one in mine["accreditations"]] == [
        ("digital-lead", "LM 7", "Proviseur·e")
    ]
    assert "granted" in [one["move"] for one in mine["trail"]], "what was done to one"
    assert "granted" in [one["move"] for one in hers["trail"]], "what one did"
    assert "itinerante" not in json.dumps(hers)
    assert "proviseure@" not in json.dumps(mine)


def test_a_new_table_about_people_is_in_the_file_or_the_test_says_why() -> None:
    from_people = {
        *("person", "identity", "attachment", "accreditation", "open_session", "token", "software_request", "co_signature"),
        *("notice", "letter", "letter_pace", "kept_answer"),
    }
    tables = {
        name for name, table in Person.metadata.tables.items() for key in table.foreign_keys if key.column.table.name == "person"
    }
    assert tables == from_people


def test_who_lost_a_role_reads_who_took_it_and_why(app: Flask, ent: str, database: Database) -> None:
    lead, head = comes_in(Browser(app, ent), "referent"), comes_in(Browser(app, ent), "proviseure", proved=True)
    assert "passée" not in lead.client.get("/mon-compte").text
    with database.read() as session:
        me = person(database, "referent").key
        key = session.exec(select(Accreditation).where(Accreditation.person_id == me)).one().key
    send(head, f"/etablissements/{FIRST}/equipe/{key}/retrait", raison="Départ en congé")
    own = lead.client.get("/mon-compte")
    (past,) = [words(one) for one in Read(own).all("details", class_="past")]
    assert "Référent·e numérique" in past
    assert "retirée par Proviseur·e" in past
    assert "Départ en congé" in past
    assert "Aucune accréditation." in own.text


def test_an_account_of_another_ent_is_proposed_linked_by_signing_in_there_and_unlinked(
    itinerante: Browser, app: Flask, ent: str, database: Database
) -> None:
    assert "semble être le vôtre" not in itinerante.client.get("/mon-compte").text
    At(app, ent, COLLEGES).comes_in("itinerante")
    assert LINK in itinerante.client.get("/mon-compte").text
    before = itinerante.cookie()
    done = links_from(itinerante, app, ent)
    assert (done.status_code, done.headers["Location"]) == (303, "/mon-compte#acces")
    assert itinerante.cookie() == before, "one stays signed in as before"
    own = itinerante.client.get("/mon-compte")
    assert "Délier ce compte" in own.text
    assert "semble être le vôtre" not in own.text
    assert len(data(itinerante)["identities"]) == 2
    told, other = events(database, "person", "linked")
    assert (told.details["account"], other.details["account"]) == (f"person:{other.subject_id}", f"person:{told.subject_id}")

    linked = int(told.details["account"].removeprefix("person:"))
    stranger = comes_in(Browser(app, ent), "enseignante")
    assert send(stranger, f"/mon-compte/liens/{linked}/fin").status_code == 404
    assert send(itinerante, f"/mon-compte/liens/{linked}/fin").status_code == 303
    assert send(itinerante, f"/mon-compte/liens/{linked}/fin").status_code == 404
    assert LINK in itinerante.client.get("/mon-compte").text


def test_a_colleague_who_is_signed_in_at_the_other_ent_is_not_linked(
    itinerante: Browser, app: Flask, ent: str, database: Database
) -> None:
    for login in ("itinerante", "documentaliste2"):
        At(app, ent, COLLEGES).comes_in(login)
    failed = links_from(itinerante, app, ent, "documentaliste2")
    assert "motif=not_yours" in failed.headers["Location"]
    explained = itinerante.client.get(failed.headers["Location"])
    assert explained.status_code == 403
    assert "Ce compte n’a pas été relié au vôtre" in explained.text
    assert "Revenir à" in explained.text
    with database.read() as session:
        assert session.exec(select(sa.func.count(Person.linked_to_id))).one() == 0
        assert proposed(session, person(database, "itinerante").key)


def test_a_link_begun_then_signed_out_links_nothing(itinerante: Browser, app: Flask, ent: str, database: Database) -> None:
    At(app, ent, COLLEGES).comes_in("itinerante")
    sent = itinerante.client.get(proposal(itinerante))
    send(itinerante, "/deconnexion")
    failed = itinerante.client.get(At(app, ent, COLLEGES).signs_in_there("itinerante", sent.headers["Location"]))
    assert "motif=expired" in failed.headers["Location"]
    with database.read() as session:
        assert session.exec(select(sa.func.count(Person.linked_to_id))).one() == 0


def test_a_visitor_who_asks_to_link_or_to_read_data_is_asked_to_sign_in(app: Flask, ent: str, database: Database) -> None:
    browser = Browser(app, ent)
    for path in (LINK, "/mon-compte/donnees", "/mon-compte/rattachements"):
        assert browser.client.get(path).headers["Location"].startswith("/connexion?")
    with database.read() as session:
        assert session.exec(select(Identity).join(Person).where(Person.email == "itinerante@demonstration.example")).one()


def test_a_link_of_another_site_begins_no_linking(itinerante: Browser, app: Flask, ent: str, database: Database) -> None:
    """Both sessions may be open at their ENTs: nothing would be asked, and the trail would say that the person did it."""
    At(app, ent, COLLEGES).comes_in("itinerante")
    good = proposal(itinerante)
    elsewhere, colleague = (comes_in(Browser(app, ent), login) for login in ("itinerante", "enseignante"))
    other = (
        good[:-9] + ("A" if good[-9] != "A" else "B") + good[-8:]
    )  # the last letter of a signature also holds bits that count for nothing
    for forged in (LINK, f"{LINK}?cle=", f"{LINK}?cle=1.x.y", other):
        assert itinerante.client.get(forged).headers["Location"] == "/mon-compte#acces"
    assert elsewhere.client.get(good).headers["Location"] == "/mon-compte#acces", "of another session"
    assert colleague.client.get(good).status_code == 404


def test_what_fails_while_linking_leads_back_to_one_s_account_and_not_into_the_other(
    itinerante: Browser, app: Flask, ent: str, database: Database
) -> None:
    At(app, ent, COLLEGES).comes_in("itinerante")
    for refusal in ("denied", "unreachable"):
        back = At(app, ent, COLLEGES).signs_in_there("itinerante", itinerante.client.get(proposal(itinerante)).headers["Location"])
        if refusal == "unreachable":
            database.write(lambda session: setattr(_colleges(session), "base_url", "http://127.0.0.1:9/cas"))
        failed = itinerante.client.get(re.sub("ticket=[^&]+", "ticket=ST-0", back) if refusal == "denied" else back)
        assert f"motif={refusal}" in failed.headers["Location"]
        page = itinerante.client.get(failed.headers["Location"])
        assert 'href="/mon-compte#acces"' in page.text
        assert f'href="/connexion/{COLLEGES}"' not in page.text


def _colleges(session: Session) -> Provider:
    return session.exec(select(Provider).where(Provider.slug == COLLEGES)).one()


def test_the_file_does_not_tell_what_happened_to_a_row_whose_number_was_given_again(
    itinerante: Browser, app: Flask, ent: str, database: Database
) -> None:
    """SQLite gives the number of a deleted row to the next one: its story is somebody else's."""
    other = comes_in(Browser(app, ent), "enseignante")
    send(other, "/mon-compte/rattachements", uai=SECOND)
    send(other, "/mon-compte/rattachements/retrait", uai=SECOND)
    later(app, minutes=1)
    third = comes_in(Browser(app, ent), "documentaliste")
    send(third, "/mon-compte/rattachements", uai=SECOND)
    assert [one["move"] for one in data(third)["trail"] if one["subject_kind"] == "attachment"] == ["asked"]
    assert {one["actor"] for one in data(third)["trail"] if one["subject_kind"] == "attachment"} == {
        f"person:{person(database, 'documentaliste').key}"
    }
