"""Granting to somebody named by an ENT's own identifier, who may not have come yet: the command line and the demonstration."""

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from portal.access import Actor, Policy
from portal.errors import Refused
from portal.people.granting import Wish, grant, usual_end
from portal.people.models import Accreditation, Role
from portal.people.places import place_of
from portal.signin.accounts import expect
from portal.signin.models import Provider
from portal.text import Sentence


class Asked(NamedTuple):
    """As typed by an operator. Without `until`: the end of the school year."""

    provider: str
    subject: str
    role: str
    scope: str
    until: date | None = None
    letter: str = ""
    reason: str = ""


def grant_from_outside(session: Session, policy: Policy, actor: Actor, asked: Asked, now: datetime) -> Accreditation:
    """The rules are those of everybody: only the person is found otherwise."""
    provider = session.exec(select(Provider).where(Provider.slug == asked.provider)).one_or_none()
    role = session.exec(select(Role).where(Role.code == asked.role)).one_or_none()
    place = place_of(session, asked.scope)
    missing = []
    if provider is None:
        missing.append(Sentence("Aucun ENT « %(slug)s ». Voyez « flask people provider list ».", slug=asked.provider))
    if role is None:
        missing.append(Sentence("Aucune fonction « %(code)s ». Chargez-les par « flask people roles ».", code=asked.role))
    if place is None:
        missing.append(
            Sentence("« %(scope)s » ne désigne rien ici. Écrivez school:0380001A, territory:aura ou *.", scope=asked.scope)
        )
    if provider is None or role is None or place is None:
        raise Refused(missing)
    today = now.astimezone(ZoneInfo(place.zone)).date()
    wish = Wish(
        person=expect(session, provider, asked.subject, now),
        role=role,
        place=place,
        starts_on=today,
        until=asked.until or usual_end(today),
        letter=asked.letter,
        reason=asked.reason,
    )
    return grant(session, policy, actor, wish, now)
