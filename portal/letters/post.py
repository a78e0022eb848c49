"""Sending what waits in the outbox, over a real SMTP conversation."""

import logging
import smtplib
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.clock import Clock
from portal.db import Database
from portal.letters.gathering import POST
from portal.letters.models import Letter
from portal.settings import Settings
from portal.trail.trail import record

log = logging.getLogger(__name__)

# A mail server that is down for a night must not lose a letter: 1 min, 2 min, 4 min … then every hour.
LONGEST_WAIT = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=5)  # as mail servers themselves do: RFC 5321, 4.5.4.1


def send_waiting(database: Database, settings: Settings, clock: Clock, *, at_most: int = 100) -> int:
    """Send up to `at_most` letters; return how many left.

    A letter is taken, then sent, then settled: no transaction stays open while the mail server thinks, which on SQLite
    would keep everybody from writing. A crash after the server's answer sends it again at the next attempt, with the same
    Message-ID: mail programs show it once. The reverse order could lose it.
    """
    with database.read() as session:
        waiting = session.exec(
            select(Letter.id).where(_waits(), col(Letter.not_before) <= clock.now()).order_by(col(Letter.id)).limit(at_most)
        ).all()
    return sum(_send(database, settings, letter_id, clock) for letter_id in waiting if letter_id)


def _send(database: Database, settings: Settings, letter_id: int, clock: Clock) -> bool:
    letter = database.write(lambda session: _take(session, letter_id, clock.now()))
    if letter is None:  # another worker has it
        return False
    trouble = ""
    try:
        _deliver(settings, _message(settings, letter))
    except (OSError, ValueError, smtplib.SMTPException) as error:  # ValueError: an address or a subject that no header can hold
        trouble = f"{type(error).__name__}: {error}"[:500]
        log.warning("letter not sent", extra={"letter": letter_id, "attempts": letter.attempts, "trouble": trouble})
    database.write(lambda session: _settle(session, letter_id, clock.now(), trouble))
    return not trouble


def _take(session: Session, letter_id: int, now: datetime) -> Letter | None:
    """Count an attempt and put the next one off: no other worker sees the letter until then."""
    letter = session.exec(
        select(Letter).where(Letter.id == letter_id, _waits(), col(Letter.not_before) <= now).with_for_update(skip_locked=True)
    ).first()
    if letter is None:
        return None
    letter.attempts += 1
    letter.not_before = now + min(LONGEST_WAIT, timedelta(minutes=2 ** min(letter.attempts - 1, 10)))
    session.flush()
    session.expunge(letter)  # read after the commit, when no session holds it any more
    return letter


def _settle(session: Session, letter_id: int, now: datetime, trouble: str) -> None:
    """The trail says it each time that something else happens: not each of a hundred attempts at a server that is down."""
    letter = session.get_one(Letter, letter_id)
    if letter.given_up_at is not None:  # its reader was forgotten while it left
        return
    was, letter.trouble = letter.trouble, trouble
    if not trouble:
        letter.sent_at, said = now, "letter-sent"
    elif now - letter.written_at >= GIVEN_UP_AFTER:
        letter.given_up_at, said = now, "letter-given-up"
    else:
        said = "letter-failed" if was != trouble else ""
    if said:
        record(session, POST, letter, said, at=now, about=[letter.about_kind, letter.about_id], attempts=letter.attempts)


def _waits() -> sa.ColumnElement[bool]:
    return sa.and_(col(Letter.sent_at).is_(None), col(Letter.given_up_at).is_(None))


def waiting_count(session: Session) -> int:
    return session.exec(select(sa.func.count()).select_from(Letter).where(_waits())).one()


def given_up_count(session: Session, since: datetime) -> int:
    return session.exec(select(sa.func.count()).select_from(Letter).where(col(Letter.given_up_at) >= since)).one()


def _message(settings: Settings, letter: Letter) -> EmailMessage:
    """Letters about one thing name the same ancestor: programs show them together, whichever came first."""
    domain = settings.mail_from.rpartition("@")[2]
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, letter.recipient, letter.subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<letter-{letter.id}@{domain}>"
    if letter.about_kind:
        message["References"] = message["In-Reply-To"] = f"<{letter.about_kind}-{letter.about_id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if letter.settings_url:
        message["List-Unsubscribe"] = f"<{letter.settings_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    message.set_content(letter.body)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    return message


def _deliver(settings: Settings, message: EmailMessage) -> None:
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=10) as server:
        if settings.smtp_starttls:
            server.starttls()
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        server.send_message(message)
