"""The index follows the database within two seconds, and no death of a process leaves search down, stale or half built."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import Session

from catalogue.search.answering import answer, find
from catalogue.search.building import KEPT, Builder
from catalogue.search.question import Question
from catalogue.search.shelf import POINTER, NotIndexedYet, Shelf, Volume, home
from catalogue.titles.models import Category, Confidence, LicenceType, Title
from portal.clock import Clock
from portal.db import Database
from portal.settings import ROOT
from portal.territories.models import Territory, TerritoryLevel
from portal.trail.revision import bump
from portal.web.kit import Portal
from tests.data.demonstrations import Demonstration
from tests.data.serving import FLASK, Served, command, environment, kill, served, until

pytest_plugins = ("tests.data.catalogue_data",)

BAR = 2.0  # seconds from the end of the command to the last stale answer
AFTER_A_DEATH = 25.0  # measured: 2 s; other tests share the machine, and a worker may have to start meanwhile
ENOUGH = 40  # connections in a row: both workers are among those who answer


@pytest.fixture
def portal(own_app: Flask) -> Portal:
    found: Portal = own_app.extensions["logitheque"]
    return found


@pytest.fixture
def builder(own_app: Flask) -> Builder:
    found: Builder = own_app.extensions["builder"]
    return found


@pytest.fixture(scope="module")
def running(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One portal for the tests that follow: each leaves it repaired."""
    with served(demonstration.copy_to(tmp_path_factory.mktemp("served") / "var").settings) as portal:
        yield portal


def _edit(running: Served, purpose: str) -> None:
    said = command(running.settings, "catalogue", "edit", "gimp", "purpose", purpose, "--source", "essai", "--reason", "essai")
    assert "Fiche corrigée" in said


def _is_of(folder: Path, day: str) -> bool:
    return (folder / POINTER).readlink().name.endswith(day)


def _status(running: Served) -> int:
    try:
        return running.get("/catalogue?q=gimp")[0]
    except OSError:
        return 0


def _seconds_until_everywhere(running: Served, purpose: str) -> float:
    """From now to the last answer that was still the old one."""
    began = last_stale = time.monotonic()
    in_a_row = 0
    while in_a_row < ENOUGH:
        asked = time.monotonic()
        status, body = running.get("/api/v1/titles/gimp")
        assert status == 200
        if json.loads(body)["purpose"] == purpose:
            in_a_row += 1
        else:
            in_a_row, last_stale = 0, asked
            time.sleep(0.02)  # leave the processor to those who work
        assert asked - began < 30, f"never shown: {body[:200]}"
    return last_stale - began


def test_a_change_is_found_in_every_worker_within_two_seconds(running: Served) -> None:
    """Each change is found; other tests share the processors, so the bar is asked of the quickest of five."""
    took = []
    for number in range(5):
        purpose = f"Retoucher une photo, fois {number}."
        _edit(running, purpose)
        took.append(_seconds_until_everywhere(running, purpose))
        if took[-1] <= BAR:
            break
    assert min(took) <= BAR, took


def test_the_death_of_the_indexer_is_repaired(running: Served) -> None:
    (indexer,) = running.indexers()
    kill(indexer)
    _edit(running, "Retoucher après une mort.")
    assert _seconds_until_everywhere(running, "Retoucher après une mort.") <= AFTER_A_DEATH
    until(lambda: len(running.indexers()) == 1)
    assert running.indexers() != [indexer]


def test_the_death_of_a_worker_fails_no_answer_and_search_goes_on(running: Served) -> None:
    (indexer,) = running.indexers()
    parent = int(Path(f"/proc/{indexer}/stat").read_text().rpartition(")")[2].split()[1])
    assert len(running.workers()) == 2
    before = running.started()
    kill(parent)  # the worker whose end is the indexer's
    answers = [_status(running) for _ in range(ENOUGH)]
    assert answers.count(200) >= ENOUGH - 1, answers  # one was in flight
    assert answers[-ENOUGH // 2 :] == [200] * (ENOUGH // 2)
    _edit(running, "Retoucher sans un ouvrier.")
    assert _seconds_until_everywhere(running, "Retoucher sans un ouvrier.") <= AFTER_A_DEATH
    until(lambda: running.started() == before + 1 and len(running.indexers()) == 1)
    assert len(set(running.workers()) - {parent}) == 2


def test_a_new_day_is_a_new_index(running: Served) -> None:
    """Julia's trial ends on 30 June 2027; that day included."""
    levels = {}
    for day in ("2027-06-30", "2027-07-01"):
        command(running.settings, "demo", "clock", day)
        until(partial(_is_of, home(running.settings.var), day))
        time.sleep(1.1)  # a worker looks once a second
        levels[day] = {json.loads(running.get("/api/v1/titles/julia")[1])["support"]["level"] for _ in range(ENOUGH)}
    assert levels == {"2027-06-30": {"experimental"}, "2027-07-01": {"known"}}


def test_nothing_new_is_not_built_again(portal: Portal, builder: Builder) -> None:
    assert builder.build_if_needed() is False
    portal.database.write(bump)
    assert builder.build_if_needed() is True
    assert builder.build_if_needed() is False


def test_two_who_build_at_once_leave_one_whole_index(own_app: Flask, portal: Portal) -> None:
    portal.database.write(bump)
    both = [
        subprocess.Popen([*FLASK, "index", "build"], cwd=ROOT, env=environment(portal.settings), stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = sorted(one.communicate(timeout=60)[0].strip() for one in both)
    assert said[0] == "Index construit."
    assert said[1] in {"Index déjà à jour.", "Un autre processus tient déjà l’index à jour sur cette machine."}
    _is_whole(_open(portal))


def test_two_who_build_without_knowing_each_other_leave_one_whole_index(portal: Portal) -> None:
    """As when a lock is lost: each writes in its own folder, the last to end is pointed at."""
    portal.database.write(bump)
    script = "from app import serve; app = serve(); app.extensions['builder'].build_if_needed()"
    both = [
        subprocess.Popen([FLASK[0], "-c", script], cwd=ROOT, env=environment(portal.settings), stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    assert 0 in [one.wait(60) for one in both]
    _is_whole(_open(portal))


def test_a_build_killed_half_way_leaves_the_old_index_served(portal: Portal, builder: Builder) -> None:
    folder = home(portal.settings.var)
    before = (folder / POINTER).readlink()
    portal.database.write(bump)
    building = subprocess.Popen([*FLASK, "index", "build"], cwd=ROOT, env=environment(portal.settings))
    try:
        until(lambda: list(folder.glob("building-*/rows.json-lines")))
    finally:
        kill(building.pid)
        building.wait()
    assert (folder / POINTER).readlink() == before
    _is_whole(_open(portal))
    with builder.alone(wait=False) as free:  # the system gave the lock back
        assert free
        assert builder.build_if_needed()
    _is_whole(_open(portal))


def test_a_folder_left_by_a_death_before_the_end_is_built_again(portal: Portal, builder: Builder) -> None:
    folder = home(portal.settings.var)
    revision, day = re.fullmatch(r"(\d+)-(.*)", (folder / POINTER).readlink().name).groups()  # type: ignore[union-attr]
    portal.database.write(bump)
    left = folder / f"{int(revision) + 1}-{day}"
    left.mkdir()
    (left / "meta.json").write_text("half")
    assert builder.build_if_needed()
    assert (folder / POINTER).readlink().name == left.name
    _is_whole(_open(portal))


def test_old_indexes_are_put_away(portal: Portal, builder: Builder) -> None:
    for _ in range(KEPT + 2):
        portal.database.write(bump)
        builder.build_if_needed()
    folders = [path for path in home(portal.settings.var).iterdir() if path.is_dir() and not path.is_symlink()]
    assert len(folders) == KEPT + 1


def test_only_one_keeps_the_index(portal: Portal, builder: Builder) -> None:
    with builder.alone(wait=False) as mine:
        assert mine
        keep = subprocess.run(
            [*FLASK, "index", "keep", "--parent", str(os.getpid())],
            cwd=ROOT,
            env=environment(portal.settings),
            timeout=30,
            check=False,
        )
        assert keep.returncode == 0


def test_a_worker_looks_for_a_newer_index_once_per_look(portal: Portal, builder: Builder) -> None:
    now = [100.0]
    shelf = Shelf(home(portal.settings.var), timedelta(seconds=1), lambda: now[0])
    first = shelf.volume()
    portal.database.write(bump)
    builder.build_if_needed()
    now[0] += 0.99
    assert shelf.volume() is first
    now[0] += 0.02
    assert shelf.volume().name != first.name


def test_an_open_index_outlives_its_folder_and_its_pointer(portal: Portal) -> None:
    shelf = Shelf(home(portal.settings.var), timedelta())
    held = shelf.volume()
    shutil.rmtree(home(portal.settings.var))
    assert shelf.volume() is held
    _is_whole(held)


def test_a_host_without_an_index_says_to_come_back(tmp_path: Path) -> None:
    with pytest.raises(NotIndexedYet):
        Shelf(tmp_path, timedelta()).volume()


def test_a_new_installation_asks_to_come_back(app: Flask) -> None:
    """Without an index, then with the index of a database in which nothing was loaded."""
    addresses = ("/", "/catalogue", "/catalogue/gimp", "/comparer?titres=a,b", "/api/v1/titles")
    client = app.test_client()
    assert {client.get(address).status_code for address in addresses} == {503}
    builder: Builder = app.extensions["builder"]
    with builder.alone(wait=False):
        assert builder.build_if_needed()
    assert {client.get(address).status_code for address in addresses} == {503}


def test_any_database_is_indexed(database: Database, tmp_path: Path) -> None:
    """With nothing in it, then with one title of a name that no markup may take for itself."""
    clock = Clock(tmp_path / "clock")
    builder = Builder(database, clock, tmp_path / "index")
    shelf = Shelf(tmp_path / "index", timedelta())
    with builder.alone(wait=False):
        builder.build_if_needed()
    assert shelf.volume().meta["count"] == 0
    database.write(_one_title)
    builder.build_if_needed()
    given = answer(shelf.volume(), Question("script"), "aura")
    assert [row["name"] for row in given.rows] == ["</script><script>"]
    clock.move_to(date(2030, 1, 1), "Europe/Paris")
    assert builder.build_if_needed()
    assert shelf.volume().meta["days"] == {"aura": "2030-01-01"}


def _one_title(session: Session) -> None:
    category = Category(slug="outils", name="Outils")
    territory = Territory(code="aura", name="Région", level=TerritoryLevel.REGION, area="Région", zone="Europe/Paris")
    session.add_all([category, territory])
    session.flush()
    at = datetime(2026, 6, 1, tzinfo=UTC)
    session.add(
        Title(
            slug="script", name="</script><script>", sort_key="script script", licence_type=LicenceType.FREE,
            confidence=Confidence.HIGH, source="hand-filled", category_id=category.key, changed_at=at,
        )
    )  # fmt: skip
    bump(session)


def _open(portal: Portal) -> Volume:
    return Shelf(home(portal.settings.var), timedelta()).volume()


def _is_whole(volume: Volume) -> None:
    given = answer(volume, Question(per_page=100), "aura")
    assert given.total == volume.meta["count"] > 1000
    assert all(row["slug"] for row in given.rows)
    assert find(volume, "gimp")
    assert answer(volume, Question("inkskape"), "aura").rows
