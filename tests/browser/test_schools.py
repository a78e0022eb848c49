"""A teacher finds her school, reads why a list applies, makes it hers: keyboard alone, on a phone, and nothing for axe-core to find."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageAt
from tests.browser.looking import fits, tab_to

PAGES = (
    "/etablissements", "/etablissements?q=lycée professionnel valence", "/etablissements?q=hugo&ville=Valence (26)",
    "/etablissements?q=valance", "/etablissements?q=zzzzzzz", "/etablissements?q=nouméa", "/etablissements?q=valence&page=2",
    "/etablissements/0261505V", "/etablissements/0010001W", "/etablissements/0010002X", "/etablissements/0260082Y",
    "/etablissements/0261505V?q=zzzzz", "/etablissements/0261505X", "/etablissements/0261506W", "/etablissements/nulle-part",
)  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_a_page_of_schools_is_read_by_all(page_at: PageAt, axe: Callable[[Page], None], address: str) -> None:
    for width in (1280, 360):
        page = page_at(width)
        page.goto(address)
        if page.locator(".not-mine > summary").count():
            page.locator(".not-mine > summary").click()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            axe(page)
        fits(page)
    for width in (320, 768, 1023, 1024):
        page.set_viewport_size({"width": width, "height": 900})
        fits(page)


@pytest.mark.parametrize(("width", "scripts"), [(360, True), (1280, False)])
def test_my_school_is_chosen_by_keyboard_alone(page_at: PageAt, width: int, scripts: bool) -> None:
    page = page_at(width, scripts=scripts)
    page.goto("/etablissements")
    tab_to(page, page.locator("#etablissement"))
    page.keyboard.type("lp valence")
    page.keyboard.press("Enter")
    page.wait_for_url("**/etablissements?q=lp+valence")
    expect(page.locator("#etablissements-trouves")).to_contain_text("Valence et environs")
    tab_to(page, page.get_by_role("link", name="Lycée professionnel Victor Hugo"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/etablissements/0260037Z")
    expect(page.locator("#qui")).to_have_text("Maintenu ici")
    expect(page.locator(".school-lists li").nth(1)).to_contain_text("S’applique : l’établissement enseigne")
    tab_to(page, page.get_by_role("button", name="C’est mon établissement"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("C’est votre établissement.")).to_be_visible()
    expect(page.locator(".school-lists li").nth(1)).to_contain_text("S’applique : votre établissement enseigne")
    fits(page)
    tab_to(page, page.locator(".not-mine > summary"))
    page.keyboard.press("Enter")
    expect(page.locator(".not-mine li").first).to_contain_text("Ne s’applique pas : elle sert")
    tab_to(page, page.locator("#q"))
    page.keyboard.type("image")
    page.keyboard.press("Enter")
    page.wait_for_url("**/etablissements/0260037Z?q=image#titres")
    expect(page.locator(".school-titles tbody tr").first).to_be_visible()
    page.goto("/catalogue")
    expect(page.locator(".for-school")).to_contain_text("Lycée professionnel Victor Hugo")
    page.goto("/etablissements/0260037Z")
    tab_to(page, page.get_by_role("button", name="Oublier mon établissement"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="C’est mon établissement")).to_be_visible()


def test_a_mistyped_code_leads_to_the_school_that_was_meant(page_at: PageAt) -> None:
    page = page_at(360)
    page.goto("/etablissements")
    page.locator("#etablissement").fill("0261505x")
    page.keyboard.press("Enter")
    expect(page.locator(".lead")).to_have_text("La lettre de contrôle de 0261505X devrait être V.")
    fits(page)
    page.get_by_role("link", name="Lycée polyvalent Algoud-Laffemas").click()
    page.wait_for_url("**/etablissements/0261505V")
