"""What comes with the portal loads whole, quickly, twice without harm, and says what is made up."""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlmodel import Session, col, func, select

from catalogue.lists import loading as lists
from catalogue.lists.models import Edition, SoftwareList
from catalogue.support import loading as decisions
from catalogue.support.models import Decision, Support
from catalogue.titles.importing import load_catalogue
from catalogue.titles.models import Discipline, Installer, Level, Need, ReleaseCycle, Title
from portal.access import system
from portal.db import METADATA, Database
from portal.imports import Plan
from portal.territories.loading import load_declarations, load_offers, load_programmes, load_schools, load_territories
from portal.territories.models import Programme, ProgrammeKind, Room, School, Teaching, Territory
from portal.trail.revision import Revision
from tests import postgres

ACTOR = system("import")
AT = datetime(2026, 9, 2, 10, tzinfo=UTC)
POLYVALENT, VOCATIONAL = "0261505V", "0260037Z"


def load_all(session: Session) -> dict[str, Plan]:
    plans = load_catalogue(session, actor=ACTOR, at=AT)
    plans |= {"territories": load_territories(session), "programmes": load_programmes(session)}
    plans |= {"schools": load_schools(session, actor=ACTOR, at=AT), "bts": load_offers(session, actor=ACTOR, at=AT)}
    return plans | load_declarations(session)


def load_demonstration(session: Session) -> list[int]:
    territories = session.exec(select(Territory)).all()
    return [
        len(rows)
        for each in territories
        for rows in (lists.load_demonstration(session, each), decisions.load_demonstration(session, each))
    ]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Everything, loaded once for this module: its tests only read, or leave the database as it was."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path_factory.mktemp("loaded") / "logitheque.sqlite")
        yield from filled(f"sqlite:///{path}")
    else:
        with postgres.copy(os.environ["TESTS_POSTGRESQL"]) as url:
            yield from filled(url)


def filled(url: str) -> Iterator[Database]:
    database = Database(url)
    database.write(load_all)
    database.write(load_demonstration)
    yield database
    database.close()


@pytest.fixture
def session(loaded: Database) -> Iterator[Session]:
    with loaded.read() as session:
        yield session


def count(session: Session, model: type[Any], *where: Any) -> int:
    return session.exec(select(func.count()).select_from(model).where(*where)).one()


def revision(database: Database) -> int:
    with database.read() as session:
        return session.exec(select(Revision.number)).one()


def sizes(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {table.name: session.exec(select(func.count()).select_from(table)).one() for table in METADATA.sorted_tables}


def test_the_whole_catalogue_is_there(session: Session) -> None:
    assert count(session, Title) == 1307
    assert count(session, Title, col(Title.purpose) != "") == 668
    assert (count(session, Discipline), count(session, Level)) == (24, 7)
    assert count(session, Need) >= 120
    assert count(session, ReleaseCycle) == 2894
    assert count(session, School) == 13312


def test_a_hash_is_current_only_for_the_newest_version_known(session: Session) -> None:
    assert count(session, Installer) == 1220  # two rows of the file say the same thing twice
    current = session.exec(select(Installer.version_label, Title.latest_version).join(Title).where(col(Installer.current))).all()
    assert len(current) == 219
    assert {label.removesuffix(".0") for label, newest in current if newest} == {
        newest.removesuffix(".0") for label, newest in current if newest
    }


def test_every_title_has_its_provenance(session: Session) -> None:
    assert count(session, Title, col(Title.source) == "") == 0
    day = session.exec(select(Title.source_date).where(Title.slug == "7-zip")).one()
    assert day == date(2026, 8, 22)
    unverified = session.exec(select(Title.source_date).where(Title.source == "hand-compiled-unverified")).all()
    assert set(unverified) == {None}


def test_a_school_that_declares_more_is_shown_to_pages(database: Database) -> None:
    """Stamps of pages and the index follow the revision, which moves when a part of what schools are changes, and only then."""
    steps: list[Callable[[Session], Any]] = [
        load_territories,
        load_programmes,
        lambda session: load_schools(session, actor=ACTOR, at=AT),
        lambda session: load_offers(session, actor=ACTOR, at=AT),
        load_declarations,
    ]
    for load in steps:
        before = revision(database)
        database.write(load)
        after = revision(database)
        assert after > before
        database.write(load)
        assert revision(database) == after


def test_the_second_load_changes_nothing(loaded: Database) -> None:
    before = sizes(loaded)
    plans = loaded.write(load_all)
    assert [kind for kind, plan in plans.items() if plan] == []
    assert set(loaded.write(load_demonstration)) == {0}
    assert sizes(loaded) == before


def test_a_region_serves_its_public_lycees_and_a_department_its_colleges(session: Session) -> None:
    region, department = (session.exec(select(Territory).where(Territory.code == code)).one() for code in ("aura", "isere"))
    schools = session.exec(select(School).where(School.region == region.area)).all()
    served = Counter(territory.code for school in schools for territory in (region, department) if territory.serves(school))
    assert served == {
        "aura": 344,
        "isere": sum(s.kind == "collège" and s.sector == "public" and s.department_code == "38" for s in schools),
    }
    assert served["isere"] > 90
    assert region.is_demonstration
    assert department.is_demonstration
    assert set(region.process) == {"who", "delay", "payer", "effect", "notice"}


def test_what_a_school_teaches_is_what_is_published_unless_it_is_marked_declared(session: Session) -> None:
    taught = session.exec(
        select(Teaching, Programme.code, School.uai)
        .join(Programme, col(Programme.id) == Teaching.programme_id)
        .join(School, col(School.id) == Teaching.school_id)
    ).all()
    declared = {uai for teaching, _code, uai in taught if teaching.declared}
    assert declared == {POLYVALENT, VOCATIONAL}
    assert [code for teaching, code, _uai in taught if teaching.declared != teaching.fictitious] == []
    published = {code.split(":")[0] for teaching, code, _uai in taught if not teaching.declared}
    assert published == {"track", "bts"}
    polyvalent = {code for _teaching, code, uai in taught if uai == POLYVALENT}
    assert {"track:general", "track:technological", "bts:sio", "bts:cg", "series:sti2d"} <= polyvalent


def test_series_exist_without_any_published_school(session: Session) -> None:
    series = session.exec(select(Programme.code).where(Programme.kind == ProgrammeKind.SERIES)).all()
    assert {
        "series:sti2d",
        "series:stmg",
        "series:st2s",
        "series:std2a",
        "series:stl",
        "series:sthr",
        "series:s2tmd",
        "series:stav",
    } == set(series)


def test_the_demonstration_schools_have_fictitious_rooms(session: Session) -> None:
    rooms = session.exec(select(Room, School.uai).join(School, col(School.id) == Room.school_id)).all()
    assert Counter(uai for _room, uai in rooms) == {POLYVALENT: 4, VOCATIONAL: 3}
    assert all(room.fictitious and room.seats for room, _uai in rooms)


def test_names_of_bts_have_their_accents(session: Session) -> None:
    names = session.exec(select(Programme.name).where(Programme.kind == ProgrammeKind.BTS)).all()
    assert "BTS Électrotechnique" in names
    assert "BTS Management en hôtellerie-restauration (MHR)" in names
    assert [name for name in names if not name.startswith(("BTS ", "BTSA ", "BTSM "))] == []


def test_lists_come_without_an_edition(session: Session) -> None:
    """Their editions are moves, which the demonstration makes: see `test_demonstration_lists`."""
    assert count(session, Edition) == 0
    capacities = dict(session.exec(select(SoftwareList.slug, SoftwareList.capacity)).all())
    assert capacities == {
        "socle": 200, "sti2d": 60, "sio-ciel": 50, "stmg": 30, "hotellerie": None, "std2a": 40, "st2s": None, "batiment": 25,
        "agriculture": None, "socle-colleges": 60,
    }  # fmt: skip


def test_decisions_cover_every_level_and_one_is_over(session: Session) -> None:
    found = session.exec(select(Decision)).all()
    assert len(found) >= 25
    assert {decision.level for decision in found} == {
        Support.UNSUPPORTED, Support.SCHOOL, Support.EXPERIMENTAL, Support.REFUSED, Support.FORBIDDEN,
    }  # fmt: skip
    assert any(decision.until and decision.until < date(2026, 9, 1) for decision in found)
    assert any(decision.paid_by for decision in found)
