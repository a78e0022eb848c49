"""Editions turn on their day, by the worker's rounds: once, in order, and at the cost of one query when nothing is due."""

from datetime import date, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlmodel import col, select

from catalogue.lists.models import EditionStatus
from portal import cli
from portal.db import Database
from portal.trail.models import Event
from tests.conftest import Counting
from tests.data.contenders import at_once, desk_on, turn_editions
from tests.data.test_editions import BEFORE, STARTS, _prepare
from tests.data.test_frozen import AMENDED, act, change, statuses, voted
from workflows.editions.turning import turn_on_time

__all__ = ["voted"]
CURRENT, VOTED, ARCHIVED, DRAFT = (
    EditionStatus.CURRENT,
    EditionStatus.VOTED,
    EditionStatus.ARCHIVED,
    EditionStatus.DRAFT,
)


def on(database: Database, day: date) -> dict[str, str]:
    """A worker's round on that day, and what stands then."""
    desk = desk_on(day)
    turn_on_time(database, desk, desk.clock)
    return statuses(database)


def turned(database: Database) -> list[tuple[str, str, str]]:
    with database.read() as session:
        events = session.exec(select(Event).where(col(Event.move).in_(("open", "archive"))).order_by(col(Event.id)))
        return [(event.move, event.actor, event.at.date().isoformat()) for event in events]


def amended(database: Database) -> None:
    act(database, "amend", reason="Une faille", starts_on=AMENDED)
    change(database, "update_version", 0, "2026-2027.1", version_label="2.0")
    act(database, "vote", "2026-2027.1", today=AMENDED - timedelta(days=4))


def test_a_voted_edition_waits_for_its_day_then_replaces_the_one_before(voted: Database) -> None:
    assert on(voted, BEFORE) == {"2026-2027": VOTED}
    assert on(voted, STARTS) == {"2026-2027": CURRENT}
    amended(voted)
    assert on(voted, AMENDED - timedelta(days=1)) == {"2026-2027": CURRENT, "2026-2027.1": VOTED}
    assert on(voted, AMENDED) == {"2026-2027": ARCHIVED, "2026-2027.1": CURRENT}
    assert on(voted, date(2027, 8, 31))["2026-2027.1"] == CURRENT
    assert on(voted, date(2027, 9, 1)) == {"2026-2027": ARCHIVED, "2026-2027.1": ARCHIVED}


def test_a_second_round_finds_nothing_to_do(voted: Database) -> None:
    for _ in range(3):
        on(voted, STARTS)
    assert turned(voted) == [("open", "system:calendar", "2026-09-01")]


def test_a_worker_that_slept_for_a_year_catches_up_in_order(voted: Database) -> None:
    on(voted, STARTS)
    amended(voted)
    act(voted, "renew")
    act(voted, "vote", "2027-2028", today=date(2027, 6, 20))
    assert on(voted, date(2027, 9, 1)) == {"2026-2027": ARCHIVED, "2026-2027.1": ARCHIVED, "2027-2028": CURRENT}
    assert [name for name, *_ in turned(voted)] == ["open", "open", "archive", "open", "archive"]


def test_a_draft_never_opens_by_itself(voted: Database) -> None:
    on(voted, STARTS)
    act(voted, "renew")
    assert on(voted, date(2027, 9, 1)) == {"2026-2027": ARCHIVED, "2027-2028": DRAFT}


def test_opening_by_hand_archives_what_it_follows_at_the_same_instant(voted: Database) -> None:
    act(voted, "open", today=STARTS)
    amended(voted)
    act(voted, "open", "2026-2027.1", today=AMENDED)
    assert statuses(voted) == {"2026-2027": ARCHIVED, "2026-2027.1": CURRENT}
    with voted.read() as session:
        opened, archived = session.exec(select(Event).order_by(col(Event.id).desc()).limit(2)).all()[::-1]
    assert (opened.move, archived.move, opened.actor) == ("open", "archive", archived.actor)
    assert opened.at == archived.at


def test_two_workers_turn_an_edition_once(voted: Database) -> None:
    on(voted, STARTS)
    amended(voted)
    url = voted.engine.url.render_as_string(hide_password=False)
    at_once(turn_editions, [(url, AMENDED)] * 4)
    assert statuses(voted) == {"2026-2027": ARCHIVED, "2026-2027.1": CURRENT}
    assert [name for name, *_ in turned(voted)] == ["open", "open", "archive"]


def test_a_round_with_nothing_due_costs_one_query(voted: Database, count_queries: Counting) -> None:
    for day in (BEFORE, STARTS):
        on(voted, day)
        with count_queries(voted) as sent:
            on_the_same_day = desk_on(day)
            turn_on_time(voted, on_the_same_day, on_the_same_day.clock)
        assert len(sent) == 1


def test_the_worker_turns_editions(app: Flask) -> None:
    """Whatever the day these tests run: the list's year began long ago, and has ended."""
    database = app.extensions["logitheque"].database
    database.write(partial(_prepare, starts_on=date(2020, 9, 1), ends_on=date(2021, 8, 31), status=VOTED))
    broken = [broken_round, *app.extensions["rounds"]]
    cli.go_round(broken)
    assert statuses(database) == {"2026-2027": ARCHIVED}


def broken_round() -> None:
    raise ValueError("a mail server that answers nonsense")


def test_a_round_that_fails_is_written_down_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []
    cli.go_round([broken_round, lambda: done.append("next")])
    assert done == ["next"]
    assert "goes on" in caplog.text
