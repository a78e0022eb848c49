"""The page of results, from an answer of the index."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.browse.place import Place
from catalogue.browse.rows import Row, Rows
from catalogue.search.answering import Answer
from catalogue.search.question import FACETS, SORTS, Question
from catalogue.support.badges import badge
from catalogue.support.models import Support
from catalogue.titles.badges import LICENCES, PLATFORMS
from portal.web.language import gettext as _
from portal.web.language import lazy as _l
from portal.web.language import ngettext, number
from portal.web.pagination import Page

FACET_LABELS = {
    "support": _l("Prise en charge"),
    "list": _l("Liste"),
    "discipline": _l("Discipline"),
    "level": _l("Niveau"),
    "category": _l("Catégorie"),
    "platform": _l("Système"),
    "licence": _l("Licence"),
}
SORT_LABELS = {"relevance": _l("Pertinence"), "name": _l("Nom"), "changed": _l("Récemment modifié")}
OPEN = {"support", "list", "discipline"}
HOW = {
    "exact": "",
    "mistyped": _l("Aucun titre ne porte exactement ces mots : voici ceux qui s’en approchent."),
    "partial": _l("Aucun titre ne répond à tous ces mots : voici ceux qui répondent à une partie."),
    "nothing": "",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet: a link that adds it or removes it."""

    value: str
    label: str
    count: int
    active: bool
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """One facet."""

    name: str
    label: str
    options: list[Option]
    folded: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """A value chosen, with the address of the same page without it."""

    label: str
    group: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of results."""

    value: str
    label: str
    active: bool


@dataclass(frozen=True)
class Results:
    """What `catalogue/index.html` and `catalogue/_results.html` show."""

    q: str
    total: int
    page: Page
    groups: list[Group]
    active: list[Filter]
    clear_url: str
    hidden: list[tuple[str, str]]
    sorts: list[Sort]
    rows: list[Row]
    nearest: list[Row]
    how: str
    announcement: str


def results(asked: Question, answer: Answer, place: Place) -> Results:
    labels = facet_labels(place)
    rows = Rows(place)
    groups = [group for facet in FACETS if (group := _group(facet, asked, answer.counts.get(facet, {}), labels[facet])).options]
    page = Page(answer.page, answer.total, asked.per_page, lambda number: asked.at(number).url())
    return Results(
        q=asked.text,
        total=answer.total,
        page=page,
        groups=groups,
        active=_active(asked, labels),
        clear_url=asked.without_filters().url(),
        hidden=[(name, value) for name, value in asked.pairs() if name in FACETS],
        sorts=[Sort(sort, str(SORT_LABELS[sort]), sort == asked.sort) for sort in SORTS],
        rows=[rows.of(row) for row in answer.rows],
        nearest=[rows.of(row) for row in answer.nearest],
        how=str(HOW[answer.how]),
        announcement=_announcement(asked, answer, page),
    )


def facet_labels(place: Place) -> dict[str, dict[str, str]]:
    """Value → label, in the order shown, for each facet."""
    return {
        "support": {support.value: badge(support).label for support in Support},
        "list": {slug: names["name"] for slug, names in place.lists.items()},
        **place.labels,
        "platform": {code: str(label) for code, label in PLATFORMS.items()},
        "licence": {kind.value: str(label) for kind, label in LICENCES.items()},
    }


def _group(facet: str, asked: Question, counts: Mapping[str, int], labels: Mapping[str, str]) -> Group:
    """Values that give something, and those chosen even when they give nothing any more."""
    chosen = asked.chosen.get(facet, ())
    options = [
        Option(value, label, counts.get(value, 0), value in chosen, asked.toggled(facet, value).url())
        for value, label in labels.items()
        if counts.get(value) or value in chosen
    ]
    return Group(facet, str(FACET_LABELS[facet]), options, folded=facet not in OPEN and not chosen)


def _active(asked: Question, labels: Mapping[str, Mapping[str, str]]) -> list[Filter]:
    return [
        Filter(labels[facet].get(value, value), str(FACET_LABELS[facet]), asked.toggled(facet, value).url())
        for facet in FACETS
        for value in asked.chosen.get(facet, ())
    ]


def _announcement(asked: Question, answer: Answer, page: Page) -> str:
    """What a screen reader says when results change."""
    if not answer.total:
        return _("Aucun titre ne correspond.")
    said = ngettext("%(count)s titre", "%(count)s titres", answer.total, count=number(answer.total))
    if asked.text:
        said = _("%(found)s pour « %(words)s »", found=said, words=asked.text)
    if page.pages > 1:
        said = _("%(said)s, page %(number)s sur %(pages)s", said=said, number=page.number, pages=page.pages)
    return said + "."
