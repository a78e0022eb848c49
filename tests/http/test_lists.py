"""A list can be read, cited and downloaded; what was voted has one address and the same bytes for ever."""

import csv
import io
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from catalogue.lists.models import Edition, Entry, Frozen, SoftwareList
from catalogue.search.shelf import Shelf
from portal.access import system
from portal.db import related
from portal.web.kit import Portal
from tests.data.demonstrations import Demonstration, index
from tests.page_client import PageClient
from workflows.editions.access import May
from workflows.editions.table import EDITIONS, ENTRIES

pytest_plugins = ["tests.data.catalogue_data"]

ATOM = "{http://www.w3.org/2005/Atom}"
SOCLE = "/listes/socle/2026-2027"
REGION = system("demonstration", May.PREPARE, May.VOTE)


def test_every_list_is_there_with_its_seats_and_its_public(visitor: PageClient) -> None:
    page = visitor.get("/listes").get_data(as_text=True)
    assert page.index("Socle commun des lycées") < page.index("Liste STI2D")
    for said in ("/ 200", "Tous les lycées publics de la région", "Sans plafond", "la vraie liste de la région n’est pas publique"):
        assert said in page


@pytest.mark.parametrize(
    ("path", "status", "seats"), [("/listes/socle", "En vigueur", 196), ("/listes/socle/2025-2026", "Archivée", 190)]
)
def test_an_edition_says_how_many_seats_for_whom_and_what(visitor: PageClient, path: str, status: str, seats: int) -> None:
    page = visitor.get(path).get_data(as_text=True)
    for said in (
        status,
        f"{seats} / 200",
        "/ 200",
        'href="#mathematiques"',
        'id="mathematiques"',
        "GeoGebra",
        "Sortie annoncée",
        "SHA-256",
    ):
        assert said in page, said
    assert f"{SOCLE}.1" in page
    assert "Télécharger en JSON" in page


def test_a_draft_shows_its_proposals_apart_and_has_no_file(visitor: PageClient) -> None:
    page = visitor.get("/listes/socle/2027-2028").get_data(as_text=True)
    for said in (
        "En préparation",
        "Entrées proposées",
        "Sorties proposées",
        "rien n’est décidé avant le vote",
        "n’a pas de fichier",
    ):
        assert said in page, said
    assert visitor.get("/listes/socle/2027-2028.json").status_code == 404


def test_a_list_is_read_without_asking_the_database(portal_app: Flask, count_queries: Callable[..., Any]) -> None:
    database = portal_app.extensions["logitheque"].database
    client = portal_app.test_client()
    with count_queries(database) as sent:
        for path in ("/listes", "/listes/socle", SOCLE, "/listes/socle/flux.atom"):
            assert client.get(path).status_code == 200
    assert sent == []


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_a_file_is_what_was_voted_byte_for_byte(portal_app: Flask, visitor: PageClient, kind: str) -> None:
    response = visitor.get(f"{SOCLE}.{kind}")
    with portal_app.extensions["logitheque"].database.read() as session:
        stored = select(Frozen).join(Edition).join(SoftwareList).where(SoftwareList.slug == "socle", Frozen.format == kind)
        (one,) = session.exec(stored.where(Edition.school_year == "2026-2027", Edition.amendment == 0)).all()
    assert response.data == one.body
    assert response.headers["ETag"] == f'"{one.sha256}"' == f'"{sha256(response.data).hexdigest()}"'
    assert f"socle-2026-2027.{kind}" in response.headers["Content-Disposition"]
    again = visitor.get(f"{SOCLE}.{kind}", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert visitor.head(f"{SOCLE}.{kind}").status_code == 200


def test_the_csv_holds_every_entry(visitor: PageClient) -> None:
    rows = list(csv.DictReader(io.StringIO(visitor.get(f"{SOCLE}.csv").get_data(as_text=True))))
    document: dict[str, Any] = visitor.get(f"{SOCLE}.json").json  # type: ignore[assignment]
    assert [row["slug"] for row in rows] == [entry["slug"] for entry in document["entries"]]
    assert len(rows) == document["used"]


@pytest.mark.parametrize(
    "path",
    [
        "/listes/inconnue", "/listes/socle/2019-2020", "/listes/socle/2026-2027.9", "/listes/socle/2026-2027.0.json",
        "/listes/socle/2026-2027.01.csv", "/listes/inconnue/2026-2027.json", "/listes/inconnue/flux.atom", "/listes/socle/2026-2027.x.json",
    ],
)  # fmt: skip
def test_what_does_not_exist_is_said_so(visitor: PageClient, path: str) -> None:
    response = visitor.get(path)
    assert response.status_code == 404
    assert "Choisissez-la" in response.get_data(as_text=True) or "Seule une édition votée" in response.get_data(as_text=True)


def test_the_feed_is_atom_with_one_entry_a_voted_version(visitor: PageClient) -> None:
    response = visitor.get("/listes/socle/flux.atom")
    assert response.mimetype == "application/atom+xml"
    feed = ET.fromstring(response.data)  # noqa: S314 – ours
    for part in ("id", "title", "updated", "author"):
        assert feed.find(ATOM + part) is not None
    entries = feed.findall(ATOM + "entry")
    assert entries
    assert all(entry.find(ATOM + "id") is not None and entry.find(ATOM + "updated") is not None for entry in entries)


def test_an_amendment_is_another_version_and_the_first_keeps_its_bytes(own: Demonstration, own_app: Flask) -> None:
    """And its page says what entered, what left and why, in what order."""
    portal: Portal = own_app.extensions["logitheque"]
    own_app.extensions["shelf"] = Shelf(own.index, timedelta())  # it looks at each request
    client = own_app.test_client()
    before = client.get(f"{SOCLE}.json")

    def edition(session: Session, label: str) -> Edition:
        up = joinedload(related(Edition.software_list)).joinedload(related(SoftwareList.territory))
        found = session.exec(select(Edition).join(SoftwareList).where(SoftwareList.slug == "socle").options(up)).all()
        return next(one for one in found if one.label == label)

    def amend(session: Session) -> None:
        carry = portal.desk.carry_out
        carry(session, EDITIONS, "amend", edition(session, "2026-2027.1"), REGION, reason="Une faille", starts_on=date(2027, 1, 4))
        drafted = edition(session, "2026-2027.2")
        entry = session.exec(select(Entry).where(Entry.edition_id == drafted.key).order_by(col(Entry.id)).limit(1)).one()
        entry.edition = drafted
        carry(session, ENTRIES, "propose_exit", entry, REGION, reason="Une faille que personne ne corrige")

    portal.database.write(amend)
    index(own_app)
    draft = client.get(f"{SOCLE}.2").get_data(as_text=True)
    for said in ("En préparation", "Sorties proposées", "rien n’est décidé avant le vote", "n’a pas de fichier"):
        assert said in draft, said
    assert client.get(f"{SOCLE}.2.json").status_code == 404

    def vote(session: Session) -> None:
        drafted = edition(session, "2026-2027.2")
        entry = session.exec(select(Entry).where(Entry.edition_id == drafted.key, Entry.status == "leaving")).one()
        entry.edition = drafted
        portal.desk.carry_out(session, ENTRIES, "withdraw", entry, REGION)
        portal.desk.carry_out(session, EDITIONS, "vote", drafted, REGION, today=date(2026, 12, 10))

    portal.database.write(vote)
    index(own_app)
    page = client.get(f"{SOCLE}.2").get_data(as_text=True)
    for said in ("votée le 10 décembre 2026", "sort de la liste", "Une faille que personne ne corrige", f"{SOCLE}.2.csv"):
        assert said in page, said
    after = client.get(f"{SOCLE}.json")
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])
    assert len(ET.fromstring(client.get("/listes/socle/flux.atom").data).findall(ATOM + "entry")) == 4  # noqa: S314 – ours
    compared = client.get(f"{SOCLE}?avec=2025-2026").get_data(as_text=True)
    assert "Par rapport à la version 2025-2026" in compared
    assert "entre sur la liste" in compared


@pytest.mark.parametrize("path", ["/listes", SOCLE, "/listes/hotellerie"])
def test_a_list_is_spoken_of_in_english_too(portal_app: Flask, path: str) -> None:
    client = portal_app.test_client()
    client.set_cookie("langue", "en")
    page = client.get(path).get_data(as_text=True)
    assert "Seats taken" in page
    assert "Places prises" not in page


def test_each_list_says_whether_it_applies_to_my_school(portal_app: Flask) -> None:
    client = portal_app.test_client()
    client.set_cookie("etablissement", "0261505V")
    page = client.get("/listes").get_data(as_text=True)
    assert "S’applique à votre établissement" in page
    assert "Ne s’applique pas à votre établissement" in page
