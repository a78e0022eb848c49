"""Of several packages, the one that pupils meet speaks for the title."""

from itertools import permutations

import pytest

from catalogue.packages.models import PackageStatus
from catalogue.packages.rules import NEAREST, in_order


def package(status: PackageStatus, since: str = "2026-09-01", number: int = 1) -> dict[str, object]:
    return {"status": status.value, "since": since, "number": number}


def test_every_state_has_its_place() -> None:
    assert sorted(NEAREST) == sorted(PackageStatus)


@pytest.mark.parametrize("status", list(PackageStatus))
def test_what_is_in_use_speaks_before_what_is_being_made(status: PackageStatus) -> None:
    released, other = package(PackageStatus.RELEASED, "2025-09-01"), package(status, "2026-11-01")
    assert in_order([other, released])[0]["status"] == "released"


def test_the_last_to_come_to_a_state_speaks_whatever_the_order_of_the_file() -> None:
    old, new, again = (
        package(PackageStatus.RELEASED, day, number) for day, number in (("2025-09-01", 3), ("2026-09-01", 1), ("2026-09-01", 2))
    )
    for some in permutations((old, new, again)):
        assert in_order(some) == [again, new, old]


def test_a_blocked_package_speaks_only_when_nothing_goes_on() -> None:
    blocked, asked, gone = (package(PackageStatus(name)) for name in ("blocked", "asked", "withdrawn"))
    assert in_order([gone, blocked, asked]) == [asked, blocked, gone]
