"""What a day is worth: open, closed, frozen or unknown. Days are those of the territory's zone; last days are included."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from portal.calendars.models import FreezeTarget, Frozen
from portal.text import Sentence

WEEKDAYS = (
    Sentence("lundi"), Sentence("mardi"), Sentence("mercredi"), Sentence("jeudi"), Sentence("vendredi"),
    Sentence("samedi"), Sentence("dimanche"),
)  # fmt: skip
# Administrations count their delays from Monday to Friday, whatever the timetable of a school.
WEEKEND = frozenset({6, 7})
WHOLE_WEEK = frozenset(range(1, 8))
ONE_DAY = timedelta(days=1)

# It depends on the school, and the question was asked for a territory.
DIFFERS = Sentence("La réponse dépend de la zone de l’établissement : choisissez un établissement.")


class State(StrEnum):
    """Unknown is neither open nor closed: whoever asks must say it."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Openness:
    """Whether there are classes, and why."""

    state: State
    reason: Sentence

    def __bool__(self) -> bool:
        raise TypeError("A day is open, closed or unknown: compare `state` instead of asking yes or no.")


@dataclass(frozen=True, slots=True)
class NotKnown:
    """An answer that the data does not allow, and what is missing."""

    reason: Sentence


@dataclass(frozen=True, slots=True)
class Span:
    """From a day to a day, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def touches(self, other: "Span") -> bool:
        return self.first <= other.last and other.first <= self.last


Spans = tuple[Span, ...]


def covered(spans: Spans, period: Span) -> bool:
    """Whether known spans leave no day of a period out, even when it takes several of them."""
    day = period.first
    while day <= period.last:
        reach = max((span.last for span in spans if day in span), default=None)
        if reach is None:
            return False
        if reach >= period.last:
            return True
        day = reach + ONE_DAY
    return True


def until(first: date, last: date | None, known: Spans) -> Span:
    """A period whose end is not published lasts as far as we know anything, and at least a day."""
    return Span(first, last or max((span.last for span in known if first in span), default=first))


@dataclass(frozen=True, slots=True)
class Holiday:
    """`last` None: the day classes resume is not published."""

    name: str
    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class YearSpan:
    """A school year of the territory."""

    label: str
    span: Span


@dataclass(frozen=True, slots=True)
class ExamPeriod:
    """`last` None: only the first day is published."""

    exam: str
    event: str
    level: str
    first: date
    last: date | None
    fictitious: bool = False


@dataclass(frozen=True, slots=True)
class ExamsFound:
    """Events found, and the codes of the exams of which we may be missing some."""

    dates: tuple[ExamPeriod, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """Schools that share holidays (`zone`) and public holidays (`part`); None: we do not know which they follow."""

    zone: str | None = None
    part: str | None = None
    holidays: tuple[Holiday, ...] = ()
    holidays_known: Spans = ()
    public_holidays: Mapping[date, str] = field(default_factory=dict)
    public_holidays_known: Spans = ()

    def openness(self, day: date, closed_weekdays: frozenset[int]) -> Openness:
        """What is certain first: a Sunday is closed however little is known of its month."""
        if name := self.public_holidays.get(day):
            return Openness(State.CLOSED, Sentence("Jour férié : %(name)s.", name=name))
        if holiday := self._holiday(day):
            return Openness(State.CLOSED, _says(holiday))
        if day.isoweekday() in closed_weekdays:
            return Openness(State.CLOSED, Sentence("Il n’y a pas cours le %(weekday)s.", weekday=WEEKDAYS[day.weekday()]))
        if doubt := self._doubt(day, with_holidays=True):
            return Openness(State.UNKNOWN, doubt.reason)
        return Openness(State.OPEN, Sentence("Jour de classe."))

    def works(self, day: date, *, skip_holidays: bool) -> bool | NotKnown:
        if day.isoweekday() in WEEKEND or day in self.public_holidays or (skip_holidays and self._holiday(day)):
            return False
        return self._doubt(day, with_holidays=skip_holidays) or True

    def _holiday(self, day: date) -> Holiday | None:
        return next((h for h in self.holidays if day in until(h.first, h.last, self.holidays_known)), None)

    def _doubt(self, day: date, *, with_holidays: bool) -> NotKnown | None:
        if with_holidays and not any(day in span for span in self.holidays_known):
            if self.zone is None:
                return NotKnown(
                    Sentence("La zone de vacances n’est pas connue : demandez à l’administration du portail de la saisir.")
                )
            return NotKnown(
                Sentence(
                    "Les vacances de la zone %(zone)s ne sont pas connues le %(day)s : vérifiez cette date auprès de l’établissement.",
                    zone=self.zone,
                    day=_on(day),
                )
            )
        if not any(day in span for span in self.public_holidays_known):
            return NotKnown(
                Sentence("Les jours fériés ne sont pas connus le %(day)s : vérifiez cette date dans un calendrier.", day=_on(day))
            )
        return None


@dataclass(frozen=True, slots=True)
class FreezePeriod:
    """A freeze as guards see it. `target_id` None: the whole territory. Titles and schools let through are in it."""

    id: int
    name: str
    reason: str
    span: Span
    what: Frozen
    target: FreezeTarget = FreezeTarget.TERRITORY
    target_id: int | None = None
    overridable: bool = False
    fictitious: bool = False
    passed_titles: frozenset[int] = frozenset()
    passed_schools: frozenset[int] = frozenset()

    @property
    def says(self) -> Sentence:
        """Why something must wait, and what to do, for whom it stops."""
        values = {"name": self.name, "last": _on(self.span.last), "reason": self.reason.rstrip(" .")}
        if self.overridable:
            return Sentence(
                "Gel « %(name)s » jusqu’au %(last)s inclus : %(reason)s. Choisissez un jour plus tard ou demandez une dérogation motivée.",
                **values,
            )
        return Sentence("Gel « %(name)s » jusqu’au %(last)s inclus : %(reason)s. Choisissez un jour plus tard.", **values)

    def holds_for(self, school: int | None, room: int | None, title: int | None) -> bool:
        if title in self.passed_titles or school in self.passed_schools:
            return False
        asked = {FreezeTarget.SCHOOL: school, FreezeTarget.ROOM: room, FreezeTarget.TITLE: title}
        return self.target is FreezeTarget.TERRITORY or asked[self.target] == self.target_id

    def stops(self, what: Frozen) -> bool:
        return what is self.what or Frozen.BOTH in {what, self.what}


@dataclass(frozen=True, slots=True)
class Calendar:
    """All that is known of the days of a school or a territory. Freezes and exams are those of `period` only."""

    period: Span
    areas: tuple[Area, ...] = (Area(),)
    closed_weekdays: frozenset[int] = WEEKEND
    school: int | None = None
    school_years: tuple[YearSpan, ...] = ()
    exams: tuple[ExamPeriod, ...] = ()
    exams_known: Mapping[str, Spans] = field(default_factory=dict)
    freezes: tuple[FreezePeriod, ...] = ()

    def __post_init__(self) -> None:
        if not self.areas or self.closed_weekdays >= WHOLE_WEEK:
            raise ValueError("A calendar needs an area, even unknown, and a weekday that is not always closed.")

    def is_open(self, day: date) -> Openness:
        """Whether there are classes. A territory whose zones disagree answers unknown."""
        answers = [area.openness(day, self.closed_weekdays) for area in self.areas]
        if len({answer.state for answer in answers}) == 1:
            return answers[0]
        unknown = (answer for answer in answers if answer.state is State.UNKNOWN)
        return next(unknown, Openness(State.UNKNOWN, DIFFERS))

    def next_open(self, day: date) -> date | NotKnown:
        """The first day of classes from that day on, itself included; unknown as soon as an earlier day may be it."""
        while (answer := self.is_open(day)).state is State.CLOSED:
            day += ONE_DAY
        return day if answer.state is State.OPEN else NotKnown(answer.reason)

    def add_working_days(self, day: date, n: int, *, skip_holidays: bool = False) -> date | NotKnown:
        """The nth working day (jour ouvré) after a day, before it when negative; 0: that day, or the first one after it.

        The day itself never counts. School holidays count unless `skip_holidays`: administrations work then.
        """
        step, left = (-ONE_DAY if n < 0 else ONE_DAY), abs(n)
        if n == 0:
            day, left = day - ONE_DAY, 1
        while left:
            day += step
            works = self._works(day, skip_holidays=skip_holidays)
            if isinstance(works, NotKnown):
                return works
            left -= works
        return day

    def school_year(self, day: date) -> YearSpan | NotKnown:
        found = next((year for year in self.school_years if day in year.span), None)
        return found or NotKnown(
            Sentence("Aucune année scolaire n’est saisie pour le %(day)s : demandez à l’administration du portail.", day=_on(day))
        )

    def freezes_touching(
        self, first: date, last: date, *, school: int | None = None, room: int | None = None, title: int | None = None, what: Frozen
    ) -> tuple[FreezePeriod, ...]:
        """Freezes that stop `what` on any of these days, for the ids given; a school's calendar already knows its school.

        A freeze that lets this title or this school pass is left out.
        """
        asked = self._within(first, last)
        school = self.school if school is None else school
        return tuple(f for f in self.freezes if f.span.touches(asked) and f.stops(what) and f.holds_for(school, room, title))

    def exams_touching(self, first: date, last: date) -> ExamsFound:
        asked = self._within(first, last)
        return ExamsFound(
            tuple(e for e in self.exams if until(e.first, e.last, self.exams_known.get(e.exam, ())).touches(asked)),
            tuple(exam for exam, spans in self.exams_known.items() if not covered(spans, asked)),
        )

    def _works(self, day: date, *, skip_holidays: bool) -> bool | NotKnown:
        answers = [area.works(day, skip_holidays=skip_holidays) for area in self.areas]
        if unknown := next((answer for answer in answers if isinstance(answer, NotKnown)), None):
            return unknown
        return answers[0] if len(set(answers)) == 1 else NotKnown(DIFFERS)

    def _within(self, first: date, last: date) -> Span:
        if not self.period.first <= first <= last <= self.period.last:
            raise ValueError(f"Asked {first} to {last}: this calendar was read from {self.period.first} to {self.period.last}.")
        return Span(first, last)


def _says(holiday: Holiday) -> Sentence:
    if holiday.last is None:
        return Sentence("%(name)s : le jour de la reprise n’est pas publié.", name=holiday.name)
    return Sentence("%(name)s, jusqu’au %(last)s inclus.", name=holiday.name, last=_on(holiday.last))


def _on(day: date) -> str:
    return f"{day:%d/%m/%Y}"
