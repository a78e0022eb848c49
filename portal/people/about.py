"""What upper floors hold of people: how it is given to whoever asks for their own, and how it is forgotten with them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from portal.db import Model


def plain(row: Model, never: Collection[str]) -> dict[str, Any]:
    """A row as a file holds it, without the fields of `never`; names are those of the table."""
    values = row.model_dump().items()
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in values if name not in never}


Rows = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class AboutPeople:
    """Joined in `app.py`. Both are given the keys of all the accounts of one person.

    `export`: rows by a name of theirs, as plain values. `forget`: deletes or rewrites what says whose it was.
    """

    export: Callable[[Session, Sequence[int]], Rows]
    forget: Callable[[Session, Sequence[int]], None]
