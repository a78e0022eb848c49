"""Providers as pages look for them."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from portal.settings import Environment, Settings
from portal.signin.models import OpenSession, Provider
from portal.signin.rules import faults
from portal.signin.secrets import client_secret
from portal.territories.models import School
from portal.text import Sentence


def usable(session: Session, settings: Settings) -> Sequence[Provider]:
    """Those through which people may come in here, by name: a demonstration's are out of reach of a real portal."""
    asked = select(Provider).where(col(Provider.enabled)).order_by(col(Provider.label))
    if not may_demonstrate(settings):
        asked = asked.where(~col(Provider.is_demonstration))
    return session.exec(asked).all()


def usable_one(session: Session, settings: Settings, slug: str) -> Provider | None:
    return next((one for one in usable(session, settings) if one.slug == slug), None)


def troubles(session: Session, settings: Settings) -> list[Sentence]:
    """What keeps the providers that are open from being safe here: the portal does not start with it."""
    opened = session.exec(select(Provider).where(col(Provider.enabled)).order_by(col(Provider.slug))).all()
    return [fault for one in opened for fault in faults(one, client_secret(one), may_demonstrate=may_demonstrate(settings))]


def may_demonstrate(settings: Settings) -> bool:
    return settings.environment in {Environment.DEMONSTRATION, Environment.TEST}


def provider_of(session: Session, session_id: int) -> Provider:
    """By which an open session came in."""
    return session.exec(select(Provider).join(OpenSession).where(OpenSession.id == session_id)).one()


def serving(providers: Sequence[Provider], school: School, territory: str | None) -> list[Provider]:
    """Those whose ENT that school uses, the most precise first."""
    scopes = [f"school:{school.uai}", f"territory:{territory}", f"academy:{school.academy}", "*"]
    ranked = [(scopes.index(scope), one) for one in providers for scope in one.serves if scope in scopes]
    return [one for _rank, one in sorted(ranked, key=lambda pair: (pair[0], pair[1].label))]
