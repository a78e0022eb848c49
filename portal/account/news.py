"""What one was told, and has or has not seen to."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.errors import Unknown
from portal.letters.badges import KINDS, state_of
from portal.letters.models import Letter, Notice
from portal.people.access import PERSON
from portal.people.queries import accounts_of
from portal.text import Sentence
from portal.web.language import day, say
from portal.web.language import gettext as _
from portal.web.language import lazy as _l
from portal.web.pagination import Page

PATH = "/nouvelles"
SETTLED = "traitees"
PER_PAGE = 25
LATEST = 20  # letters that the page of one's letters shows
NO_SUCH_NEWS = Sentence("Cette nouvelle n’existe plus. Revenez à vos nouvelles.")
TABS = {"": _l("À traiter (%(n)s)"), SETTLED: _l("Traitées (%(n)s)")}


@dataclass(frozen=True)
class News:
    """One line. `how`: how it was seen to, when it was."""

    key: int
    kind: str
    subject: str
    paragraphs: list[str]
    url: str
    at: datetime
    how: str


@dataclass(frozen=True)
class AllNews:
    """What `account/news.html` shows. `here`: the query of this very page; `newest`: so that « all » leaves what comes later."""

    view: str
    tabs: list[dict[str, str]]
    lines: list[News]
    page: Page
    here: str
    newest: int


def news(session: Session, person_id: int, *, view: str, number: int) -> AllNews:
    """The newest first; as many queries for a page of 25 as for one of 3."""
    view = view if view in TABS else ""
    mine = _mine(person_id)
    newest = sa.func.coalesce(sa.func.max(col(Notice.id)), 0)
    settled, total, last = session.execute(
        sa.select(sa.func.count(col(Notice.settled_at)), sa.func.count(), newest).where(mine)
    ).one()
    counts = {"": total - settled, SETTLED: settled}
    number = max(1, min(number, -(-counts[view] // PER_PAGE)))
    wanted = col(Notice.settled_at).is_not(None) if view else col(Notice.settled_at).is_(None)
    found = session.exec(
        select(Notice).where(mine, wanted).order_by(col(Notice.id).desc()).offset((number - 1) * PER_PAGE).limit(PER_PAGE)
    ).all()
    return AllNews(
        view=view,
        tabs=[{"key": name, "label": str(label) % {"n": counts[name]}, "url": address(name)} for name, label in TABS.items()],
        lines=[_line(one, f"{PERSON}{person_id}") for one in found],
        page=Page(number, counts[view], PER_PAGE, lambda at: address(view, at)),
        here=address(view, number).removeprefix(PATH),
        newest=last,
    )


def settle_one(session: Session, person_id: int, key: int, *, actor: str, now: datetime) -> None:
    """A second click does nothing more."""
    found = _one(session, person_id, key)
    if found.settled_at is None:
        found.settled_at, found.settled_by = now, actor


def take_up_again(session: Session, person_id: int, key: int) -> None:
    found = _one(session, person_id, key)
    found.settled_at, found.settled_by = None, ""


def settle_all(session: Session, person_id: int, until: int, *, actor: str, now: datetime) -> None:
    """All that there was when the page was read: what came since has not been seen."""
    session.execute(
        sa.update(Notice)
        .where(_mine(person_id), col(Notice.id) <= until, col(Notice.settled_at).is_(None))
        .values(settled_at=now, settled_by=actor)
    )


@dataclass(frozen=True)
class SentLetter:
    """A letter that was written to somebody, and what became of it."""

    subject: str
    written_at: datetime
    code: str
    state: str
    tone: str
    attempts: int


def letters_of(session: Session, person_id: int) -> list[SentLetter]:
    """The latest first."""
    found = session.exec(
        select(Letter).where(col(Letter.person_id).in_(accounts_of(person_id))).order_by(col(Letter.id).desc()).limit(LATEST)
    )
    return [_letter(one) for one in found]


def _letter(one: Letter) -> SentLetter:
    code, state, tone = state_of(one)
    return SentLetter(one.subject, one.written_at, code, say(state), tone, one.attempts)


def _one(session: Session, person_id: int, key: int) -> Notice:
    found = session.exec(select(Notice).where(_mine(person_id), Notice.id == key).with_for_update()).one_or_none()
    if found is None:
        raise Unknown(NO_SUCH_NEWS)
    return found


def _mine(person_id: int) -> sa.ColumnElement[bool]:
    return col(Notice.person_id).in_(accounts_of(person_id))


def _line(one: Notice, reader: str) -> News:
    how = ""
    if one.settled_at:
        on = day(one.settled_at.isoformat())
        how = _("traitée le %(day)s", day=on) if one.settled_by == reader else _("sans objet depuis le %(day)s", day=on)
    return News(one.key, say(KINDS[one.kind]), one.subject, one.text.split("\n\n"), one.url, one.at, how)


def address(view: str, number: int = 1) -> str:
    """Of a page of news."""
    view = view if view in TABS else ""
    said = [part for part in (f"voir={view}" if view else "", f"page={number}" if number > 1 else "") if part]
    return f"{PATH}?{'&'.join(said)}" if said else PATH
