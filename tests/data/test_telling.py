"""People are told once of what concerns them, in the unit of work of what happened; letters are made of it at their pace."""

import email.policy
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlmodel import Session, col, select

from app import create_app
from portal.access import Actor, system
from portal.clock import Clock
from portal.db import Database
from portal.letters.gathering import MOST_NOTICES, Dress, Dressed, gather, waiting_for_letters
from portal.letters.keeping import KEPT_FOR, forget_letters, sweep_letters
from portal.letters.models import Kind, Letter, LetterWords, Notice, Pace
from portal.letters.pacing import choose
from portal.letters.post import _message
from portal.letters.queries import Heard, heard_of
from portal.letters.telling import Told, settle, tell
from portal.letters.words import Words
from portal.people.models import Person
from portal.settings import Settings
from portal.territories.models import Territory, TerritoryLevel
from portal.text import Sentence
from portal.trail.models import Event
from portal.trail.trail import record
from portal.web.dressing import dresser
from tests.data.contenders import at_once, choose_pace, gather_letters

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)  # a Thursday
NEXT_MORNING = datetime(2026, 11, 27, 6, tzinfo=UTC)
NEXT_MONDAY = datetime(2026, 11, 30, 6, tzinfo=UTC)
SYSTEM = system("test")
WORDS = {
    kind: Words(f"test.{kind}", kind, Sentence("Une chose arrive"), "{chose} : une nouvelle", "Voici {chose}.\n\nBien à vous.", {"chose": Sentence("la chose")})
    for kind in Kind
}  # fmt: skip


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    app.extensions["logitheque"].database.close()


@pytest.fixture
def dress(app: Flask, settings: Settings) -> Iterator[Dress]:
    with app.app_context():
        yield dresser(app, settings)


@pytest.fixture
def told(database: Database) -> Database:
    """A territory; a reader, another account linked to it, a colleague, somebody without an address, somebody gone."""

    def work(session: Session) -> None:
        session.add(
            Territory(code="aura", name="La Région", level=TerritoryLevel.REGION, area="Ici", zone="Europe/Paris", contact="x@y.z")
        )
        for name in ("reader", "elsewhere", "colleague", "silent", "gone"):
            mail = "" if name == "silent" else f"{name}@exemple.org"
            session.add(Person(given_name=name, email=mail, first_seen_at=AT, seen_at=AT))
        session.flush()
        person(session, "elsewhere").linked_to_id = person(session, "reader").key
        person(session, "gone").closed_at = AT

    database.write(work)
    return database


def person(session: Session, name: str) -> Person:
    return session.exec(select(Person).where(Person.given_name == name)).one()


def territory(session: Session) -> Territory:
    return session.exec(select(Territory)).one()


def happen(
    session: Session, *names: str, kind: Kind = Kind.OWN, thing: str = "GIMP", at: datetime = AT, actor: Actor = SYSTEM, is_alone: bool = False
) -> Event:  # fmt: skip
    """Something happens to the territory itself, and these people are told of it."""
    event = record(session, actor, territory(session), "test", at=at)
    people = [person(session, name).key for name in names]
    tell(session, [_told(session, people, kind=kind, thing=thing, is_alone=is_alone)], event)
    return event


def _told(session: Session, people: list[int], *, kind: Kind = Kind.OWN, thing: str = "GIMP", is_alone: bool = False) -> Told:
    held = territory(session)
    return Told(WORDS[kind], held, held, "/demandes/12", people, values={"chose": thing}, even_oneself=is_alone, is_alone=is_alone)


def notices(database: Database) -> list[Notice]:
    with database.read() as session:
        return list(session.exec(select(Notice).order_by(col(Notice.id))))


def letters(database: Database) -> list[Letter]:
    with database.read() as session:
        return list(session.exec(select(Letter).order_by(col(Letter.id))))


def go(database: Database, dress: Dress, at: datetime) -> int:
    return gather(database, Clock(real=lambda: at), dress)


def test_a_person_is_told_once_of_one_thing_whichever_of_their_accounts_is_named(told: Database) -> None:
    told.write(lambda session: happen(session, "reader", "elsewhere", "reader", "colleague"))
    with told.read() as session:
        reader, colleague = person(session, "reader").key, person(session, "colleague").key
    assert [one.person_id for one in notices(told)] == [reader, colleague]


def test_what_is_owed_twice_is_told_twice(told: Database) -> None:
    """Two things to do of one thing that happened: doing one leaves the other."""

    def work(session: Session) -> None:
        event, reader = record(session, SYSTEM, territory(session), "test", at=AT), person(session, "reader")
        about = [_told(session, [reader.key], kind=Kind.TODO), replace(_told(session, [reader.key], kind=Kind.TODO), about=reader)]
        tell(session, about, event)
        settle(session, reader, "endorse", AT)

    told.write(work)
    assert [one.settled_by for one in notices(told)] == ["", "endorse"]


def test_of_two_reasons_to_be_told_the_first_counts(told: Database) -> None:
    def work(session: Session) -> None:
        event, reader = record(session, SYSTEM, territory(session), "test", at=AT), person(session, "reader").key
        tell(session, [_told(session, [reader], kind=Kind.TODO), _told(session, [reader], kind=Kind.OWN)], event)
        tell(session, [_told(session, [reader], kind=Kind.SAID)], event)

    told.write(work)
    assert [one.kind for one in notices(told)] == [Kind.TODO]


def test_nobody_is_told_of_what_they_did_unless_it_is_a_receipt(told: Database) -> None:
    def work(session: Session) -> None:
        oneself = Actor(person(session, "elsewhere").actor_key, "Enseignant·e")
        happen(session, "reader", actor=oneself)
        happen(session, "reader", actor=oneself, is_alone=True)

    told.write(work)
    assert [one.is_alone for one in notices(told)] == [True]


def test_who_is_gone_is_told_nothing(told: Database) -> None:
    told.write(lambda session: happen(session, "gone"))
    assert notices(told) == []


def test_a_territory_speaks_in_its_own_words(told: Database) -> None:
    def work(session: Session) -> None:
        own = LetterWords(territory_id=territory(session).key, code="test.own", subject="Du neuf : {chose}", text="Bonne nouvelle.")
        session.add(own)
        session.flush()
        happen(session, "reader")

    told.write(work)
    assert [(one.subject, one.text) for one in notices(told)] == [("Du neuf\u00a0: GIMP", "Bonne nouvelle.")]


def test_what_was_to_be_done_is_seen_to_for_all_when_one_does_it(told: Database) -> None:
    told.write(lambda session: happen(session, "reader", "colleague", kind=Kind.TODO))
    told.write(lambda session: happen(session, "reader"))
    told.write(lambda session: settle(session, territory(session), "endorse", AT + timedelta(hours=1)))
    assert [(one.kind, one.settled_by) for one in notices(told)] == [(Kind.TODO, "endorse"), (Kind.TODO, "endorse"), (Kind.OWN, "")]


def test_each_kind_has_its_usual_pace(told: Database, dress: Dress) -> None:
    def work(session: Session) -> None:
        for kind in Kind:
            happen(session, "reader", kind=kind, thing=kind)

    told.write(work)
    leaves = {one.kind: one.post_at for one in notices(told)}
    assert leaves == {Kind.TODO: NEXT_MORNING, Kind.OWN: NEXT_MORNING, Kind.FOLLOWED: NEXT_MONDAY, Kind.SAID: AT}
    assert [go(told, dress, at) for at in (AT, AT, NEXT_MORNING - timedelta(seconds=1), NEXT_MORNING, NEXT_MONDAY)] == [
        1,
        0,
        0,
        1,
        1,
    ]
    assert [one.subject for one in letters(told)] == [
        "said\u00a0: une nouvelle",
        "2 nouvelles\u00a0: todo\u00a0: une nouvelle, …",
        "followed\u00a0: une nouvelle",
    ]


def test_a_digest_holds_all_that_waited_and_one_letter_a_person(told: Database, dress: Dress) -> None:
    for number in range(3):
        told.write(lambda session, number=number: happen(session, "reader", "colleague", thing=f"chose {number}"))  # type: ignore[misc]
    assert go(told, dress, NEXT_MORNING) == 2
    for letter in letters(told):
        assert all(f"Voici chose {number}." in letter.body and f"Voici chose {number}." in letter.html for number in range(3))
        assert letter.body.count("http://127.0.0.1:8000/demandes/12") == 3
    assert {one.letter_id for one in notices(told)} == {one.id for one in letters(told)}


def test_a_long_digest_goes_on_in_the_next_letter(told: Database, dress: Dress) -> None:
    def work(session: Session) -> None:
        for _number in range(2 * MOST_NOTICES + 1):
            happen(session, "reader")

    told.write(work)
    assert [go(told, dress, NEXT_MORNING) for _round in range(4)] == [1, 1, 1, 0]
    assert [one.body.count("Voici GIMP.") for one in letters(told)] == [MOST_NOTICES, MOST_NOTICES, 1]


def test_a_receipt_leaves_at_once_and_alone(told: Database, dress: Dress) -> None:
    told.write(lambda session: happen(session, "reader", is_alone=True, thing="reçu"))
    told.write(lambda session: happen(session, "reader", kind=Kind.SAID, thing="message"))
    assert go(told, dress, AT) == 2
    assert ["reçu" in one.body for one in letters(told)] == [True, False]


def test_what_was_seen_to_is_in_no_letter(told: Database, dress: Dress) -> None:
    told.write(lambda session: happen(session, "reader", kind=Kind.TODO))
    told.write(lambda session: settle(session, territory(session), "endorse", AT))
    assert go(told, dress, NEXT_MORNING) == 0
    assert [(one.letter_id, one.post_at) for one in notices(told)] == [(None, None)]


def test_who_has_no_address_reads_it_in_the_portal(told: Database, dress: Dress) -> None:
    told.write(lambda session: happen(session, "silent"))
    assert go(told, dress, NEXT_MORNING) == 0
    assert letters(told) == []
    with told.read() as session:
        assert waiting_for_letters(session) == 0


@pytest.mark.parametrize(("pace", "leaves"), [(Pace.EACH, AT), (Pace.WEEKLY, NEXT_MONDAY), (Pace.NEVER, None)])
def test_a_pace_that_is_chosen_holds_for_what_waits_and_for_what_comes(told: Database, pace: Pace, leaves: datetime | None) -> None:
    told.write(lambda session: happen(session, "reader", "colleague"))
    told.write(lambda session: happen(session, "reader", is_alone=True))
    told.write(lambda session: choose(session, person(session, "reader").key, {Kind.OWN: pace}, now=AT))
    told.write(lambda session: happen(session, "reader"))
    assert [one.post_at for one in notices(told)] == [leaves, NEXT_MORNING, AT, leaves]


def test_a_pace_can_be_changed_again(told: Database) -> None:
    for pace in (Pace.NEVER, Pace.EACH, Pace.EACH):
        told.write(lambda session, pace=pace: choose(session, person(session, "reader").key, {Kind.OWN: pace}, now=AT))  # type: ignore[misc]
    told.write(lambda session: happen(session, "reader"))
    assert [one.post_at for one in notices(told)] == [AT]


def test_one_letter_that_cannot_be_made_keeps_no_other_from_leaving(told: Database, dress: Dress) -> None:
    told.write(lambda session: happen(session, "reader", thing="x"))
    told.write(lambda session: happen(session, "colleague", thing="impossible"))

    def fails(subject: str, of: Sequence[Notice]) -> Dressed:
        if "impossible" in subject:
            raise ValueError(subject)
        return dress(subject, of)

    assert go(told, fails, NEXT_MORNING) == 1
    assert [one.recipient for one in letters(told)] == ["reader@exemple.org"]
    with told.read() as session:
        assert waiting_for_letters(session) == 1, "and it is not lost"


def test_two_choices_at_once_are_one_after_the_other(told: Database, database_url: str) -> None:
    with told.read() as session:
        reader = person(session, "reader").key
    assert at_once(choose_pace, [(database_url, reader, AT)] * 4) == ["chosen"] * 4
    told.write(lambda session: happen(session, "reader"))
    assert [one.post_at for one in notices(told)] == [None]


def test_what_waits_for_a_linked_account_leaves_at_the_pace_of_who_it_is(told: Database) -> None:
    def work(session: Session) -> None:
        person(session, "elsewhere").linked_to_id = None
        session.flush()
        happen(session, "elsewhere")
        person(session, "elsewhere").linked_to_id = person(session, "reader").key

    told.write(work)
    told.write(lambda session: choose(session, person(session, "reader").key, {Kind.OWN: Pace.NEVER}, now=AT))
    assert [one.post_at for one in notices(told)] == [None]


def test_two_workers_at_once_write_each_letter_once(told: Database, database_url: str) -> None:
    def work(session: Session) -> None:
        for name in ("reader", "colleague"):
            for number in range(4):
                happen(session, name, thing=f"{name} {number}")

    told.write(work)
    assert sum(at_once(gather_letters, [(database_url, NEXT_MORNING)] * 4)) == 2
    assert sorted(one.recipient for one in letters(told)) == ["colleague@exemple.org", "reader@exemple.org"]
    assert all(one.letter_id for one in notices(told))


def message(told: Database, settings: Settings) -> EmailMessage:
    (letter,) = letters(told)
    return email.message_from_bytes(_message(settings, letter).as_bytes(), policy=email.policy.default)  # type: ignore[return-value]


def test_a_letter_is_plain_text_and_html_and_joins_the_others_about_the_same_thing(
    told: Database, dress: Dress, settings: Settings
) -> None:
    told.write(lambda session: happen(session, "reader", thing="<b>GIMP</b> & Cie"))
    go(told, dress, NEXT_MORNING)
    sent = message(told, settings)
    plain, html = sent.get_body(("plain",)), sent.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "Voici <b>GIMP</b> & Cie." in plain.get_content()
    assert "Voici &lt;b&gt;GIMP&lt;/b&gt; &amp; Cie." in html.get_content()
    assert sent["References"] == sent["In-Reply-To"] == "<territory-1@localhost>"
    assert sent["Subject"] == "<b>GIMP</b> & Cie\u00a0: une nouvelle"


def test_a_letter_says_how_to_have_fewer_of_them_in_one_click(told: Database, dress: Dress, settings: Settings) -> None:
    told.write(lambda session: happen(session, "reader"))
    go(told, dress, NEXT_MORNING)
    (letter,), sent = letters(told), message(told, settings)
    assert letter.settings_url.startswith("http://127.0.0.1:8000/lettres/")
    assert letter.settings_url in letter.body
    assert sent["List-Unsubscribe"].strip() == f"<{letter.settings_url}>"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_digest_of_several_things_stands_by_itself(told: Database, dress: Dress, settings: Settings) -> None:
    def work(session: Session) -> None:
        event = record(session, SYSTEM, territory(session), "test", at=AT)
        reader = person(session, "reader")
        tell(session, [Told(WORDS[Kind.OWN], reader, territory(session), "/", [reader.key], values={"chose": "autre"})], event)
        happen(session, "reader")

    told.write(work)
    go(told, dress, NEXT_MORNING)
    assert message(told, settings)["References"] is None


def test_a_service_is_written_to_at_its_address_and_has_nothing_to_choose(told: Database, dress: Dress, settings: Settings) -> None:
    def work(session: Session) -> None:
        event, held = record(session, SYSTEM, territory(session), "test", at=AT), territory(session)
        tell(session, [Told(WORDS[Kind.OWN], held, held, "/", address=held.contact, values={"chose": "GIMP"})], event)

    told.write(work)
    assert go(told, dress, AT) == 1
    sent = message(told, settings)
    assert (sent["To"], sent["List-Unsubscribe"]) == ("x@y.z", None)


def test_the_trail_says_that_a_letter_was_written_and_about_what(told: Database, dress: Dress) -> None:
    told.write(lambda session: happen(session, "reader"))
    go(told, dress, NEXT_MORNING)
    with told.read() as session:
        event = session.exec(select(Event).where(Event.move == "letter-written")).one()
    assert (event.subject_kind, event.subject_id) == ("letter", letters(told)[0].id)
    assert event.details == {"about": ["territory", 1], "told": 1}


def test_what_became_of_a_thing_that_was_told_counts_people_and_letters_once(told: Database, dress: Dress) -> None:
    def work(session: Session) -> int:
        event, reader = record(session, SYSTEM, territory(session), "test", at=AT), person(session, "reader")
        twice = [_told(session, [reader.key]), replace(_told(session, [reader.key]), about=reader)]
        silent = _told(session, [person(session, "silent").key])
        tell(session, [*twice, silent, replace(silent, people=(), address="x@y.z", about=reader)], event)
        return event.key

    def heard(key: int) -> Heard:
        with told.read() as session:
            return heard_of(session, [key])[key]

    key = told.write(work)
    assert heard(key) == Heard(told=3, sent=0, waiting=3, lost=0)
    go(told, dress, NEXT_MORNING)
    assert heard(key) == Heard(told=3, sent=0, waiting=2, lost=0), "who has no address has no letter to come"
    told.write(lambda session: session.execute(sa.update(Letter).where(col(Letter.recipient) == "x@y.z").values(given_up_at=AT)))
    told.write(lambda session: session.execute(sa.update(Letter).where(col(Letter.recipient) != "x@y.z").values(sent_at=AT)))
    assert heard(key) == Heard(told=3, sent=1, waiting=0, lost=1)
    with told.read() as session:
        assert heard_of(session, []) == {}


def test_what_was_told_is_forgotten_after_a_year(told: Database, dress: Dress) -> None:
    told.write(lambda session: happen(session, "reader"))
    go(told, dress, NEXT_MORNING)
    sweep_letters(told, Clock(real=lambda: AT + KEPT_FOR - timedelta(seconds=1)))
    assert (len(notices(told)), len(letters(told))) == (1, 1)
    sweep_letters(told, Clock(real=lambda: NEXT_MORNING + KEPT_FOR))
    assert (notices(told), letters(told)) == ([], [])


def test_a_letter_to_who_is_forgotten_says_nothing_more_and_never_leaves(told: Database, dress: Dress) -> None:
    told.write(lambda session: happen(session, "reader", "colleague"))
    go(told, dress, NEXT_MORNING)
    told.write(lambda session: forget_letters(session, [person(session, "reader").key], AT))
    assert len(notices(told)) == 1
    forgotten, kept = letters(told)
    assert (forgotten.recipient, forgotten.subject, forgotten.body, forgotten.html) == ("", "", "", "")
    assert forgotten.given_up_at is not None
    assert kept.recipient == "colleague@exemple.org"
