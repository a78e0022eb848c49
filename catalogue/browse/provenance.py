"""Where a sheet's facts come from, and how far each was checked."""

from collections.abc import Mapping
from typing import Any

from catalogue.support.badges import Badge
from catalogue.titles.badges import CONFIDENCE
from catalogue.titles.models import Confidence
from portal.web.language import day
from portal.web.language import gettext as _
from portal.web.language import lazy as _l

FIELDS = {
    "name": _l("Nom"),
    "publisher": _l("Éditeur"),
    "licence": _l("Licence"),
    "licence_type": _l("Type de licence"),
    "homepage": _l("Site"),
    "platforms": _l("Systèmes"),
    "latest_version": _l("Dernière version"),
    "purpose": _l("À quoi ça sert"),
    "needs": _l("Besoins"),
    "aliases": _l("Autres noms"),
    "levels": _l("Niveaux"),
    "disciplines": _l("Disciplines"),
    "category": _l("Catégorie"),
    "eol_product": _l("Fin de vie"),
    "usage": _l("Fréquence d’usage en classe"),
    "identifiers": _l("Identifiants"),
    "source": _l("Source"),
    "source_date": _l("Date de la source"),
    "confidence": _l("Confiance"),
}


def facts(row: Mapping[str, Any], details: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Edited fields first, each with its own source; then the row's, for all the others."""
    edited = [
        {
            "field": str(FIELDS.get(one["field"], one["field"])),
            "source": f"{one['by']}, {one['source']}",
            "date": day(one["at"]),
            "confidence": _badge(one["confidence"]),
        }
        for one in details["facts"]
    ]
    if row["purpose"]:
        edited.append(
            {
                "field": _("À quoi ça sert, besoins, autres noms"),
                "source": _("rédigé par l’équipe du catalogue"),
                "date": day(row["changed"]),
                "confidence": _badge("medium"),
            }
        )
    rest = {
        "field": _("Le reste de la fiche"),
        "source": ", ".join(details["source"].split("|")),
        "date": day(details["source_date"]) or _("date inconnue"),
        "confidence": _badge(row["confidence"]),
    }
    return [*edited, rest]


def _badge(confidence: str) -> Badge:
    label, tone = CONFIDENCE[Confidence(confidence)]
    return Badge(confidence, str(label), tone)
