"""The trail is read by whoever may read all of it: newest first, filtered, page after page without a gap, and as a file that runs nothing."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from portal.administration.trail import PER_PAGE, Filter
from portal.administration.trail_file import COLUMNS, file_of, plain
from portal.db import Database
from portal.trail.models import Event
from tests.conftest import Counting
from tests.http.administering import comes_in, install, portal_of
from tests.http.coming_in import Browser
from tests.http.reading import Read, words

pytest_plugins = ("tests.data.catalogue_data",)

PATH = "/administration/trace"
LONG_AGO = datetime(2025, 3, 4, 22, 59, tzinfo=UTC)  # 23:59 in Paris


@pytest.fixture
def database(app: Flask) -> Database:
    return portal_of(app).database


@pytest.fixture
def administrator(app: Flask, ent: str, browser: Browser, database: Database) -> Browser:
    install(app, ent)
    return comes_in(browser, "administratrice")


def remember(database: Database, *, times: int = 1, **said: Any) -> None:
    whole = {
        "at": LONG_AGO,
        "actor": "person:7",
        "function": "Inspecteur·rice",
        "subject_kind": "provider",
        "move": "declared",
    } | said
    database.write(lambda session: session.add_all([Event(subject_id=number, **whole) for number in range(1, times + 1)]))


def subjects(shown: TestResponse) -> list[str]:
    """Kind and number of each line, in order."""
    rows = [row for row in Read(shown).all("tr") if row.find("th") is not None and row.find("td") is not None]
    return [words(next(list(row)[3].iter("code"))) for row in rows]


def numbers(shown: TestResponse) -> list[int]:
    return [int(one.rpartition(":")[2]) for one in subjects(shown)]


def link(shown: TestResponse, text: str) -> str:
    return next((one.attrib["href"] for one in Read(shown).all("a") if words(one) == text), "")


def test_an_event_is_told_in_words_with_its_function_its_subject_its_reason_and_its_details(
    administrator: Browser, database: Database
) -> None:
    remember(
        database, move="corrected", reason="L’adresse a changé.", was="draft", now="voted",
        details={"changed": ["base_url", "label"], "changes": {"name": ["A", "<b>"]}, "empty": [], "procedure": "provider"},
    )  # fmt: skip
    shown = administrator.client.get(f"{PATH}?nature=provider")
    (row,) = [row for row in Read(shown).all("tr") if row.find("td") is not None]
    when, who, move, subject, why = [words(cell) for cell in row]
    assert when == "4 mars 202523 h 59"
    assert who == "Inspecteur·riceperson:7"
    assert move == "Corrigerdraft → voted"
    assert subject == "ENTprovider:1"
    assert why == 'L’adresse a changé. changed base_url, label changes {"name":["A","<b>"]}'
    assert "<b>" not in shown.text
    assert "empty" not in why
    assert [one.attrib["datetime"] for one in Read(shown).all("time")] == ["2025-03-04T23:59:00+01:00"]
    assert shown.headers["Cache-Control"] == "no-store"


def test_what_nobody_says_in_words_is_shown_by_its_code(administrator: Browser, database: Database) -> None:
    remember(database, subject_kind="booking", move="seat-taken", was="free", now="free")
    shown = administrator.client.get(f"{PATH}?nature=booking&etape=seat-taken")
    assert subjects(shown) == ["booking:1"]
    assert "seat-taken" in shown.text
    assert "free" not in shown.text.partition("<tbody>")[2].partition("</tbody>")[0], "nothing moved"
    chosen = [one.attrib["value"] for one in Read(shown).all("option") if "selected" in one.attrib]
    assert chosen == ["booking", "seat-taken"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"nature": "provider"}, [4, 3, 2]),
        ({"etape": "closed"}, [4]),
        ({"acteur": "person:7"}, [4, 2, 1]),
        ({"acteur": "system:command line"}, [3]),
        ({"nature": "provider", "acteur": "person:7"}, [4, 2]),
        ({"du": "2025-03-05"}, [4, 3]),
        ({"au": "2025-03-04"}, [2, 1]),
        ({"du": "2025-03-04", "au": "2025-03-04"}, [2, 1]),
        ({"du": "2025-03-05", "au": "2025-03-05"}, [3]),
        ({"nature": "provider", "etape": "granted"}, []),
        ({"acteur": "person:77"}, []),
    ],
)
def test_filters_narrow_and_days_are_whole_in_the_installations_own_zone(
    administrator: Browser, database: Database, asked: dict[str, str], found: list[int]
) -> None:
    """The third came one minute after midnight."""
    with database.read() as session:
        told = session.execute(sa.select(sa.func.max(Event.id))).scalar_one()
    remember(database, subject_kind="role", move="corrected")
    remember(database)
    remember(database, at=LONG_AGO + timedelta(minutes=2), actor="system:command line")
    remember(database, at=LONG_AGO + timedelta(days=2), move="closed")
    shown = administrator.client.get(PATH, query_string={"au": "2025-12-31", **asked})
    ids = [row["id"] for row in read_csv(administrator.client.get(f"{PATH}.csv", query_string={"au": "2025-12-31", **asked}))]
    assert ids == [str(told + number) for number in found], "the file says what the page says"
    assert len(subjects(shown)) == len(found)
    assert ("Aucun événement ne correspond" in shown.text) is not bool(found)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"nature": "role; drop"}, "Ce code n’existe pas"),
        ({"nature": "é"}, "Ce code n’existe pas"),
        ({"etape": "x" * 41}, "Ce code n’existe pas"),
        ({"acteur": "12"}, "Écrivez « person:12 »"),
        ({"acteur": "person:" + "9" * 30}, "Écrivez « person:12 »"),
        ({"acteur": "person:²"}, "Écrivez « person:12 »"),
        ({"acteur": "Marie"}, "Écrivez « person:12 »"),
        ({"du": "hier"}, "Cette valeur ne convient pas"),
        ({"du": "2026-02-30"}, "Cette valeur ne convient pas"),
        ({"du": "0001-01-01"}, "hors du calendrier"),
        ({"au": "9999-12-31"}, "hors du calendrier"),
        ({"du": "2026-03-02", "au": "2026-03-01"}, "vient avant le premier"),
    ],
)
def test_what_cannot_be_asked_is_told_and_nothing_is_shown(administrator: Browser, asked: dict[str, str], said: str) -> None:
    shown = administrator.client.get(PATH, query_string=asked)
    assert shown.status_code == 422
    assert said in shown.text.replace("\u00a0", " ")
    assert not Read(shown).all("table")
    for value in asked.values():
        assert value in [
            *(one.get("value") for one in Read(shown).all("input")),
            *(one.get("value") for one in Read(shown).all("option")),
        ]
    assert administrator.client.get(f"{PATH}.csv", query_string=asked).status_code == 422


def test_pages_follow_each_other_without_a_gap_both_ways(administrator: Browser, database: Database) -> None:
    remember(database, times=2 * PER_PAGE + 7)
    first = administrator.client.get(f"{PATH}?nature=provider")
    assert numbers(first) == list(range(2 * PER_PAGE + 7, PER_PAGE + 7, -1))
    assert link(first, "Plus récents") == ""
    second = administrator.client.get(link(first, "Plus anciens"))
    assert numbers(second) == list(range(PER_PAGE + 7, 7, -1))
    third = administrator.client.get(link(second, "Plus anciens"))
    assert numbers(third) == list(range(7, 0, -1))
    assert link(third, "Plus anciens") == ""
    assert numbers(administrator.client.get(link(third, "Plus récents"))) == numbers(second)
    assert numbers(administrator.client.get(link(second, "Plus récents"))) == numbers(first)
    assert link(third, "Les plus récents") == f"{PATH}?nature=provider"


def test_what_happens_meanwhile_moves_no_page(administrator: Browser, database: Database) -> None:
    remember(database, times=PER_PAGE + 20)
    older = link(administrator.client.get(f"{PATH}?nature=provider"), "Plus anciens")
    before = numbers(administrator.client.get(older))
    remember(database, times=5)
    after = administrator.client.get(older)
    assert numbers(after) == before == list(range(20, 0, -1))
    assert numbers(administrator.client.get(link(after, "Plus récents")))[0] == PER_PAGE + 20, "just before, not the newest"


@pytest.mark.parametrize("odd", ["abc", "-1", "²", "9" * 30, "1e3", "0"])
def test_a_number_that_is_none_shows_the_newest(administrator: Browser, database: Database, odd: str) -> None:
    remember(database, times=3)
    for name in ("avant", "apres"):
        assert numbers(administrator.client.get(PATH, query_string={"nature": "provider", name: odd})) == [3, 2, 1]


def test_before_the_first_event_there_is_nothing_and_after_the_last_the_newest(administrator: Browser, database: Database) -> None:
    remember(database, times=3)
    nothing = administrator.client.get(f"{PATH}?nature=provider&avant=1")
    assert "Rien de plus ancien" in nothing.text
    assert link(nothing, "Revenir aux plus récents") == f"{PATH}?nature=provider"
    assert numbers(administrator.client.get(f"{PATH}?nature=provider&apres=9999999999999999999")) == [3, 2, 1]


def test_a_full_page_costs_as_many_queries_as_a_short_one(
    administrator: Browser, database: Database, count_queries: Counting
) -> None:
    remember(database, times=3)
    with count_queries(database) as few:
        administrator.client.get(f"{PATH}?nature=provider")
    remember(database, times=60)
    with count_queries(database) as many:
        administrator.client.get(f"{PATH}?nature=provider")
    assert len(many) == len(few)


def test_everything_that_the_portal_and_its_demonstration_tell_is_said_in_words(app: Flask, demonstration: Any) -> None:
    """Else a new procedure would show its codes: its badges say them, and the roof joins these."""
    told = Database(demonstration.url)
    said = app.extensions["trail_words"]
    with told.read() as session:
        kinds = set(session.execute(sa.select(Event.subject_kind).distinct()).scalars())
        moves = set(session.execute(sa.select(Event.move).distinct()).scalars())
    told.close()
    assert kinds >= {"title", "edition", "entry", "person", "accreditation", "package"}
    assert kinds - set(said.kinds) == set()
    assert moves - set(said.moves) == set()


def read_csv(response: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))


def test_the_file_holds_what_the_page_filters(administrator: Browser, database: Database) -> None:
    remember(database, reason="Raison, avec « virgule » et\nligne", details={"b": 1, "a": ["x"]})
    link_to_it = link(administrator.client.get(f"{PATH}?nature=provider"), "Télécharger en CSV")
    assert link_to_it == f"{PATH}.csv?nature=provider"
    file = administrator.client.get(link_to_it)
    assert file.mimetype == "text/csv"
    assert file.headers["Content-Disposition"].startswith('attachment; filename="trace-')
    assert file.headers["Cache-Control"] == "no-store"
    (row,) = read_csv(file)
    assert tuple(row) == COLUMNS
    assert row["at"] == "2025-03-04T22:59:00+00:00"
    assert (row["actor"], row["subject_kind"], row["subject_id"]) == ("person:7", "provider", "1")
    assert row["reason"] == "Raison, avec « virgule » et\nligne"
    assert row["details"] == '{"a":["x"],"b":1}'


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("  =1", "'  =1"),
        ("\n=1", "'\n=1"), ("＝1", "'＝1"), ("Raison = bonne", "Raison = bonne"), ("", ""), ("12", "12"), ("{}", "{}"),  # noqa: RUF001
    ],
)  # fmt: skip
def test_no_cell_is_taken_for_a_formula(cell: str, safe: str) -> None:
    assert plain(cell) == safe


def test_a_reason_that_is_a_formula_leaves_as_text(administrator: Browser, database: Database) -> None:
    remember(database, reason='=HYPERLINK("https://evil.example";"Ici")', function="+33", actor="system:=1")
    (row,) = read_csv(administrator.client.get(f"{PATH}.csv?nature=provider"))
    assert row["reason"] == '\'=HYPERLINK("https://evil.example";"Ici")'
    assert row["function"] == "'+33"


def test_the_file_is_sent_by_parts_and_ends_at_its_bound(
    administrator: Browser, database: Database, count_queries: Counting
) -> None:
    remember(database, times=25)
    with count_queries(database) as sent:
        parts = list(file_of(database, Filter(kind="provider"), most=20, at_once=8))
    assert [part.count(b"\r\n") for part in parts] == [1, 8, 8, 4]
    assert len(sent) == 3
    every = [line.partition(b",")[0] for part in parts[1:] for line in part.splitlines()]
    assert len(set(every)) == 20
    assert [int(one) for one in every] == sorted((int(one) for one in every), reverse=True)
    assert [part.count(b"\r\n") for part in file_of(database, Filter(kind="provider"), at_once=25)] == [1, 25]
    assert [part.count(b"\r\n") for part in file_of(database, Filter(kind="booking"))] == [1]


@pytest.mark.parametrize("login", ["region", "proviseure", "enseignante"])
def test_nobody_else_reads_the_trail(app: Flask, ent: str, browser: Browser, login: str) -> None:
    install(app, ent)
    comes_in(browser, login)
    for path in (PATH, f"{PATH}.csv"):
        assert browser.client.get(path).status_code == 403
