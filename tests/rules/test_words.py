"""Our own words about titles stay worth reading: no two sentences alike, needs that tell titles apart, lists fully described."""

import csv
from collections import Counter
from pathlib import Path

from rapidfuzz import fuzz

from catalogue.titles.importing import DATA, FILES
from portal.territories.loading import DATA as SCHOOL_DATA
from portal.text import fold, french

ALIKE = 80
SHORTEST, LONGEST = 40, 140
FEWEST_PURPOSES = 350
FEWEST_NEEDS = 120


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


WORDS = {row["slug"]: row for row in rows(FILES["words"])}
ENTRIES, CHANGES = (rows(DATA / "demonstration" / name) for name in ("entries.csv", "changes.csv"))
LISTED = {row["slug"] for row in (*ENTRIES, *CHANGES)}


def test_no_two_purposes_are_more_than_four_fifths_alike() -> None:
    purposes = [(slug, fold(row["purpose"])) for slug, row in WORDS.items()]
    alike = [
        (slug, other)
        for index, (slug, purpose) in enumerate(purposes)
        for other, second in purposes[index + 1 :]
        if fuzz.ratio(purpose, second, score_cutoff=ALIKE) > ALIKE
    ]
    assert alike == []


def test_a_purpose_is_one_sentence_of_a_readable_length() -> None:
    assert len(WORDS) >= FEWEST_PURPOSES
    assert [slug for slug, row in WORDS.items() if not SHORTEST <= len(row["purpose"]) <= LONGEST] == []
    assert [slug for slug, row in WORDS.items() if not row["purpose"].endswith((".", "?"))] == []


def test_needs_are_many_and_each_title_of_a_list_answers_two() -> None:
    needs = Counter(fold(need) for row in WORDS.values() for need in row["needs"].split("|") if need)
    assert len(needs) >= FEWEST_NEEDS
    thin = [slug for slug in LISTED if len({fold(need) for need in WORDS[slug]["needs"].split("|") if need}) < 2]
    assert thin == []


def test_every_title_of_a_list_says_what_it_is_for() -> None:
    assert [slug for slug in LISTED if slug not in WORDS] == []


def test_words_are_about_titles_that_exist() -> None:
    titles = {row["slug"] for row in rows(FILES["titles"])}
    assert set(WORDS) <= titles


def test_decisions_and_lists_of_a_territory_do_not_speak_of_the_same_title() -> None:
    territories = {row["slug"]: row["territory"] for row in rows(DATA / "demonstration" / "lists.csv")}
    admitted = [row for row in CHANGES if row["move"] == "admit"]
    listed = {(territories[row["list"]], row["slug"]) for row in (*ENTRIES, *admitted)}
    decided = {(row["territory"], row["slug"]) for row in rows(DATA / "demonstration" / "decisions.csv")}
    assert decided & listed == set()


def test_an_announced_exit_names_a_replacement_of_the_same_list() -> None:
    on_lists = {(row["list"], row["slug"]) for row in (*ENTRIES, *CHANGES)}
    leaving = [row for row in CHANGES if row["move"] in {"announce_exit", "propose_exit"}]
    assert Counter(row["ends_on"][:4] for row in leaving) == {"2026": 12, "2027": 8, "2028": 2, "": 7}
    assert [row["slug"] for row in leaving if not row["reason"] or (row["list"], row["replacement"]) not in on_lists] == []


def test_every_audience_is_made_of_programmes_that_exist() -> None:
    files = ("programmes.csv", "bts_names.csv", "demonstration_programmes.csv")
    codes = {row["code"] for name in files for row in rows(SCHOOL_DATA / name)}
    audience = {code for row in rows(DATA / "demonstration" / "lists.csv") for code in row["audience_codes"].split("|") if code}
    assert audience - codes == set()


def test_demonstration_sentences_follow_french_typography() -> None:
    wrong = [
        text
        for name in ("entries.csv", "changes.csv", "editions.csv", "decisions.csv", "lists.csv")
        for row in rows(DATA / "demonstration" / name)
        for text in row.values()
        if "'" in text or french(text).count("\u202f") != sum(text.count(f" {sign}") for sign in ";!?")
    ]
    assert wrong == []
