"""What upper floors hold of people: how it is given to whoever asks for their own, and how it is forgotten with them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

Rows = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class AboutPeople:
    """Joined in `app.py`. Both are given the keys of all the accounts of one person.

    `export`: rows by a name of theirs, as plain values. `forget`: deletes or rewrites what says whose it was.
    """

    export: Callable[[Session, Sequence[int]], Rows]
    forget: Callable[[Session, Sequence[int]], None]
