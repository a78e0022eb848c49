"""What teachers type finds what they meant, and the figures beside each filter are those that the filter gives."""

import csv
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.browse.place import Place
from catalogue.browse.results import results
from catalogue.search.answering import Answer, answer, find
from catalogue.search.question import FACETS, PER_PAGE, Question
from catalogue.search.shelf import Volume
from catalogue.titles.importing import FILES
from portal.text import fold

pytest_plugins = ("tests.data.catalogue_data",)

QUERIES = Path(__file__).with_name("queries.csv")
TEXTS = ["", "carte", "python", "dessiner", "tableur", "geogbra", "video", "réseau simulation", "a", "introuvable zzz"]
FAVOURED = {"maintained", "ending"}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ASKED = rows(QUERIES)


def ask(volume: Volume, text: str, territory: str = "aura", **chosen: str) -> Answer:
    return answer(volume, Question.of([("q", text), *chosen.items()]), territory)


def first(volume: Volume, text: str, most: int = 3) -> list[str]:
    return [row["slug"] for row in ask(volume, text).rows[:most]]


def every(volume: Volume, asked: Question, territory: str = "aura") -> list[str]:
    """The slugs of all pages."""
    pages = -(-answer(volume, asked, territory).total // asked.per_page)
    return [row["slug"] for page in range(1, pages + 1) for row in answer(volume, replace(asked, page=page), territory).rows]


def test_what_teachers_type_finds_what_they_meant(volume: Volume) -> None:
    missed = {row["query"]: first(volume, row["query"]) for row in ASKED if not set(first(volume, row["query"])) & wanted(row)}
    assert len(missed) <= len(ASKED) // 20, missed


def wanted(row: dict[str, str]) -> set[str]:
    return set(row["slugs"].split("|"))


def test_the_queries_are_hard_enough_to_prove_something() -> None:
    kinds = Counter(row["kind"] for row in ASKED)
    assert len(ASKED) >= 80
    assert len({row["query"] for row in ASKED}) == len(ASKED)
    assert kinds["misspelt"] >= 25
    assert kinds["need"] >= 25
    assert kinds["acronym"] >= 10
    assert kinds["joined"] >= 10


def test_no_misspelt_query_is_a_name_in_disguise() -> None:
    names = {fold(row["name"]) for row in rows(FILES["titles"])}
    aliases = {fold(alias) for row in rows(FILES["words"]) for alias in row["aliases"].split("|")}
    misspelt = {fold(row["query"]) for row in ASKED if row["kind"] == "misspelt"}
    assert misspelt & (names | aliases) == set()


def test_a_need_is_asked_without_the_name_of_its_titles() -> None:
    names = {row["slug"]: set(fold(row["name"]).split()) for row in rows(FILES["titles"])}
    told = [
        (row["query"], slug)
        for row in ASKED
        if row["kind"] == "need"
        for slug in wanted(row)
        if any(len(word) > 3 and word in names[slug] for word in fold(row["query"]).split())
    ]
    assert len(told) <= 1, told  # H5P’s « quiz » may be a word of a name; a need otherwise names no title


def test_every_slug_expected_exists(volume: Volume) -> None:
    assert [slug for row in ASKED for slug in wanted(row) if find(volume, slug) is None] == []


@pytest.mark.parametrize(
    ("how", "text", "slug"),
    [
        ("name", "Audacity", "audacity"),
        ("name in capitals", "AUDACITY", "audacity"),
        ("accents missing", "geoportail", "geoportail"),
        ("accents added", "géogébra classic", "geogebra-classic"),
        ("alias", "photoshop", "adobe-photoshop"),
        ("publisher", "dassault", "solidworks"),
        ("need", "tracer une courbe", "geogebra-classic"),
        ("need in the plural", "tracer des courbes", "geogebra-classic"),
        ("need stemmed", "montage vidéo", "kdenlive"),
        ("one error in a short word", "gipm", "gimp"),
        ("one error in seven letters", "blendre", "blender"),
        ("two errors in a long word", "virtualbex", "oracle-vm-virtualbox"),
        ("beginning of a name", "audac", "audacity"),
        ("beginning of a second word", "sweet ho", "sweet-home-3d"),
        ("word order", "office libre", "libreoffice"),
        ("word order of a long name", "tracer packet", "packet-tracer"),
        ("joined words", "packettracer", "packet-tracer"),
        ("split word", "geo gebra", "geogebra-classic"),
        ("symbols", "notepad++", "notepadpp"),
        ("acronym of a discipline", "svt", "anagene"),
    ],
)
def test_a_title_is_found_by(volume: Volume, how: str, text: str, slug: str) -> None:
    assert slug in first(volume, text), how


@pytest.mark.parametrize(("text", "facet"), [("mathématiques", "discipline"), ("virtualisation", "category")])
def test_a_subject_or_a_kind_is_found_by_its_name(volume: Volume, text: str, facet: str) -> None:
    known = volume.meta["labels"][facet]
    found = every(volume, Question(text))
    holding = {slug for slug, label in known.items() if fold(text) in fold(label)}
    asked = Question.of([(facet, slug) for slug in holding])
    assert set(every(volume, asked)) <= set(found)


def test_three_letters_are_not_corrected(volume: Volume) -> None:
    assert ask(volume, "zqx").how == "nothing"


def test_what_was_corrected_is_said(volume: Volume) -> None:
    hows = {text: ask(volume, text).how for text in ("audacity", "audacyti", "audacity zzzzqqqq", "zzzzqqqq")}
    assert hows == {"audacity": "exact", "audacyti": "mistyped", "audacity zzzzqqqq": "partial", "zzzzqqqq": "nothing"}


@pytest.mark.parametrize("territory", ["aura", "isere"])
def test_of_equal_matches_the_maintained_come_first(volume: Volume, territory: str) -> None:
    """Nothing asked, or one subject chosen: all titles match alike."""
    for asked in (Question(), *(Question.of([("discipline", slug)]) for slug in volume.meta["labels"]["discipline"])):
        held = [row["at"][territory]["level"] in FAVOURED for row in answer(volume, asked, territory).rows]
        assert held == sorted(held, reverse=True)


def test_being_maintained_does_not_hide_the_name_that_was_typed(volume: Volume) -> None:
    for slug in ("openoffice", "mathematica", "atom", "capcut", "unity-hub"):
        found = find(volume, slug)
        assert found
        assert first(volume, found[0]["name"], 1) == [slug]


def test_nothing_found_gives_the_nearest(volume: Volume) -> None:
    none = ask(volume, "audacity", level="nowhere")
    assert (none.total, none.nearest[0]["slug"]) == (0, "audacity")
    near = ask(volume, "geogebrrrrrra")
    assert near.total == 0
    assert "geogebra" in near.nearest[0]["slug"]


@pytest.mark.parametrize("text", ["+", "漢字", "🙂", "!!!"])
def test_nothing_like_it_gives_nothing_rather_than_anything(volume: Volume, text: str) -> None:
    assert (ask(volume, text).total, ask(volume, text).nearest) == (0, [])


@given(st.text(max_size=60), st.integers(-3, 100_000), st.sampled_from(("relevance", "name", "changed")))
@settings(max_examples=150)
def test_anything_can_be_asked(volume: Volume, text: str, page: int, sort: str) -> None:
    given_ = answer(volume, Question.of([("q", text), ("page", str(page)), ("sort", sort)]), "aura")
    assert given_.page <= max(1, -(-given_.total // PER_PAGE))
    assert bool(given_.rows) is bool(given_.total)


def questions(volume: Volume) -> list[Question]:
    """A wide sample, always the same: with and without words, none to four facets active, one to three values each."""
    chance, asked = random.Random(9), []  # noqa: S311
    for number in range(120):
        one = Question(chance.choice(TEXTS))
        for facet in chance.sample(FACETS, number % 5):
            values = sorted(answer(volume, one, "aura").counts[facet])
            for value in chance.sample(values, min(len(values), chance.choice((1, 1, 2, 3)))):
                one = Question.of([*one.pairs(), (facet, value)])
        asked.append(one)
    return asked


def test_each_figure_is_what_its_link_gives(volume: Volume, place: Place) -> None:
    """A value not chosen yet, in a facet where nothing is: its link narrows to exactly so many titles."""
    followed = 0
    for asked in questions(volume):
        shown = results(asked, answer(volume, asked, "aura"), place)
        for group in shown.groups:
            for option in group.options if not asked.chosen.get(group.name) else ():
                there = Question.of(parse_qsl(urlsplit(option.url).query))
                assert answer(volume, there, "aura").total == option.count, (asked, option)
                followed += 1
    assert followed > 2000


def test_in_a_facet_already_used_each_figure_is_that_of_the_value_alone(volume: Volume, place: Place) -> None:
    """There a link widens: the figure says what the value holds with the other filters as they are."""
    followed = 0
    for asked in questions(volume):
        shown = results(asked, answer(volume, asked, "aura"), place)
        for group in shown.groups:
            for option in group.options if asked.chosen.get(group.name) else ():
                alone = Question(asked.text, {**asked.chosen, group.name: (option.value,)})
                assert answer(volume, alone, "aura").total == option.count, (asked, option)
                followed += 1
    assert followed > 500


def test_figures_are_those_of_the_territory(volume: Volume) -> None:
    for territory in ("aura", "isere"):
        for level, count in answer(volume, Question(), territory).counts["support"].items():
            found = every(volume, Question.of([("support", level), ("per_page", "100")]), territory)
            assert len(found) == count
    assert answer(volume, Question(), "aura").counts["support"] != answer(volume, Question(), "isere").counts["support"]


def test_the_total_is_the_union_of_the_pages(volume: Volume) -> None:
    for asked in questions(volume):
        total = answer(volume, asked, "aura").total
        found = every(volume, asked)
        assert len(found) == len(set(found)) == total, asked


@pytest.mark.parametrize("sort", ["relevance", "name", "changed"])
def test_every_title_is_on_one_page_whatever_the_order(volume: Volume, sort: str) -> None:
    found = every(volume, Question(sort=sort))
    assert len(found) == len(set(found)) == volume.meta["count"]
    assert len(answer(volume, Question(sort=sort), "aura").rows) == PER_PAGE == 25


def test_by_name_is_by_folded_name(volume: Volume) -> None:
    for asked in (Question(sort="name", per_page=100), Question("carte", sort="name", per_page=100)):
        pages = -(-answer(volume, asked, "aura").total // 100)
        names = [
            fold(row["name"]) for page in range(1, pages + 1) for row in answer(volume, replace(asked, page=page), "aura").rows
        ]
        assert names == sorted(names)


def test_by_change_is_newest_first(volume: Volume) -> None:
    changed = [row["changed"] for row in answer(volume, Question(sort="changed", per_page=100), "aura").rows]
    assert changed == sorted(changed, reverse=True)


def test_a_page_beyond_the_last_shows_the_last(volume: Volume) -> None:
    total = answer(volume, Question(), "aura").total
    last = answer(volume, Question(page=99_999), "aura")
    assert last.page == -(-total // PER_PAGE)
    assert last.rows == answer(volume, Question(page=last.page), "aura").rows
    assert answer(volume, Question("zzzzqqqq", page=7), "aura").page == 1
