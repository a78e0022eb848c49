"""What was asked of the catalogue: parsed once from the address, and able to write addresses again."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote_plus

from portal.text import clean

FACETS = ("support", "list", "discipline", "level", "category", "platform", "licence")
SORTS = ("relevance", "name", "changed")
LONGEST_TEXT = 200
PER_PAGE = 25
MOST_PER_PAGE = 100
MOST_CHOSEN = 100  # values of one facet: more than any facet has
Chosen = Mapping[str, tuple[str, ...]]  # facet → values
VALUE = re.compile(r"[a-z0-9-]{1,80}")


@dataclass(frozen=True)
class Question:
    """Several values of one facet widen it, facets narrow each other."""

    text: str = ""
    chosen: Chosen = field(default_factory=dict)
    sort: str = "relevance"
    page: int = 1
    per_page: int = PER_PAGE

    @classmethod
    def of(cls, arguments: Iterable[tuple[str, str]]) -> "Question":
        """Read an address: what cannot be a value is left out, what could be one is kept and shown as chosen."""
        texts: list[str] = []
        chosen: dict[str, tuple[str, ...]] = {}
        sort, page, per_page = "relevance", 1, PER_PAGE
        for name, value in arguments:
            if name == "q":
                texts.append(clean(value)[:LONGEST_TEXT].strip())
            elif name in FACETS and VALUE.fullmatch(value) and value not in chosen.get(name, ()):
                chosen[name] = (*chosen.get(name, ()), value)[:MOST_CHOSEN]
            elif name == "sort" and value in SORTS:
                sort = value
            elif name == "page":
                page = _whole(value, 1, 100_000)
            elif name == "per_page":
                per_page = _whole(value, PER_PAGE, MOST_PER_PAGE)
        ordered = {name: tuple(sorted(chosen[name])) for name in FACETS if name in chosen}
        return cls(next(filter(None, texts), ""), ordered, sort, page, per_page)

    def around(self) -> dict[str, tuple[str, str]]:
        """For each facet, what stands before and after one more value of it in an address: a page has a hundred."""
        parts = ["".join([f"&{facet}={value}" for value in self.chosen.get(facet, ())]) for facet in FACETS]
        start = "/catalogue?" + (f"q={quote_plus(self.text)}&" if self.text else "")
        end = "".join([f"&{name}={value}" for name, value in self._manner()])
        found, before = {}, start
        for at, facet in enumerate(FACETS):
            before += parts[at][1:] + "&" if parts[at] else ""
            found[facet] = (f"{before}{facet}=", "".join(parts[at + 1 :]) + end)
        return found

    def _manner(self) -> list[tuple[str, str]]:
        """How results are shown, when it is not as usual."""
        manner = [("sort", self.sort)] if self.sort != "relevance" else []
        return [*manner, ("per_page", str(self.per_page))] if self.per_page != PER_PAGE else manner

    def without_filters(self) -> "Question":
        return replace(self, chosen={}, page=1)

    def pairs(self) -> list[tuple[str, str]]:
        """Every argument that differs from its default, in a stable order: one question, one address."""
        pairs = [("q", self.text)] if self.text else []
        pairs += [(facet, value) for facet in FACETS for value in self.chosen.get(facet, ())]
        pairs += self._manner()
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        return pairs

    def url(self, path: str = "/catalogue", *, page: int = 0) -> str:
        """Its address, or that of another of its pages."""
        return self._address(path, self.chosen, page or self.page)

    def url_without(self, facet: str, value: str) -> str:
        """The address of the same question without a chosen value, from its first page."""
        left = {**self.chosen, facet: tuple(one for one in self.chosen[facet] if one != value)}
        return self._address("/catalogue", left, 1)

    def _address(self, path: str, chosen: Chosen, page: int) -> str:
        """Only the words need quoting: the rest was read by `VALUE`. Same order as `pairs`."""
        parts = [f"q={quote_plus(self.text)}"] if self.text else []
        parts += [f"{facet}={value}" for facet in FACETS for value in chosen.get(facet, ())]
        parts += [f"{name}={value}" for name, value in self._manner()]
        if page > 1:
            parts.append(f"page={page}")
        return f"{path}?{'&'.join(parts)}" if parts else path


def _whole(value: str, default: int, most: int) -> int:
    """A number from 1 to `most`, whatever was typed."""
    if not re.fullmatch(r"[0-9]{1,9}", value):
        return default
    return min(max(int(value), 1), most)
