"""What differs between two versions of a list, as sentences."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from portal.web.language import gettext as _

KINDS = ("entered", "left", "updated")


class Difference(NamedTuple):
    """One title that entered, left, or changed. `reason`: people's words, in French."""

    kind: str
    name: str
    url: str
    sentence: str
    reason: str


def differences(changes: Mapping[str, Any]) -> list[Difference]:
    """From `catalogue.lists.document.changes`; entries first, then exits, then versions."""
    return [Difference(kind, one["name"], f"/catalogue/{one['slug']}", *said) for kind, one, said in _told(changes)]


def _told(changes: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], tuple[str, str]]]:
    for one in changes["entered"]:
        yield "entered", one, (_("entre sur la liste."), one["reason"])
    for one in changes["left"]:
        after = one["replacement"]
        said = _("sort de la liste ; %(name)s le remplace.", name=after["name"]) if after else _("sort de la liste.")
        yield "left", one, (said, one["reason"])
    for one in changes["updated"]:
        yield "updated", one, (_version(one["was"], one["now"]), "")


def _version(was: str, now: str) -> str:
    if was and now:
        return _("passe de la version %(was)s à la version %(now)s.", was=was, now=now)
    if now:
        return _("est maintenu en version %(now)s ; la version n’était pas dite.", now=now)
    return _("n’a plus de version dite ; c’était la %(was)s.", was=was)
