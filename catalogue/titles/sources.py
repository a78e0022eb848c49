"""Where the facts about titles come from, and how old each source is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Origin:
    """`read_on` is the day of the copy that was read; the first of the month when only the month is known."""

    label: str
    read_on: date | None
    licence: str


ORIGINS = {
    "winget-2024-04": Origin("Dépôt winget (manifestes)", date(2024, 4, 22), "MIT"),
    "winget-2026": Origin("Dépôt winget (manifestes lus un par un)", date(2026, 8, 1), "MIT"),
    "winget-index-2026-08": Origin("Index du dépôt winget", date(2026, 8, 22), "MIT"),
    "winget-web-2025-08": Origin("Index du dépôt winget (éditeurs)", date(2025, 8, 16), "MIT"),
    "scoop-2026-08": Origin("Dépôts Scoop", date(2026, 8, 1), "Unlicense"),
    "chocolatey-2026-08": Origin("Paquets Chocolatey de la communauté", date(2026, 8, 1), "Apache-2.0"),
    "sill-2022": Origin("Socle interministériel de logiciels libres (SILL)", date(2022, 5, 16), "Licence Ouverte 2.0"),
    "debian-12": Origin("Debian 12 « bookworm »", None, "faits seuls"),
    "debian-edu": Origin("Métapaquets Debian Edu", None, "faits seuls"),
    "hand-filled": Origin("Complété à la main", None, "faits seuls"),
    "hand-compiled-unverified": Origin("Saisi à la main, non vérifié", None, "faits seuls"),
}


def origins(source: str) -> list[Origin]:
    """The known origins of a row, in the order its `source` names them."""
    return [ORIGINS[token] for token in source.split("|") if token in ORIGINS]


def newest(tokens: Iterable[str]) -> date | None:
    """The day of the most recent of them; None when no day is known."""
    days = [ORIGINS[token].read_on for token in tokens if token in ORIGINS]
    return max((day for day in days if day), default=None)
