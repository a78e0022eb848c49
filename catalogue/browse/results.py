"""The page of results, from an answer of the index."""

from collections.abc import Mapping
from typing import NamedTuple

from catalogue.browse.place import Place
from catalogue.browse.rows import Row, lines
from catalogue.browse.standpoint import Standpoint
from catalogue.browse.wording import Wording
from catalogue.search.answering import Answer
from catalogue.search.question import FACETS, SORTS, Question
from portal.text import french
from portal.web.language import gettext as _
from portal.web.language import lazy as _l
from portal.web.language import ngettext, number
from portal.web.pagination import Page

OPEN = {"support", "list", "discipline"}
HOW = {
    "mistyped": _l("Aucun titre ne porte exactement ces mots : voici ceux qui s’en approchent."),
    "partial": _l("Aucun titre ne répond à tous ces mots : voici ceux qui répondent à une partie."),
}


class Option(NamedTuple):
    """One value of a facet: a link that adds it or removes it."""

    value: str
    label: str
    count: int  # type: ignore[assignment]  # the field, as the template reads it, rather than the method of tuples
    active: bool
    url: str


class Group(NamedTuple):
    """One facet."""

    name: str
    label: str
    options: list[Option]
    folded: bool


class Filter(NamedTuple):
    """A value chosen, with the address of the same page without it."""

    label: str
    group: str
    remove_url: str


class Sort(NamedTuple):
    """An order of results."""

    value: str
    label: str
    active: bool


class Results(NamedTuple):
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
    school: Standpoint | None


def results(asked: Question, answer: Answer, place: Place) -> Results:
    words, rows = place.words, lines(place)
    chosen = asked.chosen
    around = asked.around()
    groups = [_group(facet, asked, answer.counts.get(facet, {}), words, around[facet]) for facet in FACETS]
    page = Page(answer.page, answer.total, asked.per_page, lambda number: asked.url(page=number))
    return Results(
        q=asked.text,
        total=answer.total,
        page=page,
        groups=[group for group in groups if group.options],
        active=_active(asked, words) if chosen else [],
        clear_url=asked.without_filters().url() if chosen else "/catalogue",
        hidden=[(name, value) for name, values in chosen.items() for value in values],
        sorts=[Sort(sort, words.sorts[sort], sort == asked.sort) for sort in SORTS],
        rows=[rows.of(row) for row in answer.rows],
        nearest=[rows.of(row) for row in answer.nearest],
        how=str(HOW[answer.how]) if answer.how in HOW else "",
        announcement=_announcement(asked, answer, page),
        school=place.school,
    )


def _group(facet: str, asked: Question, counts: Mapping[str, int], words: Wording, around: tuple[str, str]) -> Group:
    """Values that give something, and those chosen even when they give nothing any more."""
    chosen = asked.chosen.get(facet, ())
    before, after = around
    labels = words.labels[facet].items()
    if not chosen:
        options = [Option(value, label, counts[value], False, before + value + after) for value, label in labels if value in counts]
    else:
        options = [
            Option(value, label, counts.get(value, 0), True, asked.url_without(facet, value))
            if value in chosen
            else Option(value, label, counts[value], False, before + value + after)
            for value, label in labels
            if value in counts or value in chosen
        ]
    return Group(facet, words.facets[facet], options, folded=facet not in OPEN and not chosen)


def _active(asked: Question, words: Wording) -> list[Filter]:
    return [
        Filter(words.labels[facet].get(value, value), words.facets[facet], asked.url_without(facet, value))
        for facet in FACETS
        for value in asked.chosen.get(facet, ())
    ]


def _announcement(asked: Question, answer: Answer, page: Page) -> str:
    """What a screen reader says when results change."""
    if not answer.total:
        return _("Aucun titre ne correspond.")
    said = ngettext("%(count)s titre", "%(count)s titres", answer.total, count=number(answer.total))
    if asked.text:
        said = _("%(found)s pour « %(words)s »", found=said, words=french(asked.text))
    if page.pages > 1:
        said = _("%(said)s, page %(number)s sur %(pages)s", said=said, number=page.number, pages=page.pages)
    return said + "."
