"""A test client that reads every page as a strict visitor would: no test has to ask for it."""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self
from xml.etree.ElementTree import Element

import html5lib
import sqlalchemy as sa
from flask.testing import FlaskClient
from html5lib.constants import E as READING_ERRORS
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

NBSP, THIN = "\u00a0", "\u202f"
NOT_PROSE = {"script", "style", "code", "pre", "kbd", "samp", "textarea", "template"}
SPOKEN = ("aria-label", "alt", "title", "placeholder")
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "headers", "list", "form")
ADDRESSES = ("/", "#", "https://", "http://", "mailto:", "tel:")
ANYWHERE = {"*", "http:", "https:", "data:"}
NOT_LABELLED = {"hidden", "submit", "button", "reset", "image"}


@dataclass(frozen=True)
class Page:
    """A page as it was sent. A fragment is what htmx asked for: it has no head, and its references may point outside."""

    html: str
    headers: Headers
    host: str = "localhost"
    is_fragment: bool = False

    @cached_property
    def read(self) -> tuple[Element, list[str]]:
        """The tree, and what the HTML standard calls errors on the way to it."""
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        root: Element = parser.parseFragment(self.html) if self.is_fragment else parser.parse(self.html)
        return root, [f"{READING_ERRORS[code] % values} (line {line})" for (line, _column), code, values in parser.errors]

    @property
    def root(self) -> Element:
        return self.read[0]

    @cached_property
    def elements(self) -> list[Element]:
        return [element for element in self.root.iter() if isinstance(element.tag, str)]

    @cached_property
    def parents(self) -> dict[Element, Element]:
        return {child: parent for parent in self.elements for child in parent}

    @cached_property
    def ids(self) -> Counter[str]:
        return Counter(element.attrib["id"] for element in self.elements if "id" in element.attrib)

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def lineage(self, element: Element) -> Iterator[Element]:
        yield element
        while element in self.parents:
            element = self.parents[element]
            yield element

    def prose(self) -> Iterator[str]:
        """What is read or spoken in French, piece by piece. Names marked `translate="no"` keep their own spelling."""
        for element in self.elements:
            lineage = list(self.lineage(element))
            if any(e.get("translate") == "no" or e.tag in NOT_PROSE for e in lineage[1:]):
                continue
            inside = [element.get(name) for name in SPOKEN]
            if element.tag not in NOT_PROSE and element.get("translate") != "no":
                inside += [element.text, *(child.tail for child in element)]
            language = next((e.attrib["lang"] for e in lineage if "lang" in e.attrib), "fr" if self.is_fragment else "")
            if language.startswith("fr"):
                yield from (piece for piece in inside if piece)


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def is_valid(page: Page) -> Iterator[str]:
    yield from page.read[1]


def has_a_language(page: Page) -> Iterator[str]:
    if not page.is_fragment and not page.root.get("lang"):
        yield "<html> has no lang"


def has_one_heading_that_titles_it(page: Page) -> Iterator[str]:
    if page.is_fragment:
        return
    headings, titles = page.all("h1"), [title for title in page.all("title") if page.parents[title].tag == "head"]
    if len(headings) != 1:
        yield f"{len(headings)} h1 instead of one"
    elif len(titles) != 1 or not words(headings[0]) or words(headings[0]) not in words(titles[0]):
        yield f"<title> {[words(title) for title in titles]} does not contain the h1 {words(headings[0])!r}"


def labels_its_fields(page: Page) -> Iterator[str]:
    tied = {label.get("for") for label in page.all("label") if words(label)}
    for field in page.all("input", "select", "textarea"):
        if field.get("type") in NOT_LABELLED:
            continue
        around = any(e.tag == "label" and words(e) for e in page.lineage(field))
        named = (field.get("aria-label") or field.get("aria-labelledby") or "").strip()
        if not (named or around or field.get("id", "") in tied):
            yield f"no label for the {field.tag} {field.get('name')!r}"
    for button in page.all("button", "a", "summary"):
        pictures = "".join(image.get("alt", "") for image in button.iter("img"))
        if not (words(button) or button.get("aria-label") or button.get("aria-labelledby") or pictures):
            yield f"a {button.tag} says nothing: {button.attrib}"


def describes_its_images(page: Page) -> Iterator[str]:
    yield from (f"no alt for the image {image.get('src')}" for image in page.all("img") if "alt" not in image.attrib)


def has_unique_ids(page: Page) -> Iterator[str]:
    yield from (f"id {name!r} given {times} times" for name, times in page.ids.items() if times > 1)


def finds_what_it_refers_to(page: Page) -> Iterator[str]:
    if page.is_fragment:
        return
    for element in page.elements:
        wanted = [name for attribute in REFERENCES for name in element.get(attribute, "").split()]
        href = element.get("href", "")
        if href.startswith("#") and href != "#":
            wanted.append(href[1:])
        yield from (f"{element.tag} refers to {name!r}, which is not there" for name in wanted if name not in page.ids)


def holds_no_code(page: Page) -> Iterator[str]:
    for element in page.elements:
        yield from (f"{name} on a {element.tag}" for name in element.attrib if name == "style" or name.startswith(("on", "hx-on")))
        if element.get("href", "").lower().startswith("javascript:"):
            yield "a link that runs a script"
        if element.tag == "style":
            yield "a <style> in the page"
        if element.tag == "script" and "src" not in element.attrib and element.get("type") != "application/ld+json":
            yield "a script in the page"


def is_rendered_whole(page: Page) -> Iterator[str]:
    yield from (f"{mark} is left in the page" for mark in ("{{", "{%", "{#") if mark in page.html)


def is_guarded(page: Page) -> Iterator[str]:
    directives = page.headers.get("Content-Security-Policy", "").split(";")
    policy = {name: sources for name, *sources in (directive.split() for directive in directives if directive.strip())}
    if policy.get("default-src") not in (["'self'"], ["'none'"]):
        yield f"Content-Security-Policy starts from {policy.get('default-src')}"
    for name, sources in policy.items():
        yield from (f"{name} {source}" for source in sources if source.startswith("'unsafe") or source in ANYWHERE)
    yield from (f"Content-Security-Policy says nothing of {name}" for name in ("base-uri", "form-action") if name not in policy)
    if "frame-ancestors" not in policy and "X-Frame-Options" not in page.headers:
        yield "other sites may frame the page"
    if page.headers.get("X-Content-Type-Options") != "nosniff":
        yield "X-Content-Type-Options is not nosniff"
    for name in ("Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy"):
        if len(page.headers.getlist(name)) != 1:
            yield f"{name} is sent {len(page.headers.getlist(name))} times"


def hides_what_runs_it(page: Page) -> Iterator[str]:
    if "X-Powered-By" in page.headers:
        yield "X-Powered-By is sent"


TYPOGRAPHY = {
    "a straight apostrophe": re.compile(r"[^\W\d_]'[^\W\d_]"),
    "a plain space before a high mark": re.compile(r" [:;!?]+(?=\s|$|[»)\]])"),
    "no no-break space inside «": re.compile(rf"«(?![{NBSP}{THIN}])"),
    "no no-break space inside »": re.compile(rf"(?<![{NBSP}{THIN}])»"),
    "two spaces": re.compile(rf"[ {NBSP}{THIN}]{{2}}"),
    "a hyphen for a dash": re.compile(r"(?:^|\s)-(?=\s)"),
}


def is_set_as_french_is(page: Page) -> Iterator[str]:
    for piece in page.prose():
        text = re.sub(r"[ \t]*\n\s*", " ", piece)
        yield from (f"{fault} in {text!r}" for fault, pattern in TYPOGRAPHY.items() if pattern.search(text))


def has_whole_forms(page: Page) -> Iterator[str]:
    for form in page.all("form"):
        sends = form.get("method") in {"get", "post"} and form.get("action", "").startswith("/")
        if not sends and form.get("method") != "dialog":
            yield f"a form without method or address: {form.attrib}"


def links_from_the_root(page: Page) -> Iterator[str]:
    for link in page.all("a"):
        href = link.get("href", "/")  # without one it is a place in the page, not a link
        ours = re.match(rf"(?:https?:)?//{re.escape(page.host)}(?:[:/?#]|$)", href)
        if not href.startswith(ADDRESSES) or href.startswith("//") or ours:
            yield f"the link {href!r} does not start with /"


Rule = Callable[[Page], Iterator[str]]
RULES: tuple[Rule, ...] = (
    is_valid, has_a_language, has_one_heading_that_titles_it, labels_its_fields, describes_its_images, has_unique_ids,
    finds_what_it_refers_to, holds_no_code, is_rendered_whole, is_guarded, hides_what_runs_it, is_set_as_french_is,
    has_whole_forms, links_from_the_root,
)  # fmt: skip


def faults(page: Page) -> list[str]:
    return [f"{rule.__name__}: {fault}" for rule in RULES for fault in rule(page)]


class Leftovers:
    """What sessions closed in peace held without committing it; one closed by a refusal loses its changes on purpose."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._raised_before: dict[int, BaseException | None] = {}
        self._flushed: set[int] = set()
        self._ears: dict[str, Callable[..., None]] = {
            "after_transaction_create": self._begun,
            "after_flush": lambda session, _context: self._flushed.add(id(session)),
            "after_commit": self._settled,
            "pending_to_transient": self._dropped,
            "persistent_to_detached": self._let_go,
            "after_transaction_end": self._ended,
        }

    def __enter__(self) -> Self:
        for event, ear in self._ears.items():
            sa.event.listen(Session, event, ear)
        return self

    def __exit__(self, *_error: object) -> None:
        for event, ear in self._ears.items():
            sa.event.remove(Session, event, ear)

    def _in_peace(self, session: Session) -> bool:
        return sys.exc_info()[1] is self._raised_before.get(id(session))

    def _begun(self, session: Session, _transaction: Any) -> None:
        self._raised_before.setdefault(id(session), sys.exc_info()[1])

    def _settled(self, session: Session) -> None:
        self._flushed.discard(id(session))

    def _dropped(self, session: Session, instance: object) -> None:
        if self._in_peace(session):
            self.found.append(f"a new {type(instance).__name__} was never written")

    def _let_go(self, session: Session, instance: object) -> None:
        if sa.inspect(instance).modified and self._in_peace(session):
            self.found.append(f"a changed {type(instance).__name__} was never written")

    def _ended(self, session: Session, transaction: Any) -> None:
        if transaction.parent is None:
            if id(session) in self._flushed and self._in_peace(session):
                self.found.append("changes were written and never committed")
            self._settled(session)
            self._raised_before.pop(id(session), None)


class PageClient(FlaskClient):
    """Flask's own client; a test fails as soon as an answer breaks a rule of the house."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with Leftovers() as left:
            response = super().open(*args, **kwargs)
        assert not left.found, f"{response.request.path}: {'; '.join(left.found)}"
        if response.mimetype == "text/html" and response.data and not 300 <= response.status_code < 400:
            html = response.get_data(as_text=True)
            is_fragment = "HX-Request" in response.request.headers and not html.lstrip().lower().startswith("<!doctype")
            found = faults(Page(html, response.headers, response.request.host, is_fragment))
            assert not found, "\n  ".join([f"{response.request.path} ({response.status_code}):", *found])
        return response
