"""Every code of the catalogue in words, once per index, territory and language rather than once per page."""

from catalogue.search.shelf import Volume
from catalogue.support.badges import Badge, badge
from catalogue.support.models import Support
from catalogue.titles.badges import LICENCES, PLATFORMS
from catalogue.titles.models import LicenceType
from portal.web.language import lazy as _l

FACETS = {
    "support": _l("Prise en charge"),
    "list": _l("Liste"),
    "discipline": _l("Discipline"),
    "level": _l("Niveau"),
    "category": _l("Catégorie"),
    "platform": _l("Système"),
    "licence": _l("Licence"),
}
SORTS = {"relevance": _l("Pertinence"), "name": _l("Nom"), "changed": _l("Récemment modifié")}


class Wording:
    """`labels`: value → label for each facet, in the order shown."""

    def __init__(self, volume: Volume, territory: str) -> None:
        lists: dict[str, dict[str, str]] = volume.meta["lists"][territory]
        self.badges: dict[str, Badge] = {support.value: badge(support) for support in Support}
        self.licences = {kind.value: str(LICENCES[kind]) for kind in LicenceType}
        self.platforms = {code: str(label) for code, label in PLATFORMS.items()}
        self.short_lists = {slug: names["short"] for slug, names in lists.items()}
        self.labels: dict[str, dict[str, str]] = {
            "support": {code: shown.label for code, shown in self.badges.items()},
            "list": {slug: names["name"] for slug, names in lists.items()},
            **volume.meta["labels"],
            "platform": self.platforms,
            "licence": self.licences,
        }
        self.facets = {facet: str(label) for facet, label in FACETS.items()}
        self.sorts = {sort: str(label) for sort, label in SORTS.items()}


def wording(volume: Volume, territory: str, language: str) -> Wording:
    """`language` is the request's: the words are said in it when first asked for."""
    return volume.kept(("wording", territory, language), lambda: Wording(volume, territory))
