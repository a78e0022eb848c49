"""One page of a long list."""

from collections.abc import Callable
from dataclasses import dataclass

LONGEST_NUMBER = 6


def page_number(typed: str) -> int:
    """As an address says it; the first, when it says nothing that is one."""
    return max(1, int(typed)) if typed.isascii() and typed.isdecimal() and len(typed) <= LONGEST_NUMBER else 1


@dataclass(frozen=True)
class Page:
    """`url` gives the address of another page of the same list."""

    number: int
    total: int
    per_page: int
    url: Callable[[int], str]

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.per_page + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.number * self.per_page, self.total)

    @property
    def window(self) -> list[int | None]:
        """The first, the last, and two around the current one; None stands for a gap."""
        shown = sorted({1, self.pages, *range(max(1, self.number - 2), min(self.pages, self.number + 2) + 1)})
        window: list[int | None] = []
        for number in shown:
            if window and window[-1] != number - 1:
                window.append(None)
            window.append(number)
        return window
