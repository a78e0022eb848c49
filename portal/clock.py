"""The time: this module is its only reader, so that tests and the demonstration can choose it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """`shift` is a file holding a number of seconds to add: all processes of a demonstration share it."""

    shift: Path | None = None
    real: Callable[[], datetime] = utc_now

    def now(self) -> datetime:
        """An aware instant in UTC."""
        return self.real() + self._shifted()

    def today(self, zone: str) -> date:
        """The day it is in a zone such as `Europe/Paris`: deadlines are days of a place, not instants."""
        return self.now().astimezone(ZoneInfo(zone)).date()

    def move_to(self, day: date, zone: str) -> None:
        """Make `day` today, at the hour the clocks of the zone show now: a whole number of days would miss it by summer time."""
        if self.shift is None:
            raise RuntimeError("Only a demonstration's clock moves: give Clock a shift file.")
        real = self.real()
        there = datetime.combine(day, real.astimezone(ZoneInfo(zone)).time(), ZoneInfo(zone))
        waiting = self.shift.with_suffix(".new")
        waiting.parent.mkdir(parents=True, exist_ok=True)
        waiting.write_text(str(round((there.astimezone(UTC) - real).total_seconds())), encoding="ascii")
        waiting.replace(self.shift)

    def _shifted(self) -> timedelta:
        if self.shift is None:
            return timedelta()
        try:
            return timedelta(seconds=int(self.shift.read_text(encoding="ascii")))
        except FileNotFoundError:
            return timedelta()
