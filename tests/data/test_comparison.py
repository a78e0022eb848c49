"""Two to four titles are compared side by side, whatever the address asks for."""

import pytest

from catalogue.browse.compare import asked_slugs, comparison
from catalogue.browse.place import Place

pytest_plugins = ("tests.data.catalogue_data",)


@pytest.mark.parametrize(
    ("given", "slugs"),
    [
        (["a,b"], ["a", "b"]),
        (["a", "b"], ["a", "b"]),
        (["a,b", "b,c"], ["a", "b", "c"]),
        ([" a , b ", ""], ["a", "b"]),
        (["a,b,c,d,e,f"], ["a", "b", "c", "d"]),
        (["a,a,a,a,a,b"], ["a", "b"]),
        ([",,,"], []),
        ([], []),
    ],
)
def test_two_to_four_titles_are_compared_once_each(given: list[str], slugs: list[str]) -> None:
    assert asked_slugs(given) == slugs


@pytest.mark.parametrize("slugs", [["gimp", "java-8"], ["gimp", "openoffice", "julia"], ["gimp", "java-8", "anydesk", "cabri-3d"]])
def test_a_comparison_has_a_column_for_each_title(place: Place, slugs: list[str]) -> None:
    shown = comparison(place, slugs)
    assert [row.slug for row in shown["titles"]] == slugs
    assert {len(line["values"]) for line in shown["lines"]} == {len(slugs)}
    assert shown["missing"] == 0


def test_titles_that_do_not_exist_are_counted_and_left_out(place: Place) -> None:
    shown = comparison(place, ["gimp,nulle-part,<script>,java-8"])
    assert ([row.slug for row in shown["titles"]], shown["missing"]) == (["gimp", "java-8"], 2)
    assert comparison(place, ["nulle-part"])["titles"] == []
