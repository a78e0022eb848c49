"""What several processes do at once in the tests of concurrency: each must be importable by a process that starts."""

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, time
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from catalogue.lists.models import Edition, Entry, EntryStatus, SoftwareList
from portal.access import Actor, Policy, system
from portal.clock import Clock
from portal.db import Database, lock, related
from portal.errors import DomainError, Refused
from portal.letters.gathering import Dressed, gather
from portal.letters.models import Kind, Pace
from portal.letters.pacing import choose
from portal.letters.post import send_waiting
from portal.moves import Desk
from portal.settings import Settings
from portal.signin.accounts import welcome
from portal.signin.claims import Claims
from portal.signin.linking import link
from portal.signin.models import Provider
from portal.signin.refusals import SignInRefused
from portal.signin.sessions import end_by_value
from portal.territories.models import Territory
from portal.text import Sentence
from workflows.editions.access import RULES, May
from workflows.editions.drafting import draft_on_move
from workflows.editions.freezing import freeze_on_vote
from workflows.editions.table import EDITIONS, ENTRIES
from workflows.editions.turning import archiving, turn_on_time
from workflows.requests.reminding import Reminding

T = TypeVar("T")
PATIENCE = 60

_start: Barrier


def at_once(work: Callable[..., T], turns: Iterable[tuple[Any, ...]]) -> list[T]:
    """Give each turn to a process of its own; `everyone_is_ready` holds them until the last has come."""
    turns = list(turns)
    # Not "fork", which would share our connections; not "spawn", which would import everything forty times.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(len(turns), context, initializer=_enter, initargs=(context.Barrier(len(turns)),)) as pool:
        return [future.result(PATIENCE) for future in [pool.submit(work, *turn) for turn in turns]]


def _enter(barrier: Barrier) -> None:
    global _start  # noqa: PLW0603
    _start = barrier


def everyone_is_ready() -> None:
    _start.wait(PATIENCE)


def connected(url: str) -> Database:
    """A database whose connection is already open, so that a race begins with the race."""
    database = Database(url)
    with database.read() as session:
        session.connection().execute(sa.text("SELECT 1"))
    return database


def take_a_seat(url: str, edition_id: int, title_id: int) -> str:
    database = connected(url)
    everyone_is_ready()
    try:
        database.write(lambda session: admit(session, edition_id, title_id))
    except Refused:
        return "refused"
    finally:
        database.close()
    return "seated"


def admit(session: Session, edition_id: int, title_id: int) -> None:
    """Lock the list, count, insert: the way every cap of the portal is kept."""
    edition = session.get_one(Edition, edition_id)
    software_list = session.get_one(SoftwareList, edition.list_id)
    lock(session, software_list)
    admitted = select(sa.func.count()).where(col(Entry.edition_id) == edition_id, col(Entry.status) == EntryStatus.ADMITTED)
    if session.exec(admitted).one() >= (software_list.capacity or 0):
        raise Refused([Sentence("La liste est pleine : une entrée demande une sortie.")])
    session.add(Entry(edition_id=edition_id, title_id=title_id, status=EntryStatus.ADMITTED, since=date(2026, 9, 1)))


def desk_on(day: date) -> Desk:
    """The portal's desk at noon of a day, with all that listens to editions."""
    desk = Desk(Policy(RULES), Clock(real=lambda: datetime.combine(day, time(12), UTC)), [draft_on_move, freeze_on_vote])
    desk.listeners.append(archiving(desk))
    return desk


def make_a_move(url: str, kind: str, key: int, name: str, given: dict[str, Any]) -> str:
    """One move of an edition or of an entry, by its key; the answer is the move's name, or the sentence that refused it."""
    database = connected(url)
    everyone_is_ready()

    def work(session: Session) -> None:
        desk, actor = desk_on(date(2026, 6, 20)), system("committee", May.PREPARE, May.VOTE)
        territory = joinedload(related(SoftwareList.territory))
        up = joinedload(related(Edition.software_list)).options(territory)
        if kind == "edition":
            edition = session.exec(select(Edition).where(Edition.id == key).options(up)).one()
            desk.carry_out(session, EDITIONS, name, edition, actor, **given)
        else:
            entry = session.exec(select(Entry).where(Entry.id == key).options(joinedload(related(Entry.edition)).options(up))).one()
            desk.carry_out(session, ENTRIES, name, entry, actor, **given)

    try:
        database.write(work)
    except DomainError as refused:
        return str(refused)
    finally:
        database.close()
    return name


def turn_editions(url: str, day: date) -> None:
    """What one worker does at a round; whatever it meets is raised."""
    database, desk = connected(url), desk_on(day)
    everyone_is_ready()
    turn_on_time(database, desk, desk.clock)
    database.close()


def lock_in_turn(url: str, first: int, second: int) -> int:
    """Lock two rows in an order that another process reverses; return how many attempts it took."""
    database = connected(url)
    attempts = 0

    def work(session: Session) -> None:
        nonlocal attempts
        attempts += 1
        lock(session, session.get_one(Territory, first))
        if attempts == 1:
            everyone_is_ready()
        lock(session, session.get_one(Territory, second))

    database.write(work)
    database.close()
    return attempts


def change_what_was_read(url: str, territory_id: int, name: str) -> int:
    """Read in a snapshot, then write over what another process wrote since; return how many attempts it took."""
    database = connected(url)
    attempts = 0

    def work(session: Session) -> None:
        nonlocal attempts
        attempts += 1
        session.connection().execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        territory = session.get_one(Territory, territory_id)
        if attempts == 1:
            everyone_is_ready()
        territory.name += name

    database.write(work)
    database.close()
    return attempts


def send_letters(settings: Settings, shift: Path) -> int:
    database = connected(settings.database_url.get_secret_value())
    everyone_is_ready()
    sent = send_waiting(database, settings, Clock(shift))
    database.close()
    return sent


def send_alone(settings: Settings, shift: Path) -> None:
    """A worker that somebody will kill."""
    send_waiting(connected(settings.database_url.get_secret_value()), settings, Clock(shift))


def gather_letters(url: str, at: datetime) -> int:
    """What one worker writes at a round."""
    database = connected(url)
    everyone_is_ready()
    written = gather(database, Clock(real=lambda: at), lambda subject, _told: Dressed(subject, "", ""))
    database.close()
    return written


def choose_pace(url: str, account: int, at: datetime) -> str:
    """No letter any more, chosen by several at once: whatever is met is raised."""
    database = connected(url)
    everyone_is_ready()
    database.write(lambda session: choose(session, account, dict.fromkeys(Kind, Pace.NEVER), now=at))
    database.close()
    return "chosen"


def remind_at_once(url: str, at: datetime) -> None:
    database = connected(url)
    everyone_is_ready()
    Reminding(database, Clock(real=lambda: at))()
    database.close()


def arrive(url: str, ent: str, claims: Claims, at: datetime) -> int:
    """Somebody comes in by an ENT; the key of the person whom that is."""
    database = connected(url)
    everyone_is_ready()

    def work(session: Session) -> int:
        return welcome(session, _provider(session, ent), claims, at).key

    key = database.write(work)
    database.close()
    return key


def sign_out(url: str, value: str) -> bool:
    """End the session that a cookie opens; whether it was there."""
    database = connected(url)
    everyone_is_ready()
    ended = database.write(lambda session: end_by_value(session, value) is not None)
    database.close()
    return ended


def link_accounts(url: str, person: int, ent: str, claims: Claims, at: datetime) -> str:
    """Somebody who is signed in confirms at another ENT; what came of it."""
    database = connected(url)
    everyone_is_ready()
    try:
        database.write(lambda session: _link(session, person, ent, claims, at))
    except SignInRefused as refused:
        return str(refused.motive)
    finally:
        database.close()
    return "linked"


def come_or_link(url: str, ent: str, claims: Claims, at: datetime, person: int) -> None:
    """Link the account to that of `person`; 0: come in by it."""
    database = connected(url)
    everyone_is_ready()
    if person:
        database.write(lambda session: _link(session, person, ent, claims, at))
    else:
        database.write(lambda session: welcome(session, _provider(session, ent), claims, at))
    database.close()


def _link(session: Session, person: int, ent: str, claims: Claims, at: datetime) -> None:
    link(session, Actor(f"person:{person}", "Enseignant·e"), person, _provider(session, ent), claims, now=at)


def _provider(session: Session, slug: str) -> Provider:
    return session.exec(select(Provider).where(Provider.slug == slug)).one()
