"""A list can be read, cited and downloaded; what was voted has one address and the same bytes for ever."""

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from app import create_app
from catalogue.lists.document import COLUMNS
from catalogue.lists.models import Edition, EditionStatus, Entry, EntryStatus, Frozen, SoftwareList
from catalogue.packages.models import PackageStatus
from catalogue.search.shelf import Shelf
from catalogue.titles.models import Title
from portal.access import system
from portal.db import related
from portal.territories.models import Territory, TerritoryLevel
from portal.trail.revision import bump
from portal.web.kit import Portal
from tests.conftest import Counting
from tests.data.demonstrations import Demonstration, close, index
from tests.http.reading import Read, words
from tests.page_client import PageClient
from workflows.editions.access import May
from workflows.editions.table import EDITIONS, ENTRIES

pytest_plugins = ("tests.data.catalogue_data",)

ATOM, XHTML = "{http://www.w3.org/2005/Atom}", "{http://www.w3.org/1999/xhtml}"
SOCLE = "/listes/socle/2026-2027"
ARCHIVED, DRAFT, CURRENT = "/listes/socle/2025-2026", "/listes/socle/2027-2028", f"{SOCLE}.1"
PAGES = ("/listes", "/listes/socle", DRAFT, "/listes/hotellerie", f"{SOCLE}?avec=2027-2028&q=image")
LYCEE, COLLEGE, ELSEWHERE = "0261505V", "0380002W", "0020012C"
REGION = system("demonstration", May.PREPARE, May.VOTE)


def text(read: Read) -> str:
    """What the page says, whatever its spaces."""
    return " ".join(words(read.root).replace("\u202f", " ").split())


def section(read: Read, name: str) -> str:
    """The words of the section that `name` titles."""
    (found,) = [one for one in read.all("section") if one.get("aria-labelledby") == name]
    return " ".join(words(found).replace("\u202f", " ").split())


def links(read: Read, name: str) -> list[str]:
    (found,) = [one for one in read.all("section") if one.get("aria-labelledby") == name]
    return [link.attrib["href"] for link in found.iter("a")]


def groups(read: Read) -> dict[str, list[str]]:
    """The titles of each discipline."""
    return {
        words(next(part.iter("h3"))): [words(next(row.iter("a"))) for body in part.iter("tbody") for row in body.iter("tr")]
        for part in read.all("div", class_="discipline")
    }


def document(visitor: FlaskClient, address: str = CURRENT) -> dict[str, Any]:
    found: dict[str, Any] = visitor.get(f"{address}.json").get_json()
    return found


# ---------- what is read


def test_every_list_is_there_with_its_seats_and_its_public(visitor: PageClient) -> None:
    read = Read(visitor.get("/listes"))
    lines = [one for parts in read.all("ul", class_="lists-index") for one in parts]
    said = [" ".join(words(line).split()) for line in lines]
    assert len(said) == 9
    assert said[0].startswith("Socle commun des lycées")
    for known in (
        "196 / 200",
        "4 places restent.",
        "Édition 2026-2027.1",
        "6 sorties annoncées",
        "8 entrées demandées",
        "Tous les lycées",
    ):
        assert known in said[0], known
    (without_cap,) = [line for line in said if line.startswith("Liste de l’hôtellerie")]
    assert "Sans plafond." in without_cap
    assert "/" not in without_cap
    assert "les vraies listes ne sont pas publiques" in text(read)


@pytest.mark.parametrize(
    ("address", "status", "dates", "seats"),
    [
        ("/listes/socle", "current", "Votée le 15 octobre 2026. En vigueur du 2 novembre 2026 au 31 août 2027.", "196 / 200"),
        (CURRENT, "current", "Votée le 15 octobre 2026.", "196 / 200"),
        (SOCLE, "archived", "au 1er novembre 2026, puis remplacée par la version 2026-2027.1.", "195 / 200"),
        (ARCHIVED, "archived", "A été en vigueur du 1er septembre 2025 au 31 août 2026.", "190 / 200"),
        (DRAFT, "draft", "Doit entrer en vigueur le 1er septembre 2027.", "193 / 200"),
    ],
)
def test_a_version_says_where_it_stands_for_whom_and_how_full_it_is(
    visitor: PageClient, address: str, status: str, dates: str, seats: str
) -> None:
    read = Read(visitor.get(address))
    assert next(one.attrib["data-code"] for one in read.all("span", class_="badge")) == status
    for said in (dates, seats, "Tous les lycées publics de la région", "la vraie liste n’est pas publique"):
        assert said in text(read), said
    assert {SOCLE, CURRENT, ARCHIVED, DRAFT} <= set(links(read, "versions"))
    assert ("version en vigueur" in text(read)) is (status != "current")


def test_titles_stand_under_each_of_their_subjects_and_count_once(visitor: PageClient) -> None:
    read, held = Read(visitor.get(CURRENT)), document(visitor)
    expected: dict[str, list[str]] = {}
    for entry in held["entries"]:
        for name in entry["disciplines"] or ["Tous usages"]:
            expected.setdefault(name, []).append(entry["name"])
    shown = groups(read)
    assert shown == {name: [" ".join(title.split()) for title in titles] for name, titles in expected.items()}
    assert sum(map(len, shown.values())) > held["used"] == 196
    assert read.text("titres") == "196 titres"
    jumps = [link.attrib["href"][1:] for nav in read.all("nav", class_="jump") for link in nav.iter("a")]
    assert [read.text(name) for name in jumps] == list(shown)


def test_an_exit_is_said_with_its_day_its_reason_and_what_replaces_it(visitor: PageClient) -> None:
    leaving = next(entry for entry in document(visitor)["entries"] if entry["ends_on"] and entry["replacement"])
    read = Read(visitor.get(f"{CURRENT}?q={leaving['slug']}"))
    said = [words(one) for one in read.all("span", class_="exit")]
    assert said
    assert said[0].startswith("Sortie annoncée : 31 août 2027.")
    assert leaving["replacement"]["name"] in said[0]


def test_the_list_says_where_each_package_stands_today_and_the_past_does_not(visitor: PageClient) -> None:
    """Beside the version that the list names, the one that computers hold when it is another."""

    def packaged(address: str, name: str) -> tuple[str, str]:
        row = next(row for row in Read(visitor.get(address)).all("tr") if words(next(row.iter("th"))).startswith(name))
        cell = next(row.iter("td"))
        return next((one.attrib["data-code"] for one in cell.iter("span") if "data-code" in one.attrib), ""), words(cell)

    assert packaged(CURRENT, "Mozilla Firefox Mozilla") == ("released", "153.0.4 Diffusé")
    assert packaged(CURRENT, "Mozilla Thunderbird") == ("released", "154.0 Diffusé en 151.0.1")
    assert packaged(CURRENT, "Freedom Scientific JAWS") == ("acceptance", "2024.2405.48.400 En recette")
    assert packaged("/listes/sti2d", "TIA Portal")[0] == "blocked"
    assert packaged(ARCHIVED, "Mozilla Firefox Mozilla")[0] == ""


@pytest.mark.parametrize("school", ["0380002W", "0010002X", "0260037Z"])
def test_packages_are_those_of_the_list_s_territory_whoever_reads(visitor: PageClient, school: str) -> None:
    def packages(address: str) -> list[str]:
        return [words(one) for one in Read(visitor.get(address)).all("span", class_="package")]

    before = {address: packages(address) for address in (CURRENT, "/listes/socle-colleges")}
    assert len(before[CURRENT]) > 100
    visitor.set_cookie("etablissement", school)
    assert {address: packages(address) for address in before} == before


@pytest.mark.parametrize("school", ["0380002W", "0260082Y"])
def test_a_list_of_another_territory_says_that_it_is_not_for_my_school(visitor: PageClient, school: str) -> None:
    visitor.set_cookie("etablissement", school)
    assert "cette liste est celle d’un autre territoire (Région Auvergne-Rhône-Alpes)" in text(Read(visitor.get(CURRENT)))


def test_the_past_is_not_told_as_the_present(visitor: PageClient) -> None:
    past = text(Read(visitor.get(ARCHIVED)))
    assert "190 / 200" in past
    for said in ("places restent", "sorties annoncées", "Aucune sortie annoncée", "Sortie annoncée :"):
        assert said not in past, said
    assert "Sorti : maintenu jusqu’au 31 août 2026." in past


def test_a_version_compared_with_itself_is_compared_with_the_one_before(visitor: PageClient) -> None:
    read = Read(visitor.get(f"{CURRENT}?avec=2026-2027.1"))
    assert [one.attrib["value"] for one in read.all("option") if "selected" in one.attrib] == ["2026-2027"]
    assert "n’a pas de version de ce nom" not in section(read, "changements")


def test_all_states_of_packages_are_somewhere_in_the_demonstration(visitor: PageClient) -> None:
    slugs = {"gimp", "audacity", "libreoffice", "mozilla-thunderbird", "sonic-pi", "freedom-scientific-jaws-2024", "greenshot"}
    read = [Read(visitor.get(f"/catalogue/{slug}")) for slug in slugs]
    codes = {one.attrib["data-code"] for page in read for held in page.all("ul", class_="packages") for one in held.iter("span") if "data-code" in one.attrib}  # fmt: skip
    assert codes == {status.value for status in PackageStatus}


def test_a_draft_shows_its_proposals_apart_and_has_no_file(visitor: PageClient) -> None:
    read = Read(visitor.get(DRAFT))
    said = section(read, "demandes")
    for known in (
        "8 entrées demandées",
        "4 sorties proposées",
        "n’engagent personne",
        "rien n’est décidé avant le vote",
        "Siril",
        "IrfanView",
    ):
        assert known in said, known
    titles = {title for held in groups(read).values() for title in held}
    assert "IrfanView" in titles, "it keeps its seat"
    assert "Siril" not in titles
    assert "aura ses fichiers et son empreinte au vote" in section(read, "citer")
    assert all(not address.endswith((".json", ".csv")) for address in links(read, "citer"))
    refused = visitor.get(f"{DRAFT}.json")
    assert refused.status_code == 404
    assert "en préparation" in refused.get_data(as_text=True)


def test_what_changes_is_said_since_the_version_before_and_since_any_other(visitor: PageClient) -> None:
    before = section(Read(visitor.get(CURRENT)), "changements")
    for said in ("De la version 2026-2027 à la version 2026-2027.1", "3 entrées, 2 sorties, 11 changements", "Greenshot sort de la liste ; ShareX le remplace."):  # fmt: skip
        assert said in before, said
    longer = section(Read(visitor.get(f"{CURRENT}?avec=2025-2026")), "changements")
    assert "De la version 2025-2026 à la version 2026-2027.1" in longer
    assert "Finale sort de la liste ; MuseScore" in longer, "decided two versions ago, with its replacement"
    assert "ne s’activera plus sur un poste réinstallé" in longer
    assert longer.count("entre sur la liste") == 12
    assert "première version" in section(Read(visitor.get(ARCHIVED)), "changements")


def test_two_versions_are_told_in_the_order_of_time_whichever_is_open(visitor: PageClient) -> None:
    def told(address: str) -> str:
        return section(Read(visitor.get(address)), "changements").partition("De la version")[2]

    assert told(f"{ARCHIVED}?avec=2026-2027.1") == told(f"{CURRENT}?avec=2025-2026") != ""
    unknown = visitor.get(f"{CURRENT}?avec=2019-2020").get_data(as_text=True)
    assert "n’a pas de version de ce nom" in unknown
    assert "2019-2020" not in unknown


def test_a_long_list_is_searched_in_the_page(visitor: PageClient) -> None:
    read = Read(visitor.get(f"{CURRENT}?q=GÉOGEBRA"))
    found = {title for held in groups(read).values() for title in held}
    assert found == {"GeoGebra Classic", "GeoGebra Classic 5", "GeoGebra Calculator Suite"}
    assert read.text("titres") == "3 titres sur 196"
    nothing = Read(visitor.get(f"{CURRENT}?q=zzzz"))
    assert groups(nothing) == {}
    assert "Aucun titre de cette liste ne correspond." in text(nothing)


@pytest.mark.parametrize("address", PAGES)
def test_a_list_is_read_without_asking_the_database(
    portal_app: Flask, visitor: PageClient, count_queries: Counting, address: str
) -> None:
    with count_queries(portal_app.extensions["logitheque"].database) as sent:
        assert visitor.get(address).status_code == 200
        assert visitor.get("/listes/socle/flux.atom").status_code == 200
    assert sent == []


@pytest.mark.parametrize("address", [*PAGES, "/listes/socle/flux.atom"])
@pytest.mark.parametrize("encoding", ["identity", "br"])
def test_a_page_that_has_not_changed_is_not_sent_again(portal_app: Flask, address: str, encoding: str) -> None:
    client = FlaskClient(portal_app, portal_app.response_class)
    first = client.get(address, headers={"Accept-Encoding": encoding})
    again = client.get(address, headers={"Accept-Encoding": encoding, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("address", [*PAGES, "/donnees-ouvertes"])
def test_a_list_is_spoken_of_in_english_too(visitor: PageClient, address: str) -> None:
    """What people wrote stays French, and says so."""
    visitor.set_cookie("langue", "en")
    read = Read(visitor.get(address))
    assert read.root.attrib["lang"] == "en"
    assert [one for one in read.root.iter() if one.get("lang") == "fr"]


def test_each_list_says_whether_it_serves_my_school_and_why(visitor: PageClient) -> None:
    visitor.set_cookie("etablissement", LYCEE)
    read = Read(visitor.get("/listes"))
    verdicts = {
        one.attrib["data-code"]
        for part in read.all("div", class_="list-what")
        for one in part.iter("span")
        if "data-code" in one.attrib
    }
    assert {"applies", "does-not-apply"} <= verdicts
    assert "S’applique à tous les établissements." in text(read)
    assert "S’applique : votre établissement enseigne" in text(Read(visitor.get("/listes/sio-ciel")))


@pytest.mark.parametrize("school", [COLLEGE, ELSEWHERE])
def test_an_address_that_was_cited_answers_the_same_whoever_reads_it(visitor: PageClient, school: str) -> None:
    cited = visitor.get(f"{SOCLE}.json").data
    elsewhere = visitor.get("/listes/socle-colleges")
    visitor.set_cookie("etablissement", school)
    assert visitor.get(SOCLE).status_code == elsewhere.status_code == visitor.get("/listes/socle-colleges").status_code == 200
    assert visitor.get(f"{SOCLE}.json").data == cited
    assert "S’applique" not in text(Read(visitor.get(SOCLE))), "it is not a list of this school's territory"


def test_a_school_that_nobody_here_serves_is_told_who_does(visitor: PageClient) -> None:
    visitor.set_cookie("etablissement", ELSEWHERE)
    assert "Rien n’est maintenu ici pour cet établissement" in text(Read(visitor.get("/listes")))


@pytest.mark.parametrize(
    "path",
    [
        "/listes/inconnue", "/listes/socle/2019-2020", "/listes/socle/2026-2027.9", "/listes/socle/2026-2027.0.json",
        "/listes/socle/2026-2027.01.csv", "/listes/inconnue/2026-2027.json", "/listes/inconnue/flux.atom", "/listes/socle/2026-2027.x.json",
        "/listes/socle/2026-2027.\u0661.json", "/listes/socle/.json", "/listes/socle/2026-2027.xml",
    ],
)  # fmt: skip
def test_what_does_not_exist_is_said_so(visitor: PageClient, path: str) -> None:
    response = visitor.get(path)
    assert response.status_code == 404
    assert "Choisissez-la" in response.get_data(as_text=True)


# ---------- what is taken away


@pytest.mark.parametrize("kind", ["json", "csv"])
@pytest.mark.parametrize("address", [SOCLE, CURRENT, ARCHIVED, "/listes/hotellerie/2026-2027", "/listes/socle-colleges/2026-2027"])
def test_a_file_is_what_was_voted_byte_for_byte(
    portal_app: Flask, visitor: PageClient, count_queries: Counting, address: str, kind: str
) -> None:
    slug, _slash, label = address.removeprefix("/listes/").partition("/")
    portal: Portal = portal_app.extensions["logitheque"]
    with portal.database.read() as session:
        stored = select(Frozen, Edition).join(Edition).join(SoftwareList).where(SoftwareList.slug == slug, Frozen.format == kind)
        (one,) = [frozen for frozen, edition in session.exec(stored).all() if edition.label == label]
    with count_queries(portal.database) as sent:
        response = visitor.get(f"{address}.{kind}")
    assert len(sent) == 1
    assert response.data == one.body
    assert response.headers["ETag"] == f'"{one.sha256}"' == f'"{sha256(response.data).hexdigest()}"'
    assert response.headers["Content-Disposition"] == f'attachment; filename="{slug}-{label}.{kind}"'
    read = Read(visitor.get(address))
    assert f"{address}.{kind}" in links(read, "citer")
    assert one.sha256 in section(read, "citer")


@pytest.mark.parametrize("kind", ["json", "csv"])
@pytest.mark.parametrize("encoding", ["identity", "br", "gzip"])
def test_a_file_that_one_holds_is_not_sent_again(portal_app: Flask, kind: str, encoding: str) -> None:
    client = FlaskClient(portal_app, portal_app.response_class)
    asking = {"Accept-Encoding": encoding}
    first = client.get(f"{SOCLE}.{kind}", headers=asking)
    for held in (first.headers["ETag"], f"W/{first.headers['ETag']}", f'"x", {first.headers["ETag"]}', "*"):
        again = client.get(f"{SOCLE}.{kind}", headers={**asking, "If-None-Match": held})
        assert (again.status_code, again.data) == (304, b""), held
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
        if held != "*":
            assert again.headers["ETag"] == first.headers["ETag"]
    assert client.get(f"{SOCLE}.{kind}", headers={**asking, "If-None-Match": '"another"'}).status_code == 200
    head = client.head(f"{SOCLE}.{kind}", headers=asking)
    assert (head.status_code, head.data) == (200, b"")
    assert (head.headers["ETag"], head.content_length) == (first.headers["ETag"], first.content_length)


def test_a_shared_cache_keeps_files_for_ever_but_nothing_asked_with_a_cookie(visitor: PageClient) -> None:
    public = visitor.get(f"{SOCLE}.json")
    assert public.headers["Cache-Control"] == "public, immutable, max-age=31536000"
    assert "Cookie" in public.headers["Vary"]
    assert "immutable" not in visitor.get(SOCLE).headers["Cache-Control"]
    refused = visitor.get(f"{DRAFT}.json").headers["Cache-Control"]
    assert refused == "no-store"
    visitor.set_cookie("langue", "en")
    private = visitor.get(f"{SOCLE}.json").headers["Cache-Control"]
    assert "private" in private
    assert "public" not in private
    assert "max-age" not in private


def test_the_csv_holds_every_entry(visitor: PageClient) -> None:
    rows = list(csv.DictReader(io.StringIO(visitor.get(f"{SOCLE}.csv").get_data(as_text=True))))
    held = document(visitor, SOCLE)
    assert [row["slug"] for row in rows] == [entry["slug"] for entry in held["entries"]]
    assert len(rows) == held["used"]


def test_a_citation_names_all_that_finds_the_same_bytes_again(visitor: PageClient) -> None:
    read, file = Read(visitor.get(CURRENT)), visitor.get(f"{CURRENT}.json")
    cited = section(read, "citer")
    for said in (
        "Région Auvergne-Rhône-Alpes, « Socle commun des lycées », édition 2026-2027 (version 2026-2027.1), votée le 15 octobre 2026",
        f"{CURRENT}, SHA-256", sha256(file.data).hexdigest(), "Licence Ouverte 2.0", "Démonstration : liste fictive.",
    ):  # fmt: skip
        assert said.replace("\u00a0", " ") in cited.replace("\u00a0", " "), said
    (canonical,) = read.all("link", rel="canonical")
    assert canonical.attrib["href"].endswith(CURRENT)


@pytest.mark.parametrize("address", ["/listes/socle", SOCLE, DRAFT])
def test_the_feed_is_announced_and_is_atom_with_one_entry_a_voted_version(visitor: PageClient, address: str) -> None:
    (announced,) = [link for link in Read(visitor.get(address)).all("link") if link.get("type") == "application/atom+xml"]
    response = visitor.get(announced.attrib["href"])
    assert response.mimetype == "application/atom+xml"
    feed = ET.fromstring(response.data)  # noqa: S314 – ours
    assert feed.tag == ATOM + "feed"
    entries = feed.findall(ATOM + "entry")
    assert [entry.findtext(ATOM + "title") for entry in entries] == [
        "Édition 2026-2027.1",
        "Édition 2026-2027",
        "Édition 2025-2026",
    ]
    assert [entry.findtext(ATOM + "updated") for entry in entries] == [
        "2026-10-15T00:00:00Z",
        "2026-06-25T00:00:00Z",
        "2025-06-26T00:00:00Z",
    ]
    for part in (feed, *entries):
        assert all(len(part.findall(ATOM + name)) == 1 for name in ("id", "title", "updated"))
        assert part.findtext(ATOM + "id", "").startswith("http")
        relations = [link.attrib["rel"] for link in part.findall(ATOM + "link")]
        assert relations.count("alternate") == 1
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Région Auvergne-Rhône-Alpes"
    assert next(link.attrib["href"] for link in feed.findall(ATOM + "link") if link.attrib["rel"] == "self").endswith(
        "/listes/socle/flux.atom"
    )
    assert len({part.findtext(ATOM + "id") for part in (feed, *entries)}) == 4
    told = ["".join(line.itertext()).replace("\u202f", " ") for line in entries[0].iter(XHTML + "li")]
    assert len(told) == 16
    assert any(one.startswith("Greenshot sort de la liste ; ShareX le remplace. Une faille") for one in told)


def test_the_open_data_page_explains_every_column_and_every_field(visitor: PageClient) -> None:
    read = Read(visitor.get("/donnees-ouvertes"))
    explained = {name for term in read.all("dt") for name in words(term).split(", ")}
    assert set(COLUMNS) <= explained
    assert set(document(visitor)) <= explained
    assert set(visitor.get("/api/v1/titles?per_page=1").get_json()["items"][0]) <= explained
    for said in ("Licence Ouverte 2.0", "flux.atom", "CHANGELOG", "Annuaire de l’éducation"):
        assert said in text(read), said
    for code in read.all("code"):
        slug = "gimp" if "/catalogue/" in words(code) or "/titles/" in words(code) else "socle"
        path = words(code).format(slug=slug, edition="2026-2027", uai="0261505V")
        assert visitor.get(path).status_code == 200, path
    assert {"/api/v1/titles.csv", "/api/v1/titles.json"} <= set(links(read, "publie"))


# ---------- a life of one's own


@contextmanager
def small(own: Demonstration) -> Iterator[tuple[Portal, Flask]]:
    """A territory of its own, at home here, without any list yet."""
    app = create_app(own.settings.model_copy(update={"home_territory": "petit"}))
    portal: Portal = app.extensions["logitheque"]
    portal.database.write(_found)
    app.extensions["shelf"] = Shelf(own.index, timedelta())  # it looks at each request
    app.test_client_class = PageClient
    index(app)
    yield portal, app
    close(app)


def _found(session: Session) -> None:
    session.add(
        Territory(code="petit", name="Petite collectivité", level=TerritoryLevel.DEPARTMENT, area="99", zone="Europe/Paris")
    )
    bump(session)


def _listed(
    session: Session, slug: str, held: int, *, capacity: int | None = None, candidates: int = 0, editions: int = 1
) -> list[Edition]:
    territory = session.exec(select(Territory).where(Territory.code == "petit")).one()
    one = SoftwareList(
        territory_id=territory.key, slug=slug, name=f"Liste {slug}", short_name=slug, rank=1, capacity=capacity, audience="Tous."
    )
    session.add(one)
    session.flush()
    titles = [title.key for title in session.exec(select(Title).order_by(col(Title.sort_key)).limit(held + candidates))]
    dates = {"school_year": "2026-2027", "starts_on": date(2026, 9, 1), "ends_on": date(2027, 8, 31)}
    made = [Edition(list_id=one.key, **dates) for _ in range(editions)]
    session.add_all(made)
    session.flush()
    for edition in made:
        states = [EntryStatus.ADMITTED] * held + [EntryStatus.PROPOSED] * candidates
        session.add_all(
            Entry(edition_id=edition.key, title_id=title, status=state, since=date(2026, 9, 1), reason="Demandé.")
            for title, state in zip(titles, states, strict=True)
        )
    session.flush()
    bump(session)
    return made


def _vote(portal: Portal, session: Session, edition_id: int, day: date) -> None:
    up = joinedload(related(Edition.software_list)).joinedload(related(SoftwareList.territory))
    edition = session.exec(select(Edition).where(Edition.id == edition_id).options(up)).one()
    portal.desk.carry_out(session, EDITIONS, "vote", edition, REGION, today=day)


def test_a_territory_says_what_it_has_not_yet(own: Demonstration) -> None:
    """No list; then a list without an edition, a draft without a title, a draft with proposals alone."""
    with small(own) as (portal, app):
        client = app.test_client()
        assert "Aucune liste n’est encore publiée ici." in text(Read(client.get("/listes")))

        def begin(session: Session) -> None:
            _listed(session, "nue", 0, editions=0)
            _listed(session, "vide", 0, capacity=10)
            _listed(session, "proposee", 0, candidates=3)

        portal.database.write(begin)
        index(app)
        shown = text(Read(client.get("/listes")))
        for said in ("Aucune édition pour l’instant.", "0 / 10", "3 entrées demandées", "En préparation"):
            assert said in shown, said
        assert "démonstration : les vraies listes" not in shown
        assert "Aucune édition pour l’instant." in text(Read(client.get("/listes/nue")))
        empty = text(Read(client.get("/listes/vide")))
        for said in ("Cette édition n’a encore aucun titre.", "10 places restent.", "0 titre", "n’engage personne avant le vote"):
            assert said in empty, said
        assert "vraie liste" not in empty
        assert "3 entrées demandées" in section(Read(client.get("/listes/proposee/2026-2027")), "demandes")
        feed = ET.fromstring(client.get("/listes/vide/flux.atom").data)  # noqa: S314 – ours
        assert feed.findall(ATOM + "entry") == []
        assert feed.findtext(ATOM + "updated")


def test_a_full_list_of_200_and_one_without_cap_cost_no_more_queries_than_three(
    own: Demonstration, count_queries: Counting
) -> None:
    with small(own) as (portal, app):
        client = app.test_client()

        def fill(session: Session) -> None:
            made = [*_listed(session, "courte", 3), *_listed(session, "longue", 30), *_listed(session, "pleine", 200, capacity=200)]
            for edition in made:
                _vote(portal, session, edition.key, date(2026, 11, 16))

        portal.database.write(fill)
        index(app)
        full = Read(client.get("/listes/pleine"))
        for said in ("200 / 200", "Liste complète : une entrée demande une sortie.", "200 titres", "Votée le 16 novembre 2026."):
            assert said in text(full), said
        assert "Sans plafond." in text(Read(client.get("/listes/longue/2026-2027")))
        costs = {}
        for slug in ("courte", "longue", "pleine"):
            for suffix in ("", "/2026-2027", "/flux.atom", "/2026-2027.json", "/2026-2027.csv"):
                with count_queries(portal.database) as sent:
                    assert client.get(f"/listes/{slug}{suffix}").status_code == 200
                costs.setdefault(suffix, set()).add(len(sent))
        assert costs == {"": {0}, "/2026-2027": {0}, "/flux.atom": {0}, "/2026-2027.json": {1}, "/2026-2027.csv": {1}}


def test_an_amendment_is_another_version_and_the_first_keeps_its_bytes(own: Demonstration, own_app: Flask) -> None:
    """And its page says what left and why."""
    portal: Portal = own_app.extensions["logitheque"]
    own_app.extensions["shelf"] = Shelf(own.index, timedelta())  # it looks at each request
    client = own_app.test_client()
    amended = f"{SOCLE}.2"
    before = client.get(f"{CURRENT}.json")

    def edition(session: Session, label: str) -> Edition:
        up = joinedload(related(Edition.software_list)).joinedload(related(SoftwareList.territory))
        found = session.exec(select(Edition).join(SoftwareList).where(SoftwareList.slug == "socle").options(up)).all()
        return next(one for one in found if one.label == label)

    def amend(session: Session) -> None:
        carry = portal.desk.carry_out
        carry(session, EDITIONS, "amend", edition(session, "2026-2027.1"), REGION, reason="Une faille", starts_on=date(2026, 12, 7))
        drafted = edition(session, "2026-2027.2")
        entry = session.exec(select(Entry).where(Entry.edition_id == drafted.key).order_by(col(Entry.id)).limit(1)).one()
        entry.edition = drafted
        carry(session, ENTRIES, "propose_exit", entry, REGION, reason="Une faille que personne ne corrige")

    portal.database.write(amend)
    index(own_app)
    draft = text(Read(client.get(amended)))
    for said in ("En préparation", "1 sortie proposée", "rien n’est décidé avant le vote", "aura ses fichiers", "Sortie proposée."):
        assert said in draft, said
    assert client.get(f"{amended}.json").status_code == 404

    def vote(session: Session) -> None:
        drafted = edition(session, "2026-2027.2")
        entry = session.exec(select(Entry).where(Entry.edition_id == drafted.key, Entry.status == EntryStatus.LEAVING)).one()
        entry.edition = drafted
        portal.desk.carry_out(session, ENTRIES, "withdraw", entry, REGION)
        _vote(portal, session, drafted.key, date(2026, 11, 16))

    portal.database.write(vote)
    index(own_app)
    read = Read(client.get(amended))
    for said in (
        "Votée le 16 novembre 2026. Entre en vigueur le 7 décembre 2026.",
        "sort de la liste",
        "Une faille que personne ne corrige",
    ):
        assert said in text(read), said
    assert f"{amended}.csv" in links(read, "citer")
    after = client.get(f"{CURRENT}.json")
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
    assert len(ET.fromstring(client.get("/listes/socle/flux.atom").data).findall(ATOM + "entry")) == 4  # noqa: S314 – ours
    assert read.by_id("titres") is not None
    assert EditionStatus.CURRENT.value in {
        one.attrib["data-code"] for one in Read(client.get("/listes/socle")).all("span", class_="badge")
    }


def test_a_cited_file_outlives_the_address_and_the_words_of_its_list(own: Demonstration, own_app: Flask) -> None:
    portal: Portal = own_app.extensions["logitheque"]
    own_app.extensions["shelf"] = Shelf(own.index, timedelta())
    client = own_app.test_client()
    before = {kind: client.get(f"{ARCHIVED}.{kind}") for kind in ("json", "csv")}

    def rename(session: Session) -> None:
        held = session.exec(select(SoftwareList).where(SoftwareList.slug == "socle")).one()
        held.slug = held.name = held.audience = "commun"
        bump(session)

    portal.database.write(rename)
    index(own_app)
    for cited in (ARCHIVED, ARCHIVED.replace("socle", "commun"), "/listes/socle", "/api/v1/lists/socle/2025-2026"):
        assert client.get(cited).status_code == 200
    read = Read(client.get("/listes/commun/2025-2026"))
    assert {f"{ARCHIVED}.json", f"{ARCHIVED}.csv"} <= set(links(read, "citer"))
    assert ARCHIVED in section(read, "citer")
    told = client.get("/api/v1/lists/commun").get_json()["versions"]
    assert all(client.get(file["url"]).status_code == 200 for one in told for file in one["files"].values())
    for kind, first in before.items():
        again = client.get(f"{ARCHIVED}.{kind}")
        assert (again.status_code, again.data, again.headers["ETag"]) == (200, first.data, first.headers["ETag"])
