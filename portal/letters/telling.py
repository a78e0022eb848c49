"""Telling people, in the transaction of what happened: a line in the portal, which the worker puts in a letter at their pace."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from portal.db import Model
from portal.letters.models import LONGEST_SUBJECT, Kind, LetterWords, Notice, Pace
from portal.letters.pacing import next_post, pace, paces_of
from portal.letters.words import Words
from portal.people.access import PERSON
from portal.people.models import Person
from portal.territories.models import Territory
from portal.trail.models import Event


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a procedure tells what. `people`: keys of accounts; `address`: of a service, instead.

    `even_oneself`: also whoever did it. `is_alone`: at once and in a letter of its own: a receipt.
    """

    words: Words
    about: Model
    territory: Territory
    url: str
    people: Collection[int] = ()
    address: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    even_oneself: bool = False
    is_alone: bool = False


def tell(session: Session, told: Iterable[Told], event: Event) -> list[Notice]:
    """Each person once of one thing about one row: by the first that names them. Nobody is told of what they did themselves."""
    wanted = list(told)
    session.flush()  # the event has its number
    oneself = int(event.actor.removeprefix(PERSON)) if event.actor.startswith(PERSON) else 0
    accounts = _accounts(session, {oneself, *(key for one in wanted for key in one.people)})
    paces, seen = paces_of(session, accounts.values()), _told_already(session, event)
    written: list[Notice] = []
    for one in wanted:
        named = dict.fromkeys(accounts[key] for key in one.people if key in accounts)
        about = (str(one.about.__tablename__), one.about.key)
        new = [key for key in named if (key, *about) not in seen and (one.even_oneself or key != accounts.get(oneself))]
        seen.update((key, *about) for key in new)
        readers: list[int | None] = [*new, *([None] if one.address else [])]
        subject, text = _words(session, one).say(one.values) if readers else ("", "")
        for reader in readers:
            at_once = one.is_alone or reader is None
            how_often = Pace.EACH if at_once else pace(paces, reader or 0, one.words.kind)
            written.append(
                Notice(
                    person_id=reader,
                    address="" if reader else one.address,
                    kind=one.words.kind,
                    code=one.words.code,
                    event_id=event.key,
                    about_kind=about[0],
                    about_id=about[1],
                    territory_id=one.territory.key,
                    subject=subject[:LONGEST_SUBJECT],
                    text=text,
                    url=one.url,
                    at=event.at,
                    is_alone=one.is_alone,
                    post_at=next_post(how_often, event.at, one.territory.zone),
                )
            )
    session.add_all(written)
    return written


def settle(session: Session, about: Model, by: str, at: datetime) -> None:
    """What waited for somebody there waits no more: whoever did it, did it for all that were told."""
    session.flush()
    session.execute(
        sa.update(Notice)
        .where(
            Notice.about_kind == str(about.__tablename__),  # type: ignore[arg-type]
            Notice.about_id == about.key,  # type: ignore[arg-type]
            col(Notice.kind) == Kind.TODO,
            col(Notice.settled_at).is_(None),
        )
        .values(settled_at=at, settled_by=by)
    )


def _accounts(session: Session, people: Collection[int]) -> dict[int, int]:
    """By key of person, the account that stands for them; nobody who is gone."""
    account = aliased(Person)
    rows = session.execute(
        sa.select(col(Person.id), col(account.id))
        .join(account, col(account.id) == sa.func.coalesce(col(Person.linked_to_id), col(Person.id)))
        .where(col(Person.id).in_(sorted(people)), col(account.closed_at).is_(None))
    ).all()
    return dict(rows)


def _told_already(session: Session, event: Event) -> set[tuple[int, str, int]]:
    told = sa.select(col(Notice.person_id), col(Notice.about_kind), col(Notice.about_id)).where(col(Notice.event_id) == event.key)
    return {(person, kind, key) for person, kind, key in session.execute(told).all() if person}


def _words(session: Session, told: Told) -> Words:
    """As the territory words them, or as they come."""
    own = session.exec(
        select(LetterWords).where(LetterWords.territory_id == told.territory.key, LetterWords.code == told.words.code)
    ).one_or_none()
    return told.words.instead(own.subject, own.text) if own else told.words
