"""A title's sheet, from what the index holds of it: the answer first, then everything that supports it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from catalogue.browse.answers import end_of_life, for_school, sentences
from catalogue.browse.history import events
from catalogue.browse.packaging import Package, packages
from catalogue.browse.place import Place
from catalogue.browse.provenance import facts
from catalogue.browse.rows import Row, Rows, lines
from catalogue.browse.standpoint import Standpoint, answer_for
from catalogue.search.question import Question
from catalogue.support.badges import Badge, badge
from catalogue.support.models import Support
from catalogue.titles.badges import IDENTIFIERS, LICENCES, WHO_MAY_USE
from catalogue.titles.models import Confidence, LicenceType
from portal.text import fold
from portal.web.language import day
from portal.web.language import gettext as _

Stored = Mapping[str, Any]
BADGELESS = {Support.MAINTAINED, Support.ENDING}


@dataclass(frozen=True)
class Sheet:
    """What `catalogue/sheet.html` shows."""

    slug: str
    name: str
    publisher: str
    purpose: str
    aliases: list[str]
    support: Badge
    answer: list[str]
    lists: list[dict[str, str]]
    version_maintained: str
    version_latest: str
    end_of_life: str
    needs: list[dict[str, str]]
    disciplines: list[dict[str, str]]
    levels: list[str]
    alternatives: list[Row]
    packages: list[Package]
    packages_note: str
    installers: list[dict[str, Any]]
    licence: str
    licence_note: str
    homepage: str
    identifiers: list[dict[str, str]]
    provenance: list[dict[str, Any]]
    history: list[dict[str, str]]
    off_list: Stored | None
    refusal: dict[str, str] | None
    unverified: bool
    json_ld: Markup
    school: Standpoint | None


def sheet(row: Stored, details: Stored, others: list[dict[str, Any]], place: Place) -> Sheet:
    """`others`: rows of its alternatives, best first."""
    territory, today, labels = place.territory, place.today, place.labels
    at = place.at(row)
    level = Support(at["level"])
    listed = in_force(details, territory, at["lists"], today)
    decision = decision_in_force(details, territory, today) if level not in BADGELESS and place.serves else None
    kind = LicenceType(row["licence_type"])
    shown = _alternatives(row, details, others, lines(place))
    return Sheet(
        slug=row["slug"],
        name=row["name"],
        publisher=row["publisher"],
        purpose=row["purpose"],
        aliases=details["aliases"],
        support=badge(level),
        answer=_answer(row, place, level, listed, decision),
        lists=[_list(entry) for entry in listed],
        version_maintained=at["version"],
        version_latest=row["latest"],
        end_of_life=end_of_life(at["version"], details["cycles"], today),
        needs=[{"label": name, "url": Question(name).url()} for _slug, name in row["needs"]],
        disciplines=[{"label": labels["discipline"][slug], "url": f"/catalogue?discipline={slug}"} for slug in row["disciplines"]],
        levels=[labels["level"][code] for code in row["levels"]],
        alternatives=shown,
        packages=packages(place, row["slug"]),
        packages_note=_("Pour les établissements que ses listes servent : pas pour le vôtre.")
        if _is_for_others(row, place)
        else "",
        installers=[_installer(one) for one in details["installers"]],
        licence=" · ".join(filter(None, [str(LICENCES[kind]), row["licence"]])),
        licence_note=str(WHO_MAY_USE[kind]),
        homepage=details["homepage"] if details["homepage"].startswith(("https://", "http://")) else "",
        identifiers=[{"label": IDENTIFIERS.get(name, name), "value": value} for name, value in details["identifiers"].items()],
        provenance=facts(row, details),
        history=events(details, territory),
        off_list=None if level in BADGELESS or not place.serves else _off_list(details, place.process, territory),
        refusal=_refusal(level, decision, shown),
        unverified=row["confidence"] == Confidence.UNVERIFIED.value,
        json_ld=json_ld(row, details),
        school=place.school,
    )


def _is_for_others(row: Stored, place: Place) -> bool:
    """It is on lists, none of which surely serves the visitor's school."""
    return place.school is not None and bool(row["at"][place.territory]["lists"]) and not place.at(row)["lists"]


def _answer(row: Stored, place: Place, level: Support, listed: list[Stored], decision: Stored | None) -> list[str]:
    if place.school is None:
        lists = place.volume.meta["lists"][place.territory]
        everywhere = not listed or any(not lists[entry["list"]]["codes"] for entry in listed)
        return sentences(level, place.at(row), listed, decision, everywhere=everywhere)
    asked = answer_for(place.school, row["at"][place.territory]["lists"], place.territory, place.volume.meta)
    return for_school(asked, level, place.at(row), listed, decision)


def in_force(details: Stored, territory: str, lists: list[str], today: date) -> list[Stored]:
    """The entries that make the title maintained today: one per list, of its latest amendment."""
    found: dict[str, Stored] = {}
    for entry in details["entries"]:
        if entry["territory"] == territory and entry["list"] in lists and entry["from"] <= today.isoformat() <= entry["to"]:
            found.setdefault(entry["list"], entry)
    return list(found.values())


def decision_in_force(details: Stored, territory: str, today: date) -> Stored | None:
    for one in details["decisions"]:
        if one["territory"] == territory and one["since"] <= today.isoformat() and (one["until"] or "9999") >= today.isoformat():
            found: Stored = one
            return found
    return None


def json_ld(row: Stored, details: Stored) -> Markup:
    """Schema.org's SoftwareApplication. `<` is escaped so that no value can close the element."""
    data = {
        "@context": "https://schema.org",
        "@type": "SoftwareApplication",
        "name": row["name"],
        "alternateName": details["aliases"] or None,
        "description": row["purpose"] or None,
        "softwareVersion": row["latest"] or None,
        "operatingSystem": ", ".join(row["platforms"]) or None,
        "license": f"https://spdx.org/licenses/{row['licence']}" if row["licence"] else None,
        "url": details["homepage"] or None,
        "author": {"@type": "Organization", "name": row["publisher"]} if row["publisher"] else None,
    }
    text = json.dumps({name: value for name, value in data.items() if value}, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def _also(needs: str) -> str:
    said = _("Permet aussi d’%(needs)s.") if fold(needs)[:1] in "aeiouyh" else _("Permet aussi de %(needs)s.")
    return said % {"needs": needs}


def _alternatives(row: Stored, details: Stored, others: list[dict[str, Any]], rows: Rows) -> list[Row]:
    """Each with why it is one: the reason of who added it, else the needs it shares."""
    added = {one["slug"]: one["reason"] for one in details["alternatives"] if one["shown"]}
    mine = {slug for slug, _name in row["needs"]}
    shown = []
    for other in others:
        shared = [name for slug, name in other["needs"] if slug in mine]
        why = added.get(other["slug"]) or _also(", ".join(shared))
        shown.append(rows.of(other)._replace(why=why))
    return shown


def _list(entry: Stored) -> dict[str, str]:
    number = f".{entry['amendment']}" if entry["amendment"] else ""
    return {
        "name": entry["list_name"],
        "url": f"/listes/{entry['list']}",
        "edition": entry["edition"] + number,
        "since": day(entry["since"]),
        "until": day(entry["ends_on"]),
        "audience": entry["audience"],
        "version": entry["version_label"],
    }


def _installer(one: Stored) -> dict[str, Any]:
    note = "" if one["current"] else _("Empreinte d’une version ancienne : ne l’utilisez pas pour la version actuelle.")
    if one["silent_origin"].startswith("default-for-type"):
        note = " ".join(filter(None, [note, _("Option habituelle de ce type d’installateur, à vérifier.")]))
    return {
        "architecture": one["architecture"],
        "type": one["type"],
        "switch": one["silent_switch"],
        "sha256": one["sha256"],
        "version": one["version_label"],
        "current": one["current"],
        "note": note,
        "source": _("dépôt de paquets, relevé de %(snapshot)s", snapshot=one["snapshot"]),
    }


def _off_list(details: Stored, process: Stored, territory: str) -> dict[str, str]:
    """What asking means here; what the territory did not say is said to be unknown."""
    unknown = _("Inconnu : ce territoire ne l’a pas publié.")
    paid = [one["paid_by"] for one in details["decisions"] if one["territory"] == territory and one["paid_by"]]
    past = paid or [_("Aucune décision passée ne dit qui a payé ce titre.")]
    return {
        "who": process.get("who") or unknown,
        "delay": process.get("delay") or unknown,
        "payer": " ".join([process.get("payer") or unknown, *past]),
        "effect": process.get("effect") or unknown,
        "notice": process.get("notice", ""),
    }


def _refusal(level: Support, decision: Stored | None, alternatives: list[Row]) -> dict[str, str] | None:
    if level not in {Support.REFUSED, Support.FORBIDDEN} or decision is None:
        return None
    maintained = [row.name for row in alternatives if row.support.tone in {"good", "ending"}]
    return {
        "reason": decision["reason"],
        "change": decision["what_would_change"],
        "alternatives": ", ".join(maintained) if maintained else _("Aucun équivalent maintenu n’est connu."),
        "trial": _("Possible dans l’espace d’expérimentation.") if decision["trial_possible"] else _("Non."),
        "again": decision["ask_again"],
    }
