"""Find with a typing error, filter, open, compare: with a mouse, by keyboard alone, on a phone, without JavaScript."""

import re

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from tests.browser.conftest import PageAt
from tests.browser.looking import announced, fits, focus_shows, tab_to

TYPO = "geogbra"
FOUND = re.compile("GeoGebra")
SIZES = pytest.mark.parametrize("width", [1280, 360])


def documents(page: Page) -> list[str]:
    """Grows with each page load."""
    loaded: list[str] = []

    def hear(request: Request) -> None:
        if request.resource_type == "document":
            loaded.append(request.url)

    page.on("request", hear)
    return loaded


def first_title(page: Page) -> str:
    return page.locator(".titles .title a").first.inner_text()


def open_filters(page: Page) -> None:
    summary = page.locator("#filtres > summary")
    if summary.is_visible():
        summary.click()


@SIZES
def test_results_come_as_one_types(page_at: PageAt, width: int) -> None:
    page = page_at(width)
    page.goto("/catalogue")
    before, said = first_title(page), page.locator("#annonce").inner_text()
    loaded = documents(page)
    page.locator("#q").press_sequentially(TYPO, delay=60)
    page.wait_for_url(f"**/catalogue?q={TYPO}")
    expect(page.locator(".titles .title a").first).to_have_text(FOUND)
    announced(page, f"« {TYPO} »".replace(" ", "\u00a0"))
    assert page.locator("#annonce").inner_text() != said
    expect(page.locator(".understood")).to_contain_text("s’en approchent")
    assert page.evaluate("document.activeElement.id") == "q"
    assert page.locator("#q").input_value() == TYPO
    assert loaded == []
    fits(page)
    page.locator(".titles .title a").first.click()
    expect(page.locator("#reponse")).to_be_visible()
    page.go_back()
    expect(page.locator(".titles .title a").first).to_have_text(FOUND)
    expect(page.locator("#q")).to_have_value(TYPO)
    page.goto("/catalogue")
    expect(page.locator(".titles .title a").first).to_have_text(before)


def test_going_back_through_searches_restores_each(page_at: PageAt) -> None:
    page = page_at()
    page.goto("/catalogue")
    before = first_title(page)
    page.locator("#q").fill("gimp")
    page.wait_for_url("**/catalogue?q=gimp")
    expect(page.locator(".titles .title a").first).to_have_text("GIMP")
    page.locator("#q").fill("audacity")
    page.wait_for_url("**/catalogue?q=audacity")
    expect(page.locator(".titles .title a").first).to_have_text("Audacity")
    page.go_back()
    page.wait_for_url("**/catalogue?q=gimp")
    expect(page.locator(".titles .title a").first).to_have_text("GIMP")
    expect(page.locator("#q")).to_have_value("gimp")
    page.go_back()
    page.wait_for_url("**/catalogue")
    expect(page.locator(".titles .title a").first).to_have_text(before)
    expect(page.locator("#q")).to_have_value("")
    page.go_forward()
    page.wait_for_url("**/catalogue?q=gimp")
    expect(page.locator("#q")).to_have_value("gimp")


def test_only_the_last_words_typed_are_answered(page_at: PageAt) -> None:
    page = page_at()
    page.goto("/catalogue")
    for typed in ("g", "ge", "geo", "gimp"):
        page.locator("#q").fill(typed)
    page.wait_for_url("**/catalogue?q=gimp")
    announced(page, "«\u00a0gimp\u00a0»")
    expect(page.locator(".titles .title a").first).to_have_text("GIMP")


@SIZES
def test_a_search_works_without_javascript(page_at: PageAt, width: int) -> None:
    page = page_at(width, scripts=False)
    page.goto("/")
    page.locator("#recherche").fill(TYPO)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/catalogue?q={TYPO}")
    expect(page.locator(".titles .title a").first).to_have_text(FOUND)
    fits(page)
    page.locator("#q").fill("image")
    page.keyboard.press("Enter")
    page.wait_for_url("**/catalogue?q=image*")
    open_filters(page)
    page.locator("#f-support-maintained").click()
    page.wait_for_url("**/catalogue?q=image&support=maintained")
    expect(page.locator(".active-filters .tag")).to_have_count(1)
    page.locator("#q").fill("son")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=son.*support=maintained|support=maintained.*q=son"))
    page.locator(".active-filters .tag").click()
    expect(page.locator(".active-filters")).to_have_count(0)
    for box in page.locator("[name=titres]").all()[:2]:
        box.check()
    page.locator(".compare-bar button").click()
    page.wait_for_url("**/comparer?titres=*&titres=*")
    expect(page.locator(".comparison tbody tr")).to_have_count(15)
    fits(page)


@SIZES
def test_filters_are_added_and_taken_off_pages_turned_and_sorted_without_a_page_load(page_at: PageAt, width: int) -> None:
    page = page_at(width)
    page.goto("/catalogue")
    loaded = documents(page)
    open_filters(page)
    page.locator("#f-support-known").click()
    page.wait_for_url("**/catalogue?support=known")
    announced(page, "titres")
    said = page.locator("#annonce").inner_text()
    page.locator("#f-discipline-mathematiques").click()
    page.wait_for_url("**/catalogue?support=known&discipline=mathematiques")
    expect(page.locator("#annonce")).not_to_have_text(said)
    expect(page.locator(".active-filters .tag")).to_have_count(2)
    expect(page.locator("#f-discipline-mathematiques")).to_have_attribute("aria-current", "true")
    fits(page)
    page.locator(".active-filters .tag").first.click()
    page.wait_for_url("**/catalogue?discipline=mathematiques")
    expect(page.locator(".active-filters .tag")).to_have_count(1)
    unsorted = first_title(page)
    page.locator("#tri").select_option("name")
    page.wait_for_url(re.compile("sort=name"))
    expect(page.locator("#tri")).to_have_value("name")
    expect(page.locator(".titles .title a").first).not_to_have_text(unsorted)
    page.locator("a[rel=next]").click()
    page.wait_for_url(re.compile("page=2"))
    announced(page, "page 2")
    expect(page.locator(".pagination [aria-current]")).to_have_text(re.compile("2"))
    expect(page.locator("#resultats")).to_be_in_viewport()
    assert loaded == []
    shared = page.url
    other = page_at(width)
    other.goto(shared)
    assert other.locator(".titles .title a").all_inner_texts() == page.locator(".titles .title a").all_inner_texts()


def test_a_filter_stays_when_one_types_again(page_at: PageAt) -> None:
    page = page_at()
    page.goto("/catalogue?support=maintained")
    page.locator("#q").fill("image")
    page.wait_for_url(re.compile("q=image"))
    expect(page.locator(".active-filters .tag")).to_have_count(1)
    assert "support=maintained" in page.url


@SIZES
def test_a_sheet_answers_at_once(page_at: PageAt, width: int) -> None:
    page = page_at(width)
    page.goto("/")
    page.locator("#recherche").fill("gimp")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="GIMP", exact=True).click()
    expect(page.locator("#reponse")).to_be_in_viewport()
    expect(page.locator("#reponse")).to_have_text("Maintenu")
    expect(page.locator(".answer-first")).to_be_in_viewport()
    expect(page).to_have_title(re.compile("^GIMP"))
    fits(page)


@SIZES
def test_two_titles_are_compared_even_on_a_double_click(page_at: PageAt, width: int) -> None:
    page = page_at(width)
    page.goto("/catalogue?q=image")
    boxes = page.locator("[name=titres]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.locator(".compare-bar button").dblclick()
    # The second click gives up the first answer: a page that is waited for would be an error, one that is looked at is not.
    expect(page).to_have_url(re.compile("/comparer\\?titres=.+&titres="))
    expect(page.locator(".comparison thead th")).to_have_count(2)
    expect(page.locator(".comparison tbody tr")).to_have_count(15)
    fits(page)
    page.go_back()
    page.wait_for_url("**/catalogue?q=image")
    expect(page.locator(".titles tbody tr").first).to_be_visible()


@SIZES
def test_everything_is_reached_by_keyboard_alone(page_at: PageAt, width: int) -> None:
    page = page_at(width)
    page.goto("/")
    page.keyboard.press("Tab")
    focus_shows(page)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"
    tab_to(page, page.locator("#recherche"))
    page.keyboard.type(TYPO)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/catalogue?q={TYPO}")
    tab_to(page, page.locator("#q"))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("image", delay=20)
    page.wait_for_url("**/catalogue?q=image")
    announced(page, "image")
    if width < 1000:
        tab_to(page, page.locator("#filtres > summary"))
        page.keyboard.press("Enter")
    tab_to(page, page.locator("#f-support-maintained"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/catalogue?q=image&support=maintained")
    expect(page.locator("#f-support-maintained")).to_be_focused()
    expect(page.locator("#f-support-maintained")).to_be_visible()
    tab_to(page, page.locator(".active-filters .tag"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/catalogue?q=image")
    expect(page.locator("#resultats")).to_be_focused()
    boxes = page.locator("[name=titres]")
    for box in (boxes.nth(0), boxes.nth(1)):
        tab_to(page, box)
        page.keyboard.press("Space")
        expect(box).to_be_checked()
    tab_to(page, page.locator(".compare-bar button"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/comparer?titres=*&titres=*")
    tab_to(page, page.locator(".comparison a"))
    page.keyboard.press("Enter")
    expect(page.locator("#reponse")).to_be_visible()
    tab_to(page, page.locator(".site-footer button"))
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "en")


@SIZES
def test_the_sort_is_chosen_and_the_page_turned_by_keyboard(page_at: PageAt, width: int) -> None:
    page = page_at(width)
    page.goto("/catalogue")
    page.locator("#resultats-titre").click()
    tab_to(page, page.locator("#tri"))
    page.keyboard.press("ArrowDown")
    page.wait_for_url("**/catalogue?sort=name")
    expect(page.locator("#tri")).to_be_focused()
    tab_to(page, page.locator("a[rel=next]"))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("page=2"))
    announced(page, "page 2")
    assert page.evaluate("document.activeElement !== document.body")


@SIZES
def test_the_language_changes_where_one_is(page_at: PageAt, width: int) -> None:
    page = page_at(width)
    page.goto("/catalogue?q=gimp&sort=name")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/catalogue?q=gimp&sort=name")
    expect(page.locator("#q")).to_have_value("gimp")
    page.locator("#q").fill("audacity")
    expect(page.locator(".titles .title a").first).to_have_text("Audacity")
    fits(page)
    page.get_by_role("button", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")


@SIZES
def test_nothing_found_leads_on(page_at: PageAt, width: int) -> None:
    page = page_at(width)
    page.goto("/catalogue?support=maintained")
    page.locator("#q").fill("zzzzzzzzzz")
    announced(page, "Aucun titre ne correspond.")
    fits(page)
    page.locator(".empty a.button").click()
    page.wait_for_url("**/catalogue?q=zzzzzzzzzz")
    expect(page.locator(".active-filters")).to_have_count(0)


def test_a_search_that_fails_shows_the_page_that_says_why(browser: Browser, site: str) -> None:
    """Its own context: htmx writes the failure in the console, which is a fault everywhere else."""
    with browser.new_context(base_url=site) as context:
        page = context.new_page()

        def refuse(route: Route) -> None:
            if route.request.resource_type == "document":
                route.continue_()
            else:
                route.fulfill(status=503, content_type="text/html", body="<!doctype html>")

        page.goto("/catalogue")
        page.route("**/catalogue?q=*", refuse)
        loaded = documents(page)
        page.locator("#q").fill("gimp")
        page.wait_for_url("**/catalogue?q=gimp*")
        expect(page.locator(".titles .title a").first).to_have_text("GIMP")
        assert len(loaded) == 1
