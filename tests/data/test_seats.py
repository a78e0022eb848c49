"""The cap of a list, in a crowd and at the vote: nobody passes it, whoever acts and however many at once."""

from itertools import accumulate

import sqlalchemy as sa

from catalogue.lists.models import EditionStatus, SoftwareList
from portal.db import Database
from tests.data.contenders import at_once, make_a_move
from tests.data.test_editions import (
    BEFORE,
    CAPACITY,
    PROPOSED,
    STARTS,
    _prepare,
    decide,
    edition_of,
    entries_of,
    move,
    prepared,
    refusal,
    written,
)
from workflows.editions.table import EDITIONS, ENTRIES

__all__ = ["prepared"]


def test_forty_at_once_never_pass_the_cap(database: Database) -> None:
    """A full list of five: two exits are decided while thirty-eight candidates want the seats."""
    database.write(lambda session: _prepare(session, proposed=5 + 38, capacity=5))
    for number in range(5):
        move(database, ENTRIES, "admit", number)
    for number in (3, 4):
        move(database, ENTRIES, "propose_exit", number, reason="Peu utilisé")
    with database.read() as session:
        keys = [entry.key for entry in entries_of(session)]
    url = database.engine.url.render_as_string(hide_password=False)
    wishes = (
        [(key, "admit") for key in keys[5:24]] + [(key, "withdraw") for key in keys[3:5]] + [(key, "admit") for key in keys[24:]]
    )
    answers = at_once(make_a_move, [(url, "entry", key, name, {}) for key, name in wishes])
    entered, left = answers.count("admit"), answers.count("withdraw")
    assert left == 2
    assert entered <= 2
    assert sum("5 places sur 5" in answer for answer in answers) == 38 - entered
    taken = taken_after_each_move(database)
    assert (max(taken), taken[-1]) == (5, 3 + entered)


def taken_after_each_move(database: Database) -> list[int]:
    """Seats taken, after each event of the trail: moves of an edition's entries follow one another."""
    worth = {"admit": 1, "withdraw": -1}
    return list(accumulate(worth.get(name, 0) for _kind, name, *_ in written(database)["events"]))


def test_the_last_seat_is_taken_once_and_taken_again_when_it_is_free(prepared: Database) -> None:
    url = prepared.engine.url.render_as_string(hide_password=False)
    with prepared.read() as session:
        keys = [entry.key for entry in entries_of(session)]
    answers = at_once(make_a_move, [(url, "entry", key, "admit", {}) for key in keys])
    assert answers.count("admit") == CAPACITY
    assert sum("3 places sur 3" in answer for answer in answers) == PROPOSED - CAPACITY
    seated = next(number for number, answer in enumerate(answers) if answer == "admit")
    waiting = next(number for number, answer in enumerate(answers) if answer != "admit")
    move(prepared, ENTRIES, "propose_exit", seated, reason="Peu utilisé")
    assert "3 places sur 3" in refusal(prepared, ENTRIES, "admit", waiting)
    move(prepared, ENTRIES, "withdraw", seated)
    move(prepared, ENTRIES, "admit", waiting)
    assert max(taken_after_each_move(prepared)) == CAPACITY


def test_a_vote_counts_the_seats_again(prepared: Database) -> None:
    for number in range(CAPACITY):
        move(prepared, ENTRIES, "admit", number)
    for number in range(CAPACITY, PROPOSED):
        move(prepared, ENTRIES, "set_aside", number, reason="Doublon")
    prepared.write(lambda session: session.execute(sa.update(SoftwareList).values(capacity=CAPACITY - 1)))
    assert "3 places pour 2" in refusal(prepared, EDITIONS, "vote", today=BEFORE)


def test_two_amendments_prepared_at_once_are_one(prepared: Database) -> None:
    decide(prepared)
    for name, day in (("vote", BEFORE), ("open", STARTS)):
        move(prepared, EDITIONS, name, today=day)
    with prepared.read() as session:
        key = edition_of(session).key
    url = prepared.engine.url.render_as_string(hide_password=False)
    answers = at_once(make_a_move, [(url, "edition", key, "amend", {"reason": "Une faille"})] * 4)
    assert answers.count("amend") == 1
    assert all("déjà en préparation" in answer or "Rechargez" in answer for answer in answers if answer != "amend")
    assert written(prepared)["editions"] == [EditionStatus.CURRENT, EditionStatus.DRAFT, EditionStatus.DRAFT]
