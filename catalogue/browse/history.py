"""What happened to a title, newest first, from the trail, its lists and its decisions."""

from collections.abc import Mapping
from typing import Any

from catalogue.browse.provenance import FIELDS
from catalogue.support.badges import badge
from catalogue.support.models import Support
from portal.web.language import day
from portal.web.language import gettext as _
from portal.web.language import lazy as _l

MOVES = {
    "imported": _l("Fiche créée"),
    "reimported": _l("Fiche mise à jour depuis ses sources"),
    "left-sources": _l("Disparu de ses sources"),
    "words-imported": _l("Usage et besoins décrits"),
    "installers-imported": _l("Installateurs relevés"),
    "edited": _l("Fiche corrigée"),
    "alternative-added": _l("Équivalent ajouté"),
    "alternative-removed": _l("Équivalent retiré"),
}


def events(details: Mapping[str, Any], territory: str) -> list[dict[str, str]]:
    found = [_moved(one) for one in details["history"]]
    found += [_decided(one) for one in details["decisions"] if one["territory"] == territory]
    found += [_listed(one) for one in details["entries"] if one["territory"] == territory]
    return sorted(found, key=lambda one: one["iso"], reverse=True)


def _moved(one: Mapping[str, Any]) -> dict[str, str]:
    changed = ", ".join(str(FIELDS.get(name, name)) for name in one["details"].get("changes", {}))
    text = " ".join(filter(None, [_("Champs : %(fields)s.", fields=changed) if changed else "", one["reason"]]))
    return _event(one["at"], str(MOVES.get(one["move"], one["move"])), text, one["function"])


def _decided(one: Mapping[str, Any]) -> dict[str, str]:
    text = " ".join(filter(None, [one["reason"], one["paid_by"]]))
    return _event(one["since"], _("Décision : %(level)s", level=badge(Support(one["level"])).label), text, one["signed_by"])


def _listed(one: Mapping[str, Any]) -> dict[str, str]:
    version = _("version %(version)s", version=one["version_label"]) if one["version_label"] else ""
    text = " ".join(filter(None, [one["reason"], version]))
    title = _(
        "« %(list)s », édition %(edition)s",
        list=one["list_name"],
        edition=f"{one['edition']}.{one['amendment']}" if one.get("amendment") else one["edition"],
    )
    return _event(one["from"], title, text, "")


def _event(iso: str, title: str, text: str, by: str) -> dict[str, str]:
    return {"iso": iso[:10], "at": day(iso), "title": title, "text": text, "by": by}
