"""`/catalogue`: one question has one address, a fragment is the same part of the page, counts never lie, no query is sent."""

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalogue.search.question import FACETS, SORTS
from tests.conftest import Counting
from tests.http.reading import Read, words
from tests.page_client import PageClient

pytest_plugins = ("tests.data.catalogue_data",)

HTMX = {"HX-Request": "true", "HX-Target": "resultats"}
ADDRESSES = (
    "/catalogue", "/catalogue?q=geogebra", "/catalogue?q=geogbra", "/catalogue?q=zzzzzzzz", "/catalogue?q=dessiner+un+plan",
    "/catalogue?support=maintained", "/catalogue?support=maintained&support=ending", "/catalogue?q=image&platform=linux&licence=libre",
    "/catalogue?page=3", "/catalogue?page=53", "/catalogue?page=99999", "/catalogue?sort=name", "/catalogue?sort=changed&page=2",
    "/catalogue?per_page=100", "/catalogue?q=gimp&support=forbidden", "/catalogue?support=nimporte-quoi", "/catalogue?q=%27+%22+%3Cb%3E",
    "/catalogue?discipline=mathematiques&level=seconde&sort=name", "/catalogue?list=socle&q=a", "/catalogue?q=L%27%C3%A9cole",
)  # fmt: skip
ANONYMOUS = (
    "/", *ADDRESSES, "/catalogue/gimp", "/catalogue/java-8", "/catalogue/openoffice", "/catalogue/algobox", "/comparer",
    "/comparer?titres=gimp,java-8,anydesk,openoffice", "/api/v1/titles", "/api/v1/titles?q=geogebra&support=maintained",
    "/api/v1/titles/gimp", "/api/v1/titles/nulle-part", "/catalogue/nulle-part", "/api", "/donnees-ouvertes", "/accessibilite",
)  # fmt: skip


def section(html: str) -> str:
    """The part that htmx replaces."""
    found = re.search(r'<section class="results".*</section>', html, re.DOTALL)
    assert found
    return found[0]


def total(visitor: PageClient, address: str) -> int:
    """What programs are told of the same question; they are told too when a value is misspelt, where people find nothing."""
    query = urlsplit(address).query
    found: int = visitor.get(f"/api/v1/titles?{query}&per_page=1").get_json().get("total", 0)
    return found


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_fragment_is_the_same_part_of_the_page(visitor: PageClient, address: str) -> None:
    whole = visitor.get(address)
    part = visitor.get(address, headers=HTMX)
    assert whole.status_code == part.status_code == 200
    assert part.get_data(as_text=True).strip() == section(whole.get_data(as_text=True)).strip()
    assert len(part.data) < len(whole.data)


@pytest.mark.parametrize(
    "headers", [{}, {"HX-Request": "true"}, {**HTMX, "HX-Target": "autre"}, {**HTMX, "HX-History-Restore-Request": "true"}]
)
def test_the_whole_page_is_given_unless_its_part_is_asked_for(visitor: PageClient, headers: dict[str, str]) -> None:
    assert visitor.get("/catalogue?q=gimp", headers=headers).data.startswith(b"<!doctype html>")


@pytest.mark.parametrize(
    "address", ["/", "/catalogue", "/catalogue?q=gimp&page=2", "/catalogue/gimp", "/api/v1/titles?q=gimp", "/api/v1/titles/gimp"]
)
@pytest.mark.parametrize("encoding", ["identity", "br", "gzip"])
def test_what_has_not_changed_is_not_sent_again(portal_app: Flask, address: str, encoding: str) -> None:
    asking = {"Accept-Encoding": encoding}
    first = plain(portal_app, address, asking)
    assert first.headers.get("Content-Encoding", "identity") == encoding
    again = plain(portal_app, address, {**asking, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert {"cookie", "accept-encoding"} <= {name.lower() for name in again.vary}


def plain(app: Flask, address: str, headers: dict[str, str]) -> TestResponse:
    """Compressed answers are for browsers: the page client reads text."""
    return FlaskClient(app, app.response_class).get(address, headers=headers)


def test_a_kept_part_is_not_taken_for_the_whole_page(visitor: PageClient) -> None:
    part = visitor.get("/catalogue", headers=HTMX)
    assert {"hx-target", "hx-history-restore-request", "cookie"} <= {name.lower() for name in part.vary}
    assert visitor.get("/catalogue", headers={"If-None-Match": part.headers["ETag"]}).status_code == 200


def test_a_page_kept_in_one_language_is_sent_in_the_other(visitor: PageClient) -> None:
    tag = visitor.get("/catalogue/gimp").headers["ETag"]
    visitor.set_cookie("langue", "en")
    response = visitor.get("/catalogue/gimp", headers={"If-None-Match": tag})
    assert response.status_code == 200
    assert '<html lang="en">' in response.get_data(as_text=True)


@pytest.mark.parametrize("address", ANONYMOUS)
def test_an_anonymous_page_sends_no_query(portal_app: Flask, visitor: PageClient, count_queries: Counting, address: str) -> None:
    with count_queries(portal_app.extensions["logitheque"].database) as sent:
        visitor.get(address)
        visitor.get(address, headers=HTMX)
    assert sent == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_count_announced_is_the_count_found(visitor: PageClient, address: str) -> None:
    read = Read(visitor.get(address))
    found = total(visitor, address)
    announced = read.text("annonce")
    said = re.match(r"[\d\s]+", announced)
    assert (int(re.sub(r"\s", "", said[0])) if said else 0) == found
    results = read.by_id("resultats")
    assert results is not None
    assert words_of(results.attrib["data-announcement"]) == announced
    assert read.by_id("annonce").attrib["role"] == "status"  # type: ignore[union-attr]
    per_page = int(dict(parse_qsl(urlsplit(address).query)).get("per_page", 25))
    assert len(read.slugs) <= per_page
    assert bool(read.slugs) or not found


def words_of(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    "address",
    ["/catalogue", "/catalogue?q=image", "/catalogue?support=maintained&discipline=mathematiques", "/catalogue?q=geogbra",
     "/catalogue?list=socle&platform=linux&platform=windows", "/catalogue?licence=libre&sort=name&q=python"],
)  # fmt: skip
def test_a_facet_gives_as_many_titles_as_it_says(visitor: PageClient, address: str) -> None:
    """Chosen values of a facet widen each other: the count of one is what it gives alone, the other facets as they are."""
    facets = Read(visitor.get(address)).facets
    asked = parse_qsl(urlsplit(address).query)
    assert len(facets) > 5
    for facet, url, count, chosen in facets:
        changed = set(parse_qsl(urlsplit(url).query)) ^ set(asked)
        ((name, value),) = changed
        assert name == facet
        assert chosen is ((name, value) in asked)
        alone = [pair for pair in asked if pair[0] != facet] + [(facet, value)]
        assert total(visitor, f"/catalogue?{urlencode(alone)}") == count, url


def test_active_filters_are_taken_off_one_by_one(visitor: PageClient) -> None:
    address = "/catalogue?q=image&support=known&support=maintained&platform=linux&licence=libre&sort=name"
    seen, steps = {address}, 0
    while removals := Read(visitor.get(address)).removals:
        before = parse_qsl(urlsplit(address).query)
        for removal in removals:
            after = parse_qsl(urlsplit(removal).query)
            (gone,) = set(before) - set(after)
            assert set(after) < set(before)
            assert gone[0] in FACETS
        address = removals[0]
        assert address not in seen
        seen.add(address)
        steps += 1
    assert steps == 4
    assert dict(parse_qsl(urlsplit(address).query)) == {"q": "image", "sort": "name"}


def test_all_filters_are_taken_off_at_once_and_the_words_stay(visitor: PageClient) -> None:
    read = Read(visitor.get("/catalogue?q=image&support=known&licence=libre"))
    (clear,) = [link.attrib["href"] for link in read.all("a", class_="clear")]
    assert clear == "/catalogue?q=image"


def test_a_filter_that_gives_nothing_can_still_be_taken_off(visitor: PageClient) -> None:
    read = Read(visitor.get("/catalogue?q=gimp&support=forbidden&discipline=jamais-vue"))
    assert len(read.removals) == 2
    assert "/catalogue?q=gimp&support=forbidden" in read.removals


def test_searching_again_keeps_the_filters_and_drops_the_page(visitor: PageClient) -> None:
    read = Read(visitor.get("/catalogue?q=a&support=known&platform=linux&sort=name&page=2"))
    hidden = [(field.attrib["name"], field.attrib["value"]) for field in read.all("input", type="hidden", form="recherche")]
    assert sorted(hidden) == [("platform", "linux"), ("support", "known")]
    (sort,) = read.all("select", name="sort")
    assert sort.attrib["form"] == "recherche"
    assert [option.attrib["value"] for option in sort.iter("option") if "selected" in option.attrib] == ["name"]
    assert [option.attrib["value"] for option in sort.iter("option")] == list(SORTS)


def test_pages_hold_every_title_once(visitor: PageClient) -> None:
    address, seen = "/catalogue?sort=name", []
    while True:
        read = Read(visitor.get(address))
        seen += read.slugs
        following = read.all("a", rel="next")
        if not following:
            break
        assert len(read.slugs) == 25
        address = following[0].attrib["href"]
    assert len(seen) == len(set(seen)) == total(visitor, "/catalogue")


@pytest.mark.parametrize(
    ("page", "shown"), [("1", 1), ("2", 2), ("53", 53), ("0", 1), ("-1", 1), ("99999999", 53), ("deux", 1), ("1.5", 1)]
)
def test_a_page_number_is_brought_back_among_the_pages(visitor: PageClient, page: str, shown: int) -> None:
    read = Read(visitor.get(f"/catalogue?page={page}"))
    (current,) = [link for nav in read.all("nav", class_="pagination") for link in nav.iter("a") if link.get("aria-current")]
    assert words(current) == f"Page {shown}"
    for rel, number in (("prev", shown - 1), ("next", shown + 1)):
        links = [link.attrib["href"] for link in read.all("a", rel=rel)]
        assert links == ([f"/catalogue?page={number}" if number > 1 else "/catalogue"] if 1 <= number <= 53 else [])


def test_an_address_is_the_whole_state(portal_app: Flask, visitor: PageClient) -> None:
    """Whoever is sent the address sees the same page, written in whatever order."""
    one = "/catalogue?q=image&support=known&platform=linux&licence=libre&sort=name&page=2"
    other = "/catalogue?page=2&sort=name&licence=libre&platform=linux&q=image&support=known&inconnu=1"
    assert visitor.get(one).data == visitor.get(other).data == portal_app.test_client().get(one).data


def test_the_form_works_without_javascript(visitor: PageClient) -> None:
    read = Read(visitor.get("/catalogue"))
    form = read.by_id("recherche")
    assert form is not None
    assert (form.attrib["method"], form.attrib["action"]) == ("get", "/catalogue")
    assert [button.attrib["type"] for button in form.iter("button")] == ["submit"]
    compare = [form for form in read.all("form") if form.get("action") == "/comparer"]
    assert [form.attrib["method"] for form in compare] == ["get"]
    assert read.all("button", type="submit")


@pytest.mark.parametrize("typed", ["geogbra", "gogebra", "GEOGEBRA", "géogébra", "geo gebra", "libre office", "libreofice"])
def test_a_name_typed_wrong_is_found(visitor: PageClient, typed: str) -> None:
    read = Read(visitor.get(f"/catalogue?q={quote(typed)}"))
    assert "libreoffice" in read.slugs[:3] if "libre" in typed else "geogebra" in read.slugs[0]


def test_how_words_were_understood_is_said(visitor: PageClient) -> None:
    assert "voici ceux qui s’en approchent" in visitor.get("/catalogue?q=geogbra").get_data(as_text=True)
    assert "voici ceux qui répondent à une partie" in visitor.get("/catalogue?q=geogebra+zzzzzzz").get_data(as_text=True)
    assert "understood" not in visitor.get("/catalogue?q=geogebra").get_data(as_text=True)


@pytest.mark.parametrize(("query", "near"), [("q=gimp&support=forbidden", "gimp"), ("q=geogxxxxx", "geogebra")])
def test_nothing_found_shows_what_is_nearest_and_what_to_do(visitor: PageClient, query: str, near: str) -> None:
    read = Read(visitor.get(f"/catalogue?{query}"))
    assert read.text("annonce") == "Aucun titre ne correspond."
    assert "Essayez un autre mot" in read.html
    assert "Tout effacer" in read.html
    assert "Les titres les plus proches" in read.html
    assert any(near in slug for slug in read.slugs)


def test_nothing_near_either_still_says_what_to_do(visitor: PageClient) -> None:
    read = Read(visitor.get("/catalogue?q=%C3%BE%C3%BE%C3%BE%C3%BE"))
    assert "Essayez un autre mot" in read.html
    assert "Les titres les plus proches" not in read.html
    assert read.slugs == []


def test_a_row_says_what_one_compares(visitor: PageClient) -> None:
    (row,) = [
        row for row in Read(visitor.get("/catalogue?q=gimp")).all("tr") if "gimp" in [f.get("value") for f in row.iter("input")]
    ]
    cells = {cell.attrib["class"]: words(cell) for cell in row.iter("td")}
    assert set(cells) == {"pick", "title", "support", "version", "licence", "platforms"}
    assert "GIMP" in cells["title"]
    assert cells["support"].startswith("Maintenu")
    assert all(cells[name] for name in ("version", "licence", "platforms"))


def test_what_is_typed_comes_back_as_text(visitor: PageClient) -> None:
    typed = '<b>"l\'été" & 50%</b>'
    read = Read(visitor.get(f"/catalogue?q={quote(typed)}"))
    (field,) = read.all("input", name="q")
    assert field.attrib["value"] == typed
    assert not read.all("b")


def test_the_first_page_leads_to_subjects(visitor: PageClient) -> None:
    read = Read(visitor.get("/"))
    links = [link for contents in read.all("ul", class_="contents") for link in contents.iter("a")]
    assert len(links) == 8
    for link in links:
        (said,) = [words(span) for span in link.iter("span") if span.get("class") == "count"]
        assert total(visitor, link.attrib["href"]) == int(re.sub(r"\D", "", said))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_reads_in_both_languages(portal_app: Flask, language: str) -> None:
    client = portal_app.test_client()
    client.set_cookie("langue", language)
    for address in (*ANONYMOUS, "/ui"):
        response = client.get(address)
        if response.mimetype == "text/html":
            assert f'<html lang="{language}">' in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("q=&sort=relevance", "/catalogue"),
        ("q=gimp&sort=relevance", "/catalogue?q=gimp"),
        ("q=+gimp++x+&sort=name&support=known", "/catalogue?q=gimp+x&support=known&sort=name"),
        ("page=1&per_page=25", "/catalogue"),
        ("q=%0d%0aSet-Cookie:a", "/catalogue?q=Set-Cookie%3Aa"),
        ("q=%C3%A9t%C3%A9", "/catalogue?q=%C3%A9t%C3%A9"),
    ],
)
def test_the_address_bar_keeps_the_one_address_of_a_question(visitor: PageClient, sent: str, kept: str) -> None:
    """A form sends its empty fields too: htmx is told what to write instead."""
    assert visitor.get(f"/catalogue?{sent}", headers=HTMX).headers["HX-Push-Url"] == kept
