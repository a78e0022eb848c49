"""One comes in through LemonLDAP::NG, a real one, by CAS and by OpenID: to where one was going, as who one is, and out again."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session, select

from portal.db import Database, Model
from portal.people.models import Attachment, Person
from portal.signin.models import Identity, OpenSession, Provider
from portal.territories.models import School
from portal.trail.models import Event
from tests.browser.coming_in import (
    SESSION,
    SUMMER,
    cookies,
    is_in,
    is_lead_until_she_is_not,
    leaves,
    opens_her_team,
    types_the_password,
)
from tests.browser.conftest import SHARED, PageAt, visiting
from tests.peers.lemonldap.serving import CAS_WITH_ATTRIBUTES, OIDC, LemonLDAP

LABELS = {CAS_WITH_ATTRIBUTES: "LemonLDAP CAS", OIDC: "LemonLDAP OpenID"}
BOTH = pytest.mark.parametrize("ent", LABELS)
SCHOOL, ELSEWHERE = "0999901Z", "0999902A"
NAME = "Éloïse LEFÈVRE-D'ARTAGNAN"
DEEP = "/catalogue?q=gimp"


@pytest.fixture(scope="session")
def lemonldap(
    site: str,
    flask: Callable[..., str],
    environment: dict[str, str],
    stored: Database,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LemonLDAP]:
    """Declared twice to the site, whose directory knows one of the schools of LemonLDAP's people."""
    stored.write(_open_a_school)
    with LemonLDAP(tmp_path_factory.mktemp("lemonldap"), site, environment[SHARED]) as lemonldap:
        traits = ("--serves", f"school:{SCHOOL}", "--contact", "assistance@ent.example", "--proves-fresh")
        client = ("--client-id", lemonldap.client_id, "--secret-env", SHARED, "--scopes", "openid profile email ent")
        for slug, spoken in (
            (CAS_WITH_ATTRIBUTES, ("--protocol", "cas", "--base-url", lemonldap.cas_url)),
            (OIDC, ("--protocol", "oidc", "--base-url", lemonldap.issuer, *client)),
        ):
            flask("people", "provider", "add", slug, "--label", LABELS[slug], *spoken, *traits)
        yield lemonldap


def _open_a_school(session: Session) -> None:
    session.add(
        School(
            uai=SCHOOL, name="Lycée des essais", name_key="lycee des essais", type="lycée polyvalent", kind="lycée", sector="public",
            city="Essais", city_key="essais", postal_code="99990", department_code="999", department="Essais", academy="Essais",
            region="Essais", search_key=" lycee essais", source="tests",
        )
    )  # fmt: skip


@pytest.fixture
def at(browser: Browser, site: str, lemonldap: LemonLDAP) -> Iterator[PageAt]:
    with visiting(browser, site, lemonldap.address) as at:
        yield at


def goes_in(page: Page, ent: str, uid: str, back: str = "/mon-compte") -> None:
    page.goto(f"/connexion/{ent}?retour={back}")
    types_the_password(page, uid)
    is_in(page)


def person(stored: Database, ent: str, subject: str) -> int:
    with stored.read() as session:
        return session.exec(
            select(Identity.person_id).join(Provider).where(Provider.slug == ent, Identity.subject == subject)
        ).one()


def digests(stored: Database) -> set[str]:
    with stored.read() as session:
        return set(session.exec(select(OpenSession.digest)))


def rows(stored: Database, *tables: type[Model]) -> list[list[tuple[object, ...]]]:
    with stored.read() as session:
        return [[tuple(row) for row in session.execute(sa.select(table.__table__))] for table in tables]  # type: ignore[attr-defined]


@BOTH
def test_one_comes_back_to_where_one_was_going_with_one_s_name_and_schools_intact(at: PageAt, ent: str) -> None:
    page = at()
    visited: list[str] = []
    page.on("framenavigated", lambda frame: visited.append(frame.url))
    page.goto(DEEP)
    page.get_by_role("link", name="Se connecter").click()
    page.locator("#mon-etablissement").fill(SCHOOL.lower())
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile(f"Se connecter par.*{LABELS[ent]}")).click()
    types_the_password(page, "elefevre")
    page.get_by_role("button", name="Choisir Lycée des essais").click()
    page.wait_for_url(f"**{DEEP}")
    expect(page.locator(".reader-name")).to_contain_text(NAME)
    expect(page.locator(".reader-school")).to_have_text("Lycée des essais")
    page.locator(".reader-name").click()
    expect(page.locator("section[aria-labelledby=moi] dd").first).to_have_text(NAME)
    expect(page.locator("section[aria-labelledby=acces] code")).to_have_text("XAA00101")
    schools = page.locator("section[aria-labelledby=ecoles] li")
    expect(schools).to_have_count(2)
    expect(schools.nth(0)).to_contain_text(f"Essais · {SCHOOL}")
    expect(schools.nth(1)).to_contain_text(ELSEWHERE)
    expect(schools.nth(1)).to_contain_text("Établissement inconnu de l’annuaire")
    assert not [url for url in visited if re.search("[?&](ticket|code)=", url)], "neither ticket nor code stays in an address"


def test_what_this_lemonldap_breaks_in_cas_is_told_and_comes_whole_through_openid(at: PageAt) -> None:
    """It does not escape « Anne & Marc »: its answer is no XML any more, and nobody is guessed from it."""
    page = at()
    page.goto(f"/connexion/{CAS_WITH_ATTRIBUTES}?retour=/mon-compte")
    types_the_password(page, "amprat")
    expect(page.locator("h1")).to_have_text("La réponse de votre ENT est illisible")
    expect(page.locator("dl.definition")).to_contain_text("assistance@ent.example")
    expect(page.locator("dl.definition code")).to_have_text(re.compile("[0-9a-f]{16}"))
    assert SESSION not in cookies(page, page.url)
    page.goto(f"/connexion/{OIDC}?retour=/mon-compte")
    expect(page.locator(".reader-name")).to_contain_text("Anne & Marc PRAT")


def test_leaving_lemonldap_ends_the_portal_s_session_that_came_by_cas(at: PageAt, lemonldap: LemonLDAP) -> None:
    page, other = at(), at()
    for one in (page, other):
        goes_in(one, CAS_WITH_ATTRIBUTES, "jmartin")
    page.goto(f"{lemonldap.address}/?logout=1")
    page.goto("/mon-compte")
    page.wait_for_url("**/connexion?retour=%2Fmon-compte")
    other.reload()
    is_in(other)


def test_this_lemonldap_tells_openid_clients_nothing_of_who_left(at: PageAt, lemonldap: LemonLDAP) -> None:
    """It says so itself. The portal's session then lasts until its own limits; another provider proves back-channel logout."""
    said = requests.get(f"{lemonldap.issuer}/.well-known/openid-configuration", timeout=10).json()
    assert not said["backchannel_logout_supported"]
    page = at()
    goes_in(page, OIDC, "jmartin")
    page.goto(f"{lemonldap.address}/?logout=1")
    page.goto("/mon-compte")
    is_in(page)


@BOTH
def test_leaving_the_portal_leaves_lemonldap_too(at: PageAt, ent: str, stored: Database) -> None:
    page = at()
    goes_in(page, ent, "pbernard")
    held = digests(stored)
    leaves(page)
    assert len(held - digests(stored)) == 1
    assert SESSION not in cookies(page, page.url)
    page.goto(f"/connexion/{ent}")
    expect(page.locator("[name=password]")).to_be_visible()


@BOTH
@pytest.mark.parametrize(("uid", "subject"), [("lpetit", "XAB00201"), ("npetit", "XAB00202")], ids=["pupil", "parent"])
def test_pupils_and_parents_are_turned_away_and_leave_nothing(
    at: PageAt, stored: Database, log: Path, *, ent: str, uid: str, subject: str
) -> None:
    tables = (Person, Identity, OpenSession, Attachment, Event)
    before = rows(stored, *tables)
    page = at(360)
    page.goto(f"/connexion/{ent}?retour=/mon-compte")
    types_the_password(page, uid)
    expect(page.locator("h1")).to_have_text("Ce portail est réservé aux personnels")
    expect(page.locator("main")).to_contain_text("Rien de vous n’a été enregistré.")
    assert rows(stored, *tables) == before
    assert cookies(page, page.url) == {}
    assert not re.search(f"{subject}|{uid}|not_for_you", log.read_text(encoding="utf-8"))
    page.get_by_role("link", name="Ouvrir le catalogue").click()
    expect(page.locator(".titles")).to_be_visible()


@BOTH
def test_a_head_makes_a_teacher_digital_lead_until_summer_and_takes_it_back(
    at: PageAt, lemonldap: LemonLDAP, flask: Callable[..., str], stored: Database, ent: str
) -> None:
    said = flask("people", "grant", ent, "XAA00102", "head", f"school:{SCHOOL}", "--letter", "2026-117")
    assert SUMMER.search(said)
    teacher, head = at(360), at()
    goes_in(teacher, ent, "elefevre")
    goes_in(head, ent, "jmartin")
    lemonldap.let_time_pass()
    opens_her_team(head)
    expect(head.locator("[name=password]")).to_be_visible()
    types_the_password(head, "jmartin")
    head.wait_for_url(f"**/etablissements/{SCHOOL}/equipe")
    eloise = person(stored, ent, "XAA00101")
    is_lead_until_she_is_not(head, teacher, person=eloise, name=NAME, granter="Chef·fe d’établissement")
