"""A school is found, understood and chosen: its page says who maintains its computers, which lists serve it and why, and what it may use."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from sqlmodel import Session, col, delete, select

from app import create_app
from catalogue.browse.school_page import why
from catalogue.lists.applying import Serving, Verdict
from catalogue.search.shelf import Shelf
from portal.territories.models import Room, School, Teaching, Territory
from portal.trail.revision import bump
from portal.web.kit import Portal
from tests.conftest import Counting
from tests.data.demonstrations import Demonstration
from tests.http.reading import Read, words
from tests.page_client import PageClient

pytest_plugins = ("tests.data.catalogue_data",)

COMPREHENSIVE, VOCATIONAL, UNDECLARED = "0261505V", "0260037Z", "0010001W"
COLLEGE, COLLEGE_ELSEWHERE, PRIVATE, OVERSEAS = "0380002W", "0010002X", "0260082Y", "9830002K"
NOBODY = "9999999P"  # its letter is right


def lists_of(read: Read) -> dict[str, tuple[str, str]]:
    """For each list shown, the code of its verdict (none: it does not apply) and why."""
    found = {}
    for held in read.all("ul", class_="school-lists"):
        for item in held.iter("li"):
            codes = [one.attrib["data-code"] for one in item.iter("span") if "data-code" in one.attrib]
            link = next(item.iter("a"))
            found[link.attrib["href"].rpartition("/")[2]] = (codes[0] if codes else "does-not-apply", words(next(item.iter("p"))))
    return found


def names_of(read: Read) -> list[str]:
    return [words(next(item.iter("a"))) for held in read.all("ul", class_="schools") for item in held.iter("li")]


def codes_of(read: Read) -> list[str]:
    return [next(item.iter("a")).attrib["href"][-8:] for held in read.all("ul", class_="schools") for item in held.iter("li")]


def said(read: Read) -> str:
    (main,) = read.all("main")
    return words(main).replace("\u202f", " ")


def field(form: Element, name: str) -> str:
    return next(one.attrib["value"] for one in form.iter("input") if one.get("name") == name)


@pytest.fixture
def own_visitor(own: Demonstration) -> Iterator[PageClient]:
    app = create_app(own.settings)
    app.testing = True
    app.test_client_class = PageClient
    client = app.test_client()
    assert isinstance(client, PageClient)
    yield client
    app.extensions["logitheque"].database.close()


def portal_of(client: PageClient) -> Portal:
    found: Portal = client.application.extensions["logitheque"]
    return found


def change(client: PageClient, own: Demonstration, work: Callable[[Session], Any]) -> None:
    """As an import or a move would: the revision moves, so the index is made anew."""
    portal_of(client).database.write(lambda session: (work(session), bump(session)))
    client.application.extensions["builder"].build_if_needed()
    client.application.extensions["shelf"] = Shelf(own.index, timedelta())


# --- finding ---


def test_before_any_question_the_page_only_explains_and_asks(visitor: PageClient) -> None:
    read = Read(visitor.get("/etablissements"))
    (form,) = [form for form in read.all("form") if form.attrib["action"] == "/etablissements"]
    assert [one.attrib["name"] for one in form.iter("input")] == ["q"]
    assert not read.all("ul", class_="schools")
    assert not [link for link in read.all("a") if re.fullmatch(r"/etablissements/\w+", link.attrib["href"])]


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("algoud", "Lycée polyvalent Algoud-Laffemas"),
        ("ALGOUD LAFFEMAS valence", "Lycée polyvalent Algoud-Laffemas"),
        ("lycée professionnel valence", "Lycée professionnel Amblard"),
        ("victor hugo valence", "Lycée professionnel Victor Hugo"),
        ("collège grenoble", "Collège Aimé Césaire"),
    ],
)
def test_a_school_is_found_by_what_people_type(visitor: PageClient, asked: str, first: str) -> None:
    assert names_of(Read(visitor.get(f"/etablissements?q={quote(asked)}")))[0] == first


@pytest.mark.parametrize("typed", ["0261505V", "0261505v", " 026 1505 V", "0261505X", "0261505"])
def test_a_code_goes_straight_to_its_page(visitor: PageClient, typed: str) -> None:
    response = visitor.get(f"/etablissements?q={quote(typed)}")
    assert (response.status_code, response.headers["Location"][:23]) == (303, "/etablissements/0261505")


def test_a_town_shows_its_schools_then_those_around_with_their_distance(visitor: PageClient) -> None:
    read = Read(visitor.get("/etablissements?q=lycée+professionnel+valence"))
    assert [words(one) for one in read.all("h3")] == ["Valence (Drôme)", "Aux environs", "Ailleurs"]
    town, around, elsewhere = read.all("ul", class_="schools")
    assert all("Valence (Drôme)" in words(item) for item in town.iter("li"))
    served = ["Maintenu ici" in words(item) for item in town.iter("li")]
    assert served == sorted(served, reverse=True)
    assert {True, False} == set(served)
    assert any("privé" in words(item) for item in town.iter("li"))
    far = [int(re.findall(r"à (\d+) km", words(item))[0]) for item in around.iter("li")]
    assert far == sorted(far)
    assert max(far) <= 30
    assert "à 330 km" in words(elsewhere)
    assert [link.attrib["href"] for link in read.all("a") if "Tarn-et-Garonne" in words(link)] == [
        "/etablissements?q=lycee+professionnel&ville=Valence+%2882%29"
    ]


def test_words_and_a_town_lead_to_the_same_words_around_it(visitor: PageClient) -> None:
    read = Read(visitor.get("/etablissements?q=victor+hugo+valence"))
    (wider,) = [link.attrib["href"] for link in read.all("a") if "environs" in words(link)]
    assert wider == "/etablissements?q=victor+hugo&ville=Valence+%2826%29"
    around = Read(visitor.get(wider))
    assert names_of(around)[0] == "Lycée professionnel Victor Hugo"
    (chip,) = [link for chips in around.all("ul", class_="active-filters") for link in chips.iter("a")]
    assert chip.attrib["href"] == "/etablissements?q=victor%20hugo"
    assert field(around.all("form")[0], "ville") == "Valence (26)"


def test_a_town_that_nobody_placed_says_so(visitor: PageClient) -> None:
    read = Read(visitor.get("/etablissements?q=Nouméa"))
    assert "Distances inconnues" in said(read)
    assert next(words(one) for one in read.all("h3")).startswith("Nouméa")


@pytest.mark.parametrize(
    ("asked", "town", "school"),
    [("valance", "Valence (26)", ""), ("algou lafemas", "", "Lycée polyvalent Algoud-Laffemas"), ("zzzzzzz", "", "")],
)
def test_with_nothing_found_the_nearest_spellings_are_offered(visitor: PageClient, asked: str, town: str, school: str) -> None:
    read = Read(visitor.get(f"/etablissements?q={quote(asked)}"))
    assert "Aucun établissement ne correspond" in said(read)
    towns = [link for link in read.all("a", class_="tag") if words(link) == town]
    assert bool(towns) is bool(town)
    assert names_of(read)[:1] == ([school] if school else [])
    if towns:
        assert names_of(Read(visitor.get(towns[0].attrib["href"])))


def test_an_unknown_town_is_not_guessed(visitor: PageClient) -> None:
    read = Read(visitor.get("/etablissements?q=lycée&ville=Grenobl"))
    assert not read.all("ul", class_="schools")
    assert [link.attrib["href"] for link in read.all("a", class_="tag") if "Grenoble" in words(link)] == [
        "/etablissements?q=lyc%C3%A9e&ville=Grenoble+%2838%29"
    ]


def test_pages_hold_twenty_five_and_together_everything(visitor: PageClient) -> None:
    seen: list[str] = []
    for page in range(1, 5):
        read = Read(visitor.get(f"/etablissements?q=valence&page={page}"))
        assert len(codes_of(read)) <= 25
        seen += codes_of(read)
    total = int(re.findall(r"(\d+) établissements", read.text("etablissements-trouves"))[0])
    assert total == len(seen) == len(set(seen))
    assert Read(visitor.get("/etablissements?q=valence&page=999")).text("etablissements-trouves").endswith("page 4 sur 4")


# --- one school ---


def test_a_declared_school_says_which_list_and_by_which_programme(visitor: PageClient) -> None:
    read = Read(visitor.get(f"/etablissements/{COMPREHENSIVE}"))
    lists = lists_of(read)
    assert lists["socle"] == ("applies", "S’applique à tous les établissements.")
    assert lists["sti2d"][0] == "applies"
    assert (
        lists["sti2d"][1]
        .replace("\u00a0", " ")
        .startswith("S’applique : l’établissement enseigne Sciences et technologies de l’industrie")
    )
    assert {code for code, _why in lists.values()} == {"applies", "does-not-apply"}
    assert "Ne s’applique pas : elle sert" in said(read).replace("\u00a0", " ")
    assert [words(one) for one in read.all("h3")][:3] == [
        "Annuaire de l’éducation", "Parcoursup", "Déclaration de l’établissement – fictive, pour la démonstration",
    ]  # fmt: skip
    assert "90 postes en tout – salles fictives, pour la démonstration" in said(read)
    assert "Listes de démonstration" in said(read)


def test_a_vocational_school_has_its_own_lists(visitor: PageClient) -> None:
    lists = lists_of(Read(visitor.get(f"/etablissements/{VOCATIONAL}")))
    assert {slug for slug, (code, _why) in lists.items() if code == "applies"} > {"socle"}
    assert "applies" not in {lists["sti2d"][0], lists["sio-ciel"][0]}


def test_where_only_tracks_are_known_lists_are_to_confirm(visitor: PageClient) -> None:
    read = Read(visitor.get(f"/etablissements/{UNDECLARED}"))
    lists = lists_of(read)
    asked = [text.replace("\u00a0", " ") for code, text in lists.values() if code == "to-confirm"]
    assert asked
    assert all(text.startswith("Peut s’appliquer : à confirmer par l’établissement (s’il enseigne ") for text in asked)
    assert lists["sti2d"][0] == "does-not-apply"
    assert "L’établissement n’a pas encore déclaré ses formations" in said(read)
    assert "Aucune salle déclarée" in said(read)


@pytest.mark.parametrize(
    ("uai", "competent"),
    [(COLLEGE_ELSEWHERE, "son département (Ain)"), (PRIVATE, "C’est un établissement privé"), (OVERSEAS, "c’est inconnu ici")],
)
def test_a_school_of_another_authority_says_who_is_competent(visitor: PageClient, uai: str, competent: str) -> None:
    read = Read(visitor.get(f"/etablissements/{uai}"))
    assert read.text("qui") == "Pas maintenu ici"
    assert competent in said(read)
    assert lists_of(read) == {}
    assert read.by_id("titres") is None
    assert "C’est mon établissement" in said(read)


def test_a_college_is_served_by_its_department(visitor: PageClient) -> None:
    read = Read(visitor.get(f"/etablissements/{COLLEGE}"))
    assert "Département de l’Isère" in said(read)
    assert {code for code, _why in lists_of(read).values()} == {"applies"}
    assert read.by_id("titres") is not None


def test_titles_are_those_of_the_lists_that_apply_and_can_be_searched(visitor: PageClient) -> None:
    def titles(address: str) -> tuple[int, list[str]]:
        read = Read(visitor.get(address))
        (table,) = read.all("table", class_="titles")
        links = [link.attrib["href"] for cell in table.iter("td") if cell.get("class") == "title" for link in cell.iter("a")]
        assert all(words(cell) for cell in table.iter("td") if cell.get("class") == "support")
        return int(words(next(table.iter("caption"))).split()[0]), links

    every, first = titles(f"/etablissements/{COMPREHENSIVE}")
    assert len(first) == 25
    assert every > titles(f"/etablissements/{VOCATIONAL}")[0] > 25
    second = titles(f"/etablissements/{COMPREHENSIVE}?page=2")
    assert (second[0], set(second[1]) & set(first)) == (every, set())
    found, links = titles(f"/etablissements/{COMPREHENSIVE}?q=inventor")
    assert found < every
    assert "/catalogue/autodesk-inventor" in links
    nothing = Read(visitor.get(f"/etablissements/{VOCATIONAL}?q=autodesk-inventor"))
    assert not nothing.all("table", class_="titles") or "/catalogue/autodesk-inventor" not in {
        link.attrib["href"] for link in nothing.all("a")
    }
    read = Read(visitor.get(f"/etablissements/{COMPREHENSIVE}?q=zzzzz"))
    assert "/catalogue?q=zzzzz" in {link.attrib["href"] for link in read.all("a")}


def test_what_is_unknown_is_said_unknown(own: Demonstration, own_visitor: PageClient) -> None:
    """Neither programmes, nor rooms, nor a place; and a name as long as the table allows."""

    def forget(session: object) -> None:
        school = session.exec(select(School).where(School.uai == COMPREHENSIVE)).one()  # type: ignore[attr-defined]
        session.exec(delete(Teaching).where(col(Teaching.school_id) == school.key))  # type: ignore[attr-defined]
        session.exec(delete(Room).where(col(Room.school_id) == school.key))  # type: ignore[attr-defined]
        school.name, school.postal_code = "Très long " * 16, ""

    change(own_visitor, own, forget)
    read = Read(own_visitor.get(f"/etablissements/{COMPREHENSIVE}"))
    assert "Ses formations sont inconnues" in said(read)
    assert "Aucune salle déclarée" in said(read)
    assert {code for code, _why in lists_of(read).values()} == {"applies", "to-confirm"}


def test_the_verdict_is_said_in_words() -> None:
    names = [
        {"code": code, "name": name}
        for code, name in {"a": "BTS A", "b": "BTS B, option c", **{str(n): f"CAP {n}" for n in range(8)}}.items()
    ]
    assert why(Serving("x", Verdict.APPLIES), names, mine=False) == "S’applique à tous les établissements."
    assert why(Serving("x", Verdict.APPLIES, ("a", "b")), names, mine=True).endswith("BTS A\u202f; BTS B, option c.")
    assert why(Serving("x", Verdict.OTHER), names, mine=True).endswith("CAP 2 et 5 autres formations.")
    for verdict in (Verdict.APPLIES, Verdict.TO_CONFIRM):
        one = Serving("x", verdict, ("a",))
        assert "votre établissement" in why(one, names, mine=True)
        assert "votre" not in why(one, names, mine=False)


def test_a_page_in_english_keeps_french_data_marked(portal_app: Flask) -> None:
    client = portal_app.test_client()
    client.set_cookie("langue", "en")
    for address in ("/etablissements?q=valence", f"/etablissements/{COMPREHENSIVE}", f"/etablissements/{NOBODY}"):
        read = Read(client.get(address))
        assert read.all("html", lang="en")
    assert Read(client.get(f"/etablissements/{COMPREHENSIVE}")).all("h1", lang="fr")


# --- wrong codes ---


@pytest.mark.parametrize(
    ("typed", "says", "offers"),
    [
        ("0261505X", "La lettre de contrôle de 0261505X devrait être V.", COMPREHENSIVE),
        ("0261055V", "La lettre de contrôle de 0261055V devrait être", COMPREHENSIVE),
        ("0261505", "Il manque la lettre de contrôle de ce code : ce serait 0261505V.", COMPREHENSIVE),
        ("0261506W", "Aucun établissement ne porte ce code : 0261506W.", COMPREHENSIVE),
        (NOBODY, "Aucun établissement ne porte ce code", ""),
        ("valence", "Ce n’est pas le code d’un établissement", ""),
    ],
)
def test_a_wrong_code_says_what_is_wrong_and_offers_the_nearest(visitor: PageClient, typed: str, says: str, offers: str) -> None:
    response = visitor.get(f"/etablissements/{typed}")
    read = Read(response)
    assert response.status_code == 404
    assert says in said(read).replace("\u00a0", " ")
    assert (offers in codes_of(read)) if offers else not codes_of(read)
    assert field(next(form for form in read.all("form") if form.attrib["action"] == "/etablissements"), "q") == (
        typed if typed == "valence" else ""
    )


@pytest.mark.parametrize("typed", ["0261505v", "026%201505%20V", "026-1505-v", "%200261505V"])
def test_a_code_in_another_writing_leads_to_its_address(visitor: PageClient, typed: str) -> None:
    response = visitor.get(f"/etablissements/{typed}?q=image&page=2")
    assert (response.status_code, response.headers["Location"]) == (308, f"/etablissements/{COMPREHENSIVE}?q=image&page=2")


def test_a_closed_school_keeps_a_page_that_says_so_and_leads_on(own: Demonstration, own_visitor: PageClient) -> None:
    """200, not 410: requests of past years go on pointing to it, and what it says is right."""

    def close(session: object) -> None:
        session.exec(select(School).where(School.uai == VOCATIONAL)).one().open = False  # type: ignore[attr-defined]

    change(own_visitor, own, close)
    response = own_visitor.get(f"/etablissements/{VOCATIONAL}")
    read = Read(response)
    assert response.status_code == 200
    assert read.text("qui") == "Cet établissement est fermé"
    assert len(codes_of(read)) >= 3
    assert VOCATIONAL not in codes_of(read)
    assert "C’est mon établissement" not in said(read)
    assert lists_of(read) == {}
    assert VOCATIONAL not in codes_of(Read(own_visitor.get("/etablissements?q=lycée+professionnel+valence")))


@pytest.mark.parametrize(
    "asked",
    [
        "26021 Valence (Drôme)", "lycée professionnel victor hugo drôme", "LP Victor Hugo, Valence (Drôme)",
        "Lycée d’enseignement professionnel, général, technologique, polyvalent et public Victor Hugo à Valence dans la Drôme",
    ],
)  # fmt: skip
def test_a_school_is_found_by_what_its_page_prints(visitor: PageClient, asked: str) -> None:
    """The last one has more words than most searches read, and none of them may hide the town."""
    found = codes_of(Read(visitor.get(f"/etablissements?q={quote(asked.replace('général, technologique, polyvalent et ', ''))}")))
    assert VOCATIONAL in found


@pytest.mark.parametrize(
    ("asked", "same"),
    [
        ("st etienne", "saint étienne"),
        ("St-Étienne", "saint étienne"),
        ("lyon 3ème", "lyon 3e"),
        ("Lyon 3ème arrondissement", "lyon 3e arrondissement"),
    ],
)
def test_a_town_is_found_however_one_writes_it(visitor: PageClient, asked: str, same: str) -> None:
    found, wanted = (codes_of(Read(visitor.get(f"/etablissements?q={quote(text)}"))) for text in (asked, same))
    assert found == wanted != []


@pytest.mark.parametrize("asked", ["😀", "%", "?!", "_"])
def test_what_holds_no_word_finds_nothing_rather_than_everything(visitor: PageClient, asked: str) -> None:
    assert "Aucun établissement ne correspond" in said(Read(visitor.get(f"/etablissements?q={quote(asked)}")))
    assert visitor.get(f"/api/v1/schools?q={quote(asked)}").get_json()["total"] == 0


@pytest.mark.parametrize("path", ["/etablissements/zzz", f"/etablissements/{NOBODY}", "/etablissements/0261505A"])
def test_what_is_no_school_has_not_stayed_the_same(visitor: PageClient, path: str) -> None:
    held = visitor.get(f"/etablissements/{COMPREHENSIVE}").headers["ETag"]
    for stamp in ("*", held):
        assert visitor.get(path, headers={"If-None-Match": stamp}).status_code == 404


def test_a_page_says_that_lists_are_made_up_only_where_they_are(own: Demonstration, own_visitor: PageClient) -> None:
    made_up = "fictives et n’engagent aucune collectivité"
    assert made_up in said(Read(own_visitor.get(f"/etablissements/{COMPREHENSIVE}")))

    def be_true(session: Session) -> None:
        session.exec(select(Territory).where(Territory.code == "aura")).one().is_demonstration = False

    change(own_visitor, own, be_true)
    assert made_up not in said(Read(own_visitor.get(f"/etablissements/{COMPREHENSIVE}")))


# --- mine ---


def test_my_school_is_remembered_then_forgotten(visitor: PageClient) -> None:
    read = Read(visitor.get(f"/etablissements/{COMPREHENSIVE}"))
    form = next(form for form in read.all("form") if "C’est mon établissement" in words(form))
    response = visitor.post(form.attrib["action"], data={"uai": field(form, "uai")})
    assert (response.status_code, response.headers["Location"]) == (303, f"/etablissements/{COMPREHENSIVE}")
    (cookie,) = response.headers.getlist("Set-Cookie")
    assert cookie.startswith(f"etablissement={COMPREHENSIVE};")
    assert {"HttpOnly", "SameSite=Lax", "Max-Age=15724800", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "Secure" not in cookie
    mine = Read(visitor.get(f"/etablissements/{COMPREHENSIVE}"))
    assert "C’est votre établissement." in said(mine)
    assert "Mon établissement" in said(Read(visitor.get("/etablissements?q=algoud")))
    assert "Mon établissement" in said(Read(visitor.get("/etablissements")))
    (forget,) = [form for form in mine.all("form") if "Oublier" in words(form)]
    response = visitor.post("/etablissements/mien", data={"uai": "", "retour": field(forget, "retour")})
    assert (response.status_code, response.headers["Location"]) == (303, f"/etablissements/{COMPREHENSIVE}")
    assert "C’est mon établissement" in said(Read(visitor.get(f"/etablissements/{COMPREHENSIVE}")))


def test_on_https_the_cookie_travels_on_https_only(demonstration: Demonstration) -> None:
    app = create_app(demonstration.settings.model_copy(update={"public_url": "https://logitheque.example"}))
    response = app.test_client().post("/etablissements/mien", data={"uai": COMPREHENSIVE})
    assert "Secure" in response.headers["Set-Cookie"]
    app.extensions["logitheque"].database.close()


@pytest.mark.parametrize(
    ("back", "to"),
    [
        ("/catalogue?q=image&page=2", "/catalogue?q=image&page=2"),
        ("//exemple.org/", "/exemple.org/"),
        ("/\\exemple.org", "/exemple.org"),
        ("/\t/exemple.org", "/exemple.org"),
        ("https://exemple.org/", f"/etablissements/{COMPREHENSIVE}"),
        ("javascript:alert(1)", f"/etablissements/{COMPREHENSIVE}"),
        ("exemple.org", f"/etablissements/{COMPREHENSIVE}"),
        ("@exemple.org", f"/etablissements/{COMPREHENSIVE}"),
        ("", f"/etablissements/{COMPREHENSIVE}"),
    ],
)
def test_one_goes_back_to_this_site_only(visitor: PageClient, back: str, to: str) -> None:
    response = visitor.post("/etablissements/mien", data={"uai": " 026 1505v", "retour": back})
    assert response.status_code == 303
    assert response.headers["Location"] == to


@pytest.mark.parametrize("typed", ["0261505X", NOBODY, "<script>", "é" * 500, "0261505", "\0"])
def test_a_wrong_code_is_not_remembered(visitor: PageClient, typed: str) -> None:
    response = visitor.post("/etablissements/mien", data={"uai": typed, "retour": "/catalogue"})
    assert response.status_code == 404
    assert "Set-Cookie" not in response.headers
    assert "Établissement introuvable" in said(Read(response))


def test_nothing_sent_forgets_without_a_failure(visitor: PageClient) -> None:
    assert visitor.post("/etablissements/mien", data={"uai": ""}).status_code == 303
    for malformed in ({}, {"json": {"uai": ""}}, {"data": "uai=", "content_type": "text/plain"}, {"data": {"autre": "1"}}):
        response = visitor.post("/etablissements/mien", **malformed)
        assert response.status_code == 422
        assert "Set-Cookie" not in response.headers
    assert visitor.post("/etablissements/mien", headers={"Origin": "https://exemple.org"}).status_code == 403


# --- cost ---


def test_a_page_is_asked_again_for_nothing_until_school_language_or_choice_change(portal_app: Flask, visitor: PageClient) -> None:
    address = f"/etablissements/{COMPREHENSIVE}"
    tag = visitor.get(address).headers["ETag"]
    assert visitor.get(address, headers={"If-None-Match": tag}).status_code == 304
    for name, value in (("etablissement", VOCATIONAL), ("langue", "en")):
        other = portal_app.test_client()
        other.set_cookie(name, value)
        response = other.get(address, headers={"If-None-Match": tag})
        assert response.status_code == 200
        assert response.cache_control.private
        assert "Cookie" in response.vary


def test_a_school_costs_as_many_queries_for_thirty_rooms_as_for_three(
    own: Demonstration, own_visitor: PageClient, count_queries: Counting
) -> None:
    database = portal_of(own_visitor).database

    def queries(address: str) -> int:
        own_visitor.get(address)
        with count_queries(database) as sent:
            assert own_visitor.get(address).status_code == 200
        return len(sent)

    def furnish(session: object) -> None:
        school = session.exec(select(School).where(School.uai == COMPREHENSIVE)).one()  # type: ignore[attr-defined]
        session.add_all([Room(school_id=school.key, name=f"Salle {n}", seats=n) for n in range(30)])  # type: ignore[attr-defined]

    def first() -> int:
        """Of a school that this index was not asked about yet; what was read is then kept with the index."""
        own_visitor.application.extensions["shelf"] = Shelf(own.index, timedelta())
        with count_queries(database) as sent:
            assert own_visitor.get(f"/etablissements/{COMPREHENSIVE}").status_code == 200
        return len(sent)

    before = first()
    change(own_visitor, own, furnish)
    assert first() == before == 3
    assert queries(f"/etablissements/{COMPREHENSIVE}") == 0
    assert queries("/etablissements") == 0
    assert queries("/etablissements?q=algoud") == queries("/etablissements?q=valence") == queries("/etablissements?q=lycee") <= 3
