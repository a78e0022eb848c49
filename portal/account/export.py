"""All that the portal holds of one person, as they may ask for it: every row about them, every event that they made or met."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.db import Model
from portal.letters.models import Letter, LetterPace, Notice
from portal.people.about import AboutPeople, plain
from portal.people.models import Accreditation, Attachment, Person, Role
from portal.people.queries import is_account_of
from portal.retries.models import KeptAnswer
from portal.signin.models import Identity, OpenSession, Provider, Token
from portal.trail.models import Event
from portal.web.language import gettext as _

NEVER = {
    "version",
    "digest",
    "key_digest",
    "fingerprint",
    "ticket_digest",
    "id_token",
    "sid",
    "sort_key",
    "html",
    "settings_url",
}  # keys of doors and of lists, which say nothing of anybody
ABOUT = {Person: "first_seen_at", Attachment: "first_seen_at", Accreditation: "granted_at", Token: "made_at"}  # since when a row is


def export(session: Session, person_id: int, now: datetime, also: Iterable[AboutPeople] = ()) -> dict[str, Any]:
    """`also`: what upper floors hold. Names of fields are those of the tables; instants are in UTC, days are those of the place."""
    accounts = session.exec(select(Person).where(is_account_of(person_id)).order_by(col(Person.id))).all()
    keys = [one.key for one in accounts]
    tables = (Identity, Attachment, Accreditation, OpenSession, Token, LetterPace, Notice, Letter, KeptAnswer)
    held = {table: _of(session, table, keys) for table in tables}
    providers = {one.key: one.slug for one in session.exec(select(Provider))}
    roles = {one.key: one.code for one in session.exec(select(Role))}
    return {
        "about": _("Tout ce que Logithèque sait de vous. Les heures sont en temps universel."),
        "made_at": now.isoformat(),
        "accounts": [_row(one) for one in accounts],
        "identities": [{**_row(one), "provider": providers[one.provider_id]} for one in held[Identity]],
        "attachments": [_row(one) for one in held[Attachment]],
        "accreditations": [{**_row(one), "role": roles[one.role_id]} for one in held[Accreditation]],
        "sessions": [{**_row(one), "provider": providers[one.provider_id]} for one in held[OpenSession]],
        "tokens": [_row(one) for one in held[Token]],
        "letter_paces": [_row(one) for one in held[LetterPace]],
        "notices": [_row(one) for one in held[Notice]],
        "letters": [_row(one) for one in held[Letter]],
        "kept_answers": [_row(one) for one in held[KeptAnswer]],
        **{name: rows for one in also for name, rows in one.export(session, keys).items()},
        "trail": [_row(one) for one in _events(session, accounts, held)],
    }


def _of(session: Session, table: Any, keys: Sequence[int]) -> Sequence[Any]:
    found: Sequence[Any] = session.exec(select(table).where(col(table.person_id).in_(keys)).order_by(col(table.id))).all()
    return found


def _row(row: Model) -> dict[str, Any]:
    return plain(row, NEVER)


def _events(session: Session, accounts: Iterable[Person], held: dict[Any, Sequence[Any]]) -> Sequence[Event]:
    """What they did, and what was done to them. SQLite gives the number of a deleted row to a later one: that one's events are older."""
    rows = {**held, Person: list(accounts)}
    met = [
        sa.and_(
            col(Event.subject_kind) == one.__tablename__, col(Event.subject_id) == one.key, col(Event.at) >= getattr(one, since)
        )
        for table, since in ABOUT.items()
        for one in rows[table]
    ]
    made = col(Event.actor).in_([one.actor_key for one in rows[Person]])
    return session.exec(select(Event).where(sa.or_(made, *met)).order_by(col(Event.id))).all()
