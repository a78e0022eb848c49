"""The order in which a school wants its requests: whoever ranks over another order than the one that was read is told."""

import pytest

from portal.db import Database
from portal.errors import OutOfDate
from tests.data.asking_for import FIRST, SECOND, held, move, sent, settle, told
from tests.data.contenders import at_once
from tests.data.ranking import rank_all, rank_at_once
from workflows.requests.school_page import CHANGED

NAMES = ("OnShape", "Carnet des vents", "Herbier des dunes")


@pytest.fixture
def asked(database: Database) -> tuple[Database, list[int]]:
    """Three requests of the same school, that nobody has ranked."""
    database.write(settle)
    numbers = [sent(database, key=f"{number:016}", title_name=name) for number, name in enumerate(NAMES)]
    return database, numbers


def ranks(database: Database, numbers: list[int]) -> list[int | None]:
    return [held(database, number).school_rank for number in numbers]


def times(database: Database, number: int) -> int:
    return [one.move for one in told(database, number)].count("ranked")


def test_whoever_ranks_over_an_order_that_was_not_read_is_told_and_may_do_it_knowingly(asked: tuple[Database, list[int]]) -> None:
    database, (one, two, three) = asked
    rank_all(database, {one: "1", two: "2", three: ""}, [])
    for read in ([], [two, one], [one], [one, two, three]):
        with pytest.raises(OutOfDate, match=str(CHANGED)):
            rank_all(database, {one: "2", two: "1", three: "3"}, read)
    assert ranks(database, [one, two, three]) == [1, 2, None]
    rank_all(database, {one: "2", two: "1", three: "3"}, [one, two])
    assert ranks(database, [one, two, three]) == [2, 1, 3]


def test_the_same_ranks_twice_are_given_once(asked: tuple[Database, list[int]]) -> None:
    database, (one, two, three) = asked
    for _click in range(2):
        rank_all(database, {one: "2", two: "1", three: ""}, [])
    assert ranks(database, [one, two, three]) == [2, 1, None]
    assert [times(database, number) for number in (one, two, three)] == [1, 1, 0]


def test_what_is_sent_moved_or_closed_meanwhile_is_no_other_order(asked: tuple[Database, list[int]]) -> None:
    database, (one, two, three) = asked
    rank_all(database, {one: "1", two: "2", three: "3"}, [])
    move(database, one, "give_up", "teacher")
    move(database, two, "relay", "lead")
    sent(database, "colleague", "a-key-of-the-colleague", FIRST, title_name="Chronoscope des marées")
    sent(database, "neighbour", "a-key-of-the-neighbour", SECOND)
    rank_all(database, {one: "3", two: "2", three: "1"}, [one, two, three])
    assert ranks(database, [one, two, three]) == [1, 2, 1], "what is closed keeps the rank it had"


def test_what_comes_back_with_its_rank_changes_the_order(asked: tuple[Database, list[int]]) -> None:
    database, (one, two, three) = asked
    rank_all(database, {one: "1", two: "2"}, [])
    move(database, one, "relay", "lead")
    move(database, one, "decline", "head")
    move(database, one, "reconsider", "teacher")
    with pytest.raises(OutOfDate):
        rank_all(database, {two: "2", three: "1"}, [two])


def test_two_who_rank_at_once_do_not_overwrite_each_other(asked: tuple[Database, list[int]]) -> None:
    database, (one, two, three) = asked
    url = database.engine.url.render_as_string(hide_password=False)
    wanted = [{one: "1", two: "2", three: "3"}, {one: "3", two: "2", three: "1"}]
    said = at_once(rank_at_once, [(url, typed, []) for typed in wanted])
    assert sorted(said) == sorted(["ranked", str(CHANGED)])
    assert ranks(database, [one, two, three]) == [int(rank) for rank in wanted[said.index("ranked")].values()]
