"""Letters leave once, over a real SMTP conversation, and none is lost when the mail server is down."""

import email
import email.policy
import multiprocessing
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as Conversation
from sqlmodel import col, select

from portal.clock import Clock
from portal.db import Database
from portal.letters.models import Letter
from portal.letters.post import GIVEN_UP_AFTER, LONGEST_WAIT, given_up_count, send_waiting, waiting_count
from portal.settings import Settings
from portal.trail.models import Event
from tests.data.contenders import at_once, send_alone, send_letters

BODY = "Bonjour,\n\nVotre demande « GeoGebra » est acceptée : l’équipe l’installe à la rentrée.\n"


class Post:
    """A mail server that keeps what it receives, and may refuse somebody."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.slowness = 0.0

    async def handle_DATA(self, _server: SMTP, _conversation: Conversation, envelope: Envelope) -> str:  # noqa: N802
        time.sleep(self.slowness)  # noqa: ASYNC251 (the whole server is slow)
        if self.refused.intersection(envelope.rcpt_tos):
            return "550 no such person"
        message = email.message_from_bytes(cast("bytes", envelope.content), policy=email.policy.default)
        self.received.append(message)
        return "250 OK"


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return cast("int", server.getsockname()[1])


@pytest.fixture
def mail(settings: Settings, free_port: int) -> Settings:
    return settings.model_copy(update={"smtp_port": free_port, "mail_from": "logitheque@exemple.org"})


@pytest.fixture
def post(free_port: int) -> Iterator[Post]:
    post = Post()
    controller = Controller(post, hostname="127.0.0.1", port=free_port)
    controller.start()
    yield post
    controller.stop()


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "shift")


Write = Callable[..., None]


@pytest.fixture
def write(database: Database, clock: Clock) -> Write:
    def write(*recipients: str) -> None:
        now = clock.now()
        letters = [
            Letter(recipient=recipient, subject="Demande acceptée : « GeoGebra »", body=BODY, written_at=now, not_before=now)
            for recipient in recipients
        ]
        database.write(lambda session: session.add_all(letters))

    return write


def letters(database: Database) -> list[Letter]:
    with database.read() as session:
        return list(session.exec(select(Letter).order_by(col(Letter.id))).all())


def tomorrow(clock: Clock) -> date:
    return clock.today("Europe/Paris") + timedelta(days=1)


def test_a_letter_leaves_once_and_says_what_was_written(
    database: Database, mail: Settings, clock: Clock, post: Post, write: Write
) -> None:
    write("referent@exemple.org")
    assert send_waiting(database, mail, clock) == 1
    assert send_waiting(database, mail, clock) == 0
    [message] = post.received
    assert message["From"] == "logitheque@exemple.org"
    assert message["To"] == "referent@exemple.org"
    assert message["Subject"] == "Demande acceptée : « GeoGebra »"
    assert message["Message-ID"] == "<letter-1@exemple.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == letters(database)[0].written_at.replace(microsecond=0)
    assert message.get_content().replace("\r\n", "\n") == BODY
    assert letters(database)[0].sent_at is not None


def test_a_letter_waits_for_its_day(database: Database, mail: Settings, clock: Clock, post: Post, write: Write) -> None:
    clock.move_to(tomorrow(clock), "Europe/Paris")
    write("referent@exemple.org")
    assert send_waiting(database, mail, Clock()) == 0
    assert send_waiting(database, mail, clock) == 1


def test_a_mail_server_that_is_down_loses_nothing(
    database: Database, mail: Settings, clock: Clock, write: Write, request: pytest.FixtureRequest
) -> None:
    write("referent@exemple.org")
    before = clock.now()
    assert send_waiting(database, mail, clock) == 0
    [letter] = letters(database)
    assert (letter.sent_at, letter.attempts) == (None, 1)
    assert "ConnectionRefusedError" in letter.trouble
    assert timedelta(minutes=1) <= letter.not_before - before < timedelta(minutes=2)

    post: Post = request.getfixturevalue("post")  # the server is up again
    assert send_waiting(database, mail, clock) == 0, "not before its time"
    clock.move_to(tomorrow(clock), "Europe/Paris")
    assert send_waiting(database, mail, clock) == 1
    assert len(post.received) == 1
    [letter] = letters(database)
    assert letter.sent_at is not None
    assert (letter.attempts, letter.trouble) == (2, "")


def later(clock: Clock, by: timedelta) -> Clock:
    at = clock.now() + by
    return Clock(real=lambda: at)


def events(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.exec(select(Event.move).where(Event.subject_kind == "letter").order_by(col(Event.id))))


def test_waits_double_up_to_an_hour(database: Database, mail: Settings, clock: Clock, write: Write) -> None:
    write("referent@exemple.org")
    waits = []
    for _attempt in range(9):
        before = clock.now()
        send_waiting(database, mail, clock)
        [letter] = letters(database)
        waits.append(round((letter.not_before - before) / timedelta(minutes=1)))
        clock = later(clock, timedelta(hours=2))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert timedelta(hours=1) == LONGEST_WAIT


def test_a_mail_server_that_is_down_for_an_hour_loses_nothing_and_doubles_nothing(
    database: Database, mail: Settings, clock: Clock, write: Write, request: pytest.FixtureRequest
) -> None:
    """The worker looks each second; here each minute, for an hour without a server, then for two with one."""
    recipients = [f"personne{number}@exemple.org" for number in range(5)]
    write(*recipients)
    for minute in range(60):
        assert send_waiting(database, mail, later(clock, timedelta(minutes=minute))) == 0
    post: Post = request.getfixturevalue("post")  # the server is up again
    sent = sum(send_waiting(database, mail, later(clock, timedelta(minutes=minute))) for minute in range(60, 180))
    assert sent == len(recipients)
    assert Counter(message["To"] for message in post.received) == Counter(recipients)
    assert Counter(events(database)) == {"letter-failed": 5, "letter-sent": 5}, "said once, not at each attempt"


def test_a_letter_that_cannot_leave_for_five_days_is_given_up_and_the_trail_says_so(
    database: Database, mail: Settings, clock: Clock, write: Write
) -> None:
    write("referent@exemple.org")
    send_waiting(database, mail, clock)
    send_waiting(database, mail, later(clock, GIVEN_UP_AFTER - timedelta(minutes=1)))
    assert events(database) == ["letter-failed"]
    send_waiting(database, mail, later(clock, GIVEN_UP_AFTER + timedelta(hours=1)))
    assert events(database) == ["letter-failed", "letter-given-up"]
    [letter] = letters(database)
    assert letter.given_up_at is not None
    with database.read() as session:
        assert (waiting_count(session), given_up_count(session, clock.now())) == (0, 1)
    assert send_waiting(database, mail, later(clock, timedelta(days=30))) == 0
    assert letters(database)[0].attempts == 3


def test_a_worker_that_is_killed_doubles_at_most_the_letter_that_it_was_sending(
    database: Database, mail: Settings, clock: Clock, post: Post, write: Write
) -> None:
    """What the mail server has confirmed, and the database knows, never leaves again."""
    recipients = [f"personne{number}@exemple.org" for number in range(30)]
    write(*recipients)
    post.slowness = 0.05
    assert clock.shift is not None
    worker = multiprocessing.get_context("forkserver").Process(target=send_alone, args=(mail, clock.shift))
    worker.start()
    deadline = time.monotonic() + 60
    while len(post.received) < 8 and time.monotonic() < deadline:
        time.sleep(0.01)
    worker.kill()
    worker.join(10)
    confirmed = {letter.recipient for letter in letters(database) if letter.sent_at}
    assert 0 < len(confirmed) < len(recipients), "killed in the middle"
    post.slowness = 0
    send_waiting(database, mail, later(clock, timedelta(hours=1)))
    received = Counter(message["To"] for message in post.received)
    assert set(received) == set(recipients), "nothing is lost"
    assert all(received[one] == 1 for one in confirmed)
    doubled = [one for one in recipients if received[one] > 1]
    assert len(doubled) <= 1
    ids = Counter(message["Message-ID"] for message in post.received)
    assert len(ids) == len(recipients), "and what left twice is one message, by its number"


def test_a_refused_recipient_does_not_hold_the_others_back(
    database: Database, mail: Settings, clock: Clock, post: Post, write: Write
) -> None:
    post.refused.add("partie@exemple.org")
    write("partie@exemple.org", "referent@exemple.org")
    assert send_waiting(database, mail, clock) == 1
    assert [message["To"] for message in post.received] == ["referent@exemple.org"]
    refused, sent = letters(database)
    assert refused.sent_at is None
    assert "no such person" in refused.trouble
    assert sent.sent_at is not None


def test_an_address_that_cannot_be_written_does_not_hold_the_others_back(
    database: Database, mail: Settings, clock: Clock, post: Post, write: Write
) -> None:
    write("deux\nlignes@exemple.org", "referent@exemple.org")
    assert send_waiting(database, mail, clock) == 1
    assert [message["To"] for message in post.received] == ["referent@exemple.org"]
    assert letters(database)[0].trouble


def test_a_mail_server_that_hangs_keeps_nobody_from_writing(
    database: Database, mail: Settings, clock: Clock, write: Write, free_port: int
) -> None:
    write("referent@exemple.org")
    with socket.create_server(("127.0.0.1", free_port)) as mute, ThreadPoolExecutor(1) as worker:
        sending = worker.submit(send_waiting, database, mail, clock)
        conversation, _address = mute.accept()
        try:
            write("autre@exemple.org")
        finally:
            conversation.close()
            assert sending.result(timeout=20) == 0
    assert [letter.recipient for letter in letters(database)] == ["referent@exemple.org", "autre@exemple.org"]


def test_two_workers_at_once_send_each_letter_once(
    database: Database, mail: Settings, clock: Clock, post: Post, write: Write
) -> None:
    recipients = [f"personne{number}@exemple.org" for number in range(20)]
    write(*recipients)
    post.slowness = 0.02
    assert clock.shift is not None
    sent = at_once(send_letters, [(mail, clock.shift), (mail, clock.shift)])
    assert sum(sent) == len(recipients)
    assert Counter(message["To"] for message in post.received) == Counter(recipients)
    with database.read() as session:
        assert waiting_count(session) == 0
