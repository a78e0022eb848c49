"""The rules of an edition, each the sentence that explains its refusal."""

from datetime import date
from typing import Any

from catalogue.lists.models import Edition, Entry
from portal.access import Actor
from portal.text import Sentence

Given = dict[str, Any]


def has_a_seat(_entry: Entry, _actor: Actor, given: Given) -> Sentence | None:
    """`used` and `capacity` are read under the edition's lock, so nobody takes the last seat twice."""
    capacity: int | None = given["capacity"]
    if capacity is None or given["used"] < capacity:
        return None
    return Sentence(
        "La liste est complète : %(used)s places sur %(capacity)s. Proposez d’abord une sortie, puis recommencez.",
        used=given["used"],
        capacity=capacity,
    )


def is_still_a_draft(entry: Entry, _actor: Actor, _given: Given) -> Sentence | None:
    if entry.edition.status == "draft":
        return None
    return Sentence("Cette édition est votée : elle ne change plus. Préparez un avenant.")


def has_entries(_edition: Edition, _actor: Actor, given: Given) -> Sentence | None:
    return None if given["used"] else Sentence("Cette édition est vide. Admettez au moins un titre avant le vote.")


def has_begun(edition: Edition, _actor: Actor, given: Given) -> Sentence | None:
    today: date = given["today"]
    if edition.starts_on <= today:
        return None
    return Sentence("Cette édition entre en vigueur le %(day)s. Attendez ce jour.", day=edition.starts_on.strftime("%d/%m/%Y"))


def has_ended(edition: Edition, _actor: Actor, given: Given) -> Sentence | None:
    today: date = given["today"]
    if edition.ends_on < today or given.get("amended"):
        return None
    return Sentence("Cette édition court jusqu’au %(day)s. Archivez-la ensuite.", day=edition.ends_on.strftime("%d/%m/%Y"))
