"""« À voir ensemble »: the sheet that a school and its technician read together, fed by every procedure."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from portal.access import Actor
from portal.people.places import Place
from portal.text import french
from portal.web.kit import Portal
from portal.web.language import day
from portal.web.panels import Panel, gathered


@dataclass(frozen=True)
class Together:
    """What `requests/together.html` shows."""

    uai: str
    school: str
    on: str
    panels: list[Panel]


def together(session: Session, joined: Portal, actor: Actor, place: Place, now: datetime) -> Together:
    return Together(
        uai=place.scope.removeprefix("school:"),
        school=french(place.name),
        on=day(now.astimezone(ZoneInfo(place.zone)).date()),
        panels=gathered(session, joined, actor, place, now),
    )
