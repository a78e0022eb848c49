"""The first sentences of a sheet: is it maintained, since when, until when, why."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from catalogue.support.badges import meaning
from catalogue.support.models import Support
from portal.web.language import day
from portal.web.language import gettext as _


def sentences(
    level: Support, at: Mapping[str, Any], listed: list[Mapping[str, Any]], decision: Mapping[str, Any] | None
) -> list[str]:
    """`listed`: the entries in force; `decision`: the territory's latest one in force when there is no entry."""
    if level is Support.MAINTAINED:
        return _maintained(at, listed)
    if level is Support.ENDING:
        return _ending(at, listed)
    if decision is None:
        return [meaning(level), _("Cela ne veut pas dire non : demandez, et une réponse motivée suivra.")]
    said = [meaning(level), _("Décision du %(day)s, %(author)s.", day=day(decision["since"]), author=decision["signed_by"])]
    if level not in {Support.REFUSED, Support.FORBIDDEN}:
        said.append(decision["reason"])
    if decision["until"]:
        said.append(_("Cette décision vaut jusqu’au %(day)s.", day=day(decision["until"])))
    return said


def _maintained(at: Mapping[str, Any], listed: list[Mapping[str, Any]]) -> list[str]:
    said = [_("Oui : installé, mis à jour et dépanné depuis le %(day)s.", day=day(at["since"]))]
    said += [entry["reason"] for entry in listed if entry["reason"]][:1]
    lasts = max(entry["to"] for entry in listed)
    said.append(_("Aucune sortie n’est annoncée ; la liste en vigueur court jusqu’au %(day)s.", day=day(lasts)))
    return said


def _ending(at: Mapping[str, Any], listed: list[Mapping[str, Any]]) -> list[str]:
    said = [
        _(
            "Oui, mais plus pour longtemps : maintenu depuis le %(since)s, jusqu’au %(until)s.",
            since=day(at["since"]),
            until=day(at["until"]),
        )
    ]
    for entry in listed:
        if entry["exit_reason"]:
            said.append(entry["exit_reason"])
        if entry["replacement_name"]:
            said.append(_("Il sera remplacé par %(name)s.", name=entry["replacement_name"]))
    return list(dict.fromkeys(said))


def end_of_life(version: str, cycles: list[Mapping[str, Any]], today: date) -> str:
    """Until when the publisher corrects the version in use; silent when nobody knows the version."""
    if not version:
        return ""
    branches = [one for one in cycles if version == one["cycle"] or version.startswith(one["cycle"] + ".")]
    cycle = max(branches, key=lambda one: len(one["cycle"]), default=None)
    if cycle is None:
        return _("Fin de vie chez l’éditeur : inconnue.")
    if cycle["ends_on"]:
        ended = date.fromisoformat(cycle["ends_on"]) < today
        said = (
            _("L’éditeur ne corrige plus cette version depuis le %(day)s.")
            if ended
            else _("L’éditeur corrige cette version jusqu’au %(day)s.")
        )
        return said % {"day": day(cycle["ends_on"])}
    if cycle["ended"] is None:
        return _("Fin de vie chez l’éditeur : inconnue.")
    return _("L’éditeur ne corrige plus cette version.") if cycle["ended"] else _("L’éditeur corrige encore cette version.")
