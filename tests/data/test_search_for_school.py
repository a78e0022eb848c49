"""For a school, a level is computed from the lists that serve it: figures, filters and rows agree with the rule, title by title."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import pytest
from sqlmodel import Session, col, select
from tantivy import Query

from catalogue.browse.place import Place
from catalogue.browse.rows import lines
from catalogue.browse.standpoint import standpoint_of
from catalogue.lists.models import SEATED, Edition, EditionStatus, Entry, SoftwareList
from catalogue.search.answering import alternatives, answer, find, seen
from catalogue.search.question import Question
from catalogue.search.shelf import Volume
from catalogue.support.models import Decision, Support
from catalogue.support.rules import Decided, Listed, Reach, standing_for
from catalogue.titles.models import Title
from portal.db import Database
from portal.territories.models import Territory
from portal.territories.whole import find_school
from tests.data.demonstrations import DAY, Demonstration

pytest_plugins = ("tests.data.catalogue_data",)

COMPREHENSIVE, VOCATIONAL, COLLEGE = "0261505V", "0260037Z", "0380002W"
UNDECLARED, ELSEWHERE, PRIVATE = "0010001W", "0020012C", "0381685A"
SCHOOLS = {
    COMPREHENSIVE: "aura", VOCATIONAL: "aura", UNDECLARED: "aura", COLLEGE: "isere", ELSEWHERE: None, PRIVATE: None,
}  # fmt: skip
TEXTS = ("", "image", "python", "gestion", "geogbra")


@dataclass(frozen=True)
class Known:
    """What the database says of each title, in each territory: the rule's own matter, read past the index."""

    session: Session

    def levels(self, territory: str, reach: Reach) -> dict[str, str]:
        listed, decided = self._listed(territory), self._decided(territory)
        return {
            slug: standing_for(reach, listed.get(slug, ()), decided.get(slug, ()), DAY).level.value
            for slug in self.session.exec(select(Title.slug))
        }

    def _listed(self, territory: str) -> dict[str, list[Listed]]:
        newest: dict[int, Edition] = {}
        held = {
            one.key: one.slug for one in self.session.exec(select(SoftwareList).join(Territory).where(Territory.code == territory))
        }
        editions = select(Edition).where(Edition.status != EditionStatus.DRAFT, Edition.starts_on <= DAY, Edition.ends_on >= DAY)
        for edition in self.session.exec(editions.order_by(col(Edition.amendment))):
            newest[edition.list_id] = edition
        found: dict[str, list[Listed]] = {}
        for list_id, slug in held.items():
            if list_id in newest:
                rows = select(Entry, Title.slug).join(Title, col(Entry.title_id) == col(Title.id))
                rows = rows.where(Entry.edition_id == newest[list_id].key, col(Entry.status).in_(SEATED))
                for entry, title in self.session.exec(rows):
                    found.setdefault(title, []).append(Listed(slug, entry.since, entry.ends_on, entry.version_label))
        return found

    def _decided(self, territory: str) -> dict[str, list[Decided]]:
        found: dict[str, list[Decided]] = {}
        rows = select(Decision, Title.slug).join(Title).join(Territory).where(Territory.code == territory)
        for one, slug in self.session.exec(rows.order_by(col(Decision.since), col(Decision.id))):
            found.setdefault(slug, []).append(Decided(one.level, one.since, one.until))
        return found


@pytest.fixture(scope="module")
def session(demonstration: Demonstration) -> Iterator[Session]:
    database = Database(demonstration.url)
    with database.read() as reading:
        yield reading
    database.close()


@pytest.fixture(params=SCHOOLS)
def here(request: pytest.FixtureRequest, session: Session, volume: Volume) -> Place:
    return of(request.param, session, volume)


def of(uai: str, session: Session, volume: Volume) -> Place:
    school = find_school(session, uai)
    assert school
    seen_as = standpoint_of(school, volume.meta)
    assert seen_as.territory == SCHOOLS[uai]
    return Place(volume, seen_as.territory or "aura", seen_as)


def every(place: Place, asked: Question) -> list[str]:
    """The slugs of all pages."""
    asked = replace(asked, per_page=100)
    found: list[str] = []
    for page in range(1, 100):
        given = answer(place.volume, replace(asked, page=page), place.territory, place.reach)
        found += [row["slug"] for row in given.rows]
        if len(found) == given.total:
            return found
    raise AssertionError(asked)


def test_each_level_holds_the_titles_to_which_the_rule_gives_it(here: Place, session: Session) -> None:
    assert here.reach
    due = Known(session).levels(here.territory, here.reach)
    union: list[str] = []
    counts = answer(here.volume, Question(), here.territory, here.reach).counts["support"]
    for level in Support:
        found = every(here, Question.of([("support", level.value)]))
        assert set(found) == {slug for slug, given in due.items() if given == level}, level
        assert len(found) == counts.get(level.value, 0)
        union += found
    assert len(union) == len(set(union)) == here.volume.meta["count"]


def test_the_schools_chosen_see_different_levels(session: Session, volume: Volume) -> None:
    """Else the test above would prove nothing of lists that do not serve, or of decisions that do not bind."""
    levels = {}
    for uai in SCHOOLS:
        place = of(uai, session, volume)
        assert place.reach
        levels[uai] = Counter(Known(session).levels(place.territory, place.reach).values())
    assert levels[COMPREHENSIVE]["maintained"] > levels[VOCATIONAL]["maintained"] > levels[UNDECLARED]["maintained"] > 0
    assert levels[UNDECLARED]["refused"]
    assert levels[COLLEGE]["maintained"]
    assert set(levels[ELSEWHERE]) == set(levels[PRIVATE]) == {"known"}
    assert of(UNDECLARED, session, volume).school.to_confirm  # type: ignore[union-attr]


@pytest.mark.parametrize("text", TEXTS)
def test_figures_are_those_of_the_school_whatever_the_words_and_the_other_filters(here: Place, session: Session, text: str) -> None:
    assert here.reach
    due = Known(session).levels(here.territory, here.reach)
    for filters in ({}, {"licence": "libre"}, {"list": "socle"}, {"platform": "linux"}, {"support": "known"}):
        asked = Question.of([("q", text), *filters.items()])
        counts = answer(here.volume, asked, here.territory, here.reach).counts["support"]
        others = Question.of([("q", text), *((name, value) for name, value in filters.items() if name != "support")])
        assert counts == Counter(due[slug] for slug in every(here, others)), asked


def test_levels_widen_each_other(here: Place, session: Session) -> None:
    assert here.reach
    due = Known(session).levels(here.territory, here.reach)
    found = every(here, Question.of([("support", "maintained"), ("support", "refused"), ("support", "nowhere")]))
    assert set(found) == {slug for slug, level in due.items() if level in {"maintained", "refused"}}


def test_the_other_figures_are_those_of_the_territory(here: Place) -> None:
    mine = dict(answer(here.volume, Question(), here.territory, here.reach).counts)
    ours = dict(answer(here.volume, Question(), here.territory).counts)
    del mine["support"], ours["support"]
    assert mine == ours


def test_what_was_counted_for_a_school_is_not_given_to_another(session: Session, volume: Volume) -> None:
    def figures(uai: str | None) -> dict[str, int]:
        reach = of(uai, session, volume).reach if uai else None
        return dict(answer(volume, Question("image"), "aura", reach).counts["support"])

    before = figures(None)
    assert figures(COMPREHENSIVE) != figures(ELSEWHERE) != before
    assert figures(None) == before


def test_a_row_shows_the_level_and_the_lists_of_the_school(here: Place, session: Session) -> None:
    assert here.reach
    assert here.school
    due = Known(session).levels(here.territory, here.reach)
    shown, territory = lines(here), here.territory
    short = {names["short"]: slug for slug, names in here.volume.meta["lists"][territory].items()}
    for slug in every(here, Question()):
        found = find(here.volume, slug)
        assert found
        line = shown.of(found[0])
        assert line.support.code == due[slug], slug
        assert {short[name] for name in line.lists.split(", ") if name} <= here.school.lists
        elsewhere = set(found[0]["at"][territory]["lists"]) - here.school.lists
        assert bool(line.note) is bool(elsewhere and not line.lists and here.serves), slug


def test_a_row_that_does_not_change_is_the_one_that_everybody_shares(session: Session, volume: Volume) -> None:
    """Thirty combinations of lists would otherwise hold every line thirty times."""
    mine, all_ = lines(of(COMPREHENSIVE, session, volume)), lines(Place(volume, "aura"))
    found = volume.searcher.search(Query.all_query(), limit=volume.meta["count"]).hits
    rows = volume.rows([address for _score, address in found])
    made = [row["slug"] for row in rows if mine.of(row) is not all_.of(row)]
    assert 0 < len(made) < 80


def test_a_programme_brings_what_another_school_is_not_given(session: Session, volume: Volume) -> None:
    found = find(volume, "autodesk-inventor")
    assert found
    at = {uai: of(uai, session, volume).at(found[0]) for uai in (COMPREHENSIVE, VOCATIONAL, UNDECLARED)}
    assert [at[uai]["level"] for uai in at] == ["maintained", "known", "known"]
    assert (at[COMPREHENSIVE]["lists"], at[VOCATIONAL]["lists"], at[VOCATIONAL]["version"]) == (["sti2d"], [], "")
    assert date.fromisoformat(at[COMPREHENSIVE]["since"]) <= DAY


def test_equivalents_put_first_what_the_school_has(session: Session, volume: Volume) -> None:
    favoured = {"maintained", "ending"}
    for uai in (COMPREHENSIVE, VOCATIONAL, ELSEWHERE):
        place = of(uai, session, volume)
        for slug in ("autocad", "gimp", "mathematica", "solidworks"):
            found = find(volume, slug)
            assert found
            others = alternatives(volume, found[0], found[1]["alternatives"], place.territory, place.reach)
            held = [seen(volume, other, place.territory, place.reach)["level"] in favoured for other in others]
            assert held == sorted(held, reverse=True), (uai, slug)
