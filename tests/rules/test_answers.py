"""The first sentences of a sheet answer the question asked, for each level, and never say more than is known."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask

from catalogue.browse.answers import Holding, SchoolAnswer, end_of_life, for_school, sentences
from catalogue.support.badges import meaning
from catalogue.support.models import DECIDABLE, Support
from portal.text import french
from portal.web import language

TODAY = date(2026, 11, 16)


@pytest.fixture(autouse=True)
def in_french() -> Iterator[None]:
    """Sentences say days in the language of a request; nothing else of an application is used."""
    app = Flask(__name__)
    language.start(app)
    with app.test_request_context():
        yield


def entry(**other: Any) -> Mapping[str, Any]:
    given = {"to": "2027-08-31", "reason": "", "exit_reason": "", "replacement_name": ""}
    return given | other


def decision(**other: Any) -> Mapping[str, Any]:
    given = {"since": "2024-02-13", "until": None, "signed_by": "Direction des lycées", "reason": "Le motif."}
    return given | other


def said(
    level: Support, at: dict[str, Any], listed: list[Mapping[str, Any]], decided: Mapping[str, Any] | None = None
) -> list[str]:
    return sentences(level, at, listed, decided)


def test_maintained_says_since_when_why_and_until_when_that_is_sure() -> None:
    at = {"since": "2019-09-01", "until": None}
    assert said(Support.MAINTAINED, at, [entry(reason="Ouvre toutes les archives."), entry(to="2026-12-31", reason="Autre.")]) == [
        french("Oui : installé, mis à jour et dépanné depuis le 1er septembre 2019."),
        "Ouvre toutes les archives.",
        french("Aucune sortie n’est annoncée ; la liste en vigueur court jusqu’au 31 août 2027."),
    ]


def test_maintained_without_a_reason_leaves_no_empty_sentence() -> None:
    assert all(said(Support.MAINTAINED, {"since": "2019-09-01", "until": None}, [entry()]))


def test_ending_says_the_day_why_and_what_comes_instead() -> None:
    at = {"since": "2023-09-02", "until": "2027-08-31"}
    leaving = entry(exit_reason="Peu utilisé.", replacement_name="GnuCash")
    expected = [
        french("Oui, mais plus pour longtemps : maintenu depuis le 2 septembre 2023, jusqu’au 31 août 2027."),
        "Peu utilisé.",
        "Il sera remplacé par GnuCash.",
    ]
    assert said(Support.ENDING, at, [leaving]) == expected
    assert said(Support.ENDING, at, [leaving, leaving]) == expected


def test_ending_without_a_replacement_promises_none() -> None:
    at = {"since": "2023-09-02", "until": "2027-08-31"}
    assert len(said(Support.ENDING, at, [entry(exit_reason="Peu utilisé.")])) == 2


def test_known_is_not_a_refusal() -> None:
    assert said(Support.KNOWN, {"since": None, "until": None}, []) == [
        meaning(Support.KNOWN),
        french("Cela ne veut pas dire non : demandez, et une réponse motivée suivra."),
    ]


@pytest.mark.parametrize("level", DECIDABLE)
def test_a_decision_is_explained_dated_and_signed(level: Support) -> None:
    answered = said(level, {"since": "2024-02-13", "until": None}, [], decision())
    assert answered[:2] == [meaning(level), "Décision du 13 février 2024, Direction des lycées."]
    # A refusal's reason has its own place on the sheet, with what would change it.
    assert ("Le motif." in answered) is (level not in {Support.REFUSED, Support.FORBIDDEN})


@pytest.mark.parametrize("level", DECIDABLE)
def test_a_decision_with_an_end_says_so(level: Support) -> None:
    answered = said(level, {"since": "2024-02-13", "until": "2027-01-31"}, [], decision(until="2027-01-31"))
    assert answered[-1] == "Cette décision vaut jusqu’au 31 janvier 2027."


def cycle(name: str, ends_on: str | None = None, *, ended: bool | None = None) -> Mapping[str, Any]:
    return {"cycle": name, "ends_on": ends_on, "ended": ended}


UNKNOWN = french("Fin de vie chez l’éditeur : inconnue.")


@pytest.mark.parametrize(
    ("version", "cycles", "sentence"),
    [
        ("3.12.4", [cycle("3.12", "2028-10-31")], "L’éditeur corrige cette version jusqu’au 31 octobre 2028."),
        ("3.12", [cycle("3.12", "2026-11-16")], "L’éditeur corrige cette version jusqu’au 16 novembre 2026."),
        ("3.12", [cycle("3.12", "2026-11-15")], "L’éditeur ne corrige plus cette version depuis le 15 novembre 2026."),
        ("3.12", [cycle("3.12", ended=True)], "L’éditeur ne corrige plus cette version."),
        ("3.12", [cycle("3.12", ended=False)], "L’éditeur corrige encore cette version."),
        ("3.12", [cycle("3.12")], UNKNOWN),
        ("3.12", [cycle("3.1", "2028-10-31")], UNKNOWN),
        ("3.12", [], UNKNOWN),
        ("", [cycle("3.12", "2028-10-31")], ""),
    ],
)
def test_the_end_of_life_is_that_of_the_version_in_use(version: str, cycles: list[Mapping[str, Any]], sentence: str) -> None:
    assert end_of_life(version, cycles, TODAY) == sentence


def test_the_most_precise_branch_speaks_for_a_version() -> None:
    wide, precise = cycle("2021", "2030-01-01"), cycle("2021.3", "2024-04-12")
    for cycles in ([wide, precise], [precise, wide]):
        assert "12 avril 2024" in end_of_life("2021.3.5", cycles, TODAY)


SCHOOL = SchoolAnswer("Lycée Algoud", "Région")
MAINTAINED = {"since": "2019-09-01", "until": None}
SOCLE, STI2D = Holding("Socle"), Holding("Liste STI2D", ("Série STI2D", "BTS CIEL"))


def told(
    level: Support,
    decided: Mapping[str, Any] | None = None,
    *,
    mine: tuple[Holding, ...] = (),
    to_confirm: tuple[Holding, ...] = (),
    others: tuple[Holding, ...] = (),
) -> list[str]:
    listed = [entry(reason="Le motif.")] if mine else []
    asked = replace(SCHOOL, mine=mine, to_confirm=to_confirm, others=others)
    return for_school(asked, level, MAINTAINED, listed, decided)


def test_a_school_is_told_by_which_list_and_programme() -> None:
    answered = told(Support.MAINTAINED, mine=(SOCLE, STI2D))
    assert answered[:3] == [
        french("Oui : installé, mis à jour et dépanné depuis le 1er septembre 2019."),
        french("Pour Lycée Algoud : il est sur « Socle », qui sert tous ses établissements."),
        french("Pour Lycée Algoud : il est sur « Liste STI2D », par : Série STI2D ; BTS CIEL."),
    ]
    assert answered[3:] == said(Support.MAINTAINED, MAINTAINED, [entry(reason="Le motif.")])[1:]


def test_a_list_of_mine_speaks_before_those_that_are_not() -> None:
    assert told(Support.MAINTAINED, mine=(SOCLE,), others=(STI2D,)) == told(Support.MAINTAINED, mine=(SOCLE,))


def test_a_list_for_others_says_for_whom_and_not_that_nobody_asked() -> None:
    answered = told(Support.KNOWN, others=(STI2D,))
    assert answered == [
        french("Pas dans votre établissement : « Liste STI2D » ne le sert pas, elle sert : Série STI2D ; BTS CIEL."),
        french("Cela ne veut pas dire non : demandez, et une réponse motivée suivra."),
    ]


def test_what_may_be_is_neither_a_yes_nor_a_no() -> None:
    first = told(Support.KNOWN, to_confirm=(STI2D,))[0]
    assert first == french(
        "Peut-être : il est sur « Liste STI2D », qui sert : Série STI2D ; BTS CIEL. C’est à confirmer par votre établissement."
    )


def test_a_decision_is_still_explained_to_a_school_that_the_list_does_not_serve() -> None:
    answered = told(Support.EXPERIMENTAL, decision(), others=(STI2D,))
    assert answered[1:] == said(Support.EXPERIMENTAL, {}, [], decision())


def test_on_no_list_at_all_a_school_reads_what_everyone_reads() -> None:
    assert told(Support.KNOWN) == said(Support.KNOWN, {}, [])


def test_a_school_served_by_others_is_told_who_is_competent_and_nothing_else() -> None:
    asked = replace(SCHOOL, competent="Ses ordinateurs relèvent d’ailleurs.", others=(STI2D,))
    assert for_school(asked, Support.KNOWN, {}, [], None) == [
        french("Région ne maintient aucun logiciel pour cet établissement : Lycée Algoud."),
        "Ses ordinateurs relèvent d’ailleurs.",
    ]
