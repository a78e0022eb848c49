"""The page on which one asks to be attached to a school that the ENT does not name."""

from dataclasses import dataclass

from sqlmodel import Session, select

from portal.account.doors import MOST_SCHOOLS, announced
from portal.people.models import Standing
from portal.people.queries import HOLDS, attachments_of
from portal.signin.sessions import SignedIn
from portal.territories.finding import find_schools
from portal.territories.models import Territory
from portal.text import french

MOST_ASKED = 200


@dataclass(frozen=True)
class Choice:
    """A school that was found."""

    uai: str
    name: str
    town: str
    is_held: bool
    is_asked: bool


@dataclass(frozen=True)
class Asking:
    """What `account/asking.html` shows."""

    q: str
    schools: list[Choice]
    announcement: str


def asking(session: Session, who: SignedIn, q: str) -> Asking:
    q = q[:MOST_ASKED]
    found, total = find_schools(session, q, session.exec(select(Territory)).all(), MOST_SCHOOLS) if q else ([], 0)
    held = {one.uai: one.standing for one in attachments_of(session, who.person_id)}
    return Asking(
        q=q,
        schools=[
            Choice(
                uai=one.uai,
                name=french(one.name),
                town=f"{one.postal_code} {one.city}",
                is_held=held.get(one.uai) in HOLDS,
                is_asked=held.get(one.uai) is Standing.ASKED,
            )
            for one in found
            if one.open
        ],
        announcement=announced(total, len(found)) if q else "",
    )
