"""What the portal knows of the person who reads, and from where."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from portal.people.access import May
from portal.people.badges import STANDINGS, function_of
from portal.people.models import SELF, Attachment, Person, Standing
from portal.people.queries import HOLDS, accreditations_of, asking, attachments_of, ended_accreditations_of, is_account_of
from portal.signin.linking import proposed
from portal.signin.models import Identity, Provider
from portal.signin.sessions import Limits, SignedIn, open_sessions
from portal.territories.models import School, Territory
from portal.text import french
from portal.web.language import gettext as _
from portal.web.language import say

YEAR = timedelta(days=365)
SETTLED = (Standing.CONFIRMED, Standing.ENDED)


@dataclass(frozen=True)
class OwnSchool:
    """A school said to be theirs. `settled`: who confirmed or ended it; `asking`: who waits there for the reader's answer."""

    uai: str
    name: str
    town: str
    standing: str
    source: str
    seen_at: datetime
    is_known: bool
    is_open: bool
    is_asked: bool
    ended: bool
    settled: str = ""
    reason: str = ""
    team: str = ""
    asking: int = 0


@dataclass(frozen=True)
class OwnIdentity:
    """A provider by which they come in. `linked`: the key of the account it had of its own, 0 for this one's."""

    ent: str
    subject: str
    first_seen_at: datetime
    seen_at: datetime
    linked: int


@dataclass(frozen=True)
class Proposal:
    """A provider where an account is theirs too, by the join key."""

    ent: str
    slug: str


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
class Past:
    """A role that is no longer held. `revoked_as` and `reason`: of one that was taken back before its end."""

    called: str
    where: str
    ended_on: date
    revoked_as: str
    reason: str


@dataclass(frozen=True)
class Account:
    """What `account/own.html` shows."""

    name: str
    email: str
    function: str
    said: str
    identities: list[OwnIdentity]
    proposals: list[Proposal]
    schools: list[OwnSchool]
    accreditations: list[Granted]
    past: list[Past]
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
        identities=_identities(session, person.key, labels),
        proposals=[Proposal(one.label, one.slug) for one in proposed(session, person.key)],
        schools=_led(session, who, _schools(session, attachments_of(session, person.key), slugs)),
        accreditations=_accreditations(session, person.key, now),
        past=_past(session, person.key, now),
        sessions=[
            OwnSession(
                one.device or _("Navigateur inconnu"), labels[one.provider_id], one.began_at, one.seen_at, one.id == who.session_id
            )
            for one in open_sessions(session, person.key, limits, now)
        ],
    )


def _identities(session: Session, person_id: int, labels: dict[int, str]) -> list[OwnIdentity]:
    """Those of the account itself first, then those of the accounts linked to it."""
    found = session.execute(
        select(Identity, Person.linked_to_id)
        .join(Person, col(Person.id) == Identity.person_id)
        .where(is_account_of(person_id))
        .order_by(col(Person.linked_to_id).is_not(None), col(Identity.id))
    ).all()
    return [
        OwnIdentity(labels[one.provider_id], one.subject, one.first_seen_at, one.seen_at, one.person_id if linked else 0)
        for one, linked in found
    ]


def _led(session: Session, who: SignedIn, schools: list[OwnSchool]) -> list[OwnSchool]:
    """With the way to the team, where the reader reads it, and who waits for an answer there."""
    led = [one.uai for one in schools if one.is_known and who.actor.has(May.READ_ACCREDITATIONS, f"school:{one.uai}")]
    settled = [uai for uai in led if who.actor.has(May.SETTLE, f"school:{uai}")]
    waiting = asking(session, settled) if settled else {}
    return [
        replace(one, team=f"/etablissements/{one.uai}/equipe", asking=waiting.get(one.uai, 0)) if one.uai in led else one
        for one in schools
    ]


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
            source=_("vous-même") if one.source == SELF else slugs.get(one.source, one.source),
            seen_at=one.seen_at,
            is_known=one.uai in known,
            is_open=one.uai in known and known[one.uai].open,
            is_asked=one.standing is Standing.ASKED,
            ended=one.standing is Standing.ENDED,
            settled=french(one.settled_by) if one.standing in SETTLED else "",
            reason=french(one.settle_reason) if one.standing is Standing.ENDED else "",
        )
        for one in held
    ]


def _accreditations(session: Session, person_id: int, now: datetime) -> list[Granted]:
    held = accreditations_of(session, person_id, now)
    names = scope_names(session, [one.scope for one in held])
    return [Granted(one.called, names[one.scope], one.until, one.granted_as) for one in held]


def _past(session: Session, person_id: int, now: datetime) -> list[Past]:
    """Those of the last twelve months, the latest first."""
    held = ended_accreditations_of(session, person_id, now - YEAR, now)
    names = scope_names(session, [one.scope for one in held])
    return [
        Past(
            called=one.called,
            where=names[one.scope],
            ended_on=one.revoked_at.astimezone(ZoneInfo(one.zone)).date() if one.revoked_at else one.until,
            revoked_as=french(one.revoked_as),
            reason=french(one.revoke_reason),
        )
        for one in held
    ]


def scope_names(session: Session, scopes: Sequence[str]) -> dict[str, str]:
    """Scopes in words: a school's name, a territory's."""
    uais = [scope.removeprefix("school:") for scope in scopes if scope.startswith("school:")]
    codes = [scope.removeprefix("territory:") for scope in scopes if scope.startswith("territory:")]
    names = {f"school:{one.uai}": french(one.name) for one in session.exec(select(School).where(col(School.uai).in_(uais)))}
    names |= {one.scope: one.name for one in session.exec(select(Territory).where(col(Territory.code).in_(codes)))}
    return {scope: names.get(scope, _("tout le portail") if scope == "*" else scope) for scope in scopes}
