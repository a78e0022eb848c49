"""Who comes in is found by the ENT's own identifier alone; what the ENT says of schools is kept, and settles nothing: on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from portal.db import METADATA, Database
from portal.people.models import Attachment, Person, Standing
from portal.people.queries import schools_of
from portal.signin.accounts import expect, refuse_outsiders, welcome
from portal.signin.claims import Claims, Profile
from portal.signin.models import Identity, OpenSession, Protocol, Provider
from portal.signin.refusals import Motive, SignInRefused
from portal.signin.secrets import digest
from portal.trail.models import Event
from tests.data.contenders import arrive, at_once, sign_out

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
FIRST, SECOND, THIRD = "0999901Z", "0999902A", "0999903B"
TEACHER = frozenset({Profile.TEACHER})
AGATHE = Claims("DEMO-3141592", "Agathe", "Oriol", "agathe.oriol@ac-demo.example", TEACHER, (FIRST, SECOND), "", "DEMO-1", ())


@pytest.fixture
def ents(database: Database) -> Database:
    def work(session: Session) -> None:
        for slug, trusted in (("un", True), ("autre", False)):
            session.add(
                Provider(slug=slug, label=slug, protocol=Protocol.CAS, base_url=f"https://{slug}.example", gives_join_key=trusted)
            )

    database.write(work)
    return database


def provider(session: Session, slug: str) -> Provider:
    return session.exec(select(Provider).where(Provider.slug == slug)).one()


def comes(database: Database, claims: Claims = AGATHE, ent: str = "un", at: datetime = NOW) -> int:
    return database.write(lambda session: welcome(session, provider(session, ent), claims, at).key)


def rows(database: Database, table: Any) -> list[Any]:
    with database.read() as session:
        return list(session.exec(select(table).order_by(col(table.id))))


def attachments(database: Database) -> dict[str, Attachment]:
    return {one.uai: one for one in rows(database, Attachment)}


def settle(database: Database, uai: str, standing: Standing) -> None:
    """As the head of the school does."""
    settled = {"standing": standing, "settled_at": NOW, "settled_by": "Proviseure", "settle_reason": "Mutation"}
    database.write(lambda session: session.execute(sa.update(Attachment).where(col(Attachment.uai) == uai).values(**settled)))


def everything(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            name: session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in METADATA.tables.items()
        }


def test_the_same_identifier_at_the_same_ent_is_the_same_person_whatever_else_is_said(ents: Database) -> None:
    first = comes(ents)
    renamed = replace(AGATHE, given_name="A.", family_name="Oriol-Nuñez", email="nouvelle@ac-demo.example", join_key="DEMO-2")
    assert comes(ents, renamed, at=LATER) == first
    (person,) = rows(ents, Person)
    assert (person.name, person.email, person.sort_key) == ("A. Oriol-Nuñez", "nouvelle@ac-demo.example", "oriol nunez a")
    assert (person.first_seen_at, person.seen_at) == (NOW, LATER)
    (identity,) = rows(ents, Identity)
    assert (identity.join_key, identity.first_seen_at, identity.seen_at) == ("DEMO-2", NOW, LATER)
    (event,) = rows(ents, Event)
    assert (event.move, event.actor, event.function, event.at) == ("arrived", f"person:{first}", "Enseignant·e", NOW)


@pytest.mark.parametrize(
    ("other", "ent"),
    [
        ({"subject": "DEMO-2718281"}, "un"),
        ({"subject": "demo-3141592"}, "un"),
        ({"subject": "DEMO-31415921"}, "un"),
        ({"subject": "DÉMO-3141592"}, "un"),
        ({}, "autre"),
        ({"subject": "DEMO-2718281"}, "autre"),
    ],
    ids=["another", "another case", "longer", "an accent", "another ENT", "another of another ENT"],
)
def test_nobody_is_found_by_mail_name_school_or_join_key(ents: Database, other: dict[str, Any], ent: str) -> None:
    """All the rest is the same to the letter: addresses change hands, and two people may have one name."""
    assert comes(ents) != comes(ents, replace(AGATHE, **other), ent)
    assert len(rows(ents, Person)) == len(rows(ents, Identity)) == 2
    assert len(rows(ents, Attachment)) == 4


def test_the_database_itself_keeps_one_account_for_one_identifier(ents: Database) -> None:
    comes(ents)
    (held,) = rows(ents, Identity)
    with pytest.raises(IntegrityError):
        ents.write(lambda session: session.add(Identity(**held.model_dump(exclude={"id", "version"}))))


def test_what_is_not_said_today_is_kept(ents: Database) -> None:
    key = comes(ents)
    assert comes(ents, replace(AGATHE, given_name="", family_name="", email="", profiles=frozenset(), schools=())) == key
    (person,) = rows(ents, Person)
    assert (person.name, person.email, person.profile) == ("Agathe Oriol", "agathe.oriol@ac-demo.example", "teacher")


def test_the_join_key_of_an_ent_that_did_not_promise_it_is_not_kept(ents: Database) -> None:
    comes(ents, ent="un")
    comes(ents, ent="autre")
    assert [one.join_key for one in rows(ents, Identity)] == ["DEMO-1", ""]


def test_an_identity_that_was_linked_comes_in_as_the_account_that_stands_for_both(ents: Database) -> None:
    first, second = comes(ents), comes(ents, ent="autre")
    ents.write(lambda session: setattr(session.get_one(Person, second), "linked_to_id", first))
    assert comes(ents, replace(AGATHE, schools=(THIRD,)), "autre", LATER) == first
    with ents.read() as session:
        assert THIRD in schools_of(session, first)
        assert session.get_one(Person, first).seen_at == LATER


def test_who_was_expected_is_the_one_who_comes(ents: Database) -> None:
    """A head may be named before a first sign-in: what was granted then waits under the identifier."""
    expected = ents.write(lambda session: expect(session, provider(session, "un"), AGATHE.subject, NOW).key)
    assert ents.write(lambda session: expect(session, provider(session, "un"), AGATHE.subject, NOW).key) == expected
    assert comes(ents, at=LATER) == expected
    assert [one.move for one in rows(ents, Event)] == ["expected"]
    assert rows(ents, Person)[0].name == "Agathe Oriol"


@pytest.mark.parametrize("subject", ["", "0999901Z", "0999901z", "agathe.oriol@ac-demo.example", " DEMO-1", "x" * 256])
def test_nobody_is_expected_under_what_names_no_person(ents: Database, subject: str) -> None:
    before = everything(ents)
    with pytest.raises(SignInRefused) as refused:
        ents.write(lambda session: expect(session, provider(session, "un"), subject, NOW))
    assert refused.value.motive is Motive.NOBODY
    assert everything(ents) == before


def test_two_arrivals_at_once_are_one_person(ents: Database) -> None:
    """Two tabs, or a double click, on two workers."""
    url = ents.engine.url.render_as_string(hide_password=False)
    keys = at_once(arrive, [(url, "un", AGATHE, NOW)] * 4)
    assert len(set(keys)) == 1
    assert len(rows(ents, Person)) == len(rows(ents, Identity)) == 1
    assert set(attachments(ents)) == {FIRST, SECOND}
    assert [one.move for one in rows(ents, Event)] == ["arrived"]


def test_who_is_known_may_arrive_several_times_at_once(ents: Database) -> None:
    """Also on the day on which the ENT names a new school: several tabs would each write it."""
    key = comes(ents)
    url = ents.engine.url.render_as_string(hide_password=False)
    assert at_once(arrive, [(url, "un", replace(AGATHE, schools=(FIRST, THIRD)), LATER)] * 4) == [key] * 4
    assert set(attachments(ents)) == {FIRST, SECOND, THIRD}


def test_linked_identities_may_arrive_at_once_by_both_their_ents(ents: Database) -> None:
    """Each writes the same person."""
    first, second = comes(ents), comes(ents, ent="autre")
    ents.write(lambda session: setattr(session.get_one(Person, second), "linked_to_id", first))
    url = ents.engine.url.render_as_string(hide_password=False)
    said = replace(AGATHE, schools=(THIRD,))
    turns = [(url, ent, replace(said, email=f"{ent}{n}@x.example"), LATER) for n in range(2) for ent in ("un", "autre")]
    assert at_once(arrive, turns) == [first] * 4
    with ents.read() as session:
        assert schools_of(session, first) == [FIRST, SECOND, THIRD]


def test_arrivals_at_once_of_different_people_are_as_many(ents: Database) -> None:
    url = ents.engine.url.render_as_string(hide_password=False)
    people = [replace(AGATHE, subject=f"DEMO-{n}") for n in range(3)]
    keys = at_once(arrive, [(url, ent, one, NOW) for one in people for ent in ("un", "autre")])
    assert len(set(keys)) == len(rows(ents, Person)) == 6


def test_a_session_that_two_tabs_leave_at_once_ends_once(ents: Database) -> None:
    """Coming in again leaves the session that the browser had: both tabs hold its cookie."""
    person = comes(ents)
    held = OpenSession(digest=digest("value"), person_id=person, provider_id=1, subject="DEMO-1", began_at=NOW, seen_at=NOW)
    ents.write(lambda session: session.add(held))
    url = ents.engine.url.render_as_string(hide_password=False)
    assert sorted(at_once(sign_out, [(url, "value")] * 4)) == [False, False, False, True]
    assert not rows(ents, OpenSession)


def test_schools_are_kept_with_who_said_them_and_when(ents: Database) -> None:
    comes(ents)
    held = attachments(ents)
    assert set(held) == {FIRST, SECOND}
    for one in held.values():
        assert (one.source, one.standing, one.first_seen_at, one.seen_at) == ("un", Standing.CLAIMED, NOW, NOW)
        assert (one.settled_at, one.settled_by) == (None, "")


def test_a_school_that_is_no_longer_named_is_not_removed(ents: Database) -> None:
    comes(ents)
    key = comes(ents, replace(AGATHE, schools=(SECOND, THIRD)), at=LATER)
    held = attachments(ents)
    assert {uai: one.seen_at for uai, one in held.items()} == {FIRST: NOW, SECOND: LATER, THIRD: LATER}
    assert held[SECOND].first_seen_at == NOW
    assert {one.standing for one in held.values()} == {Standing.CLAIMED}
    with ents.read() as session:
        assert set(schools_of(session, key)) == {FIRST, SECOND, THIRD}


@pytest.mark.parametrize("standing", [Standing.ENDED, Standing.CONFIRMED, Standing.ASKED])
def test_what_the_head_settled_stays_so_when_the_ent_names_the_school_again(ents: Database, standing: Standing) -> None:
    key = comes(ents)
    settle(ents, FIRST, standing)
    comes(ents, at=LATER)
    held = attachments(ents)
    assert (held[FIRST].standing, held[FIRST].seen_at) == (standing, LATER)
    assert (held[FIRST].settled_at, held[FIRST].settled_by, held[FIRST].settle_reason) == (NOW, "Proviseure", "Mutation")
    assert held[SECOND].standing is Standing.CLAIMED
    with ents.read() as session:
        assert (FIRST in schools_of(session, key)) is (standing is Standing.CONFIRMED)


@pytest.mark.parametrize(
    ("profiles", "adults_only", "motive"),
    [
        ({Profile.PUPIL}, False, Motive.NOT_FOR_YOU),
        ({Profile.GUARDIAN}, False, Motive.NOT_FOR_YOU),
        ({Profile.PUPIL, Profile.GUARDIAN}, False, Motive.NOT_FOR_YOU),
        ({Profile.PUPIL}, True, Motive.NOT_FOR_YOU),
        ({Profile.GUARDIAN}, True, Motive.NOT_FOR_YOU),
        ((), False, Motive.UNSAID),
        ((), True, None),
        *(({one}, False, None) for one in Profile if one not in {Profile.PUPIL, Profile.GUARDIAN}),
        ({Profile.PUPIL, Profile.TEACHER}, False, None),
        ({Profile.GUARDIAN, Profile.TEACHER}, False, None),
        ({Profile.PUPIL, Profile.GUARDIAN, Profile.STAFF}, False, None),
    ],
)
def test_outsiders_are_refused_before_anything_is_stored(
    ents: Database, profiles: Any, adults_only: bool, motive: Motive | None
) -> None:
    claims = replace(AGATHE, profiles=frozenset(profiles))
    before = everything(ents)

    def work(session: Session) -> None:
        one = provider(session, "un")
        one.adults_only = adults_only
        refuse_outsiders(one, claims)
        welcome(session, one, claims, NOW)

    if motive is None:
        ents.write(work)
        assert len(rows(ents, Person)) == 1
        return
    with pytest.raises(SignInRefused) as refused:
        ents.write(work)
    assert refused.value.motive is motive
    assert AGATHE.subject not in str(refused.value)
    assert everything(ents) == before


@pytest.mark.parametrize(
    ("profiles", "function"),
    [
        ({Profile.PUPIL, Profile.TEACHER}, "Enseignant·e"),
        ({Profile.TEACHER, Profile.LIBRARIAN}, "Documentaliste"),
        ({Profile.TEACHER, Profile.HEAD}, "Personnel de direction"),
        ((), "Personne connectée"),
    ],
)
def test_the_trail_keeps_the_function_and_nothing_that_names(ents: Database, profiles: Any, function: str) -> None:
    comes(ents, replace(AGATHE, profiles=frozenset(profiles)))
    (event,) = rows(ents, Event)
    assert (event.function, event.details) == (function, {"provider": "un"})
    for word in (AGATHE.subject, AGATHE.email, AGATHE.family_name, AGATHE.given_name):
        assert word not in str(event.model_dump())
