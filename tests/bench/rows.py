"""The rows of the table: which addresses each one asks, and what its cost is compared with."""

from dataclasses import dataclass, replace

from tests.bench.full import editions
from tests.bench.questions import questions
from tests.bench.schools import SEARCH
from tests.bench.sites import Site

CATALOGUE_BAR, SHEET_BAR, LIST_BAR, SCHOOL_BAR = 1.3, 2.0, 2.0, 2.0
UNCHANGED_BAR = 0.4
SIGNED_IN_BAR = 1.6
REQUESTS_BAR = 3.0
# Rounds: of pages with many addresses, of pages with few, and of answers without a page, which come by thousands.
SECONDS, SHORTER, SHORTEST = 3, 2, 1


@dataclass(frozen=True)
class Row:
    """`against`: the row it is compared with, of the same site or else of the small one; `most`: its bar, if it has one.

    `held`: asked by readers who hold the page already; `signed_in`: by one who is signed in.
    """

    paths: list[str]
    against: str = ""
    most: float | None = None
    held: bool = False
    signed_in: bool = False
    seconds: int = SHORTER


def rows(site: Site) -> dict[str, Row]:
    return (_crowded if site.crowded else _small)(site)


def _small(site: Site) -> dict[str, Row]:
    pages = _pages(site)
    return {
        "reference": _reference(pages["catalogue"]),
        "sheet reference": _reference(pages["sheet"]),
        "catalogue": replace(pages["catalogue"], most=CATALOGUE_BAR),
        "sheet": replace(pages["sheet"], most=SHEET_BAR),
        "api": pages["api"],
        **_signed_in("catalogue", "/catalogue"),
        **_signed_in("sheet", f"/catalogue/{site.slugs[0]}"),
        **_requests(site),
    }


def _crowded(site: Site) -> dict[str, Row]:
    """The references of catalogue and sheet are those of the real titles."""
    pages = _pages(site)
    lists = Row(editions(), "list reference", LIST_BAR)
    schools = Row([f"/etablissements/{uai}" for uai in site.schools], "school reference", SCHOOL_BAR)
    return {
        "catalogue": pages["catalogue"],
        "catalogue 304": _unchanged("catalogue", pages["catalogue"]),
        "sheet": pages["sheet"],
        "api": pages["api"],
        "list reference": _reference(lists),
        "list": lists,
        "list 304": _unchanged("list", lists),
        "school reference": _reference(schools),
        "school": schools,
        "school 304": _unchanged("school", schools),
        "school search": Row([SEARCH]),
        **_requests(site),
    }


def _pages(site: Site) -> dict[str, Row]:
    asked = [question.url().partition("?")[2] for question in questions()]
    return {
        "catalogue": Row([f"/catalogue?{query}" for query in asked], "reference", seconds=SECONDS),
        "sheet": Row([f"/catalogue/{slug}" for slug in site.slugs], "sheet reference", seconds=SECONDS),
        "api": Row([f"/api/v1/titles?{query}" for query in asked], "reference", seconds=SECONDS),
    }


def _reference(row: Row) -> Row:
    return Row([f"/bench{path}" for path in row.paths], row.against, seconds=row.seconds)


def _signed_in(name: str, path: str) -> dict[str, Row]:
    """One and the same page, for a visitor and for a person."""
    return {
        f"{name}, visitor": Row([path]),
        f"{name}, signed in": Row([path], f"{name}, visitor", SIGNED_IN_BAR, signed_in=True),
    }


def _requests(site: Site) -> dict[str, Row]:
    """Each page of a person, after the same one fed from memory for the same person."""
    found = {}
    for name, path in site.personal.items():
        found[f"{name}, memory"] = Row([f"/bench{path}"], signed_in=True, seconds=SHORTEST)
        found[name] = Row([path], f"{name}, memory", REQUESTS_BAR, signed_in=True, seconds=SHORTEST)
    return found


def _unchanged(page: str, row: Row) -> Row:
    return Row(row.paths, page, UNCHANGED_BAR, held=True, seconds=SHORTEST)
