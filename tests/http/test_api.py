"""`/api/v1`: the answers of the pages, for programs of any site, whole, bounded, and the same whoever asks."""

import csv
import gzip
import io
import json
import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalogue.browse.api_downloads import COLUMNS, Catalogue
from catalogue.browse.api_lists import Edition
from catalogue.browse.api_schools import SchoolShown
from catalogue.browse.api_titles import WholeTitle
from catalogue.browse.place import here, home_place
from catalogue.lists.models import EditionStatus
from catalogue.search.shelf import Shelf
from portal.db import Database
from tests.conftest import Counting
from tests.data.demonstrations import Demonstration
from tests.http.addresses import path, readable
from tests.http.reading import Read, words
from tests.page_client import PageClient

pytest_plugins = ("tests.data.catalogue_data",)

COMPREHENSIVE, VOCATIONAL, COLLEGE, PRIVATE = "0261505V", "0260037Z", "0380002W", "0381685A"
CLOSED_LETTER, NOBODY = "0261505A", "9999999P"
FIELDS = {
    "titles": "slug name publisher licence licence_type platforms category disciplines purpose support packaging",
    "lists": "slug name capacity used audience edition status entries changes",
    "schools": "uai name type city academy programmes lists",
}


def told(visitor: FlaskClient, address: str) -> dict[str, object]:
    response = visitor.get(address)
    assert response.status_code == 200, (address, response.get_data(as_text=True)[:300])
    found: dict[str, object] = response.get_json()
    return found


def refused(visitor: FlaskClient, address: str, status: int = 422) -> str:
    response = visitor.get(address)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json"), address
    assert response.headers["Cache-Control"] == "no-store"
    detail: str = response.get_json()["detail"]
    return detail


# What must be there


@pytest.mark.parametrize("noun", FIELDS)
def test_a_list_says_how_many_and_which(visitor: PageClient, noun: str) -> None:
    page = told(visitor, f"/api/v1/{noun}")
    assert {"items", "total", "page", "per_page", "facets"} <= set(page)
    assert (page["page"], page["per_page"]) == (1, 25)
    assert all(set(FIELDS[noun].split()) <= set(item) for item in page["items"])


def test_a_title_has_what_its_page_has(visitor: PageClient) -> None:
    title = told(visitor, "/api/v1/titles/geogebra-classic")
    assert set(FIELDS["titles"].split()) | {"versions", "alternatives", "history", "sources"} <= set(title)
    assert {"level", "label", "lists", "until"} <= set(title["support"])
    assert title["packaging"] == title["packages"][0]["status"] == "released"


def test_a_title_says_its_package_nearest_to_classrooms_and_each_of_the_others(visitor: PageClient) -> None:
    title = told(visitor, "/api/v1/titles/mozilla-thunderbird")
    assert title["packaging"] == "released"
    assert [(one["version"], one["status"], one["waits_for"]) for one in title["packages"]] == [
        ("151.0.1", "released", ""),
        ("154.0", "blocked", "l’éditeur du module"),
    ]
    elsewhere = told(visitor, "/api/v1/titles/mozilla-thunderbird?school=0010002X")
    assert (elsewhere["packaging"], elsewhere["packages"]) == (None, [])
    assert told(visitor, "/api/v1/titles/tia-portal")["packaging"] == "blocked"


@pytest.mark.parametrize("address", ["/api/v1/lists/socle", "/api/v1/lists/socle/2025-2026", "/api/v1/lists/socle/2027-2028"])
def test_an_edition_has_its_entries_and_its_changes(visitor: PageClient, address: str) -> None:
    edition = told(visitor, address)
    assert set(FIELDS["lists"].split()) <= set(edition)
    assert {"entered", "left", "updated"} <= set(edition["changes"])
    assert len(edition["entries"]) == edition["used"]
    assert edition["demonstration"] is True


def test_each_title_each_edition_and_some_schools_have_the_shape_described(visitor: PageClient) -> None:
    """Every level, every status, every kind of school: what is described is what is sent."""
    whole = visitor.get("/api/v1/titles.json").data
    titles = Catalogue.model_validate_json(whole).items
    assert len({one.support.level for one in titles}) == 8
    for title in titles[::25]:
        WholeTitle.model_validate_json(visitor.get(f"/api/v1/titles/{title.slug}").data)
    statuses = set()
    for held in told(visitor, "/api/v1/lists")["items"]:
        for version in held["versions"]:
            edition = Edition.model_validate_json(visitor.get(f"/api/v1/lists/{held['slug']}/{version['edition']}").data)
            assert (edition.candidates is None) is (edition.status is not EditionStatus.DRAFT)
            statuses.add(edition.status)
    assert {EditionStatus.DRAFT, EditionStatus.CURRENT, EditionStatus.ARCHIVED} <= statuses
    for uai in (COMPREHENSIVE, VOCATIONAL, COLLEGE, PRIVATE):
        SchoolShown.model_validate_json(visitor.get(f"/api/v1/schools/{uai}").data)


# What is refused


@pytest.mark.parametrize("noun", ["titles", "lists", "schools", f"schools/{COMPREHENSIVE}/titles"])
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("per_page=101", "« per_page » est un nombre entier de 1 à 100."),
        ("per_page=0", "« per_page » est un nombre entier de 1 à 100."),
        ("per_page=x", "« per_page » est un nombre entier de 1 à 100."),
        ("page=0", "« page » est un nombre entier de 1 à 100000."),
        ("page=100001", "« page » est un nombre entier de 1 à 100000."),
        ("perpage=3", "Le paramètre « perpage » n’existe pas ici. Paramètres connus : page, per_page"),
    ],
)
def test_what_is_out_of_bounds_is_said_with_the_bound(visitor: PageClient, noun: str, asked: str, said: str) -> None:
    detail = refused(visitor, f"/api/v1/{noun}?{asked}")
    assert re.sub(r"\s", " ", detail).startswith(said)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("titles?suport=maintained", "suport"),
        ("titles?sort=nom", "relevance, name, changed"),
        ("titles?support=MAINTAINED", "support"),
        (f"titles?q={'a' * 201}", "200"),
        (f"titles?school={CLOSED_LETTER}", "devrait être V"),
        (f"titles?school={NOBODY}", NOBODY),
        ("titles?school=lycee", "school"),
        ("titles/gimp?page=2", "page"),
        ("titles.csv?q=gimp", "q"),
        ("lists/socle?annee=2026", "annee"),
        ("lists/socle/2026-2027.csv?x=", "x"),
        ("openapi.json?x=1", "x"),
        (f"schools/{COMPREHENSIVE}?x=1", "x"),
        (f"schools?q={'a' * 101}", "100"),
    ],
)
def test_a_parameter_that_is_not_understood_is_never_ignored(visitor: PageClient, address: str, said: str) -> None:
    assert said in refused(visitor, f"/api/v1/{address}")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("titles/nulle-part", "Aucun titre"),
        ("lists/nulle-part", "Aucune liste"),
        ("lists/socle/1999-2000", "édition"),
        ("lists/socle/2027-2028.json", "en préparation"),
        ("lists/nulle-part/2026-2027.json", "Aucune liste"),
        (f"schools/{NOBODY}", "Aucun établissement"),
        (f"schools/{CLOSED_LETTER}", "devrait être V"),
        (f"schools/{NOBODY}/titles", "Aucun établissement"),
        ("schools/x", "Aucun établissement"),
    ],
)
def test_what_does_not_exist_is_said_to_be_unknown(visitor: PageClient, address: str, said: str) -> None:
    assert said in refused(visitor, f"/api/v1/{address}", 404)


def test_what_a_form_sends_empty_is_not_asked(visitor: PageClient) -> None:
    assert visitor.get("/api/v1/titles?q=&support=&school=&page=").data == visitor.get("/api/v1/titles").data


# Pages


def neighbours(response: TestResponse) -> dict[str, str]:
    return {rel: address for address, rel in re.findall(r'<([^>]*)>; rel="(\w+)"', response.headers["Link"])}


@pytest.mark.parametrize(
    "start", ["titles?support=maintained&support=ending&per_page=50", "lists?per_page=4", "schools?q=grenoble"]
)
def test_links_lead_through_every_page_once(visitor: PageClient, start: str) -> None:
    address, seen = f"/api/v1/{start}", []
    asked = parse_qs(urlsplit(address).query)
    while address:
        response = visitor.get(address)
        page = response.get_json()
        seen += [item.get("slug") or item["uai"] for item in page["items"]]
        links = neighbours(response)
        assert ("prev" in links) is (page["page"] > 1)
        for link in links.values():
            assert {name: value for name, value in parse_qs(urlsplit(link).query).items() if name != "page"} == asked
        address = links.get("next", "")
    assert len(seen) == len(set(seen)) == page["total"]
    assert int(parse_qs(urlsplit(links["last"]).query)["page"][0]) == page["page"] > 1


@pytest.mark.parametrize("noun", ["titles", "lists", "schools", "schools?q=valence"])
def test_after_the_last_page_there_is_nothing(visitor: PageClient, noun: str) -> None:
    response = visitor.get(f"/api/v1/{noun}{'&' if '?' in noun else '?'}page=9999")
    page = response.get_json()
    assert (page["items"], page["page"]) == ([], 9999)
    assert page["total"] > 0
    last = neighbours(response)
    assert "next" not in last
    assert last["prev"] == last["last"]
    assert visitor.get(last["last"]).get_json()["items"]


# For a school


def seen_from(app: Flask, uai: str) -> PageClient:
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.set_cookie("etablissement", uai)
    return client


@pytest.mark.parametrize("uai", [COMPREHENSIVE, VOCATIONAL, COLLEGE, PRIVATE])
@pytest.mark.parametrize("query", ["q=geogebra", "support=maintained", "list=stmg", "q=autocad", "support=refused"])
def test_a_program_is_told_what_the_page_shows_a_school(portal_app: Flask, visitor: PageClient, uai: str, query: str) -> None:
    shown = Read(seen_from(portal_app, uai).get(f"/catalogue?{query}"))
    items = told(visitor, f"/api/v1/titles?{query}&school={uai}")["items"]
    if not items:  # the page then shows what is nearest
        assert shown.text("annonce") == "Aucun titre ne correspond."
        return
    assert [item["slug"] for item in items] == shown.slugs
    rows = [row for row in shown.all("tr") if [f for f in row.iter("input") if f.get("name") == "titres"]]
    labels = [words(cell) for row in rows for cell in row.iter("td") if cell.get("class") == "support"]
    assert all(label.startswith(item["support"]["label"]) for label, item in zip(labels, items, strict=True))


@pytest.mark.parametrize("uai", [COMPREHENSIVE, VOCATIONAL, COLLEGE])
def test_the_titles_of_a_school_are_those_of_its_lists(visitor: PageClient, uai: str) -> None:
    school = told(visitor, f"/api/v1/schools/{uai}")
    sure = {one["slug"] for one in school["lists"] if one["verdict"] == "applies"}
    page = told(visitor, f"/api/v1/schools/{uai}/titles?per_page=100")
    assert sure
    assert page["items"]
    for item in page["items"]:
        assert item["support"]["level"] in {"maintained", "ending"}
        assert set(item["support"]["lists"]) <= sure
    one = min(sure)
    narrowed = told(visitor, f"/api/v1/schools/{uai}/titles?list={one}")
    assert 0 < narrowed["total"] <= page["total"]
    assert all(one in item["support"]["lists"] for item in narrowed["items"])
    elsewhere = told(visitor, f"/api/v1/schools/{uai}/titles?list={'socle' if 'socle' not in sure else 'socle-colleges'}")
    assert (elsewhere["total"], elsewhere["understood"]) == (0, "exact")


@pytest.mark.parametrize("name", ["support", "list", "discipline", "level", "category", "platform", "licence"])
@pytest.mark.parametrize("address", ["titles?", "schools/0260037Z/titles?"])
def test_a_misspelt_value_is_refused_and_never_passes_for_none(visitor: PageClient, name: str, address: str) -> None:
    said = refused(visitor, f"/api/v1/{address}{name}=maintaned")
    assert "« maintaned » n’est pas une valeur" in said.replace("\u00a0", " ")
    assert name in said


def test_no_perhaps_and_not_here_are_three_answers(visitor: PageClient) -> None:
    def support(slug: str, uai: str) -> dict[str, object]:
        found: dict[str, object] = told(visitor, f"/api/v1/titles/{slug}?school={uai}")["support"]
        return {name: found[name] for name in ("level", "lists", "to_confirm", "not_serving")} | {"told": bool(found["competent"])}

    none = {"lists": [], "to_confirm": [], "not_serving": [], "told": False}
    assert support("solidworks", "0260037Z") == {**none, "level": "known", "not_serving": ["sti2d"]}
    assert support("solidworks", "0383252D") == {**none, "level": "known", "to_confirm": ["sti2d"]}
    assert support("gimp", "0010002X") == {**none, "level": "known", "told": True}
    assert support("gimp", "0260037Z")["lists"] == ["socle"]


def test_a_school_served_by_nobody_here_says_who_does(visitor: PageClient) -> None:
    school = told(visitor, f"/api/v1/schools/{PRIVATE}")
    assert (school["territory"], school["lists"]) == (None, [])
    assert "privé" in school["competent"]
    assert told(visitor, f"/api/v1/schools/{PRIVATE}/titles")["total"] == 0
    assert {item["support"]["level"] for item in told(visitor, f"/api/v1/titles?q=geogebra&school={PRIVATE}")["items"]} == {"known"}


def test_a_list_says_by_which_programme_it_applies(visitor: PageClient) -> None:
    school = told(visitor, f"/api/v1/schools/{COMPREHENSIVE}")
    taught = {one["code"] for one in school["programmes"]}
    brought = [one for one in school["lists"] if one["verdict"] == "applies" and one["because"]]
    assert brought
    assert all({programme["code"] for programme in one["because"]} <= taught for one in brought)
    assert [one["slug"] for one in school["lists"] if not one["because"] and one["verdict"] == "applies"] == ["socle"]


@pytest.mark.parametrize("q", ["valence", "lycée grenoble", "victor hugo", "0261505V", "zzzz", "lp 38"])
def test_schools_are_found_as_the_page_finds_them(visitor: PageClient, q: str) -> None:
    page = visitor.get("/etablissements", query_string={"q": q}, follow_redirects=True).get_data(as_text=True)
    listed = list(dict.fromkeys(re.findall(r'href="/etablissements/(\d{7}[A-Z])"', page)))
    items = visitor.get("/api/v1/schools", query_string={"q": q}).get_json()["items"]
    found = [item["uai"] for item in items]
    assert found == (["0261505V"] if q == "0261505V" else listed[: len(found)])


@pytest.mark.parametrize("cookie", [COMPREHENSIVE, COLLEGE, "x"])
def test_no_cookie_changes_what_a_program_is_told(portal_app: Flask, visitor: PageClient, cookie: str) -> None:
    """One address, one answer: the preference of a person is for pages."""
    for address in ("titles?q=geogebra", "titles/geogebra-classic", "lists", "lists/socle", "schools?q=valence", "titles.csv"):
        assert seen_from(portal_app, cookie).get(f"/api/v1/{address}").data == visitor.get(f"/api/v1/{address}").data


def test_thirty_schools_cost_what_three_do(portal_app: Flask, visitor: PageClient, count_queries: Counting) -> None:
    database: Database = portal_app.extensions["logitheque"].database
    costs = []
    for per_page in (3, 30):
        with count_queries(database) as sent:
            assert len(told(visitor, f"/api/v1/schools?q=grenoble&per_page={per_page}")["items"]) == per_page
        costs.append(len(sent))
    assert costs[0] == costs[1]


# Whole downloads


def test_the_whole_catalogue_is_that_of_the_pages(visitor: PageClient) -> None:
    whole = visitor.get("/api/v1/titles.json").get_json()
    rows = list(csv.DictReader(io.StringIO(visitor.get("/api/v1/titles.csv").get_data(as_text=True), newline="")))
    first = told(visitor, "/api/v1/titles?sort=name&per_page=100")
    assert whole["total"] == len(whole["items"]) == len(rows) == first["total"]
    assert whole["items"][:100] == first["items"]
    assert [row["slug"] for row in rows] == [item["slug"] for item in whole["items"]]
    assert list(rows[0]) == list(COLUMNS)
    for row, item in zip(rows, whole["items"], strict=True):
        assert (row["support"], row["name"], row["purpose"]) == (item["support"]["level"], item["name"], item["purpose"] or "")
        assert row["platforms"].split("|") == (item["platforms"] or [""])


def test_the_whole_catalogue_may_be_a_schools(visitor: PageClient) -> None:
    here, there = (visitor.get(f"/api/v1/titles.csv{query}") for query in ("", f"?school={COLLEGE}"))
    assert here.data != there.data
    assert here.headers["ETag"] != there.headers["ETag"]
    assert there.headers["Content-Disposition"].startswith(f'attachment; filename="catalogue-{COLLEGE}-2026-11-16.csv"')


@pytest.mark.parametrize("address", ["/api/v1/titles.csv", "/api/v1/titles.json", "/api/v1/lists/socle/2026-2027.csv"])
def test_a_download_is_compressed_and_not_sent_again(portal_app: Flask, address: str) -> None:
    client = FlaskClient(portal_app, portal_app.response_class)
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3
    for first in (packed, plain):
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_a_voted_list_is_the_same_bytes_as_on_its_page(visitor: PageClient, kind: str) -> None:
    page, program = (visitor.get(f"{start}/socle/2026-2027.{kind}") for start in ("/listes", "/api/v1/lists"))
    assert page.data == program.data
    assert page.headers["ETag"] == program.headers["ETag"]
    told_sha = told(visitor, "/api/v1/lists/socle/2026-2027")["files"][kind]
    assert told_sha == {"url": f"/listes/socle/2026-2027.{kind}", "sha256": page.headers["ETag"].strip('"')}


# Other sites


def test_any_site_may_read_the_api_and_the_files_of_lists_and_no_page(portal_app: Flask, visitor: PageClient) -> None:
    for rule in readable(portal_app):
        address = path(rule)
        shared = address.startswith("/api/v1/") or bool(re.fullmatch(r"/listes/.*\.(json|csv)", address))
        for method in ("GET", "HEAD", "OPTIONS"):
            with visitor.open(address, method=method, headers={"Origin": "https://ailleurs.example"}) as response:
                assert response.headers.get("Access-Control-Allow-Origin") == ("*" if shared else None), (method, address)
                assert "Access-Control-Allow-Credentials" not in response.headers
                if shared:
                    assert {"ETag", "Link"} <= set(response.headers["Access-Control-Expose-Headers"].split(", "))


def test_a_preflight_allows_reading_and_nothing_else(visitor: PageClient) -> None:
    asking = {"Origin": "https://ailleurs.example", "Access-Control-Request-Method": "GET"}
    response = visitor.options("/api/v1/titles", headers=asking | {"Access-Control-Request-Headers": "if-none-match"})
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in response.headers["Access-Control-Allow-Headers"]
    assert int(response.headers["Access-Control-Max-Age"]) > 0


@pytest.mark.parametrize("address", ["/api/v1/titles?page=0", "/api/v1/titles/nulle-part", "/api/v1/nulle-part"])
def test_another_site_may_read_what_went_wrong(visitor: PageClient, address: str) -> None:
    response = visitor.get(address)
    assert response.status_code in {404, 422}
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_another_site_may_not_write(visitor: PageClient) -> None:
    response = visitor.post("/api/v1/titles", headers={"Origin": "https://ailleurs.example", "Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response.headers


# What a kept answer depends on


def test_a_stamp_covers_the_index_the_day_the_school_and_the_language(portal_app: Flask, visitor: PageClient) -> None:
    english = portal_app.test_client()
    english.set_cookie("langue", "en")
    addresses = ["titles", f"titles?school={COMPREHENSIVE}", f"titles?school={VOCATIONAL}", f"titles?school={COLLEGE}"]
    stamps = [visitor.get(f"/api/v1/{address}").headers["ETag"] for address in addresses]
    stamps.append(english.get("/api/v1/titles").headers["ETag"])
    assert len(set(stamps)) == 5
    name = portal_app.extensions["shelf"].volume().name  # revision and day
    assert re.fullmatch(r"\d+-\d{4}-\d\d-\d\d", name)
    assert all(name in stamp for stamp in stamps)
    for stamp in stamps[1:]:
        assert visitor.get("/api/v1/titles", headers={"If-None-Match": stamp}).status_code == 200


# The page for people


def test_the_examples_of_the_page_work(visitor: PageClient) -> None:
    html = visitor.get("/api").get_data(as_text=True)
    examples = [unescape(found) for found in re.findall(r"<code>GET ([^<]+)</code>", html)]
    assert len(examples) >= 12
    for example in examples:
        response = visitor.get(example)
        assert response.status_code == 200, example
        if response.is_json and "items" in (body := json.loads(response.data)):
            assert body["items"], example
    assert 'href="/api/v1/openapi.json"' in html
    assert "de 1 à 100" in html
    assert "Licence Ouverte 2.0" in html


@pytest.mark.parametrize("added", ["%0A", "%0D%0Ax", "%E2%80%83", "%20", "%22", "%3E"])
def test_an_address_written_strangely_is_named_in_headers_as_an_address(visitor: PageClient, added: str) -> None:
    response = visitor.get(f"/api/v1/schools/0261505V{added}/titles")
    assert response.status_code in {200, 404}
    assert re.fullmatch(r"[\x20-\x7e]*", response.headers.get("Link", ""))


def test_a_request_reads_one_index_whatever_is_built_meanwhile(own_app: Flask, own: Demonstration) -> None:
    with own_app.test_request_context("/listes"):
        place = here()
        own_app.extensions["shelf"] = Shelf(own.index, timedelta())
        assert here() is place
        assert home_place().volume is place.volume
