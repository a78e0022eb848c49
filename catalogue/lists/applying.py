"""Which lists serve a school, and by which programme: pure. An unknown programme is said unknown, never guessed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# What a school must have, as the directory says it, before it can teach a programme of this kind.
TRACK_OF = {"series": "track:technological", "bac-pro": "track:vocational", "cap": "track:vocational", "bts": "track:post-bac"}


class Verdict(StrEnum):
    """S’applique · Peut s’appliquer, à confirmer par l’établissement · Ne s’applique pas."""

    APPLIES = "applies"
    TO_CONFIRM = "to-confirm"
    OTHER = "does-not-apply"


@dataclass(frozen=True, slots=True)
class Taught:
    """What is known of a school's programmes: code → name. `declared`: the school itself gave the whole list."""

    programmes: Mapping[str, str] = field(default_factory=dict)
    declared: bool = False


@dataclass(frozen=True, slots=True)
class Serving:
    """What a list is for a school. `because`: codes of the programmes that bring it, or that may."""

    list_slug: str
    verdict: Verdict
    because: tuple[str, ...] = ()


def serving(list_slug: str, audience: Iterable[str], taught: Taught) -> Serving:
    """`audience`: the codes of the programmes that the list serves; none: every school of the territory."""
    codes = tuple(audience)
    if not codes:
        return Serving(list_slug, Verdict.APPLIES)
    if brought := tuple(code for code in codes if code in taught.programmes):
        return Serving(list_slug, Verdict.APPLIES, brought)
    if possible := tuple(code for code in codes if may_teach(code, taught)):
        return Serving(list_slug, Verdict.TO_CONFIRM, possible)
    return Serving(list_slug, Verdict.OTHER)


def may_teach(code: str, taught: Taught) -> bool:
    """Whether nothing known says that the school does not teach it."""
    if taught.declared:
        return False
    kind = code.partition(":")[0]
    if kind == "bts" and any(known.startswith("bts:") for known in taught.programmes):
        return False  # the BTS of a school are published together: one that is not among them is not taught there
    tracks = {known for known in taught.programmes if known.startswith("track:")}
    return not tracks or TRACK_OF.get(kind, "") in tracks
