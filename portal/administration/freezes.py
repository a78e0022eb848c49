"""A freeze in words: when, what it stops, whom it reaches, whether one may pass over it, and who decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from portal.administration.above import above
from portal.calendars.freeze_rules import Phase, phase
from portal.calendars.listing import schools_reached, told
from portal.calendars.models import Freeze, FreezeTarget, Frozen
from portal.calendars.rules import Span
from portal.territories.models import Territory
from portal.text import french
from portal.trail.models import Event
from portal.web.language import day, ngettext
from portal.web.language import gettext as _
from portal.web.language import lazy as _l

WHAT = {
    Frozen.PACKAGES: _l("les installations et les mises à jour"),
    Frozen.BOOKINGS: _l("les réservations de salles et de postes"),
    Frozen.BOTH: _l("les installations et les réservations"),
}
PHASES = {Phase.UNDER_WAY: _l("En cours"), Phase.COMING: _l("À venir"), Phase.OVER: _l("Passé")}
TONES = {Phase.UNDER_WAY: "warn", Phase.COMING: "test", Phase.OVER: "neutral"}
DONE = {
    "declared": _l("Décidé"), "corrected": _l("Corrigé"), "ended-early": _l("Terminé plus tôt"), "override": _l("Dérogation accordée"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One freeze. `by`: who touched it last; `happened`: all of it, for `ui.timeline`."""

    key: int
    url: str
    name: str
    days: str
    phase: Phase
    phase_says: str
    tone: str
    what: str
    reach: str
    school: str
    passing: str
    reason: str
    by: str
    fictitious: bool
    happened: list[dict[str, str]]


def freeze_lines(session: Session, territory: Territory, freezes: Sequence[Freeze], today: date) -> list[Line]:
    """Three queries at most, however many freezes there are."""
    schools, events = schools_reached(session, freezes), told(session, freezes)
    titles = above().titles(session, {one.title_id for one in freezes if one.title_id is not None})
    url, nobody = f"/administration/calendriers/{territory.code}/gels", ("", "")
    reached = {one.key: _reach(one, *schools.get(one.key, nobody), titles) for one in freezes}
    return [_line(one, f"{url}/{one.key}", reached[one.key], events[one.key], today) for one in freezes]


def _line(freeze: Freeze, url: str, reached: tuple[str, str], events: Sequence[Event], today: date) -> Line:
    now = phase(Span(freeze.starts_on, freeze.ends_on), today)
    uai, reach = reached
    return Line(
        key=freeze.key,
        url=url,
        name=french(freeze.name),
        days=days_in_words(freeze.starts_on, freeze.ends_on),
        phase=now,
        phase_says=str(PHASES[now]),
        tone=TONES[now],
        what=str(WHAT[freeze.what]),
        reach=reach,
        school=uai,
        passing=_passing(freeze),
        reason=french(freeze.reason),
        by=_by(events),
        fictitious=freeze.fictitious,
        happened=[_told(event) for event in reversed(events)],
    )


def _reach(freeze: Freeze, uai: str, school: str, titles: Mapping[int, str]) -> tuple[str, str]:
    """The UAI of a school, when it is one or a room of one, and what is reached, in words."""
    if freeze.target is FreezeTarget.TITLE:
        return "", _("le titre « %(title)s », partout", title=titles.get(freeze.title_id or 0, "?"))
    return uai, french(school) if school else _("tout le territoire")


def _passing(freeze: Freeze) -> str:
    if not freeze.overridable:
        return _("non")
    given = len(freeze.overrides)
    return ngettext("oui ; %(num)s accordée", "oui ; %(num)s accordées", given) if given else _("oui, par écrit")


def _by(events: Sequence[Event]) -> str:
    signed = [event for event in events if event.move != "override"]
    if not signed:
        return _("Chargé avec les données du portail")
    last = signed[-1]
    return _("%(done)s par %(function)s, le %(day)s", done=_done(last), function=last.function, day=day(last.at.isoformat()))


def _told(event: Event) -> dict[str, str]:
    return {
        "iso": event.at.isoformat(),
        "at": day(event.at.isoformat()),
        "title": _done(event),
        "text": french(event.reason),
        "by": event.function,
    }


def _done(event: Event) -> str:
    return str(DONE[event.move]) if event.move in DONE else event.move


def days_in_words(first: date, last: date) -> str:
    if first == last:
        return _("le %(day)s", day=day(first))
    return _("du %(first)s au %(last)s", first=day(first), last=day(last))
