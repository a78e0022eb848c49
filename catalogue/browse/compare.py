"""Two to four titles side by side."""

from collections.abc import Mapping
from typing import Any

from catalogue.browse.answers import end_of_life
from catalogue.browse.place import Place
from catalogue.browse.rows import lines
from catalogue.search.answering import find
from catalogue.support.models import Support
from catalogue.titles.badges import WHO_MAY_USE
from catalogue.titles.models import LicenceType
from portal.web.language import day
from portal.web.language import gettext as _

MOST = 4


def asked_slugs(values: list[str]) -> list[str]:
    """`titres=a,b` or `titres=a&titres=b`; the first four, once each."""
    return list(dict.fromkeys(slug.strip() for value in values for slug in value.split(",") if slug.strip()))[:MOST]


def comparison(place: Place, values: list[str]) -> dict[str, Any]:
    """What `catalogue/compare.html` shows; titles that do not exist are left out and named."""
    slugs = asked_slugs(values)
    found = [(slug, find(place.volume, slug)) for slug in slugs]
    kept = [pair for _slug, pair in found if pair]
    rows = lines(place)
    titles = [rows.of(row) for row, _details in kept]
    today, labels = place.today, place.labels

    def line(label: str, value: Any, *, is_name: bool = False) -> dict[str, Any]:
        values = [value(row, details, shown) for (row, details), shown in zip(kept, titles, strict=True)]
        return {"label": label, "values": values, "is_name": is_name}

    return {
        "school": place.school,
        "titles": titles,
        "missing": len(slugs) - len(kept),
        "lines": [
            line(_("À quoi ça sert"), lambda _r, _d, shown: shown.purpose),
            line(_("Éditeur"), lambda row, _d, _s: row["publisher"], is_name=True),
            line(_("Listes"), lambda _r, _d, shown: shown.lists or shown.note or _("aucune")),
            line(_("Depuis"), lambda row, _d, _s: day(place.at(row)["since"])),
            line(_("Jusqu’à"), lambda row, _d, _s: _until(place.at(row))),
            line(_("Version maintenue"), lambda row, _d, _s: place.at(row)["version"]),
            line(_("Dernière version publiée"), lambda row, _d, _s: row["latest"]),
            line(_("Fin de vie"), lambda row, details, _s: end_of_life(place.at(row)["version"], details["cycles"], today)),
            line(_("Besoins"), lambda row, _d, _s: ", ".join(name for _slug, name in row["needs"])),
            line(_("Disciplines"), lambda row, _d, _s: ", ".join(labels["discipline"][slug] for slug in row["disciplines"])),
            line(_("Niveaux"), lambda row, _d, _s: ", ".join(labels["level"][code] for code in row["levels"])),
            line(_("Licence"), lambda _r, _d, shown: shown.licence),
            line(_("Qui peut l’utiliser"), lambda row, _d, _s: str(WHO_MAY_USE[LicenceType(row["licence_type"])])),
            line(_("Systèmes"), lambda _r, _d, shown: shown.platforms),
        ],
    }


def _until(at: Mapping[str, Any]) -> str:
    """Nothing for what is not maintained: an end that is not known is one of something that lasts."""
    if at["until"]:
        return day(at["until"])
    return _("sans date de fin") if at["level"] in {Support.MAINTAINED, Support.ENDING} else ""
