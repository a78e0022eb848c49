"""Whether a freeze may be declared, corrected, withdrawn or ended: pure. Last days are included."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.calendars.models import FreezeTarget, Frozen
from portal.calendars.rules import FreezePeriod, Span
from portal.text import Sentence

LONGEST_NAME, LONGEST_REASON, LONGEST_WHY = 120, 300, 1000
LONGEST = timedelta(days=366)
EMPTY_WHY = Sentence("Il manque la raison de ce changement. Écrivez-la en une phrase : elle sera conservée.")
LONG_WHY = Sentence("La raison de ce changement dépasse 1000 caractères. Raccourcissez-la.")


class Phase(StrEnum):
    """Where a freeze stands on a day."""

    COMING = "coming"
    UNDER_WAY = "under-way"
    OVER = "over"


def phase(span: Span, today: date) -> Phase:
    if today < span.first:
        return Phase.COMING
    return Phase.UNDER_WAY if today in span else Phase.OVER


@dataclass(frozen=True, slots=True)
class WantedFreeze:
    """A freeze as somebody types it. `target_id` None: the whole territory."""

    name: str
    first: date
    last: date
    what: Frozen
    reason: str
    overridable: bool
    target: FreezeTarget = FreezeTarget.TERRITORY
    target_id: int | None = None


def faults(wanted: WantedFreeze, others: Iterable[FreezePeriod], today: date) -> list[Sentence]:
    """`others`: the freezes of the territory, without the one that is corrected. Freezes may meet, but not repeat each other."""
    found = _wording(wanted.name, wanted.reason)
    if dates := _dates(wanted.first, wanted.last, today):
        return found + dates
    span = Span(wanted.first, wanted.last)
    for other in others:
        if other.name.casefold() == wanted.name.casefold() and other.span.touches(span):
            found.append(
                Sentence(
                    "Un gel « %(name)s » a déjà lieu du %(first)s au %(last)s. Corrigez celui-là, ou donnez un autre nom.",
                    name=other.name, first=_on(other.span.first), last=_on(other.span.last),
                )
            )  # fmt: skip
        elif _says_all(other, wanted, span):
            found.append(
                Sentence(
                    "Le gel « %(name)s », du %(first)s au %(last)s, empêche déjà tout cela. Choisissez d’autres jours, ou corrigez celui-là.",
                    name=other.name, first=_on(other.span.first), last=_on(other.span.last),
                )
            )  # fmt: skip
    return found


def why_not_change(span: Span, today: date) -> Sentence | None:
    """A freeze that began has stopped people already: it is neither rewritten nor erased."""
    match phase(span, today):
        case Phase.UNDER_WAY:
            return Sentence(
                "Ce gel a commencé le %(first)s : il ne se corrige ni ne se retire plus. Vous pouvez le terminer plus tôt.",
                first=_on(span.first),
            )
        case Phase.OVER:
            return Sentence("Ce gel s’est terminé le %(last)s : il ne change plus. Décidez-en un autre.", last=_on(span.last))
    return None


def why_not_end(span: Span, last: date, today: date) -> Sentence | None:
    """Only what is under way ends early; a day that has passed was frozen, and stays so."""
    match phase(span, today):
        case Phase.COMING:
            return Sentence("Ce gel n’a pas commencé. Corrigez ses dates, ou retirez-le.")
        case Phase.OVER:
            return Sentence("Ce gel s’est déjà terminé le %(last)s : il n’y a rien à faire de plus.", last=_on(span.last))
    if last < today:
        return Sentence("Ce jour est passé : le gel y a eu lieu. Choisissez aujourd’hui ou un jour à venir.")
    if last >= span.last:
        return Sentence("Ce gel se termine déjà le %(last)s. Choisissez un jour plus tôt.", last=_on(span.last))
    return None


def why_faults(why: str) -> list[Sentence]:
    if not why:
        return [EMPTY_WHY]
    return [LONG_WHY] if len(why) > LONGEST_WHY else []


def _wording(name: str, reason: str) -> list[Sentence]:
    found = []
    if not name:
        found.append(Sentence("Un gel a un nom. Écrivez-le : « Épreuves du brevet », par exemple."))
    if not reason:
        found.append(Sentence("Il manque la raison du gel. Écrivez-la : les personnes qu’il arrête la liront."))
    if len(name) > LONGEST_NAME or len(reason) > LONGEST_REASON:
        found.append(
            Sentence("Le nom tient en %(name)s caractères, la raison en %(reason)s. Raccourcissez.", name=LONGEST_NAME, reason=LONGEST_REASON)
        )  # fmt: skip
    return found


def _dates(first: date, last: date, today: date) -> list[Sentence]:
    if last < first:
        return [Sentence("Le dernier jour vient avant le premier. Corrigez l’une des deux dates.")]
    if first < today:
        return [Sentence("Un gel ne commence pas dans le passé. Choisissez aujourd’hui ou un jour à venir.")]
    if last - first >= LONGEST:
        return [Sentence("Ce gel durerait plus d’un an. Vérifiez les années.")]
    return []


def _says_all(other: FreezePeriod, wanted: WantedFreeze, span: Span) -> bool:
    """Whether the other stops all that this one would, on all its days, for all it reaches, at least as firmly."""
    is_wider = other.target is FreezeTarget.TERRITORY or (other.target, other.target_id) == (wanted.target, wanted.target_id)
    lets_through = wanted.target is FreezeTarget.SCHOOL and wanted.target_id in other.passed_schools
    is_as_firm = wanted.overridable or not other.overridable
    covers = other.span.first <= span.first and span.last <= other.span.last
    return covers and is_wider and not lets_through and is_as_firm and other.what in {wanted.what, Frozen.BOTH}


def _on(day: date) -> str:
    return f"{day:%d/%m/%Y}"
