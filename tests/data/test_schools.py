"""Finding schools among all of France's, on both databases: by words, around a town, near a code, by a misspelt name."""

from itertools import pairwise

import pytest
from sqlmodel import Session, col, select

from portal.db import Database
from portal.territories.asked import Asked
from portal.territories.models import School, Territory, TerritoryLevel
from portal.territories.queries import (
    AROUND,
    Town,
    neighbours,
    schools_around,
    schools_like,
    schools_of,
    search_schools,
    served_by,
    successors,
    towns,
)
from portal.territories.schools_file import search_key
from portal.text import fold
from tests.conftest import Counting
from tests.data.demonstrations import Demonstration

pytest_plugins = ("tests.data.catalogue_data",)

REGION = Territory(
    code="aura",
    name="Région",
    level=TerritoryLevel.REGION,
    area="Auvergne-Rhône-Alpes",
    school_types=["lycée"],
    zone="Europe/Paris",
)
ISERE = Territory(
    code="isere", name="Isère", level=TerritoryLevel.DEPARTMENT, area="38", school_types=["collège"], zone="Europe/Paris"
)
SERVED = served_by([REGION, ISERE])


def school(uai: str, name: str, city: str = "Valence", **other: object) -> School:
    given: dict[str, object] = {
        "type": "lycée polyvalent", "kind": "lycée", "sector": "public", "postal_code": "26000", "department_code": "26",
        "department": "Drôme", "academy": "Grenoble", "region": "Auvergne-Rhône-Alpes", "latitude": 44.93, "longitude": 4.9,
        "source": "annuaire-education-2026-02",
    }  # fmt: skip
    said = given | other
    key = search_key(name=name, city=city, **said)
    return School(uai=uai, name=name, name_key=fold(name), city=city, city_key=fold(city), search_key=key, **said)


FEW = [
    ("0000001A", "Lycée Camille Vernet", {}),
    ("0000002A", "Collège Jean Zay", {"type": "collège", "kind": "collège", "latitude": 44.92, "longitude": 4.88}),
    ("0000003A", "Lycée professionnel Amblard", {"type": "lycée professionnel", "latitude": 44.94, "longitude": 4.92}),
    ("0000004A", "Lycée général privé Notre-Dame", {"type": "lycée général", "sector": "prive", "latitude": None, "longitude": None}),
    ("0000005A", "Lycée Gabriel Fauré", {"city": "Tournon-sur-Rhône", "postal_code": "07300", "department_code": "07",
                                         "department": "Ardèche", "latitude": 45.065, "longitude": 4.833}),
    ("0000006A", "Lycée du Vercors", {"city": "Die", "latitude": None, "longitude": None}),
    ("0000007A", "Lycée Triboulet", {"city": "Romans-sur-Isère", "latitude": 45.045, "longitude": 5.05}),
    ("0000008A", "Lycée de Valenciennes", {"city": "Valenciennes", "postal_code": "59300", "department_code": "59",
                                           "department": "Nord", "region": "Hauts-de-France", "latitude": 50.36, "longitude": 3.52}),
    ("0000009A", "Lycée fermé Camille Vernet", {"open": False}),
    ("0000010A", "Collège Jean Rostand", {"type": "collège", "kind": "collège", "postal_code": "82400", "department_code": "82",
                                          "department": "Tarn-et-Garonne", "region": "Occitanie", "latitude": 44.1, "longitude": 0.9}),
    ("0000011A", "100 % réussite_", {"city": "L’Étrat", "postal_code": "42580", "department_code": "42", "type": "école spécialisée",
                                   "kind": "autre", "latitude": 45.48, "longitude": 4.37}),
]  # fmt: skip


@pytest.fixture
def few(database: Database) -> Database:
    rows = [school(uai, name, **other) for uai, name, other in FEW]  # type: ignore[arg-type]
    database.write(lambda session: session.add_all(rows))
    return database


def found(session: Session, text: str, town: str = "") -> list[str]:
    """Numbers of the schools found, in order."""
    asked = Asked.of(text, town)
    known = towns(session, asked.possible_towns)
    place = next((one for one in known if town or asked.is_about(one.key, one.department_code)), None)
    if place:
        words, also = asked.besides(place.key, place.department_code), () if town else asked.words
        held = schools_around(session, place, words, also, SERVED, page=1, per_page=25)
    else:
        held = search_schools(session, asked.words, SERVED, page=1, per_page=25)
    assert held.total == len(held.schools)
    return [str(int(one.uai[:7])) for one in held.schools]


@pytest.mark.parametrize(
    ("text", "town", "numbers"),
    [
        ("vernet", "", "1"),
        ("CAMILLE VERNÉT", "", "1"),
        ("lp", "", "3"),
        ("triboulet romans", "", "7"),
        ("07300", "", "5"),
        ("privé", "", "4"),
        ("lycée", "", "1 6 5 3 7 8 4"),  # served first, then by name
        ("valence", "", "1 3 2 4 5 7 10 6"),  # in town, served first; nearest first; elsewhere; unplaced last
        ("lycée valence", "", "1 3 4 5 7 6"),
        ("", "Valence (26)", "1 3 2 4 5 7 6"),
        ("lycée", "Valence", "1 3 4 5 7 6"),
        ("", "Valence (82)", "10"),
        ("collège rostand", "valence 82", "10"),
        ("réussite_", "", "11"),
        ("100 %", "", "11"),
        ("reussitex", "", ""),
        ("l’étrat", "", "11"),
        ("introuvable", "", ""),
    ],
)
def test_schools_are_found_in_a_useful_order(few: Database, text: str, town: str, numbers: str) -> None:
    with few.read() as session:
        assert found(session, text, town) == numbers.split()


def test_a_town_is_its_schools_and_two_of_one_name_are_two(few: Database) -> None:
    with few.read() as session:
        drome, tarn = towns(session, ["valence"])
        assert (drome.written, drome.schools, tarn.written) == ("Valence (26)", 4, "Valence (82)")
        assert drome.centre == pytest.approx((44.93, 4.9))
        assert towns(session, ["valence 82", "valence"])[0].written == "Valence (82)"
        assert towns(session, ["die"])[0].centre is None
        assert towns(session, []) == []


def test_a_page_beyond_the_last_one_shows_the_last_one(few: Database) -> None:
    with few.read() as session:
        held = search_schools(session, ("lycee",), SERVED, page=99, per_page=3)
        assert (held.page, held.total, [one.uai for one in held.schools]) == (3, 7, ["0000004A"])
        assert search_schools(session, ("nulle",), SERVED, page=5, per_page=3).page == 1


def test_a_closed_school_leads_to_those_that_took_its_place(few: Database) -> None:
    closed = school("0000099A", "Lycée Camille Vernet", open=False)
    with few.read() as session:
        assert [one.uai for one in successors(session, closed)][:2] == ["0000001A", "0000003A"]
        assert "0000009A" not in {one.uai for one in successors(session, closed)}


def test_near_codes_stand_on_both_sides(few: Database) -> None:
    with few.read() as session:
        assert [one.uai[:7] for one in neighbours(session, "0000004B")] == [f"000000{n}" for n in (2, 3, 4, 5, 6, 7)]
        assert [one.uai for one in schools_of(session, ["0000003A", "nulle", "0000001A"])] == ["0000003A", "0000001A"]
        assert schools_of(session, []) == []


@pytest.mark.parametrize(
    ("text", "town", "name"),
    [
        ("valance", "Valence (26)", None),
        ("tournon sur rone", "Tournon-sur-Rhône (07)", None),
        ("camile vernnet", None, "Lycée Camille Vernet"),
        ("tribolet romans sur isere", None, "Lycée Triboulet"),
        ("zzzz", None, None),
        ("", None, None),
    ],
)
def test_a_misspelt_word_finds_what_looks_like_it(few: Database, text: str, town: str | None, name: str | None) -> None:
    with few.read() as session:
        cities, schools = schools_like(session, text)
        assert cities[:1] == ([town] if town else [])
        assert [one.name for one in schools][:1] == ([name] if name else [])


def test_both_faces_of_who_is_served_agree_on_every_school_of_france(demonstration: Demonstration) -> None:
    database = Database(demonstration.url)
    with database.read() as session:
        by_sql = set(session.exec(select(School.uai).where(SERVED)))
        schools = list(session.exec(select(School)))
        assert len(schools) == 13_312
        assert by_sql == {one.uai for one in schools if REGION.serves(one) or ISERE.serves(one)}
        assert not list(session.exec(select(School.uai).where(served_by([]))))
    database.close()


def test_around_a_town_distances_grow_and_end(demonstration: Demonstration) -> None:
    """The plane that the database measures on agrees with the globe: no school is out of order or out of reach."""
    database = Database(demonstration.url)
    with database.read() as session:
        for name, code in (("valence", "26"), ("lille", "59"), ("saint denis", "974"), ("ajaccio", "2A"), ("lyon", "69")):
            town = next(one for one in towns(session, [name]) if one.department_code == code)
            held = schools_around(session, town, (), (), SERVED, page=1, per_page=2_000)
            outside = [one for one in held.schools if not one.city_key.startswith(town.key)]
            far = [km for one in outside if (km := town.km_to(one)) is not None]
            assert far
            assert max(far) <= AROUND * 1.01
            assert all(one <= other * 1.005 + 0.05 for one, other in pairwise(far))
            assert _close(session, town) <= {one.uai for one in held.schools}
    database.close()


def _close(session: Session, town: Town) -> set[str]:
    return {
        one.uai
        for one in session.exec(select(School).where(col(School.open)))
        if (km := town.km_to(one)) is not None and km < AROUND * 0.99
    }


def test_a_search_costs_as_many_queries_for_thirty_schools_as_for_three(database: Database, count_queries: Counting) -> None:
    def fill(first: int, last: int) -> None:
        rows = [school(f"{number:07}A", f"Lycée {number}", "Valence" if number % 2 else "Die") for number in range(first, last)]
        database.write(lambda session: session.add_all(rows))

    def asked() -> list[int]:
        counts = []
        for text in ("lycée", "valence", "nulle part"):
            with count_queries(database) as sent, database.read() as session:
                found_any = found(session, text)
                if not found_any:
                    schools_like(session, "lycee")
            counts.append(len(sent))
        return counts

    fill(1, 4)
    few = asked()
    fill(4, 25)
    assert asked() == few
    assert max(few) <= 5
