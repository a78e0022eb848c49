"""What differs between two versions of a list, as sentences."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from portal.web.language import gettext as _
from portal.web.language import ngettext

Said = tuple[str, str, str]  # before the name, after it, why


class Difference(NamedTuple):
    """One title that entered, left, or changed: its name stands between `before` and `after`. `reason`: people's words, in French."""

    kind: str
    name: str
    url: str
    before: str
    after: str
    reason: str

    @property
    def sentence(self) -> str:
        return f"{self.before}{self.name}{self.after}"


def differences(changes: Mapping[str, Any]) -> list[Difference]:
    """From `catalogue.lists.document.changes`: entries first, then exits, then versions."""
    return [Difference(kind, one["name"], f"/catalogue/{one['slug']}", *said) for kind, one, said in _told(changes)]


def in_short(found: list[Difference]) -> str:
    """« 3 entrées, 2 sorties, 11 changements de version »; empty when nothing differs."""
    count = {kind: sum(1 for one in found if one.kind == kind) for kind in ("entered", "left", "updated")}
    said = [
        ngettext("%(num)s entrée", "%(num)s entrées", count["entered"]) if count["entered"] else "",
        ngettext("%(num)s sortie", "%(num)s sorties", count["left"]) if count["left"] else "",
        ngettext("%(num)s changement de version", "%(num)s changements de version", count["updated"]) if count["updated"] else "",
    ]
    return ", ".join(filter(None, said))


def _told(changes: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], Said]]:
    for one in changes["entered"]:
        yield "entered", one, _around(_("%(title)s entre sur la liste."), one["reason"])
    for one in changes["left"]:
        after = one["replacement"]
        said = _("%(title)s sort de la liste ; %(name)s le remplace.") if after else _("%(title)s sort de la liste.")
        yield "left", one, _around(said, one["reason"], name=after["name"] if after else "")
    for one in changes["updated"]:
        yield "updated", one, _around(_version(one["was"], one["now"]), "", was=one["was"], now=one["now"])


def _version(was: str, now: str) -> str:
    if was and now:
        return _("%(title)s passe de la version %(was)s à la version %(now)s.")
    if now:
        return _("%(title)s est maintenu en version %(now)s ; la version n’était pas dite.")
    return _("%(title)s n’a plus de version dite ; c’était la %(was)s.")


def _around(pattern: str, reason: str, **values: str) -> Said:
    """The words on both sides of the title, in the order of the language: the page makes a link of the title."""
    before, after = pattern.split("%(title)s", 1)
    return before % values, after % values, reason
