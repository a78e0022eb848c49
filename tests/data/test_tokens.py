"""A token opens, for some time, some of what its owner may do; who finds the table opens nothing: on both databases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from portal.access import Actor, Policy, system
from portal.clock import Clock
from portal.db import METADATA, Database
from portal.errors import Refused, Unknown
from portal.people.access import RULES, May
from portal.people.models import Accreditation, Person, Role, ScopeKind
from portal.signin.loading import declare_demonstration
from portal.signin.models import Identity, Provider, Token
from portal.signin.secrets import digest
from portal.signin.tokens import LONGEST, MOST, TOLD_FOR, Wish, find, make, own, revoke, sweep_tokens, touch
from portal.trail.models import Event
from workflows.editions import access as editions_access

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
POLICY = Policy(RULES, editions_access.RULES)
OPERATOR = system("command line")
WISH = Wish("tableur des salles", [May.USE_ACCOUNT, May.READ_ACCREDITATIONS])


@pytest.fixture
def head(database: Database) -> int:
    """Who may grant and read in a school, until the end of August."""

    def work(session: Session) -> int:
        may = [May.GRANT, May.READ_ACCREDITATIONS]
        role = Role(code="head", label="Proviseure", scope_kind=ScopeKind.SCHOOL, permissions=may, granted_with=May.NAME_HEAD)
        person = Person(given_name="Proviseure", first_seen_at=NOW, seen_at=NOW)
        session.add_all([role, person])
        session.flush()
        session.add(
            Accreditation(
                person_id=person.key, role_id=role.key, called="Proviseure", scope="school:0999901Z", zone="Europe/Paris",
                starts_on=date(2026, 9, 1), until=date(2027, 8, 31), granted_at=NOW, granted_by="system:test", granted_as="Région",
            )
        )  # fmt: skip
        return person.key

    return database.write(work)


def made(database: Database, person_id: int, wish: Wish = WISH, now: datetime = NOW) -> tuple[int, str]:
    def work(session: Session) -> tuple[int, str]:
        token, value = make(session, POLICY, OPERATOR, session.get_one(Person, person_id), wish, now=now)
        return token.key, value

    return database.write(work)


def acts(database: Database, value: str, now: datetime = NOW) -> Actor | None:
    with database.read() as session:
        found = find(session, value, now)
    return found.signed_in.actor if found else None


def changed(database: Database, statement: Any) -> None:
    database.write(lambda session: session.execute(statement))


def test_a_token_acts_for_its_owner_within_its_permissions(database: Database, head: int) -> None:
    actor = acts(database, made(database, head)[1])
    assert actor is not None
    assert (actor.key, actor.function, actor.only) == (f"person:{head}", "Proviseure", {"account:use", "accreditation:read"})
    assert actor.has(May.READ_ACCREDITATIONS, "school:0999901Z")
    assert POLICY.ever(actor, May.USE_ACCOUNT)
    assert not POLICY.ever(actor, May.GRANT)
    assert not actor.has(May.GRANT, "school:0999901Z"), "rules that look at grants find no more than the policy"


def test_only_a_digest_is_stored_and_the_trail_names_neither_value_nor_label(database: Database, head: int) -> None:
    key, value = made(database, head)
    database.write(lambda session: revoke(session, OPERATOR, head, key, NOW))
    with database.read() as session:
        stored = str([list(session.execute(sa.select(table))) for table in METADATA.tables.values()])
        events = session.exec(select(Event).where(Event.subject_kind == "token").order_by(col(Event.id))).all()
    assert value.startswith("lgt_")
    assert len(value) == len("lgt_") + 43
    assert value not in stored
    assert digest(value) in stored
    assert [(one.move, one.subject_id, one.actor) for one in events] == [(move, key, OPERATOR.key) for move in ("made", "revoked")]
    assert "tableur" not in str([one.model_dump() for one in events])
    assert digest(value) not in str([one.model_dump() for one in events])


@pytest.mark.parametrize(
    ("change", "later"),
    [
        (sa.update(Token).values(revoked_at=NOW), timedelta()),
        (sa.update(Person).values(closed_at=NOW), timedelta()),
        (sa.update(Person).values(seen_at=NOW), timedelta(days=90)),
    ],
    ids=["revoked", "its account closed", "expired"],
)
def test_what_ended_opens_nothing(database: Database, head: int, change: Any, later: timedelta) -> None:
    _key, value = made(database, head)
    assert acts(database, value) is not None
    assert acts(database, value, NOW + timedelta(days=89, hours=23)) is not None
    changed(database, change)
    assert acts(database, value, NOW + later) is None


@pytest.mark.parametrize(
    "cut", [lambda value: value[4:], lambda value: value[:-1], str.lower, str.strip, digest, lambda _value: ""]
)
def test_only_the_value_itself_opens(database: Database, head: int, cut: Any) -> None:
    value = made(database, head)[1]
    assert (acts(database, cut(value)) is not None) is (cut(value) == value)


def test_who_reads_by_token_is_found_by_one_query(database: Database, head: int, count_queries: Any) -> None:
    value = made(database, head)[1]
    with count_queries(database) as sent:
        acts(database, value)
    assert len(sent) == 1


def test_a_role_that_was_revoked_or_is_over_leaves_the_token_at_the_next_request(database: Database, head: int) -> None:
    value = made(database, head, Wish("un an", [May.READ_ACCREDITATIONS], LONGEST))[1]
    for change, day in (
        (None, datetime(2027, 9, 1, 9, tzinfo=UTC)),
        (sa.update(Accreditation).values(revoked_at=NOW, revoked_by="x"), NOW),
    ):
        actor = acts(database, value)
        assert actor is not None
        assert actor.grants
        if change is not None:
            changed(database, change)
        actor = acts(database, value, day)
        assert actor is not None
        assert not actor.grants


def test_last_use_goes_forward_only(database: Database, head: int) -> None:
    key, _value = made(database, head)
    for minute, kept in ((5, 5), (3, 5), (6, 6)):
        database.write(lambda session, at=NOW + timedelta(minutes=minute): touch(session, key, at))
        with database.read() as session:
            assert session.get_one(Token, key).used_at == NOW + timedelta(minutes=kept)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Wish("x", [May.USE_ACCOUNT], 0), "vit de 1 à 366 jours"),
        (Wish("x", [May.USE_ACCOUNT], 367), "vit de 1 à 366 jours"),
        (Wish("x", ["title:burn"]), "« title:burn » n’est pas une permission"),
        (Wish("x", []), "Il manque une permission"),
        (Wish(" ", [May.USE_ACCOUNT]), "Il manque le nom"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(database: Database, head: int, wish: Wish, said: str) -> None:
    with pytest.raises(Refused) as refused:
        made(database, head, wish)
    assert [one for one in refused.value.reasons if said in one.replace("\u00a0", " ")], refused.value.reasons
    with database.read() as session:
        assert not own(session, head, NOW)


def test_a_closed_account_makes_none(database: Database, head: int) -> None:
    changed(database, sa.update(Person).values(closed_at=NOW))
    with pytest.raises(Refused, match="compte est fermé"):
        made(database, head)


def test_nobody_has_more_than_twenty_in_use(database: Database, head: int) -> None:
    keys = [made(database, head)[0] for _one in range(MOST)]
    with pytest.raises(Refused, match="déjà 20"):
        made(database, head)
    database.write(lambda session: revoke(session, OPERATOR, head, keys[0], NOW))
    made(database, head)
    made(database, head, now=NOW + timedelta(days=90))


def test_a_token_is_revoked_by_its_owner_alone_and_once(database: Database, head: int) -> None:
    key, value = made(database, head)

    def stranger(session: Session) -> int:
        person = Person(first_seen_at=NOW, seen_at=NOW)
        session.add(person)
        session.flush()
        return person.key

    other = database.write(stranger)
    with pytest.raises(Unknown):
        database.write(lambda session: revoke(session, OPERATOR, other, key, NOW))
    assert acts(database, value) is not None
    database.write(lambda session: revoke(session, OPERATOR, head, key, NOW))
    with pytest.raises(Unknown):
        database.write(lambda session: revoke(session, OPERATOR, head, key, NOW))


def test_the_account_that_stands_for_two_sees_and_revokes_the_tokens_of_both(database: Database, head: int) -> None:
    def link(session: Session) -> int:
        person = Person(first_seen_at=NOW, seen_at=NOW, linked_to_id=head)
        session.add(person)
        session.flush()
        return person.key

    other = database.write(link)
    key, value = made(database, other)
    with database.read() as session:
        assert [one.key for one in own(session, head, NOW)] == [key]
    database.write(lambda session: revoke(session, OPERATOR, head, key, NOW))
    assert acts(database, value) is None


def test_an_expired_token_is_told_for_a_month_then_forgotten(database: Database, head: int) -> None:
    key, _value = made(database, head, Wish("un jour", [May.USE_ACCOUNT], 1))
    over = NOW + timedelta(days=1) + TOLD_FOR
    for now, told in ((over - timedelta(seconds=1), [key]), (over, [])):
        sweep_tokens(database, Clock(real=lambda now=now: now))
        with database.read() as session:
            assert list(session.exec(select(Token.id))) == told
            assert [one.key for one in own(session, head, now)] == told


@pytest.mark.parametrize("values", ["expires_at = made_at", "digest = 'same'", "person_id = 99999"])
def test_the_database_itself_refuses_what_must_not_be(database: Database, head: int, values: str) -> None:
    made(database, head)
    made(database, head)
    with pytest.raises(IntegrityError):
        changed(database, sa.text(f"UPDATE token SET {values}"))


def arrived(session: Session, head: int) -> None:
    declare_demonstration(session, "http://127.0.0.1:1/cas")
    session.flush()
    provider = session.exec(select(Provider)).one()
    session.add(Identity(provider_id=provider.key, subject="DEMO-1", person_id=head, first_seen_at=NOW, seen_at=NOW))


def test_an_operator_makes_a_token_whose_value_is_printed_once(app: Flask, database: Database, head: int) -> None:
    database.write(lambda session: arrived(session, head))
    done = app.test_cli_runner().invoke(args=["people", "token", "DEMO-1", "--days", "30", "--scope", "accreditation:read"])
    assert done.exit_code == 0, done.output
    value = done.stdout.strip()
    now = app.extensions["logitheque"].clock.now()
    actor = acts(database, value, now)
    assert actor is not None
    assert (actor.key, actor.only) == (f"person:{head}", {"accreditation:read"})
    assert acts(database, value, now + timedelta(days=31)) is None
    assert "ne sera plus montrée" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["INCONNU"], "« INCONNU » n’est jamais venu·e"),
        (["DEMO-1", "--provider", "ailleurs"], "Aucun ENT « ailleurs »"),
        (["DEMO-1", "--scope", "title:burn"], "« title:burn » n’est pas une permission"),
        (["DEMO-1", "--days", "400"], "de 1 à 366 jours"),
    ],
)
def test_an_operator_is_told_what_is_wrong(app: Flask, database: Database, head: int, arguments: list[str], said: str) -> None:
    database.write(lambda session: arrived(session, head))
    done = app.test_cli_runner().invoke(args=["people", "token", *arguments])
    assert done.exit_code == 1
    assert said in done.output.replace("\u00a0", " ").replace("\u202f", " ")
    with database.read() as session:
        assert not session.exec(select(Token)).all()


def test_an_operator_of_several_ents_says_which(app: Flask, database: Database, head: int) -> None:
    def second(session: Session) -> None:
        arrived(session, head)
        one = session.exec(select(Provider)).one()
        session.add(Provider(**{**one.model_dump(exclude={"id", "version"}), "slug": "autre"}))

    database.write(second)
    done = app.test_cli_runner().invoke(args=["people", "token", "DEMO-1"])
    assert (done.exit_code, "--provider" in done.output) == (1, True)
