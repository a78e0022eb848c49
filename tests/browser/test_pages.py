"""Every page, in light and dark, on a desk and on a phone: nothing for axe-core to find, nothing wider than the screen, little to carry."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PageAt
from tests.browser.looking import fits, focus_shows

PAGES = (
    "/", "/catalogue", "/catalogue?q=geogbra&support=maintained&platform=windows", "/catalogue?page=27&sort=name", "/catalogue?q=zzzzzzzzzz",
    "/catalogue?q=gimp&support=forbidden", "/catalogue/gimp", "/catalogue/java-8", "/catalogue/cabri-3d", "/catalogue/sibelius",
    "/catalogue/julia", "/catalogue/unity-hub", "/catalogue/openoffice", "/catalogue/anydesk", "/catalogue/algobox",
    "/catalogue/saga-system-for-automated-geoscientific-analyses", "/comparer", "/comparer?titres=gimp,java-8,x",
    "/comparer?titres=gimp,openoffice,anydesk,algobox", "/accessibilite", "/donnees-ouvertes", "/api", "/ui", "/nulle-part", "/catalogue/nulle-part",
)  # fmt: skip
HEAVIEST = 200 * 1024  # bytes, all files of a page
LIGHT = 20 * 1024  # the page alone, asked again
WEIGHED = ("/", "/catalogue", "/catalogue/gimp", "/comparer?titres=gimp,java-8,openoffice,anydesk", "/accessibilite", "/nulle-part")


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_read_by_all(page_at: PageAt, axe: Callable[[Page], None], address: str) -> None:
    for width in (1280, 360):
        page = page_at(width)
        page.goto(address)
        if width == 360 and page.locator("#filtres > summary").count():
            page.locator("#filtres > summary").click()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            axe(page)
        fits(page)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_fits_other_screens_and_larger_letters(page_at: PageAt, address: str) -> None:
    """320 px is a desk at 400 %; between the two kinds of layout nothing overflows either."""
    page = page_at(320)
    page.goto(address)
    for width in (320, 768, 1023, 1024):
        page.set_viewport_size({"width": width, "height": 900})
        fits(page)


@pytest.mark.parametrize("width", [1280, 360])
def test_the_keyboard_shows_on_every_stop(page_at: PageAt, width: int) -> None:
    page = page_at(width)
    for address in ("/", "/catalogue/gimp", "/comparer?titres=gimp,java-8", "/ui", "/nulle-part", "/donnees-ouvertes"):
        page.goto(address)
        for _ in range(25):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break
            focus_shows(page)


@pytest.mark.parametrize("address", WEIGHED)
def test_a_first_visit_carries_little_and_a_second_one_less(page_at: PageAt, address: str) -> None:
    page = page_at()
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    carried: list[float] = []
    asked: dict[str, str] = {}
    network.on("Network.loadingFinished", lambda event: carried.append(event["encodedDataLength"]))
    network.on(
        "Network.responseReceived",
        lambda event: (
            None if event["response"].get("fromDiskCache") else asked.update({event["requestId"]: event["response"]["url"]})
        ),
    )
    network.on("Network.requestServedFromCache", lambda event: kept.append(event["requestId"]))
    kept: list[str] = []
    page.goto(address, wait_until="networkidle")
    files = {url for url in asked.values() if "/static/" in url}
    assert 5_000 < sum(carried) <= HEAVIEST
    assert len(files) >= 6
    page.goto("/donnees-ouvertes", wait_until="networkidle")
    carried.clear()
    asked.clear()
    page.goto(address, wait_until="networkidle")
    assert {url for name, url in asked.items() if name not in kept} & files == set()
    assert sum(carried) < LIGHT


def test_text_is_sent_compressed(page_at: PageAt) -> None:
    page = page_at()
    plain = []
    page.on("response", lambda response: plain.append(response.url) if not response.headers.get("content-encoding") else None)
    page.goto("/catalogue", wait_until="networkidle")
    assert [url for url in plain if not url.endswith((".woff2", ".svg"))] == []
