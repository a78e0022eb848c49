"""Words are set, folded and cleaned the same way whatever people and files bring."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.text import NBSP, THIN, Sentence, clean, fold, french, slugify

# Letters of every script, marks that combine, spaces of all kinds, and what breaks programs.
anything = st.text(st.characters(codec=None)) | st.text(st.sampled_from(" '’«»:;!?%€\u00a0\u202fabé1\n\t\0"))


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Pourquoi ?", f"Pourquoi{THIN}?"),
        ("Non ! Si ; peut-être.", f"Non{THIN}! Si{THIN}; peut-être."),
        ("Dates : à venir", f"Dates{NBSP}: à venir"),
        ("« Scratch »", f"«{NBSP}Scratch{NBSP}»"),
        ("«Scratch»", f"«{NBSP}Scratch{NBSP}»"),
        ("« Lequel ? »", f"«{NBSP}Lequel{THIN}?{NBSP}»"),
        ("l'élève", "l’élève"),
        ("90 % des postes, 12 €", f"90{NBSP}% des postes, 12{NBSP}€"),
        ("à 10:30", "à 10:30"),
        ("https://exemple.org/?a=b", "https://exemple.org/?a=b"),
        ("C++ ; C#", f"C++{THIN}; C#"),
        ("", ""),
    ],
)
def test_french_puts_no_break_spaces_where_they_belong(typed: str, printed: str) -> None:
    assert french(typed) == printed


@given(anything)
def test_what_is_set_once_is_set(text: str) -> None:
    """A sentence holds others, already set: their spaces must not double."""
    assert french(french(text)) == french(text)


@given(anything)
def test_setting_changes_no_word(text: str) -> None:
    def bare(text: str) -> str:
        return text.replace("'", "’").translate({ord(space): None for space in (" ", NBSP, THIN)})

    assert bare(french(text)) == bare(text)


def test_a_sentence_remembers_how_it_was_made() -> None:
    sentence = Sentence("Il manque : %(what)s.", what="l'usage")
    assert sentence == f"Il manque{NBSP}: l’usage."
    assert (sentence.pattern, sentence.values) == ("Il manque : %(what)s.", {"what": "l'usage"})


def test_a_sentence_without_values_may_hold_a_percent() -> None:
    assert Sentence("90 % des postes") == f"90{NBSP}% des postes"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Élan Numérique", "elan numerique"),
        ("  L’Œuvre   ", "l oeuvre"),
        ("Straße & Cæsium", "strasse caesium"),
        ("C++", "c++"),
        ("C#", "c#"),
        ("\uff21\uff22\uff23", "abc"),
        ("Go!", "go"),
        ("N° 2", "n 2"),
        ("e\u0301cole", "ecole"),
        ("\u200b", ""),
        ("« »", ""),
    ],
)
def test_names_are_matched_without_accents_or_case(name: str, key: str) -> None:
    assert fold(name) == key


@given(anything)
def test_a_folded_key_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(codec="utf-8")))
def test_composition_and_case_do_not_change_a_key(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    assert fold("É" + text) == fold("é" + text)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("GeoGebra Classique 6", "geogebra-classique-6"),
        ("Notepad++", "notepadpp"),
        ("  L’Œuvre — suite  ", "l-oeuvre-suite"),
        ("../../etc/passwd", "etc-passwd"),
        ("<script>", "script"),
        ("漢字", ""),
    ],
)
def test_an_address_is_made_of_letters_digits_and_hyphens(name: str, slug: str) -> None:
    assert slugify(name) == slug


@given(anything)
def test_no_name_makes_an_address_that_needs_escaping(text: str) -> None:
    slug = slugify(text)
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert "--" not in slug


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  deux\t mots \n", "deux mots"),
        ("a\0b", "ab"),
        ("a\ud800b", "ab"),
        ("\x1b[31mrouge", "[31mrouge"),
        ("première\r\nseconde", "première seconde"),
        ("\x7f\x85", ""),
        ("<b>gras</b> & l'élève", "<b>gras</b> & l'élève"),
        ("👩\u200d🏫", "👩\u200d🏫"),
    ],
)
def test_what_is_typed_loses_what_no_database_can_hold(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@given(anything)
def test_what_is_cleaned_can_be_stored_and_shown(text: str) -> None:
    kept = clean(text)
    assert clean(kept) == kept
    kept.encode()
    assert not {c for c in kept if unicodedata.category(c) in {"Cc", "Cs"}}
