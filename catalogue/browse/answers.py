"""The first sentences of a sheet: is it maintained, since when, until when, why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalogue.support.badges import meaning
from catalogue.support.models import Support
from portal.text import THIN
from portal.web.language import chosen, day, say
from portal.web.language import gettext as _


@dataclass(frozen=True, slots=True)
class Holding:
    """A list that holds the title. `programmes`: names of those by which it serves the school, may serve it, or serves others."""

    name: str
    programmes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SchoolAnswer:
    """Which lists answer for a school. `competent`: who maintains its computers when the territory does not."""

    school: str
    territory: str
    competent: str = ""
    mine: tuple[Holding, ...] = ()
    to_confirm: tuple[Holding, ...] = ()
    others: tuple[Holding, ...] = ()


def for_school(
    asked: SchoolAnswer, level: Support, at: Mapping[str, Any], listed: list[Mapping[str, Any]], decision: Mapping[str, Any] | None
) -> list[str]:
    """The same answer for one school: by which list and programme, or why not."""
    if asked.competent:
        not_here = _("%(territory)s ne maintient aucun logiciel pour cet établissement : %(school)s.", **_names(asked))
        return [not_here, say(asked.competent)]
    if asked.mine:
        first, *rest = sentences(level, at, listed, decision)
        return [first, *[_brought(asked, held) for held in asked.mine], *rest]
    return [*_off_my_lists(asked), *_unlisted(asked, level, at, decision)]


def between(names: Iterable[str]) -> str:
    """Names of programmes hold commas."""
    return (f"{THIN}; " if chosen() == "fr" else "; ").join(names)


def _brought(asked: SchoolAnswer, held: Holding) -> str:
    if not held.programmes:
        return _(
            "Pour %(school)s : il est sur « %(list)s », qui sert tous ses établissements.", school=asked.school, list=held.name
        )
    return _(
        "Pour %(school)s : il est sur « %(list)s », par : %(programmes)s.",
        school=asked.school,
        list=held.name,
        programmes=between(held.programmes),
    )


def _off_my_lists(asked: SchoolAnswer) -> list[str]:
    possible = _("Peut-être : il est sur « %(list)s », qui sert : %(programmes)s. C’est à confirmer par votre établissement.")
    no = _("Pas dans votre établissement : « %(list)s » ne le sert pas, elle sert : %(programmes)s.")
    return [
        said % {"list": held.name, "programmes": between(held.programmes)}
        for said, lists in ((possible, asked.to_confirm), (no, asked.others))
        for held in lists
    ]


def _unlisted(asked: SchoolAnswer, level: Support, at: Mapping[str, Any], decision: Mapping[str, Any] | None) -> list[str]:
    """Without the sentence that says that nobody asked for it, when a list holds it for others."""
    said = sentences(level, at, [], decision)
    return said[1:] if decision is None and (asked.to_confirm or asked.others) else said


def _names(asked: SchoolAnswer) -> dict[str, str]:
    return {"territory": asked.territory, "school": asked.school}


def sentences(
    level: Support,
    at: Mapping[str, Any],
    listed: list[Mapping[str, Any]],
    decision: Mapping[str, Any] | None,
    *,
    everywhere: bool = True,
) -> list[str]:
    """`listed`: the entries in force; `decision`: the territory's latest one in force when there is no entry.

    `everywhere`: one of the lists serves all schools, or the school that asks.
    """
    if level is Support.MAINTAINED:
        return _maintained(at, listed, everywhere=everywhere)
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


def _maintained(at: Mapping[str, Any], listed: list[Mapping[str, Any]], *, everywhere: bool) -> list[str]:
    yes = (
        _("Oui : installé, mis à jour et dépanné depuis le %(day)s.")
        if everywhere
        else _("Oui, là où une de ses listes s’applique : installé, mis à jour et dépanné depuis le %(day)s.")
    )
    said = [yes % {"day": day(at["since"])}]
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
