"""Calendars that somebody runs: what is known of the days of a territory, and its freezes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from portal.administration.freezes import Line, days_in_words, freeze_lines
from portal.calendars.declaring import today_in
from portal.calendars.freeze_rules import Phase, phase
from portal.calendars.listing import not_over, over, school_years
from portal.calendars.queries import read_calendar
from portal.calendars.rules import Area, Calendar, Holiday, Span, Spans, YearSpan, covered, until
from portal.territories.models import Territory
from portal.text import french
from portal.web.language import day
from portal.web.language import gettext as _
from portal.web.pagination import Page

PATH = "/administration/calendriers"
PER_PAGE = 20


@dataclass(frozen=True)
class TerritoryLine:
    """A territory in the list of calendars. `year`: None when nobody entered the one of today."""

    name: str
    code: str
    url: str
    year: str | None
    under_way: int
    to_come: int


@dataclass(frozen=True)
class Known:
    """How much of a year is known of one thing: its name, in words, and the tone of its badge."""

    what: str
    says: str
    tone: str


@dataclass(frozen=True)
class Off:
    """Days without classes, in words."""

    name: str
    days: str


@dataclass(frozen=True)
class ZoneDays:
    """The holidays of a zone in a year."""

    zone: str
    holidays: list[Off]


@dataclass(frozen=True)
class Year:
    """A school year, and what is known of it. `zones` and `public`: of the current year and those to come."""

    label: str
    days: str
    is_current: bool
    known: list[Known]
    zones: list[ZoneDays]
    public: list[Off]


@dataclass(frozen=True)
class CalendarPage:
    """What `administration/calendar.html` shows."""

    code: str
    name: str
    url: str
    years: list[Year]
    year_is_unknown: bool
    under_way: list[Line]
    to_come: list[Line]
    past: list[Line]
    page: Page


def lines(session: Session, territories: Sequence[Territory], now: datetime) -> list[TerritoryLine]:
    """Two queries, however many territories there are: each has its own day."""
    today = {one.key: today_in(one, now) for one in territories}
    freezes = not_over(session, territories, min(today.values())) if today else []
    years = {
        one.territory_id: one.label
        for one in school_years(session, territories)
        if one.starts_on <= today[one.territory_id] <= one.ends_on
    }
    phases = [(one.territory_id, phase(Span(one.starts_on, one.ends_on), today[one.territory_id])) for one in freezes]
    return [
        TerritoryLine(
            name=one.name,
            code=one.code,
            url=f"{PATH}/{one.code}",
            year=years.get(one.key),
            under_way=phases.count((one.key, Phase.UNDER_WAY)),
            to_come=phases.count((one.key, Phase.COMING)),
        )
        for one in territories
    ]


def calendar_page(session: Session, territory: Territory, now: datetime, page: int) -> CalendarPage:
    """The number of queries depends on nothing."""
    today = today_in(territory, now)
    calendar = read_calendar(session, territory, today, today)
    total, page, past = over(session, territory, today, page=page, per_page=PER_PAGE)
    current = not_over(session, [territory], today)
    shown = freeze_lines(session, territory, [*current, *past], today)
    years = [_year(calendar, year, today) for year in calendar.school_years]
    url = f"{PATH}/{territory.code}"
    return CalendarPage(
        code=territory.code,
        name=territory.name,
        url=url,
        years=list(reversed(years)),
        year_is_unknown=not any(year.is_current for year in years),
        under_way=[one for one in shown if one.phase is Phase.UNDER_WAY],
        to_come=[one for one in shown if one.phase is Phase.COMING],
        past=[one for one in shown if one.phase is Phase.OVER],
        page=Page(page, total, PER_PAGE, lambda number: f"{url}?page={number}#passes"),
    )


def _year(calendar: Calendar, year: YearSpan, today: date) -> Year:
    matters = today <= year.span.last
    return Year(
        label=year.label,
        days=days_in_words(year.span.first, year.span.last),
        is_current=today in year.span,
        known=[one for area in calendar.areas for one in _known(area, year.span)],
        zones=[_zone(area, year.span) for area in calendar.areas] if matters else [],
        public=_public(calendar.areas, year.span) if matters else [],
    )


def _known(area: Area, span: Span) -> list[Known]:
    """An area whose zone nobody placed says so: neither known nor free."""
    zone = _("Vacances, zone %(zone)s", zone=area.zone) if area.zone else _("Vacances, zone inconnue")
    return [_state(zone, area.holidays_known, span), _state(_("Jours fériés"), area.public_holidays_known, span)]


def _state(what: str, known: Spans, span: Span) -> Known:
    if covered(known, span):
        return Known(what, _("connu"), "good")
    if any(one.touches(span) for one in known):
        return Known(what, _("connu en partie"), "ending")
    return Known(what, _("inconnu"), "warn")


def _zone(area: Area, span: Span) -> ZoneDays:
    held = [one for one in area.holidays if until(one.first, one.last, area.holidays_known).touches(span)]
    return ZoneDays(
        zone=_("zone %(zone)s", zone=area.zone) if area.zone else _("zone inconnue"),
        holidays=[Off(french(one.name), _holiday_days(one)) for one in held],
    )


def _holiday_days(one: Holiday) -> str:
    if one.last is None:
        return _("à partir du %(first)s ; le jour de la reprise n’est pas publié", first=day(one.first))
    return days_in_words(one.first, one.last)


def _public(areas: Sequence[Area], span: Span) -> list[Off]:
    held = {(on, name) for area in areas for on, name in area.public_holidays.items() if on in span}
    return [Off(french(name), day(on)) for on, name in sorted(held)]
