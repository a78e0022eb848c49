"""What the portal knows of the person who reads, and from where."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, select

from portal.people.access import May
from portal.people.badges import STANDINGS, function_of
from portal.people.models import Attachment, Person, Standing
from portal.people.queries import HOLDS, accreditations_of, attachments_of
from portal.signin.models import Identity, Provider
from portal.signin.sessions import Limits, SignedIn, open_sessions
from portal.territories.models import School, Territory
from portal.text import french
from portal.web.language import gettext as _
from portal.web.language import say


@dataclass(frozen=True)
class OwnSchool:
    """A school said to be theirs."""

    uai: str
    name: str
    town: str
    standing: str
    source: str
    seen_at: datetime
    is_known: bool
    ended: bool
    team: str = ""


@dataclass(frozen=True)
class OwnIdentity:
    """A provider by which they come in."""

    ent: str
    subject: str
    first_seen_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class OwnSession:
    """A browser where they are signed in."""

    device: str
    ent: str
    began_at: datetime
    seen_at: datetime
    is_this_one: bool


@dataclass(frozen=True)
class Granted:
    """An accreditation, and who answers for it."""

    called: str
    where: str
    until: date
    granted_as: str


@dataclass(frozen=True)
class Account:
    """What `account/own.html` shows."""

    name: str
    email: str
    function: str
    said: str
    identities: list[OwnIdentity]
    schools: list[OwnSchool]
    accreditations: list[Granted]
    sessions: list[OwnSession]


def account(session: Session, who: SignedIn, limits: Limits, now: datetime) -> Account:
    person = session.get_one(Person, who.person_id)
    labels = dict(session.execute(select(Provider.id, Provider.label)).all())
    slugs = dict(session.execute(select(Provider.slug, Provider.label)).all())
    return Account(
        name=person.name,
        email=person.email,
        function=say(who.actor.function),
        said=say(function_of(person.profile)),
        identities=[
            OwnIdentity(labels[one.provider_id], one.subject, one.first_seen_at, one.seen_at)
            for one in session.exec(select(Identity).where(Identity.person_id == person.key).order_by(col(Identity.id)))
        ],
        schools=[
            replace(one, team=f"/etablissements/{one.uai}/equipe") if _leads(who, one) else one
            for one in _schools(session, attachments_of(session, person.key), slugs)
        ],
        accreditations=_accreditations(session, person.key, now),
        sessions=[
            OwnSession(
                one.device or _("Navigateur inconnu"), labels[one.provider_id], one.began_at, one.seen_at, one.id == who.session_id
            )
            for one in open_sessions(session, person.key, limits, now)
        ],
    )


def _leads(who: SignedIn, school: OwnSchool) -> bool:
    return school.is_known and who.actor.has(May.READ_ACCREDITATIONS, f"school:{school.uai}")


def choice(session: Session, who: SignedIn) -> list[OwnSchool]:
    """The schools among which the current one is chosen: those that the directory knows."""
    held = [one for one in attachments_of(session, who.person_id) if one.standing in HOLDS]
    return [one for one in _schools(session, held, {}) if one.is_known]


def _schools(session: Session, held: Sequence[Attachment], slugs: dict[str, str]) -> list[OwnSchool]:
    known = {one.uai: one for one in session.exec(select(School).where(col(School.uai).in_([one.uai for one in held])))}
    return [
        OwnSchool(
            uai=one.uai,
            name=french(known[one.uai].name) if one.uai in known else _("Établissement inconnu de l’annuaire"),
            town=known[one.uai].city if one.uai in known else "",
            standing=say(STANDINGS[one.standing]),
            source=slugs.get(one.source, one.source),
            seen_at=one.seen_at,
            is_known=one.uai in known,
            ended=one.standing is Standing.ENDED,
        )
        for one in held
    ]


def _accreditations(session: Session, person_id: int, now: datetime) -> list[Granted]:
    held = accreditations_of(session, person_id, now.date())
    names = scope_names(session, [one.scope for one in held])
    return [Granted(one.called, names[one.scope], one.until, one.granted_as) for one in held]


def scope_names(session: Session, scopes: Sequence[str]) -> dict[str, str]:
    """Scopes in words: a school's name, a territory's."""
    uais = [scope.removeprefix("school:") for scope in scopes if scope.startswith("school:")]
    codes = [scope.removeprefix("territory:") for scope in scopes if scope.startswith("territory:")]
    names = {f"school:{one.uai}": french(one.name) for one in session.exec(select(School).where(col(School.uai).in_(uais)))}
    names |= {one.scope: one.name for one in session.exec(select(Territory).where(col(Territory.code).in_(codes)))}
    return {scope: names.get(scope, _("tout le portail") if scope == "*" else scope) for scope in scopes}
