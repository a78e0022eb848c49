"""Doing once what a program asks under one key: the answer is kept in the unit of work that it tells of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.clock import Clock
from portal.db import Database, claim
from portal.errors import OutOfDate, Refused
from portal.retries.models import KeptAnswer
from portal.text import Sentence

KEPT_FOR = timedelta(days=1)
UNDER_WAY = Sentence("Un envoi qui porte la même clé Idempotency-Key est encore en cours. Attendez sa réponse, puis recommencez.")
ANOTHER = Sentence("Cette clé Idempotency-Key a déjà servi à un autre envoi. Faites-en une nouvelle pour chaque action.")


@dataclass(frozen=True, slots=True)
class Keyed:
    """Who asks, under which key, and a fingerprint of what."""

    person_id: int
    key_digest: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered. `is_again`: whether it had been already."""

    status: int
    body: str
    location: str = ""
    is_again: bool = False


def once(session: Session, keyed: Keyed, work: Callable[[Session], Answer], now: datetime) -> Answer:
    """The answer of `work`, or the one that it gave before. What it refuses is not kept: it has changed nothing."""
    if not claim(session, f"answer {keyed.person_id} {keyed.key_digest}"):
        raise OutOfDate(UNDER_WAY)
    kept = session.exec(
        select(KeptAnswer).where(KeptAnswer.person_id == keyed.person_id, KeptAnswer.key_digest == keyed.key_digest)
    ).one_or_none()
    if kept is not None and kept.made_at > now - KEPT_FOR:
        if kept.fingerprint != keyed.fingerprint:
            raise Refused([ANOTHER])
        return Answer(kept.status, kept.body, kept.location, is_again=True)
    if kept is not None:  # too old, and not swept yet
        session.delete(kept)
        session.flush()
    answer = work(session)
    session.add(
        KeptAnswer(
            person_id=keyed.person_id, key_digest=keyed.key_digest, fingerprint=keyed.fingerprint, status=answer.status,
            location=answer.location, body=answer.body, made_at=now,
        )
    )  # fmt: skip
    return answer


def sweep_answers(database: Database, clock: Clock) -> None:
    """Round of the worker: forget the answers of yesterday. Looked for by a read, so that most rounds lock nothing."""
    over = col(KeptAnswer.made_at) <= clock.now() - KEPT_FOR
    with database.read() as session:
        found = session.exec(select(KeptAnswer.id).where(over).limit(1)).first()
    if found is not None:
        database.write(lambda session: session.execute(sa.delete(KeptAnswer).where(over)))
