"""A question that is talked over by the teacher who asks and the digital lead, with the keyboard alone, in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.coming_in import comes_in
from tests.browser.conftest import PageAt, visiting
from tests.browser.looking import fits, tab_to
from tests.browser.test_requests import fills

SHEET = "/etablissements/0261505V/a-voir-ensemble"


@pytest.fixture
def at(browser: Browser, site: str, ent: str) -> Iterator[PageAt]:
    with visiting(browser, site, ent) as at:
        yield at


def says(page: Page, text: str) -> None:
    tab_to(page, page.get_by_label("Votre message", exact=True))
    page.keyboard.type(text)


def sends(page: Page) -> None:
    tab_to(page, page.get_by_role("button", name="Envoyer le message"))
    page.keyboard.press("Enter")


def test_a_question_is_talked_over_with_the_keyboard_alone(at: PageAt, axe: Callable[[Page], None]) -> None:
    teacher, lead = at(360), at()
    comes_in(teacher, "enseignante", "/demandes/nouvelle")
    fills(teacher, "Baromètre des cimes")
    teacher.get_by_role("button", name="Envoyer la demande").click()
    expect(teacher.locator(".holder")).to_contain_text("Référent·e numérique")
    path = f"/demandes/{teacher.url.rpartition('/')[2]}"

    comes_in(lead, "referent", path)
    says(lead, "Sur les postes de la B12, ou sur la classe mobile ?")
    tab_to(lead, lead.get_by_label("La personne qui demande"))
    lead.keyboard.press("Space")
    sends(lead)
    expect(lead.locator(".timeline")).to_contain_text("Pour : la personne qui demande")
    axe(lead)

    lead.goto(SHEET)
    expect(lead.locator(".panel").first).to_contain_text("Sur les postes de la B12")
    axe(lead)
    fits(lead)

    teacher.reload()
    expect(teacher.locator(".said")).to_contain_text("ou sur la classe mobile")
    says(teacher, "Sur la classe mobille.")
    sends(teacher)
    expect(teacher.get_by_role("link", name="Corriger ce message")).to_be_visible()
    fits(teacher)
    tab_to(teacher, teacher.get_by_role("link", name="Corriger ce message"))
    teacher.keyboard.press("Enter")
    expect(teacher.get_by_label("Votre message", exact=True)).to_have_value("Sur la classe mobille.")
    tab_to(teacher, teacher.get_by_label("Votre message", exact=True))
    teacher.keyboard.press("Control+A")
    teacher.keyboard.type("Sur la classe mobile.")
    tab_to(teacher, teacher.get_by_role("button", name="Corriger le message"))
    teacher.keyboard.press("Enter")
    expect(teacher.locator(".timeline")).to_contain_text("corrigé depuis par un autre message")
    axe(teacher)
    fits(teacher)

    lead.reload()
    expect(lead.locator(".panel").first).not_to_contain_text("Sur les postes de la B12")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_both_threads_and_the_sheet_fit_and_are_accessible(
    at: PageAt, axe: Callable[[Page], None], width: int, scheme: str
) -> None:  # fmt: skip
    page = at(width, scheme)
    comes_in(page, "technicien", "/demandes?voir=toutes&q=docker")
    page.get_by_role("link", name="Docker Desktop").click()
    expect(page.locator(".said-internal").first).to_be_visible()
    page.get_by_text("Écrire dans l’instruction").click()
    page.get_by_role("button", name="Écrire à l’instruction").click()
    expect(page.locator(".error-summary")).to_contain_text("Il manque le message")
    fits(page)
    axe(page)
    page.goto(SHEET)
    fits(page)
    axe(page)
