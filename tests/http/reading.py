"""A page of the catalogue as tests look at it: its parts by id or class, its rows, its links."""

from functools import cached_property
from xml.etree.ElementTree import Element

import html5lib
from werkzeug.test import TestResponse


class Read:
    """A page or a fragment, parsed."""

    def __init__(self, response: TestResponse) -> None:
        self.html = response.get_data(as_text=True)
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        self.root: Element = parser.parse(self.html)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """`class_="x"` is one class among others; any other attribute is compared whole."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [element for element in self.root.iter(tag) if all(_has(element, *pair) for pair in wanted.items())]

    def by_id(self, name: str) -> Element | None:
        return next((element for element in self.root.iter() if element.get("id") == name), None)

    def text(self, name: str) -> str:
        found = self.by_id(name)
        assert found is not None, name
        return words(found)

    @cached_property
    def slugs(self) -> list[str]:
        return [field.attrib["value"] for field in self.all("input", name="titres")]

    @cached_property
    def facets(self) -> list[tuple[str, str, int, bool]]:
        """Facet, address, count, whether it is chosen: of each choice."""
        links = [link for link in self.all("a") if link.get("id", "").startswith("f-")]
        counts = [next(words(inside) for inside in link.iter("span") if inside.get("class") == "count") for link in links]
        return [
            (link.attrib["id"].split("-")[1], link.attrib["href"], int(count), link.get("aria-current") == "true")
            for link, count in zip(links, counts, strict=True)
        ]

    @cached_property
    def removals(self) -> list[str]:
        """Addresses that take one active filter off."""
        return [
            link.attrib["href"]
            for chips in self.all("ul", class_="active-filters")
            for link in chips.iter("a")
            if _has(link, "class", "tag")
        ]


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _has(element: Element, name: str, value: str) -> bool:
    held = element.get(name, "")
    return value in held.split() if name == "class" else held == value
