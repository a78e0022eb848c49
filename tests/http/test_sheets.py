"""A sheet answers first, whatever is known of its title; a comparison holds what exists and says what does not."""

import json

import pytest
from flask import Flask

from catalogue.support.badges import badge
from catalogue.support.models import Support
from tests.http.reading import Read, words
from tests.page_client import PageClient

pytest_plugins = ("tests.data.catalogue_data",)

OF_EACH_LEVEL = {
    "maintained": "gimp",
    "ending": "java-8",
    "unsupported": "cabri-3d",
    "school": "sibelius",
    "experimental": "julia",
    "known": "unity-hub",
    "refused": "openoffice",
    "forbidden": "anydesk",
}
LISTED = {"maintained", "ending"}


def test_each_level_has_its_sheet() -> None:
    assert set(OF_EACH_LEVEL) == {level.value for level in Support}


@pytest.mark.parametrize(("level", "slug"), OF_EACH_LEVEL.items())
def test_a_sheet_begins_with_its_answer(visitor: PageClient, level: str, slug: str) -> None:
    read = Read(visitor.get(f"/catalogue/{slug}"))
    answer = read.by_id("reponse")
    assert answer is not None
    assert (answer.attrib["data-code"], words(answer)) == (level, words_of(badge(Support(level)).label))
    assert next(words(heading) for heading in read.all("h2")) == words(answer)
    assert bool(read.all("p", class_="answer-first"))
    assert (read.by_id("hors-liste") is None) is (level in LISTED)
    assert (read.by_id("refus") is not None) is (level in {"refused", "forbidden"})
    assert read.by_id("histoire") is not None
    assert read.by_id("sources") is not None
    assert read.by_id("licence") is not None
    machine = [json.loads("".join(script.itertext())) for script in read.all("script", type="application/ld+json")]
    assert [data["@type"] for data in machine] == ["SoftwareApplication"]


def words_of(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("slug", ["openoffice", "anydesk"])
def test_a_refusal_says_why_what_would_change_it_what_instead_and_how_to_ask_again(visitor: PageClient, slug: str) -> None:
    read = Read(visitor.get(f"/catalogue/{slug}"))
    (section,) = [section for section in read.all("section") if section.get("aria-labelledby") == "refus"]
    assert [words(term) for term in section.iter("dt")] == [
        "Le motif", "Ce qui changerait la décision", "À la place", "L’essayer quand même", "Demander un nouvel examen",
    ]  # fmt: skip
    assert all(words(value) for value in section.iter("dd"))


@pytest.mark.parametrize("slug", ["sibelius", "julia", "unity-hub", "cabri-3d", "algobox"])
def test_off_the_list_a_sheet_says_whom_to_ask_when_who_pays_and_what_changes(visitor: PageClient, slug: str) -> None:
    read = Read(visitor.get(f"/catalogue/{slug}"))
    (section,) = [section for section in read.all("section") if section.get("aria-labelledby") == "hors-liste"]
    assert [words(term) for term in section.iter("dt")] == ["À qui le demander", "Le délai", "Qui paie", "Ce que cela change"]
    assert all(words(value) for value in section.iter("dd"))


def test_a_decision_that_ended_is_told_as_past(visitor: PageClient) -> None:
    read = Read(visitor.get("/catalogue/unity-hub"))
    assert "Recensé, non pris en charge" in read.text("reponse")
    assert "Décision : En expérimentation" in words(read.root).replace("\u00a0", " ")


def test_a_title_that_is_leaving_says_until_when(visitor: PageClient) -> None:
    first = words(Read(visitor.get("/catalogue/java-8")).all("p", class_="answer-first")[0])
    assert "jusqu’au 31 août 2027" in first


def test_a_title_of_which_nothing_is_known_still_answers(visitor: PageClient) -> None:
    """No publisher, no purpose, no licence name, no version maintained: what is missing leaves no hole."""
    told = visitor.get("/api/v1/titles/algobox").get_json()
    assert (told["publisher"], told["purpose"], told["licence"]) == ("", None, None)
    read = Read(visitor.get("/catalogue/algobox"))
    assert words(read.all("h1")[0])
    assert "Cela ne veut pas dire non" in read.html
    assert "None" not in words(read.root)
    for empty in ("ul", "dl", "ol"):
        assert all(len(held) for held in read.all(empty))


def test_every_title_of_the_catalogue_has_a_sheet(portal_app: Flask, visitor: PageClient) -> None:
    """All 1,300, each judged by the client: the rarest mix of facts is where a page breaks."""
    told = [visitor.get(f"/api/v1/titles?per_page=100&page={page}").get_json() for page in range(1, 15)]
    slugs = [item["slug"] for page in told for item in page["items"]]
    assert len(slugs) == told[0]["total"]
    for slug in slugs:
        assert visitor.get(f"/catalogue/{slug}").status_code == 200


@pytest.mark.parametrize(
    "query", ["", "?titres=", "?titres=gimp", "?titres=gimp,gimp", "?titres=nulle-part,gimp", "?titres=,,,", "?titres=a,b,c"]
)
def test_with_fewer_than_two_titles_a_comparison_says_how_to_choose(visitor: PageClient, query: str) -> None:
    html = visitor.get(f"/comparer{query}").get_data(as_text=True)
    assert "Il faut au moins deux titres." in html
    assert "Cochez de deux à quatre titres" in html
    assert "<table" not in html


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("titres=gimp,java-8", ["gimp", "java-8"]),
        ("titres=gimp&titres=java-8", ["gimp", "java-8"]),
        ("titres=gimp,java-8,anydesk,openoffice", ["gimp", "java-8", "anydesk", "openoffice"]),
        ("titres=gimp,java-8,anydesk,openoffice,julia", ["gimp", "java-8", "anydesk", "openoffice"]),
        ("titres=algobox,gimp,algobox", ["algobox", "gimp"]),
        (
            "titres=saga-system-for-automated-geoscientific-analyses,l-math",
            ["saga-system-for-automated-geoscientific-analyses", "l-math"],
        ),
    ],
)
def test_titles_stand_side_by_side_in_the_order_asked(visitor: PageClient, query: str, shown: list[str]) -> None:
    read = Read(visitor.get(f"/comparer?{query}"))
    heads = [link.attrib["href"] for head in read.all("th", scope="col") for link in head.iter("a")]
    assert heads == [f"/catalogue/{slug}" for slug in shown]
    rows = [row for body in read.all("tbody") for row in body.iter("tr")]
    assert len(rows) == 15
    for row in rows:
        assert [words(cell) != "" for cell in row.iter("td")] == [True] * len(shown)


@pytest.mark.parametrize(
    ("query", "said"), [("gimp,java-8,x", "1 titre demandé n’existe pas"), ("gimp,java-8,x,y", "2 titres demandés n’existent pas")]
)
def test_titles_that_do_not_exist_are_said_to_be_missing(visitor: PageClient, query: str, said: str) -> None:
    html = visitor.get(f"/comparer?titres={query}").get_data(as_text=True)
    assert said in html
    assert "<table" in html


def test_a_sheet_says_what_holds_a_package_and_whom_it_waits_for(visitor: PageClient) -> None:
    (held,) = Read(visitor.get("/catalogue/mozilla-thunderbird")).all("ul", class_="packages")
    first, second = (words(item) for item in held.iter("li"))
    assert first == "Diffusé version 151.0.1, paquet 1 depuis le 24 août 2026"
    assert second.startswith("Paquet bloqué version 154.0, paquet 1 depuis le 13 novembre 2026 Le module d’agenda")
    assert second.endswith("On attend : l’éditeur du module.")
    assert not Read(visitor.get("/catalogue/cabri-3d")).all("ul", class_="packages")
    visitor.set_cookie("etablissement", "0010002X")
    assert not Read(visitor.get("/catalogue/mozilla-thunderbird")).all("ul", class_="packages")
