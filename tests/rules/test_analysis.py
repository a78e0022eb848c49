"""Words are compared the same on the day of indexing and at each question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.search.analysis import EMPTY, LONGEST_QUESTION, joins, question, stems, text_stems, words
from catalogue.search.matching import errors_allowed


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Géogebra", ["geogebra"]),
        ("Œuvre CÆSAR", ["oeuvre", "caesar"]),
        ("Dev-C++", ["dev", "c++"]),
        ("C#", ["c#"]),
        ("l’aide d'ici", ["l", "aide", "d", "ici"]),
        ("db_browser", ["db", "browser"]),
        ("  Sweet   Home 3D ", ["sweet", "home", "3d"]),
        ("…", []),
        ("", []),
    ],
)
def test_words_lose_accents_case_and_marks(typed: str, folded: list[str]) -> None:
    assert list(words(typed)) == folded


@given(st.text(max_size=80))
def test_words_folded_again_do_not_change(text: str) -> None:
    once = list(words(text))
    assert list(words(" ".join(once))) == once


@given(st.text(max_size=80))
def test_any_text_can_be_asked_and_indexed(text: str) -> None:
    assert len(question(text)) <= LONGEST_QUESTION
    assert all(text_stems(text))
    assert all(joins(words(text))) or not words(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("courbes", "courbe"),
        ("vidéos", "videos"),
        ("dessiner", "dessins"),
        ("comptabilité", "comptable"),
        ("simulations", "simulation"),
        ("réseaux", "réseau"),
        ("musicale", "musicales"),
        ("DESSIN", "dessin"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert set(stems(one)) & set(stems(other))


@pytest.mark.parametrize(("one", "other"), [("carte", "courbe"), ("dessin", "son"), ("robot", "réseau")])
def test_other_words_do_not(one: str, other: str) -> None:
    assert not set(stems(one)) & set(stems(other))


def test_a_sentence_and_a_question_without_accents_share_their_stems() -> None:
    sentence, asked = "Résoudre des équations, tracer l’étoile.", ["resoudre", "equation", "etoile"]
    assert all(set(stems(word)) & set(text_stems(sentence)) for word in asked)


def test_a_name_is_also_its_words_joined() -> None:
    assert {"packettracer"} == joins(words("Packet Tracer"))
    assert {"sweethome", "home3d", "sweethome3d"} <= joins(words("Sweet Home 3D"))
    assert joins(words("GIMP")) == {"gimp"}


def test_words_that_every_question_contains_are_left_aside() -> None:
    assert question("un logiciel gratuit pour dessiner avec mes élèves") == ["dessiner"]


def test_a_question_made_of_empty_words_keeps_them() -> None:
    assert question("le logiciel") == ["le", "logiciel"]
    assert set(question("le logiciel")) <= EMPTY


def test_a_long_question_is_cut() -> None:
    assert question(" ".join(f"mot{n}" for n in range(50))) == [f"mot{n}" for n in range(LONGEST_QUESTION)]


def test_longer_words_forgive_more_errors() -> None:
    assert [errors_allowed("a" * length) for length in (1, 3, 4, 7, 8, 20)] == [0, 0, 1, 1, 2, 2]
