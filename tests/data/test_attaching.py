"""Belonging to a school is said by an ENT or asked for, and settled by its head, with a reason that can be read: on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from portal.access import ANYONE, Actor, Grant, Policy
from portal.db import Database
from portal.errors import NotAllowed, OutOfDate, Refused, Unknown
from portal.people.access import RULES, May
from portal.people.attaching import MOST_ASKED, Verdict, ask, settle, take_back
from portal.people.granting import grant, revoke
from portal.people.models import SELF, Accreditation, Attachment, Person, Standing
from portal.people.places import place_of
from portal.people.queries import asking, attachments_of, schools_of
from portal.signin.accounts import welcome
from portal.signin.claims import Claims, Profile
from portal.signin.models import Protocol, Provider
from portal.trail.models import Event
from tests.data.test_granting import ELSEWHERE, FIRST, NOW, POLICY, SECOND, head, people, school, wish

__all__ = ["people"]

LATER = NOW + timedelta(days=1)
ENT = Claims("LYC-1", "Agathe", "Oriol", "", frozenset({Profile.TEACHER}), (FIRST,), "", "", ())


def asks(database: Database, person: int, uai: str = FIRST, at: datetime = NOW) -> None:
    database.write(lambda session: ask(session, Actor(f"person:{person}", "Enseignante"), session.get_one(Person, person), uai, at))


def takes_back(database: Database, person: int, uai: str = FIRST) -> None:
    database.write(
        lambda session: take_back(session, Actor(f"person:{person}", "Enseignante"), session.get_one(Person, person), uai, LATER)
    )


def settles(
    database: Database, actor: Actor, person: int, standing: Standing, reason: str = "Mutation", *, uai: str = FIRST
) -> None:
    def work(session: Session) -> None:
        place = place_of(session, f"school:{uai}")
        assert place is not None
        settle(session, POLICY, actor, Verdict(person, place, standing, reason), now=LATER)

    database.write(work)


def comes(database: Database, claims: Claims = ENT, at: datetime = NOW) -> int:
    def work(session: Session) -> int:
        ent = session.exec(select(Provider)).one_or_none() or Provider(
            slug="ent", label="ENT", protocol=Protocol.CAS, base_url="https://ent.example"
        )
        session.add(ent)
        session.flush()
        return welcome(session, ent, claims, at).key

    return database.write(work)


def held(database: Database, person: int) -> dict[str, Attachment]:
    with database.read() as session:
        return {one.uai: one for one in attachments_of(session, person)}


def schools(database: Database, person: int) -> list[str]:
    with database.read() as session:
        return schools_of(session, person)


def told(database: Database) -> list[tuple[str, str, str]]:
    with database.read() as session:
        events = session.exec(select(Event).where(Event.subject_kind == "attachment").order_by(col(Event.id)))
        return [(one.move, one.function, one.reason) for one in events]


def test_who_asks_belongs_to_the_school_once_its_head_says_so(database: Database, people: dict[str, int]) -> None:
    asks(database, people["teacher"])
    assert schools(database, people["teacher"]) == [], "asking gives nothing"
    with database.read() as session:
        assert asking(session, [FIRST, SECOND]) == {FIRST: 1}
    settles(database, head(people), people["teacher"], Standing.CONFIRMED, "")
    assert schools(database, people["teacher"]) == [FIRST]
    one = held(database, people["teacher"])[FIRST]
    assert (one.source, one.settled_by, one.settled_at, one.settle_reason) == (SELF, "Proviseure", LATER, "")
    assert told(database) == [("asked", "Enseignante", ""), ("confirmed", "Proviseure", "")]


def test_an_attachment_ends_with_a_reason_survives_what_the_ent_goes_on_saying_and_may_be_restored(
    database: Database, people: dict[str, int]
) -> None:
    teacher = comes(database)
    settles(database, head(people), teacher, Standing.ENDED, " Mutation ")
    comes(database, at=LATER)
    assert schools(database, teacher) == []
    assert held(database, teacher)[FIRST].settle_reason == "Mutation"
    settles(database, head(people), teacher, Standing.CONFIRMED)
    assert schools(database, teacher) == [FIRST]
    assert held(database, teacher)[FIRST].settle_reason == "", "the reason of an end that no longer is one"


@pytest.mark.parametrize("reason", ["", "   "])
def test_nobody_loses_a_school_without_a_reason(database: Database, people: dict[str, int], reason: str) -> None:
    teacher = comes(database)
    with pytest.raises(Refused):
        settles(database, head(people), teacher, Standing.ENDED, reason)
    assert schools(database, teacher) == [FIRST]


def test_who_still_holds_a_role_there_is_not_detached_by_the_way(database: Database, people: dict[str, int]) -> None:
    teacher = comes(database)
    database.write(
        lambda session: grant(session, POLICY, head(people), wish(session, teacher, "digital-lead", f"school:{FIRST}"), NOW)
    )
    with pytest.raises(Refused, match="Référent·e numérique"):
        settles(database, head(people), teacher, Standing.ENDED)
    database.write(
        lambda session: revoke(session, POLICY, head(people), session.exec(select(Accreditation)).one(), reason="Mutation", now=NOW)
    )
    settles(database, head(people), teacher, Standing.ENDED)
    assert schools(database, teacher) == []


def test_a_head_settles_in_her_own_school_and_never_for_herself(database: Database, people: dict[str, int]) -> None:
    teacher = comes(database, replace(ENT, schools=(FIRST, SECOND)))
    for uai in (SECOND, ELSEWHERE):
        with pytest.raises(NotAllowed):
            settles(database, head(people), teacher, Standing.ENDED, uai=uai)
    asks(database, people["head"])
    for standing in (Standing.CONFIRMED, Standing.ENDED):
        with pytest.raises(Refused, match="son propre rattachement"):
            settles(database, head(people), people["head"], standing)


READER = Actor("person:90", "Lecture", frozenset({Grant(May.READ_ACCREDITATIONS)}))


@pytest.mark.parametrize("actor", [ANYONE, Actor("person:90", "Enseignante"), READER], ids=["a visitor", "a teacher", "a reader"])
def test_who_may_only_read_settles_nothing(database: Database, people: dict[str, int], actor: Actor) -> None:
    teacher = comes(database)
    with pytest.raises(NotAllowed):
        settles(database, actor, teacher, Standing.CONFIRMED)


def test_the_collectivity_settles_in_the_schools_that_it_serves(database: Database, people: dict[str, int]) -> None:
    teacher = comes(database, replace(ENT, schools=(FIRST, ELSEWHERE)))
    region = Actor("person:90", "Responsable des listes", frozenset({Grant(May.SETTLE, "territory:aura")}))
    settles(database, region, teacher, Standing.CONFIRMED)
    with pytest.raises(NotAllowed):
        settles(database, region, teacher, Standing.CONFIRMED, uai=ELSEWHERE)


def test_only_somebody_who_is_said_to_be_there_is_settled(database: Database, people: dict[str, int]) -> None:
    """Else a number in an address would attach anybody."""
    for person in (people["other"], 404):
        with pytest.raises(Unknown):
            settles(database, head(people), person, Standing.CONFIRMED)
    with database.read() as session:
        assert session.exec(select(Attachment)).all() == []


def test_the_same_decision_twice_is_told_once(database: Database, people: dict[str, int]) -> None:
    teacher = comes(database)
    settles(database, head(people), teacher, Standing.CONFIRMED)
    with pytest.raises(OutOfDate):
        settles(database, head(people), teacher, Standing.CONFIRMED)
    assert [one[0] for one in told(database)] == ["confirmed"]


def test_asking_twice_asks_once_and_asking_for_what_one_has_says_so(database: Database, people: dict[str, int]) -> None:
    asks(database, people["teacher"])
    asks(database, people["teacher"], at=LATER)
    assert [one[0] for one in told(database)] == ["asked"]
    settles(database, head(people), people["teacher"], Standing.CONFIRMED)
    with pytest.raises(OutOfDate):
        asks(database, people["teacher"])


def test_a_school_that_is_closed_or_unknown_cannot_be_asked_for(database: Database, people: dict[str, int]) -> None:
    closed = school("0999904C", "Ici")
    closed.open = False
    database.write(lambda session: session.add(closed))
    for uai in ("0999904C", "0000000X", ""):
        with pytest.raises(Unknown):
            asks(database, people["teacher"], uai)


def test_nobody_fills_the_lists_of_many_schools(database: Database, people: dict[str, int]) -> None:
    uais = [f"09999{number}Z" for number in range(10, 10 + MOST_ASKED + 1)]
    database.write(lambda session: session.add_all([school(uai, "Ici") for uai in uais]))
    for uai in uais[:-1]:
        asks(database, people["teacher"], uai)
    with pytest.raises(Refused, match=str(MOST_ASKED)):
        asks(database, people["teacher"], uais[-1])
    takes_back(database, people["teacher"], uais[0])
    asks(database, people["teacher"], uais[-1])


def test_what_was_asked_for_may_be_taken_back_until_the_school_answers(database: Database, people: dict[str, int]) -> None:
    asks(database, people["teacher"])
    takes_back(database, people["teacher"])
    assert held(database, people["teacher"]) == {}
    with pytest.raises(OutOfDate):
        takes_back(database, people["teacher"])
    asks(database, people["teacher"])
    settles(database, head(people), people["teacher"], Standing.CONFIRMED)
    with pytest.raises(OutOfDate):
        takes_back(database, people["teacher"])
    assert schools(database, people["teacher"]) == [FIRST]


def test_an_end_may_be_examined_anew_and_stays_the_head_s_to_change(database: Database, people: dict[str, int]) -> None:
    """What the ENT says in the meantime does not decide it, and an asking that is taken back leaves the end as it was."""
    teacher = comes(database)
    settles(database, head(people), teacher, Standing.ENDED, "Mutation")
    asks(database, teacher)
    comes(database, at=LATER)
    assert held(database, teacher)[FIRST].standing is Standing.ASKED
    takes_back(database, teacher)
    one = held(database, teacher)[FIRST]
    assert (one.standing, one.settle_reason) == (Standing.ENDED, "Mutation")
    asks(database, teacher)
    settles(database, head(people), teacher, Standing.CONFIRMED)
    assert schools(database, teacher) == [FIRST]


def test_what_was_asked_for_is_claimed_once_the_ent_says_it_too(database: Database, people: dict[str, int]) -> None:
    teacher = comes(database, replace(ENT, schools=()))
    asks(database, teacher)
    comes(database, at=LATER)
    one = held(database, teacher)[FIRST]
    assert (one.standing, one.source) == (Standing.CLAIMED, "ent")


def test_the_head_s_word_holds_for_linked_accounts_together(database: Database, people: dict[str, int]) -> None:
    """Else the other account's ENT would bring back what was ended."""
    main, other = comes(database), comes(database, replace(ENT, subject="LYC-2"))
    database.write(lambda session: setattr(session.get_one(Person, other), "linked_to_id", main))
    with pytest.raises(Unknown):
        settles(database, head(people), other, Standing.ENDED)
    settles(database, head(people), main, Standing.ENDED)
    assert schools(database, main) == []
    assert len(held(database, main)) == 1


def test_a_head_of_another_school_is_a_stranger_here(database: Database, people: dict[str, int]) -> None:
    policy = Policy(RULES)
    with database.read() as session:
        place = place_of(session, f"school:{FIRST}")
    assert policy.may(head(people), May.SETTLE, place)
    assert not policy.may(head(people, SECOND), May.SETTLE, place)
