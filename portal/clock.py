"""The time: this module is its only reader, so that tests and the demonstration can choose it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Clock:
    """`shift` is a file holding a number of days to add: all processes of a demonstration share it."""

    shift: Path | None = None

    def now(self) -> datetime:
        """An aware instant in UTC."""
        return datetime.now(UTC) + self._days()

    def today(self, zone: str) -> date:
        """The day it is in a zone such as `Europe/Paris`: deadlines are days of a place, not instants."""
        return self.now().astimezone(ZoneInfo(zone)).date()

    def move_to(self, day: date, zone: str) -> None:
        """Make `day` today; the hour stays the real one."""
        if self.shift is None:
            raise RuntimeError("Only a demonstration's clock moves: give Clock a shift file.")
        real = datetime.now(UTC).astimezone(ZoneInfo(zone)).date()
        waiting = self.shift.with_suffix(".new")
        waiting.parent.mkdir(parents=True, exist_ok=True)
        waiting.write_text(str((day - real).days), encoding="ascii")
        waiting.replace(self.shift)

    def _days(self) -> timedelta:
        if self.shift is None:
            return timedelta()
        try:
            return timedelta(days=int(self.shift.read_text(encoding="ascii")))
        except FileNotFoundError:
            return timedelta()
