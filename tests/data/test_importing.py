"""Importing a file twice changes nothing, a bad one changes nothing, and what a person corrected stays."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import selectinload
from sqlmodel import Session, col, select

from catalogue.titles.importing import KINDS
from catalogue.titles.models import Confidence, Discipline, Fact, Installer, ReleaseCycle, Title
from portal.access import system
from portal.db import METADATA, Database, related
from portal.errors import Refused
from portal.imports import Plan, load
from portal.imports.reading import MEGA
from portal.territories.loading import load_programmes
from portal.territories.models import Programme, School, Teaching
from portal.trail.models import Event
from portal.trail.revision import Revision

ACTOR = system("import")
AT = datetime(2026, 9, 2, 10, tzinfo=UTC)

GOOD: dict[str, dict[str, str]] = {
    "disciplines": {"name": "Mathématiques", "acronyms": "Maths"},
    "levels": {"code": "seconde", "name": "Seconde", "rank": "2"},
    "titles": {
        "slug": "geogebra", "name": "Géogebra", "publisher": "IGI", "licence_type": "libre", "platforms": "windows|linux",
        "category": "Mathématiques", "disciplines": "Mathématiques", "latest_version": "6.0", "winget_id": "G.G",
        "confidence": "high", "source": "winget-2024-04|winget-index-2026-08", "homepage": "https://geogebra.example",
    },
    "categories": {"category": "Mathématiques", "acronyms": "CAS"},
    "words": {"slug": "geogebra", "purpose": "Tracer des courbes.", "needs": "tracer une courbe|mesurer un angle", "levels": "seconde", "usage": "3"},
    "installers": {
        "slug": "geogebra", "version": "6.0", "architecture": "x64", "installer_type": "msi", "silent_switch": "--silent",
        "sha256": "a" * 64, "latest_version_2026_08": "6.0", "up_to_date": "1", "manifest_snapshot": "2024-04-22",
    },
    "cycles": {"product": "geogebra", "cycle": "6", "release_date": "2020-01-01", "eol": "2027-01-01", "lts": "True"},
    "schools": {
        "uai": "0010001W", "name": "Lycée Bérard", "type": "lycée professionnel", "sector": "public", "city": "Ambérieu", "department_code": "01",
        "department": "Ain", "academy": "Lyon", "region": "Auvergne-Rhône-Alpes", "lon": "-5.35", "voie_professionnelle": "1", "voie_generale": "0",
        "state": "OUVERT", "source": "annuaire",
    },
    "bts": {"uai": "0010001W", "in_schools_csv": "1", "domain": "Services", "speciality": "Tourisme"},
}  # fmt: skip


def written(kind: str, *rows: dict[str, str]) -> bytes:
    """A file of that kind; each row says only what differs from the good one."""
    file = io.StringIO()
    writer = csv.DictWriter(file, [column.name for column in KINDS[kind].columns], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({**GOOD[kind], **row} for row in rows or ({},))
    return file.getvalue().encode()


def take(database: Database, kind: str, source: Any, *, dry_run: bool = False) -> Plan:
    return database.write(lambda session: load(session, KINDS[kind], source, actor=ACTOR, at=AT, dry_run=dry_run))


def everything(database: Database) -> dict[str, list[Any]]:
    """All that is stored, to tell that nothing changed."""
    with database.read() as session:
        return {table.name: sorted(map(repr, session.connection().execute(table.select()))) for table in METADATA.sorted_tables}


def titles(database: Database) -> dict[str, Title]:
    with database.read() as session:
        return {title.slug: title for title in session.exec(select(Title))}


@pytest.fixture
def stocked(database: Database) -> Database:
    """A database that holds the good row of each kind."""
    database.write(load_programmes)
    for kind in KINDS:
        take(database, kind, written(kind))
    return database


def test_the_same_file_a_second_time_changes_nothing(stocked: Database) -> None:
    before = everything(stocked)
    for kind in KINDS:
        plan = take(stocked, kind, written(kind))
        assert not plan, kind
        assert len(plan.unchanged) == 1, kind
    assert everything(stocked) == before


def test_a_dry_run_says_what_it_would_do_and_does_not(stocked: Database) -> None:
    before = everything(stocked)
    others = {
        "disciplines": {"name": "Musique"}, "levels": {"code": "bts"}, "titles": {"slug": "xcas"}, "words": {"purpose": "Dessiner."},
        "installers": {"version": "5"}, "cycles": {"cycle": "5"}, "schools": {"uai": "0010002X"}, "bts": {"speciality": "Banque"},
    }  # fmt: skip
    for kind, other in others.items():
        plan = take(stocked, kind, written(kind, other), dry_run=True)
        assert plan.created or plan.changed, kind
    assert everything(stocked) == before


BAD: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "wrong columns": ("titles", lambda: b"slug,name\na,b\n", "il manque publisher"),
    "an extra column": ("titles", lambda: written("titles").replace(b"\n", b",more\n", 1), "more.* colonnes inconnues"),
    "wrong encoding": ("titles", lambda: written("titles").decode().encode("latin-1"), "Ligne 2.* UTF-8"),
    "ten thousand broken lines": ("titles", lambda: written("titles") + b"a,b\n" * 10_000, "et 9950 autres lignes"),
    "a doubled slug": ("titles", lambda: written("titles", {}, {}), "Ligne 3, colonne slug.*ligne 2"),
    "a formula": ("titles", lambda: written("titles", {"name": "=HYPERLINK(1)"}), "Ligne 2, colonne name.*formule"),
    "a script for an address": ("titles", lambda: written("titles", {"homepage": "javascript:alert(1)"}), "adresse web"),
    "an unknown discipline": ("titles", lambda: written("titles", {"disciplines": "Alchimie"}), "Alchimie"),
    "an unknown licence type": ("titles", lambda: written("titles", {"licence_type": "payant"}), "Valeurs possibles"),
    "words about nothing": ("words", lambda: written("words", {"slug": "nowhere"}), "aucun titre ne s’appelle"),
    "an unknown level": ("words", lambda: written("words", {"levels": "maternelle"}), "Niveaux.*seconde"),
    "a hash that is not one": ("installers", lambda: written("installers", {"sha256": "abc"}), "SHA-256"),
    "an installer of nothing": ("installers", lambda: written("installers", {"slug": "nowhere"}), "aucun titre"),
    "an impossible date": ("cycles", lambda: written("cycles", {"release_date": "2020-02-31"}), "n’est pas une date"),
    "an impossible uai": ("schools", lambda: written("schools", {"uai": "0010001A"}), "Ligne 2, colonne uai.*la lettre serait W"),
    "an offer of no school": ("bts", lambda: written("bts", {"uai": "0010002X"}), "aucun établissement"),
}


def test_every_bad_file_changes_nothing_and_says_where(stocked: Database) -> None:
    before = everything(stocked)
    for case, (kind, content, sentence) in BAD.items():
        with pytest.raises(Refused, match=sentence):
            take(stocked, kind, content())
        assert everything(stocked) == before, case


def test_two_hundred_megabytes_change_nothing(stocked: Database, tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(200 * MEGA)
    before = everything(stocked)
    with pytest.raises(Refused, match="dépasse 50\u00a0Mo"):
        take(stocked, "titles", path)
    assert everything(stocked) == before


def test_a_new_title_is_stored_whole_and_remembered(stocked: Database) -> None:
    with stocked.read() as session:
        title = session.exec(select(Title)).one()
        assert (title.slug, title.sort_key, title.platforms) == ("geogebra", "geogebra", ["windows", "linux"])
        assert title.identifiers == {"winget_id": "G.G"}
        assert (title.confidence, title.source) == (Confidence.HIGH, "winget-2024-04|winget-index-2026-08")
        assert title.source_date is not None
        assert title.source_date.isoformat() == "2026-08-22"
        moves = [event.move for event in session.exec(select(Event).order_by(col(Event.id)))]
        assert moves == ["imported", "words-imported", "installers-imported"]


def test_a_change_is_written_remembered_and_shown_to_search_once(stocked: Database) -> None:
    number = revision(stocked)
    take(stocked, "titles", written("titles", {"name": "Zébra", "disciplines": "", "latest_version": "7"}, {"slug": "xcas"}))
    with stocked.read() as session:
        title = session.exec(select(Title).where(Title.slug == "geogebra")).one()
        assert (title.name, title.sort_key) == ("Zébra", "zebra")
        event = session.exec(select(Event).where(Event.move == "reimported")).one()
        assert event.details["changes"]["name"] == ["Géogebra", "Zébra"]
        assert event.details["changes"]["disciplines"] == [["Mathématiques"], []]
    assert revision(stocked) == number + 1


def test_an_old_hash_stops_being_current_when_a_newer_version_is_known(stocked: Database) -> None:
    assert current(stocked) == [True]
    take(stocked, "titles", written("titles", {"latest_version": "7"}))
    assert current(stocked) == [False]
    take(stocked, "installers", written("installers"))
    assert current(stocked) == [False]


def test_a_padded_version_number_stays_current(stocked: Database) -> None:
    take(stocked, "titles", written("titles", {"latest_version": "6.0.0"}))
    assert current(stocked) == [True]


def test_what_a_person_corrected_is_kept_and_listed(stocked: Database) -> None:
    correct = partial(_correct, field="name", value="GeoGebra Classique")
    stocked.write(correct)
    plan = take(stocked, "titles", written("titles", {"publisher": "Autre"}))
    assert plan.kept == {"geogebra": {"name": ("GeoGebra Classique", "Géogebra")}}
    assert plan.changed == {"geogebra": {"publisher": ("IGI", "Autre")}}
    title = titles(stocked)["geogebra"]
    assert (title.name, title.publisher) == ("GeoGebra Classique", "Autre")


def test_a_purpose_that_a_person_corrected_is_kept(stocked: Database) -> None:
    stocked.write(partial(_correct, field="purpose", value="Faire des figures."))
    plan = take(stocked, "words", written("words", {"purpose": "Autre chose."}))
    assert not plan
    assert titles(stocked)["geogebra"].purpose == "Faire des figures."


def test_a_title_that_left_its_sources_stays_marked_so_until_it_comes_back(stocked: Database) -> None:
    plan = take(stocked, "titles", written("titles", {"slug": "xcas"}))
    assert list(plan.missing) == ["geogebra"]
    assert titles(stocked)["geogebra"].withdrawn_from_sources
    assert not take(stocked, "titles", written("titles", {"slug": "xcas"}))
    plan = take(stocked, "titles", written("titles", {}, {"slug": "xcas"}))
    assert plan.changed == {"geogebra": {"withdrawn_from_sources": (True, False)}}


def test_a_file_from_other_sources_does_not_withdraw_a_title(stocked: Database) -> None:
    assert not take(stocked, "titles", written("titles", {"slug": "xcas", "source": "hand-filled"})).missing
    assert not titles(stocked)["geogebra"].withdrawn_from_sources


def test_words_replace_needs_aliases_and_levels(stocked: Database) -> None:
    take(stocked, "words", written("words", {"needs": "mesurer un angle|Tracer une droite", "aliases": "GGB|Géo", "levels": ""}))
    with stocked.read() as session:
        title = session.exec(select(Title).options(*_loaded())).one()
        assert [need.name for need in title.needs] == ["mesurer un angle", "Tracer une droite"]
        assert {alias.name for alias in title.aliases} == {"GGB", "Géo"}
        assert title.levels == []


def test_one_need_spelt_twice_is_one_need(stocked: Database) -> None:
    take(stocked, "titles", written("titles", {}, {"slug": "xcas"}))
    take(stocked, "words", written("words", {}, {"slug": "xcas", "needs": "Tracer une courbe|mesurer un angle"}))
    with stocked.read() as session:
        loaded = session.exec(select(Title).options(*_loaded())).all()
        assert {need.key for need in loaded[0].needs} == {need.key for need in loaded[1].needs}


def test_a_branch_or_an_installer_that_left_its_file_is_removed(stocked: Database) -> None:
    take(stocked, "cycles", written("cycles", {"cycle": "7", "eol": "True"}))
    take(stocked, "installers", written("installers", {"version": "6.0.1"}))
    with stocked.read() as session:
        cycle = session.exec(select(ReleaseCycle)).one()
        assert (cycle.cycle, cycle.ended, cycle.ends_on, cycle.long_term) == ("7", True, None, True)
        assert session.exec(select(Installer.version_label)).all() == ["6.0.1"]


def test_a_school_keeps_its_declarations_and_changes_its_published_tracks(stocked: Database) -> None:
    stocked.write(_declare_general_track)
    take(
        stocked, "schools", written("schools", {"voie_professionnelle": "0", "voie_generale": "1", "post_bac": "1", "city": "Lyon"})
    )
    assert taught(stocked) == {"track:general": True, "track:post-bac": False, "bts:tourisme": False}
    with stocked.read() as session:
        assert session.exec(select(School)).one().city_key == "lyon"


def test_a_school_that_left_the_directory_is_closed_rather_than_forgotten(stocked: Database) -> None:
    plan = take(stocked, "schools", written("schools", {"uai": "0010002X"}))
    assert plan.missing == {"0010001W": {"open": (True, False)}}
    with stocked.read() as session:
        assert {school.uai: school.open for school in session.exec(select(School))} == {"0010001W": False, "0010002X": True}


def test_a_bts_that_is_no_longer_offered_is_no_longer_taught(stocked: Database) -> None:
    plan = take(stocked, "bts", written("bts", {"speciality": "Banque"}))
    assert (list(plan.created), list(plan.missing)) == (["0010001W bts:banque"], ["0010001W bts:tourisme"])
    assert taught(stocked) == {"track:vocational": False, "bts:banque": False}


def test_offers_of_schools_outside_the_directory_are_left_aside(stocked: Database) -> None:
    assert not take(stocked, "bts", written("bts", {}, {"uai": "0010002X", "in_schools_csv": "0"}))


def test_a_discipline_is_renamed_in_place(stocked: Database) -> None:
    take(stocked, "disciplines", written("disciplines", {"name": "mathématiques", "acronyms": "Maths|MPI"}))
    with stocked.read() as session:
        assert [(found.name, found.acronyms) for found in session.exec(select(Discipline))] == [("mathématiques", "Maths|MPI")]


def revision(database: Database) -> int:
    with database.read() as session:
        return session.exec(select(Revision.number)).one()


def current(database: Database) -> list[bool]:
    with database.read() as session:
        return list(session.exec(select(Installer.current)))


def taught(database: Database) -> dict[str, bool]:
    with database.read() as session:
        query = select(Programme.code, Teaching.declared).join(Teaching, col(Teaching.programme_id) == Programme.id)
        return dict(session.exec(query).all())


def _loaded() -> list[Any]:
    return [selectinload(related(each)) for each in (Title.needs, Title.levels, Title.aliases)]


def _correct(session: Session, field: str, value: str) -> None:
    title = session.exec(select(Title)).one()
    setattr(title, field, value)
    session.add(
        Fact(
            title_id=title.key,
            field=field,
            source="site de l’éditeur",
            reason="faute",
            confidence=Confidence.HIGH,
            at=AT,
            by="Région",
        )
    )


def _declare_general_track(session: Session) -> None:
    school, programme = (
        session.exec(select(School)).one(),
        session.exec(select(Programme).where(Programme.code == "track:general")).one(),
    )
    session.add(Teaching(school_id=school.key, programme_id=programme.key, source="Déclaration", declared=True))
