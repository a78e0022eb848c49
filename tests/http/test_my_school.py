"""With a school remembered in a cookie, the whole catalogue answers for it, and no cache gives one school another's answer."""

import re
from xml.etree.ElementTree import Element

import pytest
from flask import Flask

from tests.conftest import Counting
from tests.http.reading import Read, words
from tests.page_client import PageClient

pytest_plugins = ("tests.data.catalogue_data",)

COMPREHENSIVE, VOCATIONAL, UNDECLARED = "0261505V", "0260037Z", "0010001W"
COLLEGE, COLLEGE_ELSEWHERE, ELSEWHERE, PRIVATE = "0380002W", "0690001B", "0020012C", "0381685A"
NOT_SERVED = (COLLEGE_ELSEWHERE, ELSEWHERE, PRIVATE)
UNKNOWN = "9999999P"  # its letter is right
MALFORMED = ("", "0261505", "0261505W", "0261505v", "026150VV", "<script>", "' OR 1=1 --", "0261505V0261505V", "é" * 8)
PAGES = ("/", "/catalogue", "/catalogue?q=image", "/catalogue/gimp", "/catalogue/autodesk-inventor", "/catalogue/openoffice",
         "/comparer?titres=gimp,autodesk-inventor,archicad")  # fmt: skip
KEPT = PAGES[:-1]  # a comparison is made anew each time


def client_of(app: Flask, uai: str) -> PageClient:
    client = app.test_client()
    assert isinstance(client, PageClient)
    client.set_cookie("etablissement", uai)
    return client


def answer_of(client: PageClient, slug: str) -> tuple[str, list[str]]:
    """The level of a sheet and its sentences."""
    read = Read(client.get(f"/catalogue/{slug}"))
    heading = read.by_id("reponse")
    assert heading is not None
    (card,) = read.all("div", class_="answer-card")
    return heading.attrib["data-code"], [words(one) for one in card.iter("p")]


def line_of(read: Read) -> str:
    return " ".join(words(one) for one in read.all("div", class_="for-school"))


@pytest.mark.parametrize("address", PAGES)
def test_a_page_says_for_which_school_it_answers(portal_app: Flask, visitor: PageClient, address: str) -> None:
    mine = Read(client_of(portal_app, COMPREHENSIVE).get(address))
    assert "Lycée polyvalent Algoud-Laffemas, Valence" in line_of(mine)
    (forget,) = [form for form in mine.all("form") if form.get("action") == "/etablissements/mien"]
    assert forget.attrib["method"] == "post"
    assert [(one.attrib["name"], one.attrib["value"]) for one in forget.iter("input")] == [("uai", "")]
    assert line_of(Read(visitor.get(address))) == ""
    assert Read(visitor.get(address)).all("a", href="/etablissements")


def test_a_list_of_mine_answers_with_its_programme(portal_app: Flask) -> None:
    level, said = answer_of(client_of(portal_app, COMPREHENSIVE), "autodesk-inventor")
    assert level == "maintained"
    assert said[0].startswith("Oui")
    assert "« Liste STI2D et sciences de l’ingénieur », par : Sciences et technologies de l’industrie" in said[1]
    level, said = answer_of(client_of(portal_app, VOCATIONAL), "gimp")
    assert "Lycée professionnel Victor Hugo : il est sur « Socle commun des lycées », qui sert tous ses" in said[1]


def test_a_list_that_does_not_serve_my_school_says_why(portal_app: Flask) -> None:
    level, said = answer_of(client_of(portal_app, VOCATIONAL), "autodesk-inventor")
    assert level == "known"
    assert said[0].startswith("Pas dans votre établissement : « Liste STI2D et sciences de l’ingénieur » ne le sert pas")
    assert "(STI2D)" in said[0]
    assert not any("personne ne l’a demandé" in one for one in said)


def test_a_list_that_may_serve_my_school_is_to_confirm(portal_app: Flask) -> None:
    client = client_of(portal_app, UNDECLARED)
    level, said = answer_of(client, "archicad")
    assert level == "known"
    assert said[0].startswith("Peut-être : il est sur « Liste du bâtiment")
    assert said[0].endswith("C’est à confirmer par votre établissement.")
    assert "Bâtiment : à confirmer par votre établissement" in words(row_of(client, "archicad"))


def row_of(client: PageClient, slug: str) -> Element:
    read = Read(client.get(f"/catalogue?q={slug}"))
    (row,) = [row for row in read.all("tr") if slug in [field.get("value") for field in row.iter("input")]]
    return row


def test_a_row_says_it_too(portal_app: Flask) -> None:
    with_it, without = (words(row_of(client_of(portal_app, uai), "autodesk-inventor")) for uai in (COMPREHENSIVE, VOCATIONAL))
    assert "Maintenu STI2D" in with_it.replace("MaintenuSTI2D", "Maintenu STI2D")
    assert "Recensé, non pris en charge" in without
    assert "STI2D : ne sert pas votre établissement" in without


def test_what_nobody_lists_and_what_was_decided_stay_what_they_are(portal_app: Flask, visitor: PageClient) -> None:
    client = client_of(portal_app, VOCATIONAL)
    for slug in ("unity-hub", "openoffice", "anydesk", "sibelius", "julia"):
        assert answer_of(client, slug) == answer_of(visitor, slug)


def test_a_comparison_is_made_for_my_school(portal_app: Flask) -> None:
    read = Read(client_of(portal_app, VOCATIONAL).get("/comparer?titres=gimp,autodesk-inventor"))
    badges = [badge.attrib["data-code"] for badge in read.all("span", class_="badge")] or [
        words(badge) for badge in read.all("span", class_="badge")
    ]
    assert badges in (["maintained", "known"], ["Maintenu", "Recensé, non pris en charge"])
    assert "STI2D : ne sert pas votre établissement" in words(read.root)


def test_a_college_of_the_department_here_is_answered_by_it(portal_app: Flask, visitor: PageClient) -> None:
    client = client_of(portal_app, COLLEGE)
    level, said = answer_of(client, "autodesk-inventor")
    assert (level, any("STI2D" in one for one in said)) == ("known", False)
    lists = {one[1].partition("list=")[2] for one in Read(client.get("/catalogue")).facets if one[0] == "list"}
    assert lists == {"socle-colleges"}
    ours = {one[1].partition("list=")[2] for one in Read(visitor.get("/catalogue")).facets if one[0] == "list"}
    assert "socle-colleges" not in ours


@pytest.mark.parametrize(
    ("uai", "competent"),
    [
        (COLLEGE_ELSEWHERE, "la métropole de Lyon ou par le département du Rhône"),
        (ELSEWHERE, "sa région (Hauts-de-France)"),
        (PRIVATE, "son organisme de gestion"),
    ],
)
def test_where_nobody_here_serves_the_school_nothing_is_claimed_and_the_competent_is_named(
    portal_app: Flask, uai: str, competent: str
) -> None:
    client = client_of(portal_app, uai)
    for address in PAGES:
        assert competent in words(Read(client.get(address)).root), address
    for slug in ("gimp", "java-8", "openoffice", "anydesk"):
        level, said = answer_of(client, slug)
        assert level == "known"
        assert "ne maintient aucun logiciel pour cet établissement" in said[0]
        assert competent in said[1]
    sheet = Read(client.get("/catalogue/openoffice"))
    assert sheet.by_id("refus") is None
    assert sheet.by_id("hors-liste") is None
    assert {one[1].partition("support=")[2] for one in Read(client.get("/catalogue")).facets if one[0] == "support"} == {"known"}


@pytest.mark.parametrize("uai", [*MALFORMED, UNKNOWN])
@pytest.mark.parametrize("address", ["/", "/catalogue", "/catalogue/gimp"])
def test_a_cookie_that_is_no_school_is_ignored(portal_app: Flask, visitor: PageClient, uai: str, address: str) -> None:
    assert client_of(portal_app, uai).get(address).data == visitor.get(address).data


@pytest.mark.parametrize("uai", MALFORMED)
def test_what_cannot_be_a_school_is_not_even_looked_up(portal_app: Flask, count_queries: Counting, uai: str) -> None:
    with count_queries(portal_app.extensions["logitheque"].database) as sent:
        client_of(portal_app, uai).get("/catalogue")
    assert sent == []


@pytest.mark.parametrize("uai", [COMPREHENSIVE, COLLEGE, PRIVATE, UNKNOWN])
def test_a_school_is_looked_up_once(portal_app: Flask, count_queries: Counting, uai: str) -> None:
    client = client_of(portal_app, uai)
    client.get("/catalogue")
    with count_queries(portal_app.extensions["logitheque"].database) as sent:
        for address in PAGES:
            client.get(address)
    assert sent == []


@pytest.mark.parametrize("address", KEPT)
def test_a_stamp_is_that_of_one_school(portal_app: Flask, visitor: PageClient, address: str) -> None:
    """Two collèges of one department, two lycées of one region, the same lists or not: each has its own."""
    clients = [visitor, *(client_of(portal_app, uai) for uai in (COMPREHENSIVE, VOCATIONAL, COLLEGE, "0382101C", *NOT_SERVED))]
    tags = [client.get(address).headers["ETag"] for client in clients]
    assert len(set(tags)) == len(tags)
    for client, tag in zip(clients, tags, strict=True):
        codes = [client.get(address, headers={"If-None-Match": other}).status_code for other in tags]
        assert [other for other, code in zip(tags, codes, strict=True) if code == 304] == [tag]


@pytest.mark.parametrize("address", PAGES)
def test_no_shared_cache_keeps_the_page_of_a_school(portal_app: Flask, address: str) -> None:
    response = client_of(portal_app, COMPREHENSIVE).get(address)
    assert response.cache_control.private
    assert response.cache_control.no_cache
    assert not response.cache_control.public
    assert "cookie" in {name.lower() for name in response.vary}


@pytest.mark.parametrize("uai", [COMPREHENSIVE, VOCATIONAL, UNDECLARED, COLLEGE, *NOT_SERVED])
@pytest.mark.parametrize("address", ["/catalogue", "/catalogue?q=image&support=maintained", "/catalogue?list=sti2d&support=known"])
def test_a_facet_gives_as_many_titles_as_it_says(portal_app: Flask, uai: str, address: str) -> None:
    client = client_of(portal_app, uai)
    for facet, url, count, chosen in Read(client.get(address)).facets:
        if facet == "support" and not chosen and "support=" not in address:
            announced = re.match(r"[\d\s]+", Read(client.get(url)).text("annonce"))
            assert (int(re.sub(r"\s", "", announced[0])) if announced else 0) == count, url


def test_the_first_page_counts_what_my_school_has(portal_app: Flask, visitor: PageClient) -> None:
    def figures(client: PageClient) -> list[str]:
        return [words(one) for listed in Read(client.get("/")).all("dl", class_="figures") for one in listed.iter("dd")]

    assert len({tuple(figures(client_of(portal_app, uai))) for uai in (COMPREHENSIVE, VOCATIONAL, PRIVATE)}) == 3
    assert figures(client_of(portal_app, PRIVATE))[1:] == ["0", "0"]
    assert figures(visitor) not in [figures(client_of(portal_app, uai)) for uai in (COMPREHENSIVE, PRIVATE)]


@pytest.mark.parametrize("uai", [COMPREHENSIVE, VOCATIONAL, UNDECLARED, COLLEGE, *NOT_SERVED])
def test_the_school_is_spoken_of_in_english_too(portal_app: Flask, uai: str) -> None:
    client = client_of(portal_app, uai)
    client.set_cookie("langue", "en")
    for address in ("/catalogue", "/catalogue?q=archicad", "/catalogue/autodesk-inventor", "/catalogue/archicad"):
        read = Read(client.get(address))
        parts = [*read.all("div", class_="for-school"), *read.all("div", class_="notice"), *read.all("td", class_="support")]
        parts += [paragraph for card in read.all("div", class_="answer-card") for paragraph in card.iter("p")]
        said = " ".join(filter(None, map(in_english, parts)))
        assert not re.search(r"établissement|Changer|Oublier|ordinateurs|Pour ", said), (address, said)


def in_english(part: Element) -> str:
    """Its text without what is marked as French: names and data."""
    if part.get("lang") == "fr":
        return part.tail or ""
    return " ".join([part.text or "", *(in_english(inside) + (inside.tail or "") for inside in part if inside.get("lang") != "fr")])


def test_a_part_made_for_another_school_is_not_put_under_the_name_of_the_first(visitor: PageClient) -> None:
    """Two tabs: in the second, another school was chosen. htmx then loads the whole page, which says for whom it answers."""
    visitor.set_cookie("etablissement", "0261505V")
    page = visitor.get("/catalogue").get_data(as_text=True)
    assert """hx-headers='{"X-Etablissement": "0261505V"}'""" in page
    asked = {"HX-Request": "true", "HX-Target": "resultats"}
    part = visitor.get("/catalogue?q=gimp", headers={**asked, "X-Etablissement": "0261505V"})
    assert part.data
    assert "HX-Redirect" not in part.headers
    visitor.set_cookie("etablissement", "0260037Z")
    other = visitor.get(
        "/catalogue?q=gimp", headers={**asked, "X-Etablissement": "0261505V", "If-None-Match": part.headers["ETag"]}
    )
    assert (other.status_code, other.data) == (200, b"")
    assert other.headers["HX-Redirect"] == "/catalogue?q=gimp"
    assert other.headers["Cache-Control"] == "no-store"
    visitor.delete_cookie("etablissement")
    assert "HX-Redirect" in visitor.get("/catalogue?q=gimp", headers={**asked, "X-Etablissement": "0260037Z"}).headers
