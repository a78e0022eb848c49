"""Ten thousand requests, made from the demonstration's: other titles, schools and days, the same answers; and one that 200 people support."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.clock import Clock
from portal.people.models import Person
from portal.territories.models import School, Territory
from portal.territories.queries import served_by
from portal.text import fold
from workflows.requests.models import Block, BlockKind, BlockState, CoSignature, RequestStatus, SoftwareRequest

SIZE, SCHOOLS, SUPPORTERS = 10_000, 300, 200
AT_ONCE = 2000
DAYS = 400  # over which they were sent
AT_LEAST = 3  # requests of the reader's own, so that their list is not empty with few
OWN = 100  # of which one in so many is the reader's
# Of ten, most are over or in instruction; a merged one would need another to go on for it.
STATUSES = [RequestStatus(one) for one in ("relay", "visa", "visa-question", *3 * ["instruction"], "instruction-question", "declined", *2 * ["given-up"])]  # fmt: skip


def crowd_of_requests(session: Session, clock: Clock, reader: int) -> None:
    """Add requests until there are SIZE of them; the seed is fixed, so every run measures the same."""
    chance, now = random.Random(20261127), clock.now()  # noqa: S311 – titles and days, not secrets
    models = _models(session)
    schools = _some_schools(session)
    people = [key for key in session.exec(select(Person.id).order_by(col(Person.id))) if key is not None]
    first = 1 + (session.exec(select(sa.func.max(SoftwareRequest.id))).one() or 0)
    requests: list[dict[str, Any]] = []
    for number in range(SIZE - len(models)):
        school, name = chance.choice(schools), f"Titre {chance.randrange(700)}"
        at = now - timedelta(days=chance.randrange(1, DAYS), minutes=chance.randrange(1440))
        status = chance.choice(STATUSES)
        requests.append(
            {
                **chance.choice(models), "id": first + number, "key_of_draft": f"measured-{number:012}", "status": status,
                "requester_id": reader if number % OWN == 0 else chance.choice(people), "school_id": school.key, "scope": school.scope,
                "title_id": None, "title_name": name, "title_key": fold(name), "begun_at": at, "kept_at": at, "sent_at": at, "since": at,
                "due_on": (at + timedelta(days=chance.randrange(5, 40))).date(), "due_doubt": "", "school_rank": None, "days_left": None,
            }
        )  # fmt: skip
    _insert(session, SoftwareRequest, requests)
    owed = [
        {"version": 1, "request_id": one["id"], "kind": kind, "state": BlockState.OWED, "answers": {}, "reason": "", "due_doubt": "", "filled_by": "", "filled_as": ""}
        for one in requests
        for kind in BlockKind
    ]  # fmt: skip
    _insert(session, Block, owed)
    _count_on(session, SoftwareRequest)


def support_one(session: Session, clock: Clock, reader: int) -> int:
    """The number of a request in instruction, that the reader did not ask for and 200 people support. The last ones are the reader's."""
    now, schools = clock.now(), _some_schools(session)
    wanted = (
        SoftwareRequest.status == RequestStatus.INSTRUCTION,
        SoftwareRequest.within == "territory:aura",
        SoftwareRequest.requester_id != reader,
    )
    number = session.exec(select(SoftwareRequest.id).where(*wanted).order_by(col(SoftwareRequest.id))).first()
    last = select(SoftwareRequest.id).where(*wanted).order_by(col(SoftwareRequest.id).desc()).limit(AT_LEAST)
    session.execute(
        sa.update(SoftwareRequest).where(col(SoftwareRequest.id).in_(session.exec(last).all())).values(requester_id=reader)
    )
    people = [Person(given_name=f"Mesure {one}", first_seen_at=now, seen_at=now) for one in range(SUPPORTERS)]
    session.add_all(people)
    session.flush()
    for index, person in enumerate(people):
        school = schools[index % len(schools)]
        session.add(
            CoSignature(
                request_id=number or 0, person_id=person.key, school_id=school.key, scope=school.scope, audience="Première, un groupe",
                pupils=24, weeks=8, note="Pour nos travaux pratiques aussi.", signed_at=now, signed_as="Enseignant·e",
            )
        )  # fmt: skip
    return number or 0


def _models(session: Session) -> list[dict[str, Any]]:
    sent = (
        SoftwareRequest.within == "territory:aura",
        SoftwareRequest.status != RequestStatus.DRAFT,
        col(SoftwareRequest.merged_into_id).is_(None),
    )
    return [dict(row) for row in session.execute(sa.select(SoftwareRequest.__table__).where(*sent).order_by("id")).mappings()]  # type: ignore[attr-defined]


def _some_schools(session: Session) -> Sequence[School]:
    served = served_by(session.exec(select(Territory).where(Territory.code == "aura")))
    return session.exec(select(School).where(served).order_by(col(School.uai)).limit(SCHOOLS)).all()


def _insert(session: Session, table: type[Any], rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), AT_ONCE):
        session.connection().execute(sa.insert(table.__table__), rows[start : start + AT_ONCE])


def _count_on(session: Session, table: type[Any]) -> None:
    """PostgreSQL gives the next key after the last one: ours were given here."""
    if session.get_bind().dialect.name == "postgresql":
        name = table.__tablename__
        session.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"))
