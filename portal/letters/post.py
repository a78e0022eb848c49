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
from portal.letters.models import Letter
from portal.settings import Settings

log = logging.getLogger(__name__)

# A mail server that is down for a night must not lose a letter: 1 min, 2 min, 4 min … then every hour.
LONGEST_WAIT = timedelta(hours=1)


def send_waiting(database: Database, settings: Settings, clock: Clock, *, at_most: int = 100) -> int:
    """Send up to `at_most` letters, one transaction each; return how many left.

    A crash between the server's answer and our commit sends a letter twice, with the same Message-ID: mail
    programs show it once. The reverse order could lose it.
    """
    sent = 0
    with database.read() as session:
        waiting = session.exec(
            select(Letter.id)
            .where(col(Letter.sent_at).is_(None), col(Letter.not_before) <= clock.now())
            .order_by(col(Letter.id))
            .limit(at_most)
        ).all()
    for letter_id in waiting:
        sent += database.write(lambda session, i=letter_id: _send(session, settings, i, clock.now()))  # type: ignore[misc]
    return sent


def _send(session: Session, settings: Settings, letter_id: int, now: datetime) -> int:
    letter = session.exec(
        select(Letter).where(Letter.id == letter_id, col(Letter.sent_at).is_(None)).with_for_update(skip_locked=True)
    ).first()
    if letter is None:  # another worker has it
        return 0
    letter.attempts += 1
    try:
        _deliver(settings, _message(settings, letter))
    except (OSError, smtplib.SMTPException) as trouble:
        letter.trouble = f"{type(trouble).__name__}: {trouble}"[:500]
        letter.not_before = now + min(LONGEST_WAIT, timedelta(minutes=2 ** min(letter.attempts - 1, 10)))
        log.warning("letter not sent", extra={"letter": letter.id, "attempts": letter.attempts, "trouble": letter.trouble})
        return 0
    letter.sent_at, letter.trouble = now, ""
    return 1


def waiting_count(session: Session) -> int:
    return session.exec(select(sa.func.count()).select_from(Letter).where(col(Letter.sent_at).is_(None))).one()


def _message(settings: Settings, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, letter.recipient, letter.subject
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<letter-{letter.id}@{settings.mail_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message


def _deliver(settings: Settings, message: EmailMessage) -> None:
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=10) as server:
        if settings.smtp_starttls:
            server.starttls()
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        server.send_message(message)
