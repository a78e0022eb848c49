"""Lists in a real browser: read by all, on every screen and on paper, by keyboard alone and without JavaScript."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageAt
from tests.browser.looking import fits, focus_shows, tab_to

SOCLE, DRAFT = "/listes/socle/2026-2027.1", "/listes/socle/2027-2028"
PAGES = ("/listes", SOCLE, f"{DRAFT}?q=image", "/listes/sti2d/2025-2026", "/listes/sio-ciel", "/listes/hotellerie", f"{SOCLE}?q=zzzz", "/donnees-ouvertes",
         "/listes/nulle-part")  # fmt: skip
SIZES = pytest.mark.parametrize("width", [1280, 360])


@pytest.mark.parametrize("address", PAGES)
def test_a_list_is_read_by_all(page_at: PageAt, axe: Callable[[Page], None], address: str) -> None:
    for width in (1280, 360):
        page = page_at(width)
        page.goto(address)
        for folded in page.locator(".edition-facts summary").all():
            folded.click()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            axe(page)
        fits(page)


@pytest.mark.parametrize("address", ["/listes", SOCLE, DRAFT, "/donnees-ouvertes"])
def test_a_list_fits_other_screens_and_larger_letters(page_at: PageAt, address: str) -> None:
    page = page_at(320)
    page.goto(address)
    for width in (320, 767, 768, 1023, 1024):
        page.set_viewport_size({"width": width, "height": 900})
        fits(page)


def test_columns_stand_under_each_other_from_one_subject_to_the_next(page_at: PageAt) -> None:
    page = page_at()
    page.goto(SOCLE)
    places = page.locator(".entries tbody tr:first-child").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.offsetLeft))"
    )
    assert len(places) > 10
    assert all(one == places[0] for one in places)


@SIZES
def test_one_finds_its_subject_and_what_changed_by_keyboard_alone(page_at: PageAt, width: int) -> None:
    page = page_at(width)
    page.goto("/listes")
    tab_to(page, page.get_by_role("link", name="Socle commun des lycées"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Socle commun des lycées, édition 2026-2027.1")
    tab_to(page, page.get_by_text("6 sorties annoncées"))
    page.keyboard.press("Enter")
    expect(page.locator(".edition-facts details li")).to_have_count(6)
    tab_to(page, page.locator("#avec"))
    page.keyboard.type("2025")
    tab_to(page, page.get_by_role("button", name="Comparer"))
    page.keyboard.press("Enter")
    page.wait_for_url("**?avec=2025-2026#changements")
    expect(page.locator(".changes")).to_contain_text("De la version 2025-2026 à la version 2026-2027.1")
    page.goto(SOCLE)
    tab_to(page, page.locator(".jump a", has_text="Mathématiques"))
    page.keyboard.press("Enter")
    expect(page.locator("#d-mathematiques")).to_be_in_viewport()
    page.keyboard.press("Tab")  # from there one goes on with its first title
    focus_shows(page)
    assert page.evaluate("document.activeElement.closest('.discipline').querySelector('h3').id") == "d-mathematiques"


@SIZES
def test_a_list_is_searched_and_its_draft_read_without_javascript(page_at: PageAt, width: int) -> None:
    page = page_at(width, scripts=False)
    page.goto("/listes/socle")
    page.locator("#q").fill("geogebra")
    page.locator("#q").press("Enter")
    expect(page.locator("#titres")).to_have_text("3 titres sur 196")
    page.get_by_role("link", name="Tout voir").click()
    expect(page.locator("#titres")).to_have_text("196 titres")
    page.locator(".edition-facts").get_by_role("link", name="Édition 2027-2028").click()
    expect(page.locator(".proposals")).to_contain_text("rien n’est décidé avant le vote")
    fits(page)


@SIZES
def test_the_file_that_one_downloads_is_the_one_that_the_page_cites(page_at: PageAt, width: int) -> None:
    page = page_at(width)
    page.goto("/listes/socle")
    for kind in ("JSON", "CSV"):
        with page.expect_download() as loading:
            page.get_by_role("link", name=f"Télécharger en {kind}").click()
        assert loading.value.suggested_filename == f"socle-2026-2027.1.{kind.lower()}"
        mark = sha256(loading.value.path().read_bytes()).hexdigest()
        expect(page.locator(".files")).to_contain_text(mark)
    code = page.get_by_role("group", name="Citation").locator("code")
    expect(code).to_contain_text("2026-2027.1")
    assert code.evaluate("code => getComputedStyle(code).userSelect") == "all", "one click takes it whole"


def test_on_paper_a_list_is_a_document(page_at: PageAt) -> None:
    """A sheet is as wide as a small screen: its tables stay tables; what one only clicks is left out."""
    page = page_at(718)
    page.emulate_media(media="print")
    page.goto(SOCLE)
    for hidden in ("nav", "form", ".jump", ".files .button", ".site-footer", ".skip"):
        assert page.locator(hidden).count() > 0, hidden
        for one in page.locator(hidden).all():
            expect(one).to_be_hidden()
    for shown in ("h1", ".meter", "#d-mathematiques", ".exit", ".differences"):
        expect(page.locator(shown).first).to_be_visible()
    expect(page.locator(".difference-updated").first).to_be_visible()
    expect(page.get_by_role("group", name="Citation")).to_be_visible()
    row = page.locator(".entries tbody tr").first
    tops = row.evaluate("row => [...row.cells].map(cell => Math.round(cell.getBoundingClientRect().top))")
    assert len(tops) == 4
    assert len(set(tops)) == 1
    fits(page)
    sheets = page.pdf(format="A4")
    assert sheets.startswith(b"%PDF")
