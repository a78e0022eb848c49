"""The code of a school as people type it, its letter, and what was meant by a wrong one; the words of a search for schools."""

import csv

import pytest

from portal.territories.asked import Asked
from portal.territories.loading import DATA
from portal.territories.uai import as_written, expected_letter, is_possible, looks_like_one, slips


def test_the_letter_of_every_school_of_the_directory_checks_its_digits() -> None:
    """All 13,312: none is wrong, so a wrong letter is always a slip of whoever typed it."""
    with (DATA / "schools.csv").open(encoding="utf-8", newline="") as file:
        codes = [row["uai"] for row in csv.DictReader(file)]
    assert len(set(codes)) == len(codes) == 13_312
    assert [code for code in codes if not is_possible(code)] == []


@pytest.mark.parametrize(
    "typed", ["0261505V", "0261505v", " 026 1505 V ", "026-1505-v", "026.1505.V", "0261505\u00a0v", "026_1505V"]
)
def test_a_code_is_read_however_it_is_spaced(typed: str) -> None:
    assert as_written(typed) == "0261505V"
    assert looks_like_one(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "26000",
        "valence",
        "0261505VV",
        "02615O5V",
        "\u0660\u0662\u0666\u0661\u0665\u0660\u0665V",
        "0261505V0261505V",
        "lycée 0261505",
    ],
)
def test_what_is_no_code_is_searched_as_words(typed: str) -> None:
    assert not looks_like_one(typed)


@pytest.mark.parametrize("typed", ["0261505", "0261505X", "0000000A"])
def test_a_wrong_code_is_still_a_code(typed: str) -> None:
    assert looks_like_one(typed)


@pytest.mark.parametrize("meant", ["0261505V", "0260037Z", "0010001W"])
def test_a_slip_is_found_again(meant: str) -> None:
    """Its letter, any one digit, any two neighbours: no single slip makes another possible code."""
    digits, letter = meant[:7], meant[7]
    wrong = [digits + other for other in "ABCDEFGHJKLMNPRSTUVWXYZ" if other != letter]
    wrong += [digits[:at] + other + digits[at + 1 :] + letter for at in range(7) for other in "0123456789" if other != digits[at]]
    wrong += [
        digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :] + letter for at in range(6) if digits[at] != digits[at + 1]
    ]
    assert len(wrong) > 85
    for code in wrong:
        assert not is_possible(code), code
        assert meant in slips(code), code


def test_the_right_letter_is_proposed_first_and_all_that_is_proposed_is_possible() -> None:
    found = slips("0261505X")
    assert found[0] == "0261505" + expected_letter("0261505") == "0261505V"
    assert all(map(is_possible, found))
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Lycée professionnel Valence", ("lycee", "professionnel", "valence")),
        ("LP Valence", ("lycee", "professionnel", "valence")),
        ("lycées près de Valence", ("lycee", "valence")),
        ("les lycées d’Annecy", ("les", "lycee", "annecy")),
        ("de", ("de",)),
        ("lycée lycée", ("lycee",)),
        ("  ", ()),
        (" ".join("abcdefghijklmnopqrs"), tuple("bcefghijkmno")),  # words that say nothing are not counted
    ],
)
def test_words_are_those_of_the_directory(typed: str, words: tuple[str, ...]) -> None:
    assert Asked.of(typed, "").words == words


def test_only_the_beginning_of_a_long_question_is_read() -> None:
    assert len(Asked.of("a" * 10_000, "é" * 10_000).text) == 100
    assert len(Asked.of("mot " * 200, "").possible_towns) <= 36


@pytest.mark.parametrize(
    ("typed", "about", "besides"),
    [
        ("valence", True, ()),
        ("Valence (26)", True, ()),
        ("valence 26", True, ()),
        ("lycée professionnel valence", True, ("lycee", "professionnel")),
        ("LP près de Valence", True, ("lycee", "professionnel")),
        ("Victor Hugo valence", False, ("victor", "hugo")),
        ("valence 82", False, ("82",)),
        ("La Valence", False, ("la",)),
    ],
)
def test_words_are_a_town_when_the_rest_is_a_kind_of_school(typed: str, about: bool, besides: tuple[str, ...]) -> None:
    asked = Asked.of(typed, "")
    assert "valence" in asked.possible_towns
    assert (asked.is_about("valence", "26"), asked.besides("valence", "26")) == (about, besides)


def test_a_town_given_apart_leaves_the_words_alone() -> None:
    asked = Asked.of("hugo valence", "Valence (26)")
    assert asked.besides("valence", "26") == ("hugo", "valence")
    assert asked.possible_towns[0] == "valence 26"
