"""Two accounts become one only by a join key and two sign-ins, and become two again at will: on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.access import Actor
from portal.db import Database
from portal.errors import Unknown
from portal.people.models import Accreditation, Attachment, Person, Role, ScopeKind, Standing
from portal.people.queries import accreditations_of, schools_of
from portal.signin.accounts import welcome
from portal.signin.claims import Claims, Profile
from portal.signin.linking import link, proposed, unlink
from portal.signin.models import Identity, OpenSession, Protocol, Provider
from portal.signin.refusals import Motive, SignInRefused
from portal.signin.secrets import digest
from portal.signin.sessions import Limits, find
from portal.trail.models import Event
from tests.data.contenders import at_once, come_or_link, link_accounts

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
LYCEE, COLLEGE = "0999901Z", "0999902A"
LIMITS = Limits(timedelta(hours=2), timedelta(hours=12))
AT_LYCEE = Claims("LYC-1", "Agathe", "Oriol", "agathe@lycees.example", frozenset({Profile.TEACHER}), (LYCEE,), "", "DEMO-1", ())
AT_COLLEGE = replace(AT_LYCEE, subject="COL-9", email="agathe@colleges.example", schools=(COLLEGE,))


@pytest.fixture
def ents(database: Database) -> Database:
    """Two ENTs that send the join key, and one that is not declared to."""

    def work(session: Session) -> None:
        for slug, trusted in (("lycees", True), ("colleges", True), ("autre", False)):
            session.add(
                Provider(slug=slug, label=slug, protocol=Protocol.CAS, base_url=f"https://{slug}.example", gives_join_key=trusted)
            )

    database.write(work)
    return database


def provider(session: Session, slug: str) -> Provider:
    return session.exec(select(Provider).where(Provider.slug == slug)).one()


def comes(database: Database, ent: str, claims: Claims) -> int:
    return database.write(lambda session: welcome(session, provider(session, ent), claims, NOW).key)


def itself(person: int) -> Actor:
    return Actor(f"person:{person}", "Enseignant·e")


def links(database: Database, person: int, ent: str = "colleges", claims: Claims = AT_COLLEGE) -> None:
    database.write(lambda session: link(session, itself(person), person, provider(session, ent), claims, now=NOW))


def unlinks(database: Database, person: int, linked: int) -> None:
    database.write(lambda session: unlink(session, itself(person), person, linked, now=NOW))


def proposals(database: Database, person: int) -> list[str]:
    with database.read() as session:
        return [one.slug for one in proposed(session, person)]


def opens(database: Database, person: int, ent: str, subject: str) -> str:
    """A session, by an identity; its cookie."""
    cookie = f"cookie of {ent} {subject}"

    def work(session: Session) -> None:
        session.add(
            OpenSession(
                digest=digest(cookie), person_id=person, provider_id=provider(session, ent).key, subject=subject, began_at=NOW, seen_at=NOW
            )
        )  # fmt: skip

    database.write(work)
    return cookie


def holder(database: Database, cookie: str) -> Any:
    with database.read() as session:
        return find(session, cookie, LIMITS, NOW)


def holds(database: Database, person: int, uai: str, granted_by: str = "system:test") -> None:
    def work(session: Session) -> None:
        role = session.exec(select(Role).where(Role.code == "lead")).one_or_none() or Role(
            code="lead", label="Référent·e numérique", scope_kind=ScopeKind.SCHOOL, permissions=["x:y"], granted_with="accreditation:grant"
        )  # fmt: skip
        session.add(role)
        session.flush()
        session.add(
            Accreditation(
                person_id=person, role_id=role.key, called=role.label, scope=f"school:{uai}", zone="Europe/Paris",
                starts_on=date(2026, 9, 1), until=date(2027, 8, 31), granted_at=NOW, granted_by=granted_by, granted_as="Proviseure",
            )
        )  # fmt: skip

    database.write(work)


def test_the_same_key_at_two_ents_that_are_declared_to_send_it_is_proposed_on_both_sides(ents: Database) -> None:
    first, second = comes(ents, "lycees", AT_LYCEE), comes(ents, "colleges", AT_COLLEGE)
    assert first != second
    assert (proposals(ents, first), proposals(ents, second)) == (["colleges"], ["lycees"])


@pytest.mark.parametrize(
    ("ent", "claims"),
    [
        ("colleges", replace(AT_COLLEGE, join_key="DEMO-2")),
        ("colleges", replace(AT_COLLEGE, join_key="")),
        ("autre", AT_COLLEGE),
        ("lycees", replace(AT_COLLEGE, subject="LYC-2")),
    ],
    ids=["another key", "no key", "an ENT that did not promise it", "the same ENT: two people of it"],
)
def test_a_name_a_mail_or_a_key_without_two_promises_propose_nothing_and_link_nothing(
    ents: Database, ent: str, claims: Claims
) -> None:
    first, second = comes(ents, "lycees", AT_LYCEE), comes(ents, ent, replace(claims, email=AT_LYCEE.email))
    assert proposals(ents, first) == proposals(ents, second) == []
    with pytest.raises(SignInRefused) as refused:
        links(ents, first, ent, claims)
    assert refused.value.motive is Motive.NOT_YOURS
    with ents.read() as session:
        assert session.exec(select(Person.linked_to_id)).all() == [None, None]


def test_what_an_ent_was_once_declared_to_send_is_not_believed_after_it_is_no_longer(ents: Database) -> None:
    first = comes(ents, "lycees", AT_LYCEE)
    comes(ents, "colleges", AT_COLLEGE)
    for slug in ("colleges", "lycees"):
        ents.write(lambda session, slug=slug: setattr(provider(session, slug), "gives_join_key", False))  # type: ignore[misc]
        assert proposals(ents, first) == []
        with pytest.raises(SignInRefused):
            links(ents, first)
        ents.write(lambda session, slug=slug: setattr(provider(session, slug), "gives_join_key", True))  # type: ignore[misc]
    ents.write(lambda session: setattr(provider(session, "colleges"), "enabled", False))
    assert proposals(ents, first) == [], "nobody can come in by a closed one"


def test_what_counts_is_what_the_other_side_says_at_this_very_sign_in(ents: Database) -> None:
    """The key that was once kept is not enough: a colleague may be signed in there, on a shared computer."""
    first = comes(ents, "lycees", AT_LYCEE)
    comes(ents, "colleges", AT_COLLEGE)
    colleague = replace(AT_COLLEGE, subject="COL-2", join_key="DEMO-2")
    comes(ents, "colleges", colleague)
    for said in (colleague, replace(AT_COLLEGE, join_key="DEMO-2"), replace(AT_COLLEGE, subject="COL-404")):
        with pytest.raises(SignInRefused) as refused:
            links(ents, first, claims=said)
        assert refused.value.motive is Motive.NOT_YOURS


def test_linked_one_comes_in_by_both_with_all_schools_and_roles(ents: Database) -> None:
    first, second = comes(ents, "lycees", AT_LYCEE), comes(ents, "colleges", AT_COLLEGE)
    holds(ents, second, COLLEGE)
    links(ents, first)
    assert comes(ents, "colleges", AT_COLLEGE) == comes(ents, "lycees", AT_LYCEE) == first
    with ents.read() as session:
        assert schools_of(session, first) == [LYCEE, COLLEGE]
        assert [one.scope for one in accreditations_of(session, first, NOW)] == [f"school:{COLLEGE}"]
    assert proposals(ents, first) == []
    assert holder(ents, opens(ents, first, "colleges", "COL-9")).actor.has("x:y", f"school:{COLLEGE}")


def test_sessions_of_the_account_that_is_joined_end(ents: Database) -> None:
    """They would go on as an account of their own, without what the other holds."""
    first, second = comes(ents, "lycees", AT_LYCEE), comes(ents, "colleges", AT_COLLEGE)
    mine, other = opens(ents, first, "lycees", "LYC-1"), opens(ents, second, "colleges", "COL-9")
    links(ents, first)
    assert holder(ents, mine).person_id == first
    assert holder(ents, other) is None


def test_a_link_is_told_once_however_often_it_is_confirmed(ents: Database) -> None:
    first, second = comes(ents, "lycees", AT_LYCEE), comes(ents, "colleges", AT_COLLEGE)
    links(ents, first)
    links(ents, first)
    with ents.read() as session:
        told = session.exec(select(Event).where(Event.move == "linked").order_by(col(Event.id))).all()
    assert [(one.actor, one.subject_id, one.details) for one in told] == [
        (f"person:{first}", first, {"account": f"person:{second}", "provider": "colleges"}),
        (f"person:{first}", second, {"account": f"person:{first}", "provider": "colleges"}),
    ]


def test_unlinked_each_has_its_own_again_and_what_the_other_opened_ends(ents: Database) -> None:
    first, second = comes(ents, "lycees", AT_LYCEE), comes(ents, "colleges", AT_COLLEGE)
    holds(ents, second, COLLEGE)
    links(ents, first)
    comes(ents, "colleges", replace(AT_COLLEGE, schools=(COLLEGE, "0999903B")))
    mine, by_college = opens(ents, first, "lycees", "LYC-1"), opens(ents, first, "colleges", "COL-9")
    unlinks(ents, first, second)
    assert (holder(ents, mine).person_id, holder(ents, by_college)) == (first, None)
    assert comes(ents, "colleges", AT_COLLEGE) == second
    with ents.read() as session:
        assert (schools_of(session, first), schools_of(session, second)) == ([LYCEE], [COLLEGE, "0999903B"])
        assert not accreditations_of(session, first, NOW)
        assert len(accreditations_of(session, second, NOW)) == 1
        assert session.get_one(Person, second).name == "Agathe Oriol"
        assert [one.move for one in session.exec(select(Event).where(col(Event.move).contains("linked")).order_by(col(Event.id)))] == [
            "linked", "linked", "unlinked", "unlinked",
        ]  # fmt: skip
    assert proposals(ents, first) == ["colleges"], "it may be linked anew"


def test_nobody_unlinks_what_is_not_theirs(ents: Database) -> None:
    first, second = comes(ents, "lycees", AT_LYCEE), comes(ents, "colleges", AT_COLLEGE)
    stranger = comes(ents, "autre", replace(AT_LYCEE, join_key=""))
    links(ents, first)
    for person, linked in ((stranger, second), (second, second), (first, first), (first, stranger), (first, 404)):
        with pytest.raises(Unknown):
            unlinks(ents, person, linked)
    with ents.read() as session:
        assert session.get_one(Person, second).linked_to_id == first


def test_a_third_account_brings_along_those_that_were_linked_before(ents: Database) -> None:
    first, second = comes(ents, "lycees", AT_LYCEE), comes(ents, "colleges", AT_COLLEGE)
    links(ents, first)
    ents.write(lambda session: setattr(provider(session, "autre"), "gives_join_key", True))
    third = comes(ents, "autre", replace(AT_LYCEE, subject="AUT-3", schools=()))
    links(ents, third, "colleges", AT_COLLEGE)
    with ents.read() as session:
        assert [session.get_one(Person, key).linked_to_id for key in (first, second, third)] == [third, third, None]
    assert {comes(ents, "lycees", AT_LYCEE), comes(ents, "colleges", AT_COLLEGE)} == {third}


@pytest.mark.parametrize("mine_granted", [True, False])
def test_who_granted_a_role_to_their_other_account_must_first_lose_it(ents: Database, mine_granted: bool) -> None:
    """Nobody grants to themselves: two accounts would be a way around it."""
    first, second = comes(ents, "lycees", AT_LYCEE), comes(ents, "colleges", AT_COLLEGE)
    giver, taker = (first, second) if mine_granted else (second, first)
    holds(ents, taker, COLLEGE, granted_by=f"person:{giver}")
    with pytest.raises(SignInRefused) as refused:
        links(ents, first)
    assert refused.value.motive is Motive.OWN_GRANT
    revoked = {"revoked_at": NOW, "revoked_by": "person:90", "revoked_as": "Proviseure"}
    ents.write(lambda session: session.execute(sa.update(Accreditation).values(**revoked)))
    links(ents, first)


def test_an_account_that_was_closed_is_not_proposed(ents: Database) -> None:
    first, second = comes(ents, "lycees", AT_LYCEE), comes(ents, "colleges", AT_COLLEGE)
    ents.write(lambda session: setattr(session.get_one(Person, second), "closed_at", NOW))
    assert proposals(ents, first) == []


def test_what_is_proposed_is_asked_by_one_query_however_many_identities_there_are(ents: Database, count_queries: Any) -> None:
    first = comes(ents, "lycees", AT_LYCEE)
    counts = []
    for times in (3, 30):
        for number in range(times):
            comes(ents, "colleges", replace(AT_COLLEGE, subject=f"COL-{times}-{number}"))
        with count_queries(ents) as sent:
            assert proposals(ents, first) == ["colleges"]
        counts.append(len(sent))
    assert counts[0] == counts[1]
    with ents.read() as session:
        assert session.exec(select(sa.func.count(col(Identity.id)))).one() == 34


def settled(database: Database, person: int, uai: str, standing: Standing, at: datetime = NOW) -> None:
    values = {"standing": standing, "settled_at": at, "settled_by": "Proviseure", "settle_reason": "Mutation"}
    mine = sa.and_(col(Attachment.person_id) == person, col(Attachment.uai) == uai)
    database.write(lambda session: session.execute(sa.update(Attachment).where(mine).values(**values)))


def test_what_the_head_ended_is_not_undone_by_another_account_that_names_the_school(ents: Database) -> None:
    """Neither by one that named it before the link, nor by one whose ENT names it afterwards."""
    first = comes(ents, "lycees", AT_LYCEE)
    settled(ents, first, LYCEE, Standing.ENDED)
    comes(ents, "colleges", replace(AT_COLLEGE, schools=(COLLEGE, LYCEE)))
    links(ents, first)
    with ents.read() as session:
        assert schools_of(session, first) == [COLLEGE]
    settled(ents, first, "0999904D", Standing.ENDED)
    comes(ents, "lycees", replace(AT_LYCEE, schools=("0999904D",)))
    settled(ents, first, "0999904D", Standing.ENDED)
    comes(ents, "colleges", replace(AT_COLLEGE, schools=(COLLEGE, LYCEE, "0999904D")))
    with ents.read() as session:
        assert schools_of(session, first) == [COLLEGE]


def test_of_two_words_of_a_head_the_latest_holds(ents: Database) -> None:
    first, second = comes(ents, "lycees", AT_LYCEE), comes(ents, "colleges", replace(AT_COLLEGE, schools=(LYCEE,)))
    settled(ents, first, LYCEE, Standing.ENDED)
    settled(ents, second, LYCEE, Standing.CONFIRMED, NOW + timedelta(hours=1))
    links(ents, first)
    with ents.read() as session:
        assert schools_of(session, first) == [LYCEE]


def test_a_closed_account_is_linked_to_nothing(ents: Database) -> None:
    """Who asks to be forgotten at the same moment is forgotten: their name is written back nowhere."""
    for closes_mine in (True, False):
        first, second = comes(ents, "lycees", AT_LYCEE), comes(ents, "colleges", AT_COLLEGE)
        closed = first if closes_mine else second
        ents.write(lambda session, closed=closed: setattr(session.get_one(Person, closed), "closed_at", NOW))  # type: ignore[misc]
        with pytest.raises(SignInRefused) as refused:
            links(ents, first)
        assert refused.value.motive is Motive.EXPIRED
        ents.write(lambda session, closed=closed: setattr(session.get_one(Person, closed), "closed_at", None))  # type: ignore[misc]


def test_a_session_of_an_account_that_stands_for_nobody_any_more_opens_nothing(ents: Database) -> None:
    """One that was opened while the link was made: it would act as somebody else than the account it belongs to."""
    first, second = comes(ents, "lycees", AT_LYCEE), comes(ents, "colleges", AT_COLLEGE)
    links(ents, first)
    assert holder(ents, opens(ents, second, "colleges", "COL-9")) is None


def test_the_main_account_keeps_its_own_name_and_address_when_the_other_comes_in(ents: Database) -> None:
    first = comes(ents, "lycees", AT_LYCEE)
    comes(ents, "colleges", AT_COLLEGE)
    links(ents, first)
    comes(ents, "colleges", AT_COLLEGE)
    with ents.read() as session:
        assert session.get_one(Person, first).email == "agathe@lycees.example"


def test_four_tabs_that_link_from_both_sides_at_once_leave_one_account(ents: Database) -> None:
    first, second = comes(ents, "lycees", AT_LYCEE), comes(ents, "colleges", AT_COLLEGE)
    url = ents.engine.url.render_as_string(hide_password=False)
    turns = [(url, first, "colleges", AT_COLLEGE, NOW), (url, second, "lycees", AT_LYCEE, NOW)] * 2
    said = at_once(link_accounts, turns)
    assert set(said) <= {"linked", "expired", "not_yours"}
    assert "linked" in said
    with ents.read() as session:
        linked = {key: session.get_one(Person, key).linked_to_id for key in (first, second)}
    assert sorted(linked.values(), key=str) in ([first, None], [second, None])
    assert comes(ents, "lycees", AT_LYCEE) == comes(ents, "colleges", AT_COLLEGE)


def test_who_comes_in_while_the_link_is_made_comes_in_as_the_account_that_stands_for_both(ents: Database) -> None:
    first = comes(ents, "lycees", AT_LYCEE)
    comes(ents, "colleges", AT_COLLEGE)
    url = ents.engine.url.render_as_string(hide_password=False)
    at_once(come_or_link, [(url, "colleges", AT_COLLEGE, NOW, first if one else 0) for one in (1, 0, 0, 0)])
    assert comes(ents, "colleges", AT_COLLEGE) == first
    with ents.read() as session:
        assert set(session.exec(select(OpenSession.person_id))) <= {first}
