"""A demonstration is put at a day, and is at that day whatever the hour and the season."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from portal.clock import Clock

PARIS = "Europe/Paris"


@pytest.mark.parametrize("hour", [*range(24)])
@pytest.mark.parametrize("season", [1, 7])
@pytest.mark.parametrize("day", [date(2027, 6, 30), date(2027, 12, 31), date(2027, 3, 28), date(2027, 10, 31)])
def test_the_day_asked_for_is_today_at_any_hour_of_any_season(tmp_path: Path, hour: int, season: int, day: date) -> None:
    """An evening of winter is after midnight in summer time."""
    clock = Clock(tmp_path / "shift", lambda: datetime(2026, season, 24, hour, 10, tzinfo=UTC))
    clock.move_to(day, PARIS)
    assert clock.today(PARIS) == day


def test_without_a_file_the_time_is_the_real_one(tmp_path: Path) -> None:
    def real() -> datetime:
        return datetime(2026, 11, 24, 22, 10, tzinfo=UTC)

    assert Clock(None, real).now() == Clock(tmp_path / "shift", real).now() == real()
    with pytest.raises(RuntimeError):
        Clock(None, real).move_to(date(2027, 1, 1), PARIS)
