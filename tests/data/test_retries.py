"""What a program asks for under one key is done once: asked again, by two at once, or after a crash."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from portal.clock import Clock
from portal.db import Database, claim
from portal.errors import OutOfDate, Refused
from portal.people.models import Person
from portal.retries.keeping import KEPT_FOR, Answer, Keyed, once, sweep_answers
from portal.retries.models import KeptAnswer
from tests.data.contenders import at_once, connected, everyone_is_ready

AT = datetime(2026, 11, 26, 9, tzinfo=UTC)
KEY, ASKED = "k" * 64, "f" * 64


@pytest.fixture
def person(database: Database) -> int:
    def work(session: Session) -> int:
        person = Person(given_name="Agathe", first_seen_at=AT, seen_at=AT)
        session.add(person)
        session.flush()
        return person.key

    return database.write(work)


def act(session: Session) -> Answer:
    """What must not be done twice: one more person."""
    made = Person(given_name="made", first_seen_at=AT, seen_at=AT)
    session.add(made)
    session.flush()
    return Answer(201, f'{{"id": {made.key}}}', f"/made/{made.key}")


def do(database: Database, person: int, *, key: str = KEY, asked: str = ASKED, at: datetime = AT) -> Answer:
    return database.write(lambda session: once(session, Keyed(person, key, asked), act, at))


def made(database: Database) -> int:
    with database.read() as session:
        return len(session.exec(select(Person).where(Person.given_name == "made")).all())


def kept(database: Database) -> int:
    with database.read() as session:
        return len(session.exec(select(KeptAnswer).order_by(col(KeptAnswer.id))).all())


def test_the_same_is_answered_again_and_done_once(database: Database, person: int) -> None:
    first, again = do(database, person), do(database, person)
    assert (first.is_again, again.is_again) == (False, True)
    assert (first.status, first.body, first.location) == (again.status, again.body, again.location)
    assert made(database) == 1


def test_something_else_under_the_key_is_refused(database: Database, person: int) -> None:
    do(database, person)
    with pytest.raises(Refused, match="déjà servi"):
        do(database, person, asked="g" * 64)
    do(database, person, key="l" * 64, asked="g" * 64)
    assert made(database) == 2


def test_what_fails_leaves_neither_the_act_nor_its_answer(database: Database, person: int) -> None:
    """As a crash does: both are of one unit of work."""

    def fail(session: Session) -> Answer:
        act(session)
        raise RuntimeError("the machine stops")

    with pytest.raises(RuntimeError):
        database.write(lambda session: once(session, Keyed(person, KEY, ASKED), fail, AT))
    assert (made(database), kept(database)) == (0, 0)
    assert do(database, person).is_again is False


def test_a_key_serves_again_after_a_day_and_is_swept(database: Database, person: int) -> None:
    do(database, person)
    sweep_answers(database, Clock(real=lambda: AT + KEPT_FOR - timedelta(seconds=1)))
    assert kept(database) == 1
    assert do(database, person, at=AT + KEPT_FOR).is_again is False, "too old, though nobody swept it"
    assert (made(database), kept(database)) == (2, 1)
    sweep_answers(database, Clock(real=lambda: AT + 2 * KEPT_FOR))
    assert kept(database) == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_second_is_told_that_the_first_is_under_way(database: Database, person: int) -> None:
    """On SQLite it waits, and is given the answer of the first."""

    def meanwhile(session: Session) -> Answer:
        answer = act(session)
        with pytest.raises(OutOfDate, match="encore en cours"):
            do(database, person)
        do(database, person, key="l" * 64)  # another key waits for nobody
        return answer

    database.write(lambda session: once(session, Keyed(person, KEY, ASKED), meanwhile, AT))
    assert made(database) == 2
    assert do(database, person).is_again is True
    assert database.write(lambda session: claim(session, "anything")) is True


def do_at_once(url: str, person: int) -> str:
    database = connected(url)
    everyone_is_ready()
    try:
        return do(database, person).body
    except OutOfDate:
        return "under way"
    finally:
        database.close()


def test_five_at_once_do_it_once(database: Database, database_url: str, person: int) -> None:
    answers = set(at_once(do_at_once, [(database_url, person)] * 5)) - {"under way"}
    assert len(answers) == 1
    assert answers == {do(database, person).body}
    assert (made(database), kept(database)) == (1, 1)
