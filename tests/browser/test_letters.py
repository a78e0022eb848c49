"""What one is told, from the header's count to the letter's own link, in a real browser and by keyboard alone."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlmodel import select

from portal.db import Database
from portal.letters.links import sign
from portal.people.models import Person
from portal.settings import Environment, Settings
from tests.browser.coming_in import comes_in
from tests.browser.conftest import PageAt, visiting
from tests.browser.looking import fits, tab_to
from tests.browser.test_requests import fills

LETTER = "/administration/lettres/aura/request.submit.requester"


@pytest.fixture
def at(browser: Browser, site: str, ent: str) -> Iterator[PageAt]:
    with visiting(browser, site, ent) as at:
        yield at


@pytest.fixture
def link(stored: Database, environment: dict[str, str]) -> str:
    """The path that letters to the librarian hold."""
    settings = Settings(
        secret_key=environment["LOGITHEQUE_SECRET_KEY"],
        environment=Environment.DEMONSTRATION,
        database_url=environment["LOGITHEQUE_DATABASE_URL"],
    )
    with stored.read() as session:
        key = session.exec(select(Person.id).where(Person.email == "documentaliste@demonstration.example")).one()
    assert key
    return f"/lettres/{sign(settings, key)}"


def asks(page: Page, name: str) -> None:
    page.goto("/demandes/nouvelle")
    fills(page, name)
    page.get_by_role("button", name="Envoyer la demande").click()
    expect(page).to_have_url(re.compile(r"/demandes/\d+$"))


def count(page: Page) -> int:
    """As the header has it."""
    badge = page.locator(".reader-news .count-badge")
    return int(badge.inner_text()) if badge.count() else 0


def chosen(page: Page, kind: str) -> Locator:
    return page.locator(f"input[name={kind}]:checked")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_teacher_finds_the_news_of_her_request_sees_to_it_and_chooses_her_letters_by_keyboard_alone(
    at: PageAt, scripts: bool
) -> None:
    page, name = at(360, scripts=scripts), f"Hygromètre {'avec' if scripts else 'sans'}"
    comes_in(page, "enseignante", "/demandes/nouvelle")
    before = count(page)
    asks(page, name)
    assert count(page) == before + 1
    tab_to(page, page.locator(".reader-news"))
    page.keyboard.press("Enter")
    line = page.locator(".news li").filter(has_text=name)
    expect(line).to_contain_text("est reçue")
    fits(page)
    tab_to(page, line.get_by_role("button"))
    page.keyboard.press("Enter")
    expect(line).to_have_count(0)
    assert count(page) == before
    tab_to(page, page.get_by_role("link", name="Traitées"))
    page.keyboard.press("Enter")
    expect(line).to_contain_text("traitée le")

    tab_to(page, page.get_by_role("link", name="Choisir combien de lettres"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/mon-compte/lettres$"))
    fits(page)
    tab_to(page, chosen(page, "own"))
    was = chosen(page, "own").get_attribute("value")
    page.keyboard.press("ArrowDown")
    now = chosen(page, "own").get_attribute("value")
    assert now != was
    tab_to(page, page.get_by_role("button", name="Enregistrer ce choix"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/mon-compte/lettres$"))
    page.reload()
    assert chosen(page, "own").get_attribute("value") == now


def test_the_link_of_a_letter_changes_its_pace_without_signing_in(at: PageAt, link: str) -> None:
    page = at(360)
    page.goto(link)
    tab_to(page, page.get_by_role("button", name="un résumé par semaine"))
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("un résumé par semaine")
    own = at()
    comes_in(own, "documentaliste", "/mon-compte/lettres")
    for kind in ("todo", "own", "followed", "said"):
        assert chosen(own, kind).get_attribute("value") == "weekly"


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")])
def test_pages_of_letters_fit_and_are_accessible(
    at: PageAt, axe: Callable[[Page], None], link: str, width: int, scheme: str
) -> None:
    page = at(width, scheme)
    comes_in(page, "documentaliste")
    asks(page, f"Pluviomètre {width} {scheme}")
    page.goto("/nouvelles")
    expect(page.locator(".news li").first).to_be_visible()
    judged(page, axe)
    page.get_by_role("button", name="Tout marquer comme traité").click()
    expect(page.locator(".news")).to_have_count(0)
    judged(page, axe)
    for path in ("/nouvelles?voir=traitees", "/mon-compte/lettres", link):
        page.goto(path)
        judged(page, axe)
    page.get_by_role("button", name="une lettre à chaque fois").click()
    expect(page.locator(".notice")).to_be_visible()
    judged(page, axe)


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")])
def test_words_of_letters_fit_and_are_accessible_with_their_faults_too(
    at: PageAt, axe: Callable[[Page], None], width: int, scheme: str
) -> None:
    page = at(width, scheme)
    comes_in(page, "region", "/administration/lettres")
    judged(page, axe)
    for path in ("/administration/lettres/aura", LETTER):
        page.goto(path)
        judged(page, axe)
    page.get_by_label("Texte").fill("Votre demande : {rien}.")
    page.get_by_label("Raison de ce changement").fill("Essai.")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator(".error-summary")).to_contain_text("ne tient la place de rien")
    judged(page, axe)
    page.get_by_label("Texte").fill(f"Votre demande pour « {{logiciel}} » est là ({width}, {scheme}).")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.locator(".letter-preview")).to_contain_text(f"est là ({width}, {scheme})")
    judged(page, axe)
    page.get_by_label("Raison de ce changement").fill("Fin de l’essai.")
    page.get_by_role("button", name="Revenir aux mots du portail").click()
    expect(page.locator(".letter-preview")).not_to_contain_text("est là")


def judged(page: Page, axe: Callable[[Page], None]) -> None:
    fits(page)
    axe(page)
