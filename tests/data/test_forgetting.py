"""An account unseen for a year is closed and no longer says whose it was; what it decided stays: on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, col, select

from app import create_app
from portal.access import Actor, system
from portal.db import METADATA, Database
from portal.errors import OutOfDate
from portal.letters.models import Kind, Letter, LetterPace, Notice, Pace
from portal.people.attaching import ask
from portal.people.granting import grant
from portal.people.models import Accreditation, Attachment, Person
from portal.settings import Environment, Settings
from portal.signin import forgetting
from portal.signin.accounts import welcome
from portal.signin.claims import Claims, Profile
from portal.signin.forgetting import KEPT_FOR, forget, forget_unseen, unseen
from portal.signin.models import Identity, OpenSession, Protocol, Provider, Token
from portal.territories.models import Territory
from portal.trail.models import Event
from tests.data.test_granting import FIRST, NOW, POLICY, SECOND, head, people, wish

__all__ = ["people"]

YEAR_AFTER = NOW + KEPT_FOR
AGATHE = Claims(
    "LYC-31415", "Agathe", "Zylberstein", "agathe.z@ent.example", frozenset({Profile.TEACHER}), (FIRST,), "", "DEMO-77", ()
)
RETENTION = system("retention", *POLICY.rules)


@pytest.fixture
def agathe(database: Database, people: dict[str, int]) -> int:
    """Somebody of whom there is a row in each table that can hold one."""

    def work(session: Session) -> int:
        ent = Provider(slug="ent", label="ENT", protocol=Protocol.CAS, base_url="https://ent.example", gives_join_key=True)
        session.add(ent)
        session.flush()
        person = welcome(session, ent, AGATHE, NOW)
        asked = wish(session, person.key, "digital-lead", f"school:{FIRST}")
        grant(session, POLICY, head(people), replace(asked, letter="LM Zylberstein", reason="Agathe Zylberstein, volontaire"), NOW)
        ask(session, Actor(person.actor_key, "Enseignante"), person, SECOND, NOW)
        session.add(
            OpenSession(digest="d" * 64, person_id=person.key, provider_id=ent.key, subject=AGATHE.subject, began_at=NOW, seen_at=NOW, device="Firefox")
        )  # fmt: skip
        session.add(
            Token(digest="t" * 64, person_id=person.key, label="tableur de Zylberstein", scopes=["account:use"], made_at=NOW, expires_at=YEAR_AFTER)
        )  # fmt: skip
        session.flush()
        session.add(LetterPace(person_id=person.key, kind=Kind.OWN, pace=Pace.WEEKLY))
        session.add(_notice(session, person.key))
        session.add_all([_letter(person.key, sent_at=NOW), _letter(person.key), _letter(person.key, given_up_at=NOW)])
        return person.key

    return database.write(work)


def _notice(session: Session, person: int) -> Notice:
    return Notice(
        person_id=person, kind=Kind.OWN, code="request.relay.requester", event_id=session.exec(select(Event.id)).first(),
        about_kind="software_request", about_id=1, territory_id=session.exec(select(Territory.id)).first(),
        subject="Zylberstein", text="Bonjour Agathe", url="/demandes/1", at=NOW, post_at=NOW,
    )  # fmt: skip


def _letter(person: int, **became: datetime) -> Letter:
    return Letter(
        person_id=person, recipient=AGATHE.email, subject="Zylberstein", body="Bonjour Agathe", html="<p>Bonjour Agathe</p>",
        settings_url="https://portail.example/lettres/Zylberstein", trouble=f"refused: {AGATHE.email}", written_at=NOW, not_before=NOW,
        **became,
    )  # fmt: skip


def everything(database: Database) -> str:
    with database.read() as session:
        return str({name: [tuple(row) for row in session.execute(sa.select(table))] for name, table in METADATA.tables.items()})


def keys(database: Database, now: datetime) -> list[int]:
    with database.read() as session:
        return unseen(session, now)


def retention(database: Database, now: datetime) -> int:
    closed, failed = forget_unseen(database, POLICY, RETENTION, now)
    assert failed == 0
    return closed


def test_nothing_says_any_more_whose_the_account_was(database: Database, agathe: int) -> None:
    before = everything(database)
    personal = ("Zylberstein", "Agathe", "agathe.z", "LYC-31415", "DEMO-77", "d" * 64, "t" * 64)
    assert all(said in before for said in personal)
    assert agathe in keys(database, YEAR_AFTER)
    retention(database, YEAR_AFTER)
    after = everything(database)
    trail = "Agathe Zylberstein, volontaire"  # what the granter wrote, and signed: the trail is never rewritten
    assert [said for said in personal if said in after.replace(trail, "")] == []
    with database.read() as session:
        person = session.get_one(Person, agathe)
        assert (person.name, person.email, person.closed_at) == (f"Compte fermé n° {agathe}", "", YEAR_AFTER)
        for table in (Identity, Attachment, OpenSession, Token, Notice, LetterPace):
            assert session.exec(select(table)).all() == []


def test_a_letter_keeps_its_number_says_nothing_more_and_one_that_waits_never_leaves(database: Database, agathe: int) -> None:
    retention(database, YEAR_AFTER)
    with database.read() as session:
        letters = session.exec(select(Letter).order_by(col(Letter.id))).all()
    assert [(one.sent_at, one.given_up_at) for one in letters] == [(NOW, None), (None, YEAR_AFTER), (None, YEAR_AFTER)]
    assert {one.person_id for one in letters} == {None}
    assert {(one.recipient, one.subject, one.body, one.html, one.settings_url, one.trouble) for one in letters} == {("",) * 6}


def test_what_was_granted_stays_with_its_functions_and_ends(database: Database, agathe: int) -> None:
    retention(database, YEAR_AFTER - timedelta(days=1))
    assert keys(database, NOW) == [], "seen less than a year ago"
    forgotten(database, agathe, NOW + timedelta(days=3))
    with database.read() as session:
        (held,) = session.exec(select(Accreditation)).all()
        assert (held.called, held.granted_as, held.letter, held.reason, held.revoke_reason) == (
            "Référent·e numérique", "Proviseure", "", "", "",
        )  # fmt: skip
        assert (held.revoked_by, held.revoked_at) == ("system:retention", NOW + timedelta(days=3))
        told = [(one.move, one.actor) for one in session.exec(select(Event).order_by(col(Event.id)))][-2:]
    assert told == [("revoked", "system:retention"), ("forgotten", "system:retention")]


def forgotten(database: Database, key: int, now: datetime) -> None:
    database.write(lambda session: forget(session, POLICY, RETENTION, key, now=now))


def test_an_account_that_was_seen_within_the_year_stays(database: Database, agathe: int) -> None:
    before = everything(database)
    with database.read() as session:
        others = session.exec(select(Person.id).where(Person.id != agathe)).all()
    assert retention(database, YEAR_AFTER - timedelta(seconds=1)) == 0
    assert everything(database) == before
    comes_back(database, NOW + timedelta(days=300))
    assert retention(database, YEAR_AFTER) == len(others)
    with database.read() as session:
        assert session.get_one(Person, agathe).closed_at is None


def comes_back(database: Database, at: datetime) -> int:
    return database.write(lambda session: welcome(session, session.exec(select(Provider)).one(), AGATHE, at).key)


def test_one_account_that_cannot_be_closed_stops_no_other(database: Database, agathe: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one row that somebody writes at that second would leave a whole night's accounts open."""
    others = [one for one in keys(database, YEAR_AFTER) if one != agathe]

    def moved(_session: Session, _actor: Actor, subject: Any, *_: Any, **__: Any) -> None:
        if subject.key == agathe:
            raise OutOfDate

    monkeypatch.setattr(forgetting, "record", moved)
    assert forget_unseen(database, POLICY, RETENTION, YEAR_AFTER) == (len(others), 1)
    assert keys(database, YEAR_AFTER) == [agathe]
    monkeypatch.undo()
    assert retention(database, YEAR_AFTER) == 1


def test_who_comes_back_afterwards_is_a_new_account_that_holds_nothing(database: Database, agathe: int) -> None:
    retention(database, YEAR_AFTER)
    again = comes_back(database, YEAR_AFTER + timedelta(days=1))
    assert again != agathe
    with database.read() as session:
        assert session.exec(select(Accreditation).where(Accreditation.person_id == again)).all() == []


def test_closing_twice_closes_once(database: Database, agathe: int) -> None:
    assert retention(database, YEAR_AFTER) > 0
    before = everything(database)
    assert retention(database, YEAR_AFTER + timedelta(days=400)) == 0
    assert everything(database) == before


def test_a_linked_account_follows_the_one_that_stands_for_both(database: Database, agathe: int) -> None:
    """It is the other that is seen: by itself it would look abandoned."""

    def work(session: Session) -> int:
        ent = session.exec(select(Provider)).one()
        other = welcome(session, ent, replace(AGATHE, subject="LYC-2"), NOW)
        other.linked_to_id = agathe
        return other.key

    linked = database.write(work)
    comes_back(database, NOW + timedelta(days=300))
    assert linked not in keys(database, YEAR_AFTER)
    retention(database, YEAR_AFTER + timedelta(days=300))
    with database.read() as session:
        assert session.get_one(Person, linked).closed_at is not None
        assert session.get_one(Person, agathe).closed_at is not None
        assert session.exec(select(Identity)).all() == []


def test_all_that_is_told_of_a_person_is_forgotten_and_a_new_table_of_people_says_how(agathe: int) -> None:
    """Each table that names a person is emptied, rewritten, or kept for a reason that is written here."""
    kept = {"accreditation": "granted and revoked by a function", "person": "rewritten", "attachment": "deleted",
            "software_request": "what was sent is the school’s; drafts are deleted", "co_signature": "it counts on, its words are erased",
            "letter": "its number is that of its message for ever, it says nothing more"}  # fmt: skip
    gone = {"identity", "open_session", "token", "notice", "letter_pace", "kept_answer"}
    naming = {name for name, table in METADATA.tables.items() for key in table.foreign_keys if key.column.table.name == "person"}
    assert naming == {*kept, *gone}


@pytest.fixture
def operated(database: Database, agathe: int, tmp_path: Path) -> Any:
    settings = Settings(
        secret_key="a key that only tests know, long enough",  # noqa: S106
        environment=Environment.TEST,
        database_url=database.engine.url.render_as_string(hide_password=False),
        var=tmp_path,
        home_territory="aura",
    )
    app = create_app(settings)
    yield app
    app.extensions["logitheque"].database.close()


def says(app: Flask, *args: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["people", *args])
    return done.exit_code, done.output


def test_the_operator_is_told_how_many_before_and_after(operated: Flask, database: Database, agathe: int) -> None:
    database.write(lambda session: session.execute(sa.update(Person).values(seen_at=datetime(2020, 1, 1, tzinfo=UTC))))
    number = len(keys(database, datetime.now(UTC)))
    assert says(operated, "retention", "--dry-run") == (
        0,
        f"Comptes à fermer, sans connexion depuis 365 jours : {number}.\n".replace(" :", "\xa0:"),
    )
    assert len(keys(database, datetime.now(UTC))) == number
    assert says(operated, "retention") == (
        0,
        f"Comptes fermés, sans connexion depuis 365 jours : {number}.\n".replace(" :", "\xa0:"),
    )
    assert keys(database, datetime.now(UTC)) == []


def test_who_asks_to_be_erased_is_named_by_what_the_page_of_the_account_shows(
    operated: Flask, database: Database, agathe: int
) -> None:
    code, said = says(operated, "forget", "ent", "LYC-404", "--yes")
    assert code == 1
    assert "LYC-404" in said
    assert says(operated, "forget", "ent", AGATHE.subject, "--yes")[0] == 0
    with database.read() as session:
        assert session.get_one(Person, agathe).closed_at is not None
    assert AGATHE.subject not in everything(database)
