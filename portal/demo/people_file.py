"""The demonstration's people as each provider describes its own: the files of `portal/data/demonstration/`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "data" / "demonstration"
FILE = FOLDER / "people.toml"


@dataclass(frozen=True, slots=True)
class Person:
    """A role, not somebody: `name` is what a page's header can show."""

    login: str
    given_name: str
    family_name: str
    purpose: str
    subject: str
    profiles: tuple[str, ...]
    schools: tuple[str, ...] = ()
    join_key: str = ""
    heads: tuple[str, ...] = ()  # the State's own lines on the schools that one is head of
    holds: tuple[tuple[str, str], ...] = ()  # granted before the demonstration begins: role, scope

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def email(self) -> str:
        return f"{self.login}@demonstration.example"


@dataclass(frozen=True, slots=True)
class Group:
    """People who do the same thing with the portal."""

    title: str
    people: tuple[Person, ...]


def read_groups(path: Path = FILE) -> tuple[Group, ...]:
    """In the order of the file, which is the order of the page."""
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(Group(group["title"], tuple(map(_person, group["people"]))) for group in said["groups"])


def read_people(path: Path = FILE) -> dict[str, Person]:
    """By login."""
    return {person.login: person for group in read_groups(path) for person in group.people}


def _person(row: dict[str, Any]) -> Person:
    given: dict[str, Any] = {
        key: tuple(tuple(one) if isinstance(one, list) else one for one in value) if isinstance(value, list) else value
        for key, value in row.items()
    }
    return Person(**given)
