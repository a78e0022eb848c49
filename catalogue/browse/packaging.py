"""How the state of a package is said: a word wherever a title is named, a sentence on its sheet."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from catalogue.browse.place import Place
from catalogue.packages.models import PackageStatus as S
from catalogue.support.badges import Badge
from portal.web.language import day
from portal.web.language import gettext as _
from portal.web.language import lazy as _l

STATUS = {
    S.ASKED: (_l("Paquet demandé"), "neutral"),
    S.PREPARING: (_l("Paquet en préparation"), "test"),
    S.TESTING: (_l("En test technique"), "test"),
    S.ACCEPTANCE: (_l("En recette"), "test"),
    S.PILOT: (_l("En pilote"), "ending"),
    S.RELEASED: (_l("Diffusé"), "good"),
    S.WITHDRAWN: (_l("Paquet retiré"), "neutral"),
    S.BLOCKED: (_l("Paquet bloqué"), "warn"),
}
MEANING = {
    S.ASKED: _l("La mise en paquet est demandée, elle n’a pas commencé."),
    S.PREPARING: _l("Un·e technicien·ne fabrique le paquet."),
    S.TESTING: _l("Installation, lancement comme élève, impression et désinstallation sont essayés."),
    S.ACCEPTANCE: _l("La personne qui l’a demandé vérifie qu’il fait ce qu’elle attend."),
    S.PILOT: _l("Installé dans quelques établissements, avant tous les autres."),
    S.RELEASED: _l("Prêt pour tous les ordinateurs qu’il vise."),
    S.WITHDRAWN: _l("N’est plus proposé aux ordinateurs."),
    S.BLOCKED: _l("Arrêté ; la fiche du titre dit pourquoi et qui l’on attend."),
}


class Package(NamedTuple):
    """One package of a title. `why`: what holds it; people's words, in French."""

    status: Badge
    what: str
    since: str
    why: str
    waits_for: str


def packages(place: Place, slug: str) -> list[Package]:
    """Of the territory, the one that speaks for the title first."""
    return [_package(one) for one in told(place, slug)]


def told(place: Place, slug: str) -> list[Mapping[str, Any]]:
    """As the index keeps them; nothing for a school that the territory does not serve."""
    held: list[Mapping[str, Any]] = place.volume.meta["packages"][place.territory].get(slug, []) if place.serves else []
    return held


def code(place: Place, slug: str) -> str | None:
    """The state that speaks for the title, as programs read it."""
    held = told(place, slug)
    return held[0]["status"] if held else None


def codes() -> list[tuple[str, str]]:
    """Each state as programs read it, then what it means."""
    return [(one.value, f"{label}. {MEANING[one]}") for one, (label, _tone) in STATUS.items()]


def badge(status: str) -> Badge:
    label, tone = STATUS[S(status)]
    return Badge(status, str(label), tone)


def _package(one: Mapping[str, Any]) -> Package:
    return Package(
        status=badge(one["status"]),
        what=_("version %(version)s, paquet %(number)s", version=one["version"], number=one["number"]),
        since=_("depuis le %(since)s", since=day(one["since"])),
        why=one["reason"],
        waits_for=_("On attend : %(whom)s.", whom=one["waits_for"]) if one["waits_for"] else "",
    )
