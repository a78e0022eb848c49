"""What a visitor sees and feels: whether a page is wider than the screen, where the keyboard is, and whether that shows."""

from playwright.sync_api import Locator, Page, expect

TABS = 150
SHOWN = """() => {
  const style = getComputedStyle(document.activeElement);
  const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return outline || style.boxShadow !== "none";
}"""
IN_SIGHT = """() => {
  const box = document.activeElement.getBoundingClientRect();
  return box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
}"""


def fits(page: Page) -> None:
    """No sideways scrolling, whatever the screen."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    wide = page.evaluate("() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
    assert wide <= width, f"{page.url} is {wide} px wide on a screen of {width}"


def focus_shows(page: Page) -> None:
    where = page.evaluate("() => document.activeElement.outerHTML.slice(0, 120)")
    assert page.evaluate(SHOWN), f"{page.url}: nothing shows that the keyboard is on {where}"
    assert page.evaluate(IN_SIGHT), f"{page.url}: the keyboard is out of sight on {where}"


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press Tab until the keyboard is there: each stop on the way must show."""
    handle = wanted.first.element_handle()
    for _ in range(TABS):
        page.keyboard.press(key)
        focus_shows(page)
        if handle.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{page.url}: {TABS} tabs do not reach {wanted}")


def announced(page: Page, text: str) -> None:
    """What a screen reader says of a change."""
    expect(page.locator("#annonce")).to_contain_text(text)
