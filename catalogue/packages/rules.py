"""Which of a title's packages speaks for it: pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from catalogue.packages.models import PackageStatus as S

# The nearest to classrooms first: a new package being made, or blocked, takes nothing away from the one that is in use.
NEAREST = (S.RELEASED, S.PILOT, S.ACCEPTANCE, S.TESTING, S.PREPARING, S.ASKED, S.BLOCKED, S.WITHDRAWN)
Told = Mapping[str, Any]  # a package, as `queries.packages_of` tells it


def in_order(packages: Iterable[Told]) -> list[Told]:
    """The one that speaks first; of two in one state, the one that came to it last."""
    newest = sorted(packages, key=lambda one: (one["since"], one["number"]), reverse=True)
    return sorted(newest, key=lambda one: NEAREST.index(S(one["status"])))
