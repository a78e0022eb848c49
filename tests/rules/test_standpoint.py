"""A school as the catalogue sees it: who serves it, who is competent otherwise, which lists and by which programme."""

from typing import Any

import pytest

from catalogue.browse.answers import Holding
from catalogue.browse.standpoint import CLOSED, NOBODY_KNOWN, PRIVATE, Standpoint, answer_for, standpoint_of
from catalogue.lists.applying import Serving, Verdict
from catalogue.support.rules import Reach
from portal.territories.models import Programme, ProgrammeKind, School, Teaching

STI2D = {"code": "series:sti2d", "name": "Série STI2D"}
SIO = {"code": "bts:sio", "name": "BTS SIO"}


def held(name: str, *programmes: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "codes": [one["code"] for one in programmes], "programmes": list(programmes)}


META = {
    "territories": {
        "aura": {"name": "Région", "level": "region", "area": "Auvergne-Rhône-Alpes", "school_types": ["lycée"]},
        "isere": {"name": "Isère", "level": "department", "area": "38", "school_types": ["collège"]},
    },
    "lists": {
        "aura": {"socle": held("Socle"), "sti2d": held("Liste STI2D", STI2D), "sio": held("Liste SIO", SIO)},
        "isere": {"colleges": held("Collèges")},
    },
}


def school(*codes: str, declared: bool = False, **other: Any) -> School:
    given: dict[str, Any] = {
        "uai": "0261505V", "name": "Lycée", "type": "lycée polyvalent", "kind": "lycée", "sector": "public", "city": "Valence",
        "department_code": "26", "department": "Drôme", "region": "Auvergne-Rhône-Alpes", "open": True,
    }  # fmt: skip
    found = School(**(given | other))
    for code in codes:
        programme = Programme(code=code, kind=ProgrammeKind.TRACK, name=code, sort_key=code, source="test")
        found.teaches.append(Teaching(school_id=1, programme_id=1, programme=programme, declared=declared, source="test"))
    return found


def college(code: str, **other: Any) -> School:
    return school(kind="collège", type="collège", department_code=code, **({"department": "Ailleurs"} | other))


def test_the_lists_come_in_order_each_with_its_verdict_and_its_programme() -> None:
    seen = standpoint_of(school("series:sti2d", "track:post-bac"), META)
    assert seen.serving == (
        Serving("socle", Verdict.APPLIES),
        Serving("sti2d", Verdict.APPLIES, ("series:sti2d",)),
        Serving("sio", Verdict.TO_CONFIRM, ("bts:sio",)),
    )
    assert (set(seen.lists), set(seen.to_confirm)) == ({"socle", "sti2d"}, {"sio"})
    assert seen.reach == Reach(frozenset({"socle", "sti2d"}), frozenset({"sio"}), decisions=True)
    assert (seen.territory, seen.competent) == ("aura", "")


def test_one_declared_programme_makes_the_list_of_programmes_whole() -> None:
    seen = standpoint_of(school("series:sti2d", "track:post-bac", declared=True), META)
    assert seen.to_confirm == frozenset()


def test_a_college_is_served_by_its_department_when_that_is_here() -> None:
    seen = standpoint_of(college("38"), META)
    assert (seen.territory, set(seen.lists)) == ("isere", {"colleges"})


@pytest.mark.parametrize(
    ("other", "competent"),
    [
        (school(region="Occitanie"), "sa région (Occitanie)"),
        (school(region="Martinique"), "Collectivité territoriale de Martinique"),
        (school(region="Corse", department_code="2A"), "Collectivité de Corse"),
        (college("26", department="Drôme"), "son département (Drôme)"),
        (college("67", region="Grand Est"), "Collectivité européenne d’Alsace"),
        (college("75", region="Ile-de-France"), "Ville de Paris"),
        (college("69", department="Rhône"), "la métropole de Lyon ou par le département du Rhône"),
        (school(sector="prive"), PRIVATE),
        (college("38", sector="prive"), PRIVATE),
        (school(kind="autre"), NOBODY_KNOWN),
        (school(region="TOM et Collectivités territoriales"), NOBODY_KNOWN),
        (school(open=False), CLOSED),
        (college("38", open=False), CLOSED),
    ],
)
def test_who_is_competent_is_said_where_nobody_here_is_and_never_guessed(other: School, competent: str) -> None:
    seen = standpoint_of(other, META)
    assert competent in seen.competent
    assert (seen.territory, seen.serving, seen.lists, seen.to_confirm) == (None, (), frozenset(), frozenset())
    assert not seen.reach.decisions


def test_two_schools_with_the_same_lists_share_their_answers() -> None:
    assert standpoint_of(school(uai="0261505V"), META).reach == standpoint_of(school(uai="0260037Z"), META).reach
    assert standpoint_of(school("series:sti2d"), META).reach != standpoint_of(school(), META).reach


def test_the_answer_names_the_programmes_that_bring_may_bring_or_do_not() -> None:
    mine = standpoint_of(school("series:sti2d", "track:post-bac"), META)
    asked = answer_for(mine, ["socle", "sti2d", "sio"], "aura", META)
    assert asked.mine == (Holding("Socle"), Holding("Liste STI2D", ("Série STI2D",)))
    assert (asked.to_confirm, asked.others) == ((Holding("Liste SIO", ("BTS SIO",)),), ())
    general = standpoint_of(school("track:general"), META)
    assert answer_for(general, ["sti2d"], "aura", META).others == (Holding("Liste STI2D", ("Série STI2D",)),)


def test_a_school_served_by_nobody_here_is_told_so_whatever_the_lists() -> None:
    seen: Standpoint = standpoint_of(school(sector="prive"), META)
    asked = answer_for(seen, ["socle"], "aura", META)
    assert (asked.territory, asked.competent, asked.mine, asked.others) == ("Région", PRIVATE, (), ())
