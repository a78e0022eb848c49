"""The page by which a school's roles go on for another school year, all at once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import DateField, StringField

from portal.account.team import name_of
from portal.people.granting import usual_end
from portal.people.places import Place
from portal.people.renewing import Judged, Line, Obstacle, Renewal
from portal.text import french
from portal.web.forms import Form, at_most, required
from portal.web.language import gettext as _
from portal.web.language import lazy as _l
from portal.web.language import say

WORDS = {
    Obstacle.RENEWED: _l("déjà renouvelée"),
    Obstacle.RUNNING: _l("en cours, rien à renouveler"),
    Obstacle.CLOSED: _l("compte fermé"),
    Obstacle.DETACHED: _l("rattachement terminé"),
    Obstacle.OWN: _l("à renouveler par une autre personne"),
}


@dataclass(frozen=True)
class Offered:
    """A line. `obstacle`: in words, why it is not offered; `is_over`: whether its end is behind us."""

    key: int
    person: str
    called: str
    until: date
    is_over: bool
    obstacle: str
    ticked: bool


@dataclass(frozen=True)
class Done:
    """What became of a line that was asked: `until` when it was renewed, else `reasons`."""

    person: str
    called: str
    until: date | None
    reasons: list[str]


@dataclass(frozen=True)
class Outcome:
    """`others`: whether lines were sent that are not of the school, or not the reader's to grant."""

    done: list[Done]
    others: bool

    @property
    def renewed(self) -> list[Done]:
        return [one for one in self.done if one.until]

    @property
    def refused(self) -> list[Done]:
        return [one for one in self.done if not one.until]


@dataclass(frozen=True)
class Shown:
    """What `account/renewal.html` shows. `offered`: how many lines have a box; `over`: how many of these have ended."""

    uai: str
    school: str
    url: str
    ends: date
    until: date
    is_return: bool
    lines: list[Offered]
    offered: int
    over: int


def shown(place: Place, found: Renewal, ticked: Collection[int] | None = None) -> Shown:
    """`ticked`: what the reader chose; None before they choose, when all that lasts until the end of a school year is."""
    uai = place.scope.removeprefix("school:")
    lines = [_offered(line, found.today, ticked) for line in found.lines]
    return Shown(
        uai=uai,
        school=french(place.name),
        url=f"/etablissements/{uai}/equipe/renouvellement",
        ends=found.ends,
        until=found.until,
        is_return=found.is_return,
        lines=lines,
        offered=sum(not one.obstacle for one in lines),
        over=sum(one.is_over and not one.obstacle for one in lines),
    )


def outcome(judged: Sequence[Judged], *, others: bool) -> Outcome:
    return Outcome(
        [Done(name_of(one.person), one.called, one.until, [say(reason) for reason in one.reasons]) for one in judged], others
    )


def keys_of(typed: Iterable[str]) -> list[int]:
    """Each once; 0, which no line has, for what is no number."""
    return list(dict.fromkeys(int(one) if one.isascii() and one.isdecimal() and len(one) <= 9 else 0 for one in typed))


class RenewalForm(Form):
    """Until when, and by what letter: the same for all lines."""

    until = DateField(
        _l("Nouvelle fin"), [required(_l("le dernier jour"))], description=_l("Ce jour compris, pour toutes les lignes cochées.")
    )
    letter = StringField(
        _l("Référence de la lettre de mission"),
        [at_most(120, _l("La référence"))],
        description=_l("La même pour toutes les lignes cochées. Celle de l’an dernier n’est pas reprise."),
    )

    @classmethod
    def of(cls, found: Renewal, typed: Any = None) -> "RenewalForm":
        return cls(typed, data={"until": found.until})

    def refuse_without_a_line(self) -> None:
        self.form_errors = [*self.form_errors, _("Aucune ligne n’est cochée. Cochez les fonctions à renouveler.")]


def _offered(line: Line, today: date, ticked: Collection[int] | None) -> Offered:
    held, is_offered = line.accreditation, line.obstacle is None
    return Offered(
        key=held.key,
        person=name_of(line.person),
        called=held.called,
        until=held.until,
        is_over=held.until < today,
        obstacle=str(WORDS[line.obstacle]) if line.obstacle else "",
        ticked=is_offered and (held.until == usual_end(held.until) if ticked is None else held.key in ticked),
    )
