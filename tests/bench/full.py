"""A full list: the socle with an amendment that takes its last seats, made at the desk as a territory makes one."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from catalogue.lists.models import SEATED, Edition, Entry, SoftwareList
from catalogue.titles.models import Title
from portal.access import system
from portal.db import related
from portal.web.kit import Portal
from tests.data.demonstrations import DAY
from workflows.editions.access import May
from workflows.editions.drafting import propose
from workflows.editions.table import EDITIONS, ENTRIES

YEAR, STARTS_ON = "2026-2027", date(2026, 12, 7)
FULL = f"{YEAR}.2"
OTHERS = (f"{YEAR}.1", YEAR, "2025-2026", "2027-2028")  # of 190 to 196 entries; the last is a draft
REGION = system("mesure", May.PREPARE, May.VOTE)
WHY = "Demandé pour la rentrée par les professeurs de plusieurs lycées, qui l’utilisent toutes les semaines."


def fill(portal: Portal) -> None:
    portal.database.write(partial(_amend, portal=portal))


def editions() -> list[str]:
    """The full edition, alone and compared with each other, then these."""
    full = f"/listes/socle/{FULL}"
    return [full, *(f"{full}?avec={label}" for label in OTHERS), *(f"/listes/socle/{label}" for label in OTHERS)]


def _amend(session: Session, portal: Portal) -> None:
    carry = portal.desk.carry_out
    carry(session, EDITIONS, "amend", _edition(session, 1), REGION, reason="Les dernières places", starts_on=STARTS_ON)
    drafted = _edition(session, 2)
    for title in _wanted(session, drafted):
        entry = propose(session, portal.desk, drafted, title, REGION, since=STARTS_ON, reason=WHY)
        carry(session, ENTRIES, "admit", entry, REGION)
    carry(session, EDITIONS, "vote", drafted, REGION, today=DAY)


def _edition(session: Session, amendment: int) -> Edition:
    up = joinedload(related(Edition.software_list)).joinedload(related(SoftwareList.territory))
    wanted = (SoftwareList.slug == "socle", Edition.school_year == YEAR, Edition.amendment == amendment)
    return session.exec(select(Edition).join(SoftwareList).where(*wanted).options(up)).one()


def _wanted(session: Session, drafted: Edition) -> Sequence[int | None]:
    """As many titles as there are seats left."""
    held = session.exec(select(Entry.title_id).where(Entry.edition_id == drafted.key, col(Entry.status).in_(SEATED))).all()
    free = (drafted.software_list.capacity or 0) - len(held)
    return session.exec(select(Title.id).where(col(Title.id).not_in(held)).order_by(col(Title.id)).limit(free)).all()
