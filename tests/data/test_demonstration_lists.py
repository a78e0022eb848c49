"""The lists' life as the demonstration tells it: every year a list could have lived, by moves alone, told once."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy.orm import aliased, joinedload
from sqlmodel import Session, col, select

from app import create_app
from catalogue.lists import loading
from catalogue.lists.loading import chapters
from catalogue.lists.models import SEATED, Edition, EditionStatus, Entry, EntryStatus, Frozen, FrozenFormat, SoftwareList
from catalogue.lists.queries import document_of, frozen
from catalogue.titles.models import Title
from portal.db import Database, related
from portal.letters.models import Letter, Notice
from portal.settings import Environment, Settings
from portal.trail.models import Event
from portal.web.kit import Portal
from tests import postgres
from tests.data.demonstrations import DAY, SECRET, ZONE
from workflows import demo
from workflows.editions.guards import NOTICE
from workflows.editions.letters import VOTED

SHORTEST_REASON, LONGEST_REASON = 30, 200
TOLD_BEFORE_THE_INTERRUPTION = 10
MARCH = date(2026, 3, 2)
ONE_EDITION_ONLY = {"hotellerie", "st2s", "agriculture"}
ALL = {"socle", "sti2d", "sio-ciel", "stmg", "std2a", "batiment", "socle-colleges", *ONE_EDITION_ONLY}


@dataclass(frozen=True)
class Told:
    """A demonstration, and which editions it had when its day was in March."""

    portal: Portal
    in_march: Mapping[tuple[str, str], EditionStatus]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Loaded in March, again in November and interrupted, then to the end; tests read it, or load it once more."""
    folder = tmp_path_factory.mktemp("lists")
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("sqlite_template"), folder / "logitheque.sqlite")
        yield from tell(f"sqlite:///{path}", folder)
    else:
        with postgres.copy(os.environ["TESTS_POSTGRESQL"]) as url:
            yield from tell(url, folder)


def tell(url: str, folder: Path) -> Iterator[Told]:
    settings = Settings(
        secret_key=SECRET, environment=Environment.DEMONSTRATION, database_url=url, var=folder / "var", log_json=False
    )
    portal: Portal = create_app(settings).extensions["logitheque"]
    portal.clock.move_to(MARCH, ZONE)
    demo.load_everything(portal)
    with portal.database.read() as session:
        editions = session.exec(select(SoftwareList, Edition).join(Edition)).all()
        in_march = {(held.slug, edition.label): edition.status for held, edition in editions}
    portal.clock.move_to(DAY, ZONE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "chapters", interrupted)
        with pytest.raises(KeyboardInterrupt):
            demo.live(portal)
    demo.live(portal)
    yield Told(portal, in_march)
    portal.database.close()


def interrupted() -> Iterator[loading.Chapter]:
    yield from chapters()[:TOLD_BEFORE_THE_INTERRUPTION]
    raise KeyboardInterrupt


@pytest.fixture
def session(told: Told) -> Iterator[Session]:
    with told.portal.database.read() as session:
        yield session


def editions(session: Session, slug: str) -> dict[str, Edition]:
    found = session.exec(select(Edition).join(SoftwareList).where(SoftwareList.slug == slug).order_by(col(Edition.id)))
    return {edition.label: edition for edition in found}


def entries(session: Session, edition: Edition) -> dict[str, Entry]:
    rows = session.exec(
        select(Title.slug, Entry).join(Entry, col(Entry.title_id) == col(Title.id)).where(Entry.edition_id == edition.key)
    )
    return dict(rows.all())


def statuses(session: Session, edition: Edition) -> Counter[EntryStatus]:
    return Counter(entry.status for entry in entries(session, edition).values())


def written(database: Database) -> dict[str, Any]:
    with database.read() as session:
        return {
            model.__name__: [row.model_dump() for row in session.exec(select(model).order_by(col(model.id)))]
            for model in (SoftwareList, Edition, Entry, Event, Notice, Letter)
        }


def test_the_socle_has_lived_two_years_an_amendment_and_prepares_the_next(session: Session) -> None:
    socle = editions(session, "socle")
    assert {label: edition.status.value for label, edition in socle.items()} == {
        "2025-2026": "archived", "2026-2027": "archived", "2026-2027.1": "current", "2027-2028": "draft",
    }  # fmt: skip
    used = {label: document_of(session, edition)["used"] for label, edition in socle.items()}
    assert used == {"2025-2026": 190, "2026-2027": 195, "2026-2027.1": 196, "2027-2028": 193}
    assert socle["2026-2027.1"].starts_on == date(2026, 11, 2)
    assert socle["2027-2028"].voted_on is None
    drafted = statuses(session, socle["2027-2028"])
    assert (drafted[EntryStatus.PROPOSED], drafted[EntryStatus.LEAVING], drafted[EntryStatus.SET_ASIDE]) == (8, 4, 1)


def test_every_list_has_one_edition_in_force_on_the_day_and_it_covers_the_day(session: Session) -> None:
    current = session.exec(
        select(SoftwareList.slug, Edition).join(Edition).where(Edition.status == EditionStatus.CURRENT)
    ).all()  # fmt: skip
    assert {slug: edition.label for slug, edition in current} == {
        slug: "2026-2027.1" if slug == "socle" else "2026-2027" for slug in ALL
    }
    assert len(current) == len(ALL)
    assert all(edition.starts_on <= DAY <= edition.ends_on for _slug, edition in current)


@pytest.mark.parametrize("slug", sorted(ALL - ONE_EDITION_ONLY))
def test_a_year_can_be_compared_with_the_one_before(session: Session, slug: str) -> None:
    found = editions(session, slug)
    assert found["2025-2026"].status is EditionStatus.ARCHIVED
    changes = frozen(session, found["2026-2027"])["changes"]
    assert changes["since"] == "2025-2026"
    assert all(changes[kind] for kind in ("entered", "left", "updated"))
    assert [one["slug"] for one in changes["entered"] if not one["reason"]] == []
    assert [one["slug"] for one in changes["left"] if not (one["reason"] and one["replacement"])] == []
    assert [one["slug"] for one in changes["updated"] if one["was"] == one["now"]] == []


@pytest.mark.parametrize("slug", sorted(ONE_EDITION_ONLY))
def test_some_lists_have_no_year_before(session: Session, slug: str) -> None:
    (only,) = editions(session, slug).values()
    assert frozen(session, only)["changes"] == {"since": None, "entered": [], "left": [], "updated": []}


def test_the_amendment_says_what_entered_what_left_and_what_was_updated(session: Session) -> None:
    changes = frozen(session, editions(session, "socle")["2026-2027.1"])["changes"]
    assert changes["since"] == "2026-2027"
    assert {one["slug"] for one in changes["entered"]} == {"freedom-scientific-jaws-2024", "sonic-pi", "testdisk"}
    assert {one["slug"]: one["replacement"]["slug"] for one in changes["left"]} == {"greenshot": "sharex", "rastop": "libmol"}
    assert "mozilla-firefox-esr" in {one["slug"] for one in changes["updated"]}


def test_the_draft_leaves_out_what_was_announced_to_leave(session: Session) -> None:
    document = document_of(session, editions(session, "socle")["2027-2028"])
    assert {one["slug"] for one in document["changes"]["left"]} == {
        "dia", "edupython", "framindmap", "geogebra-classic-5", "hot-potatoes", "java-8",
    }  # fmt: skip
    assert {one["slug"] for one in document["changes"]["entered"]} == {"classpad-manager", "openchrom", "ugene"}
    assert {one["slug"] for one in document["leaving"]} == {"irfanview", "openshot-video-editor", "padlet", "pyzo"}
    assert len(document["candidates"]) == 8
    assert document["used"] + len(document["candidates"]) > document["capacity"]  # it must choose: entries need exits


def test_the_main_geogebra_has_been_there_since_the_beginning_and_changed_version(session: Session) -> None:
    held = {label: entries(session, edition)["geogebra-classic"] for label, edition in editions(session, "socle").items()}
    assert {entry.since for entry in held.values()} == {date(2019, 9, 1)}
    assert (held["2025-2026"].version_label, held["2026-2027.1"].version_label) == ("6.0.890", "6.0.927")
    assert len({entry.reason for entry in held.values()}) == 1


def test_no_version_of_a_list_ever_passed_its_cap(session: Session) -> None:
    found = session.exec(select(SoftwareList, Edition).join(Edition)).all()
    used = {
        edition.key: sum(count for status, count in statuses(session, edition).items() if status in SEATED) for _, edition in found
    }
    assert [
        (held.slug, edition.label) for held, edition in found if held.capacity is not None and used[edition.key] > held.capacity
    ] == []
    assert all(used.values())


def test_what_was_voted_was_frozen_on_the_day_of_its_vote(session: Session) -> None:
    voted = session.exec(select(Edition).where(Edition.status != EditionStatus.DRAFT)).all()
    stored = session.exec(select(Frozen, Edition).join(Edition, col(Edition.id) == col(Frozen.edition_id))).all()
    assert {edition.key for edition in voted} == {edition.key for _, edition in stored}
    assert len(stored) == len(voted) * len(FrozenFormat)
    assert [edition.label for one, edition in stored if one.frozen_at.date() != edition.voted_on] == []
    amended = editions(session, "socle")["2026-2027.1"]
    (body,) = [one.body for one, edition in stored if edition is amended and one.format is FrozenFormat.JSON]
    assert orjson.loads(body)["status"] == "voted"


def test_exits_are_announced_near_a_year_ahead_with_a_reason_and_what_comes_instead(session: Session) -> None:
    replacement = aliased(Entry)
    leaving = session.exec(
        select(Entry, Event.at)
        .join(Event, col(Event.subject_id) == col(Entry.id))
        .where(Event.subject_kind == Entry.__tablename__, Event.move == "announce_exit")
    ).all()
    assert Counter(entry.ends_on for entry, _at in leaving) == {
        date(2026, 8, 31): 12, date(2027, 8, 31): 8, date(2028, 8, 31): 2,
    }  # fmt: skip
    assert all(entry.ends_on and entry.ends_on - at.date() >= NOTICE for entry, at in leaving)
    assert all(len(entry.exit_reason) >= SHORTEST_REASON for entry, _at in leaving)
    there = session.exec(
        select(Entry.id).join(
            replacement,
            (col(replacement.edition_id) == col(Entry.edition_id)) & (col(replacement.title_id) == col(Entry.replacement_id)),
        )
    ).all()
    assert {entry.key for entry, _at in leaving} <= set(there)


def test_reasons_are_one_readable_sentence_or_two_and_never_repeated() -> None:
    reasons = [row["reason"] for name in ("entries.csv", "changes.csv") for row in loading.rows(name) if row["reason"]]
    assert [text for text, times in Counter(reasons).items() if times > 1] == []
    assert [text for text in reasons if not SHORTEST_REASON <= len(text) <= LONGEST_REASON] == []
    assert [text for text in reasons if not text.endswith((".", "?"))] == []


def test_what_is_listed_and_what_is_asked_for_say_why(session: Session) -> None:
    silent = [
        (chapter.list_slug, change.slug) for chapter in chapters() for change in chapter.changes
        if change.move in {"propose", "set_aside", "propose_exit", "keep", "announce_exit"} and not change.reason
    ]  # fmt: skip
    assert silent == []
    assert session.exec(select(Entry.id).where(Entry.reason == "")).all() == []
    assert session.exec(select(Event.id).where(Event.move == "amend", Event.reason == "")).all() == []


def test_what_happened_is_dated_in_order_and_before_the_day(session: Session) -> None:
    held = session.exec(select(Edition).options(joinedload(related(Edition.entries)))).unique().all()
    for edition in held:
        keys = {entry.key for entry in edition.entries}
        events = session.exec(
            select(Event)
            .where(
                ((col(Event.subject_kind) == Edition.__tablename__) & (col(Event.subject_id) == edition.key))
                | ((col(Event.subject_kind) == Entry.__tablename__) & col(Event.subject_id).in_(keys))
            )
            .order_by(col(Event.id))
        ).all()
        assert events[0].move == "drafted"
        assert all(before.at <= after.at for before, after in pairwise(own(events, "edition")))
        assert all(before.at <= after.at for before, after in pairwise(own(events, "entry")))
        last = edition.voted_on or DAY
        assert all(events[0].at.date() <= event.at.date() <= last for event in own(events, "entry"))


def own(events: Any, kind: str) -> list[Event]:
    return [event for event in events if event.subject_kind == kind]


def test_files_name_days_in_the_order_in_which_they_come() -> None:
    for chapter in chapters():
        days = [chapter.drafted_on, *(change.on for change in chapter.changes), *([chapter.voted_on] if chapter.voted_on else [])]
        assert days == sorted(days), chapter.list_slug
        assert chapter.voted_on is None or chapter.voted_on < chapter.starts_on


def test_dates_of_the_files_are_those_that_the_moves_gave(session: Session) -> None:
    stored = {
        (held.slug, edition.school_year, edition.amendment): (edition.starts_on, edition.ends_on, edition.voted_on)
        for held, edition in session.exec(select(SoftwareList, Edition).join(Edition))
    }
    assert stored == {
        (one.list_slug, one.school_year, one.amendment): (one.starts_on, one.ends_on, one.voted_on) for one in chapters()
    }


def test_each_vote_was_told_the_latest_waits_for_its_letter_and_none_of_another_year_leaves_now(session: Session) -> None:
    told = session.exec(select(Notice).where(Notice.code == VOTED.code)).all()
    assert len(told) == sum(chapter.voted_on is not None for chapter in chapters())
    assert all(one.address and one.person_id is None for one in told)
    (waiting,) = [one for one in told if one.post_at is not None]
    assert waiting.at.date() == date(2026, 10, 15)
    assert session.exec(select(Letter)).all() == []


def test_loading_again_writes_nothing(told: Told) -> None:
    before = written(told.portal.database)
    demo.live(told.portal)
    assert written(told.portal.database) == before


def test_a_day_tells_only_what_it_has_seen(told: Told) -> None:
    assert told.in_march == {(slug, "2025-2026"): EditionStatus.CURRENT for slug in ALL - ONE_EDITION_ONLY}
