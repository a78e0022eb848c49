"""The first page: ask at once, or begin by a subject."""

from typing import Any

from catalogue.browse.place import Place
from catalogue.search.answering import answer
from catalogue.search.question import Question
from portal.web.language import gettext as _
from portal.web.language import number

SHORTCUTS = 8
NOT_A_SUBJECT = {"toutes-disciplines", "administration-du-poste"}


def home_page(place: Place) -> dict[str, Any]:
    counts = answer(place.volume, Question(per_page=1), place.territory, place.reach).counts
    labels = place.labels["discipline"]
    largest = sorted(counts["discipline"].items(), key=lambda pair: (-pair[1], pair[0]))
    shown = [slug for slug, _count in largest if slug not in NOT_A_SUBJECT][:SHORTCUTS]
    maintained = counts["support"].get("maintained", 0) + counts["support"].get("ending", 0)
    return {
        "school": place.school,
        "disciplines": [
            {"label": labels[slug], "url": f"/catalogue?discipline={slug}", "count": counts["discipline"][slug]}
            for slug in sorted(shown)
        ],
        "figures": [
            {"label": _("titres connus"), "value": number(place.volume.meta["count"])},
            *_support(place, maintained, len(counts["list"])),
        ],
    }


def _support(place: Place, maintained: int, lists: int) -> list[dict[str, str]]:
    if place.school is None:
        return [
            {"label": _("titres maintenus"), "value": number(maintained)},
            {"label": _("listes en vigueur"), "value": number(lists)},
        ]
    return [
        {"label": _("titres maintenus dans votre établissement"), "value": number(maintained)},
        {"label": _("listes qui le servent"), "value": number(len(place.school.lists))},
    ]
