"""What upper floors tell these pages of their own nouns: joined in `app.py`."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from flask import current_app
from sqlmodel import Session

ABOVE = "administration_above"


class Above(NamedTuple):
    """`lists`: how many each territory has, by the territory’s id. `titles`: what these are called, by id."""

    lists: Callable[[Session], Mapping[int, int]]
    titles: Callable[[Session, Collection[int]], Mapping[int, str]]


def above() -> Above:
    found: Above = current_app.extensions[ABOVE]
    return found
