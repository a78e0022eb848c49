"""The State's window names heads of schools, and nothing else does: no profile, no ENT that was not declared for it. On both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from portal.access import Actor
from portal.db import Database
from portal.errors import NotAllowed
from portal.people.granting import Wish, grant, revoke
from portal.people.loading import load_roles
from portal.people.models import Accreditation, Person, Role
from portal.people.places import place_of
from portal.signin.accounts import welcome
from portal.signin.claims import Claims, Profile, understand
from portal.signin.envelopes import Answer
from portal.signin.models import OpenSession, Protocol, Provider
from portal.signin.naming import MOST, name_heads
from portal.signin.secrets import digest
from portal.signin.sessions import Limits, find
from portal.territories.models import Territory, TerritoryLevel
from portal.trail.models import Event
from tests.data.test_granting import ELSEWHERE, END, FIRST, NOW, POLICY, REGION, SECOND, TODAY, school

UNKNOWN = "0999909H"
FIM = Answer(
    "DEMO-77",
    {
        "given_name": ("Nadia",),
        "family_name": ("Serrault",),
        "FrEduFonctAdm": ("DIR",),
        "FrEduRneResp": (f"{FIRST}$UAJ$PU$N$T3$LYC$300",),
    },
)
HEAD = understand(FIM)


@pytest.fixture
def schools(database: Database) -> Database:
    def work(session: Session) -> None:
        session.add(
            Territory(
                code="aura", name="La Région", level=TerritoryLevel.REGION, area="Ici", school_types=["lycée"], zone="Europe/Paris"
            )
        )
        session.add_all([school(FIRST, "Ici"), school(SECOND, "Ici"), school(ELSEWHERE, "Ailleurs")])
        session.flush()
        load_roles(session, POLICY.rules)
        for slug, names in (("guichet", True), ("ent", False)):
            session.add(
                Provider(
                    slug=slug,
                    label=f"Le {slug}",
                    protocol=Protocol.CAS,
                    base_url=f"https://{slug}.example",
                    adults_only=True,
                    names_heads=names,
                )
            )

    database.write(work)
    return database


def comes(database: Database, claims: Claims = HEAD, ent: str = "guichet", at: datetime = NOW) -> list[str]:
    """As a sign-in does; the scopes where a head was named by it."""

    def work(session: Session) -> list[str]:
        provider = session.exec(select(Provider).where(Provider.slug == ent)).one()
        welcome(session, provider, claims, at)
        return [one.scope for one in name_heads(session, POLICY, provider, claims, now=at)]

    return database.write(work)


def held(database: Database) -> list[Accreditation]:
    with database.read() as session:
        return list(session.exec(select(Accreditation).order_by(col(Accreditation.id))))


def dismiss(database: Database, at: datetime, key: int | None = None) -> None:
    """By the region, whoever it was that named."""

    def work(session: Session) -> None:
        last = select(Accreditation).order_by(col(Accreditation.id).desc()).limit(1)
        one = session.get_one(Accreditation, key) if key else session.exec(last).one()
        revoke(session, POLICY, REGION, one, reason="Appelée à d’autres fonctions.", now=at)

    database.write(work)


def grants(database: Database, person: int, uai: str, starts_on: date, until: date) -> int:
    def work(session: Session) -> int:
        place, role = place_of(session, f"school:{uai}"), session.exec(select(Role).where(Role.code == "head")).one()
        assert place is not None
        return grant(session, POLICY, REGION, Wish(session.get_one(Person, person), role, place, starts_on, until), NOW).key

    return database.write(work)


def test_whom_the_state_says_heads_a_school_does_until_the_end_of_august(schools: Database) -> None:
    assert comes(schools) == [f"school:{FIRST}"]
    (one,) = held(schools)
    assert (one.called, one.within, one.zone) == ("Proviseur·e", "territory:aura", "Europe/Paris")
    assert (one.starts_on, one.until) == (TODAY, END)
    assert (one.granted_by, one.granted_as) == ("system:guichet", "Le guichet")
    assert one.reason == "Nommé·e par «\u00a0Le guichet\u00a0», qui dit que la personne dirige cet établissement."
    with schools.read() as session:
        (event,) = session.exec(select(Event).where(Event.subject_kind == "accreditation")).all()
    assert (event.move, event.actor, event.function, event.subject_id) == ("granted", "system:guichet", "Le guichet", one.key)


def test_coming_back_names_nobody_twice(schools: Database) -> None:
    comes(schools)
    assert comes(schools) == comes(schools, at=NOW + timedelta(days=60)) == []
    assert len(held(schools)) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"ENTPersonProfils": ("National_DIR",), "ENTPersonStructRattachRNE": (FIRST,)},
        {"title": ("DIR",), "rne": (FIRST,)},
        {"FrEduFonctAdm": ("DIR",), "rne": (FIRST,)},
        {"FrEduFonctAdm": ("ADF",), "FrEduRneResp": (f"{FIRST}$UAJ$PU$N$T3$LYC$300",)},
    ],
    ids=["a profile", "a title", "a function without a school", "another function"],
)
@pytest.mark.parametrize("ent", ["ent", "guichet"])
def test_a_profile_of_direction_names_nobody(schools: Database, said: dict[str, tuple[str, ...]], ent: str) -> None:
    assert comes(schools, understand(Answer("DEMO-78", said)), ent) == []
    assert held(schools) == []


def test_an_ent_that_is_not_declared_to_name_heads_names_nobody_whatever_it_says(schools: Database) -> None:
    assert comes(schools, HEAD, "ent") == []
    assert held(schools) == []


def test_a_school_that_the_directory_does_not_know_stops_no_other(schools: Database) -> None:
    said = replace(HEAD, heads=(UNKNOWN, ELSEWHERE, SECOND))
    assert comes(schools, said) == [f"school:{ELSEWHERE}", f"school:{SECOND}"]


def test_a_school_where_it_is_held_already_stops_no_other(schools: Database) -> None:
    comes(schools)
    assert comes(schools, replace(HEAD, heads=(FIRST, SECOND))) == [f"school:{SECOND}"]


def test_whom_the_region_named_is_not_named_again_over_the_same_days(schools: Database) -> None:
    comes(schools, replace(HEAD, heads=()))
    with schools.read() as session:
        person = session.exec(select(Person)).one().key
    grants(schools, person, FIRST, TODAY, date(2026, 12, 18))
    assert comes(schools) == []
    assert comes(schools, at=datetime(2026, 12, 19, 9, tzinfo=UTC)) == [f"school:{FIRST}"], "the window then says who follows"


def test_whom_the_region_dismissed_stays_so_all_the_school_year(schools: Database) -> None:
    comes(schools, replace(HEAD, heads=(FIRST, SECOND)))
    dismiss(schools, NOW)
    for at in (NOW, datetime(2027, 2, 1, 9, tzinfo=UTC), datetime(2027, 8, 31, 21, 59, tzinfo=UTC)):
        assert comes(schools, replace(HEAD, heads=(FIRST, SECOND)), at=at) == []
    assert [one.scope for one in held(schools) if one.revoked_at is None] == [f"school:{FIRST}"]


def test_the_next_school_year_names_anew(schools: Database) -> None:
    """It begins on 1 September, by the clocks of the school."""
    comes(schools)
    dismiss(schools, NOW)
    assert comes(schools, at=datetime(2027, 8, 31, 22, 1, tzinfo=UTC)) == [f"school:{FIRST}"]
    last = held(schools)[-1]
    assert (last.starts_on, last.until) == (date(2027, 9, 1), date(2028, 8, 31))


def test_a_dismissal_of_the_last_day_of_august_is_of_the_year_that_ends(schools: Database) -> None:
    comes(schools)
    dismiss(schools, datetime(2027, 8, 31, 21, 59, tzinfo=UTC))
    assert comes(schools, at=datetime(2027, 8, 31, 22, 30, tzinfo=UTC)) == [f"school:{FIRST}"]


def test_a_dismissal_of_the_first_hour_of_september_is_of_the_year_that_begins(schools: Database) -> None:
    """There, it is still August in UTC."""
    comes(schools, replace(HEAD, heads=()))
    with schools.read() as session:
        person = session.exec(select(Person)).one().key
    grants(schools, person, FIRST, date(2026, 8, 20), END)
    dismiss(schools, datetime(2026, 8, 31, 22, 30, tzinfo=UTC))
    assert comes(schools, at=datetime(2026, 9, 2, 9, tzinfo=UTC)) == []


def test_what_was_granted_for_a_school_year_and_withdrawn_before_it_began_stays_withdrawn(schools: Database) -> None:
    comes(schools, replace(HEAD, heads=()))
    with schools.read() as session:
        person = session.exec(select(Person)).one().key
    key = grants(schools, person, FIRST, date(2027, 9, 1), date(2028, 8, 31))
    dismiss(schools, datetime(2027, 7, 1, 9, tzinfo=UTC), key)
    assert comes(schools, at=datetime(2027, 9, 6, 9, tzinfo=UTC)) == []


def test_a_dismissal_counts_for_whichever_of_two_linked_accounts_comes(schools: Database) -> None:
    comes(schools)
    dismiss(schools, NOW)
    comes(schools, replace(HEAD, subject="DEMO-79", heads=()))

    def link(session: Session) -> None:
        first, second = session.exec(select(Person).order_by(col(Person.id))).all()
        first.linked_to_id = second.key

    schools.write(link)
    assert comes(schools) == []
    assert comes(schools, replace(HEAD, subject="DEMO-79")) == []


def test_a_role_revoked_from_somebody_else_or_elsewhere_counts_for_nothing(schools: Database) -> None:
    comes(schools, replace(HEAD, subject="DEMO-80"))
    dismiss(schools, NOW)
    comes(schools, replace(HEAD, heads=(SECOND,)))
    dismiss(schools, NOW)
    assert comes(schools) == [f"school:{FIRST}"]


def test_a_closed_account_is_named_nowhere(schools: Database) -> None:
    comes(schools, replace(HEAD, heads=()))
    schools.write(lambda session: setattr(session.exec(select(Person)).one(), "closed_at", NOW))
    assert comes(schools) == []


def test_one_answer_names_in_so_many_schools_and_no_more(schools: Database) -> None:
    uais = [f"07777{number:02}A" for number in range(MOST + 5)]
    schools.write(lambda session: session.add_all([school(uai, "Ici") for uai in uais]))
    assert len(comes(schools, replace(HEAD, heads=tuple(uais)))) == MOST


def test_without_the_portals_roles_a_sign_in_goes_on(database: Database) -> None:
    database.write(
        lambda session: session.add(
            Provider(slug="guichet", label="G", protocol=Protocol.CAS, base_url="https://g.example", names_heads=True)
        )
    )
    assert comes(database, replace(HEAD, profiles=frozenset({Profile.HEAD}))) == []


def test_the_head_so_named_grants_in_that_school_and_no_other(schools: Database) -> None:
    comes(schools)
    head = actor_of(schools)
    assert head.function == "Proviseur·e"

    def makes(uai: str, code: str) -> int:
        def work(session: Session) -> int:
            teacher = Person(first_seen_at=NOW, seen_at=NOW)
            session.add(teacher)
            session.flush()
            place, role = place_of(session, f"school:{uai}"), session.exec(select(Role).where(Role.code == code)).one()
            assert place is not None
            return grant(session, POLICY, head, Wish(teacher, role, place, TODAY, END), NOW).key

        return schools.write(work)

    makes(FIRST, "digital-lead")
    makes(FIRST, "delegate")
    for uai, code in ((SECOND, "digital-lead"), (ELSEWHERE, "digital-lead"), (FIRST, "head")):
        with pytest.raises(NotAllowed):
            makes(uai, code)


def actor_of(database: Database) -> Actor:
    """The one person who came, as the next request sees them."""

    def sign_in(session: Session) -> None:
        person, provider = session.exec(select(Person)).one().key, session.exec(select(Provider)).first()
        assert provider is not None
        session.add(
            OpenSession(
                digest=digest("value"), person_id=person, provider_id=provider.key, subject="DEMO-77", began_at=NOW, seen_at=NOW
            )
        )

    database.write(sign_in)
    with database.read() as session:
        signed_in = find(session, "value", Limits(timedelta(hours=1), timedelta(hours=8)), NOW)
    assert signed_in is not None
    return signed_in.actor
