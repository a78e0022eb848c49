"""The rules of an edition, each the sentence that explains its refusal."""

from datetime import date, timedelta
from typing import Any

from catalogue.lists.models import Edition, EditionStatus, Entry
from portal.access import Actor
from portal.text import Sentence

Given = dict[str, Any]
NOTICE = timedelta(days=300)  # an exit is announced a school year ahead: announced in autumn, it ends with the next summer


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


def gives_notice(_entry: Entry, _actor: Actor, given: Given) -> Sentence | None:
    """Teachers build a year of lessons on a title; a security flaw (`urgent`) does not wait. A button has no day yet."""
    today, last_day = given.get("today"), given.get("ends_on")
    if not (today and last_day):
        return None
    if last_day < today:
        return Sentence("Ce dernier jour est passé. Choisissez un jour à venir, ou proposez la sortie.")
    if given.get("urgent") or last_day - today >= NOTICE:
        return None
    return Sentence(
        "Une sortie s’annonce près d’un an à l’avance : choisissez un dernier jour à partir du %(day)s, ou dites qu’elle est urgente.",
        day=(today + NOTICE).strftime("%d/%m/%Y"),
    )


def has_entries(_edition: Edition, _actor: Actor, given: Given) -> Sentence | None:
    return None if given["used"] else Sentence("Cette édition est vide. Admettez au moins un titre avant le vote.")


def is_decided(_edition: Edition, _actor: Actor, given: Given) -> Sentence | None:
    if not given["undecided"]:
        return None
    return Sentence(
        "Propositions encore sans réponse : %(count)s. Admettez ou écartez chaque entrée proposée, gardez ou sortez chaque titre dont la sortie est proposée, puis votez.",
        count=given["undecided"],
    )


def keeps_its_cap(_edition: Edition, _actor: Actor, given: Given) -> Sentence | None:
    """Admissions already hold the cap; the vote looks again, for a capacity may have been lowered since."""
    capacity: int | None = given["capacity"]
    if capacity is None or given["used"] <= capacity:
        return None
    return Sentence(
        "La liste dépasse son plafond : %(used)s places pour %(capacity)s. Décidez des sorties, puis votez.",
        used=given["used"],
        capacity=capacity,
    )


def is_not_drafted_already(_edition: Edition, _actor: Actor, given: Given) -> Sentence | None:
    if not given["drafted"]:
        return None
    if given["drafted_status"] is EditionStatus.DRAFT:
        return Sentence("L’édition %(label)s est déjà en préparation. Complétez-la.", label=given["drafted"])
    return Sentence("L’édition %(label)s est déjà votée. Préparez-en un avenant.", label=given["drafted"])


def begins_within_its_year(edition: Edition, _actor: Actor, given: Given) -> Sentence | None:
    """An amendment that began before the version it amends would rewrite days that are past. No `starts_on`: the same day."""
    first, last = edition.starts_on, edition.ends_on - timedelta(days=1)
    starts_on: date | None = given.get("starts_on")
    if starts_on is None or first <= starts_on <= last:
        return None
    return Sentence(
        "Un avenant commence pendant l’année qu’il modifie : choisissez un jour du %(first)s au %(last)s.",
        first=first.strftime("%d/%m/%Y"),
        last=last.strftime("%d/%m/%Y"),
    )


def has_begun(edition: Edition, _actor: Actor, given: Given) -> Sentence | None:
    today: date = given["today"]
    if edition.starts_on <= today:
        return None
    return Sentence("Cette édition entre en vigueur le %(day)s. Attendez ce jour.", day=edition.starts_on.strftime("%d/%m/%Y"))


def has_ended(edition: Edition, _actor: Actor, given: Given) -> Sentence | None:
    today: date = given["today"]
    if edition.ends_on < today or given["amended"]:
        return None
    return Sentence("Cette édition court jusqu’au %(day)s. Archivez-la ensuite.", day=edition.ends_on.strftime("%d/%m/%Y"))
