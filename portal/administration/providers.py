"""Identity providers: seen, declared, corrected, closed, each with its trace."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from portal.access import Actor
from portal.settings import Settings
from portal.signin.models import Protocol, Provider
from portal.signin.queries import may_demonstrate
from portal.signin.rules import faults
from portal.signin.secrets import client_secret
from portal.text import Sentence
from portal.trail.trail import record
from portal.web.language import gettext as _
from portal.web.language import say

PATH = "/administration/ent"


@dataclass(frozen=True)
class Line:
    """A provider in the list, with what keeps it from working."""

    slug: str
    label: str
    url: str
    protocol: str
    base_url: str
    serves: str
    state: str
    is_open: bool
    faults: list[str]


def lines(session: Session, settings: Settings) -> list[Line]:
    return [_line(one, settings) for one in session.exec(select(Provider).order_by(col(Provider.label)))]


def one(session: Session, slug: str) -> Provider | None:
    return session.exec(select(Provider).where(Provider.slug == slug)).one_or_none()


def new(slug: str = "") -> Provider:
    return Provider(slug=slug, label="", protocol=Protocol.CAS, base_url="")


def wrong(provider: Provider, settings: Settings) -> list[Sentence]:
    return faults(provider, client_secret(provider), may_demonstrate=may_demonstrate(settings))


def address(settings: Settings, slug: str) -> str:
    """What the ENT registers, to the letter."""
    return f"{settings.public_url}/connexion/{slug}/retour/"


def keep(session: Session, wanted: Provider, actor: Actor, now: datetime) -> None:
    """Create or correct; the trail tells which traits changed, not their values: an address may hold a name."""
    held = one(session, wanted.slug)
    said = wanted.model_dump(exclude={"id", "version", "slug", "enabled", "is_demonstration"})
    if held is None:
        session.add(wanted)
        session.flush()
        record(session, actor, wanted, "declared", at=now)
        return
    changed = sorted(name for name, value in said.items() if getattr(held, name) != value)
    for name in changed:
        setattr(held, name, said[name])
    if changed:
        record(session, actor, held, "corrected", at=now, changed=changed)


def switch(session: Session, slug: str, actor: Actor, now: datetime, *, is_open: bool) -> None:
    held = one(session, slug)
    if held is not None and held.enabled is not is_open:
        held.enabled = is_open
        record(session, actor, held, "opened" if is_open else "closed", at=now)


def _line(provider: Provider, settings: Settings) -> Line:
    return Line(
        slug=provider.slug,
        label=provider.label,
        url=f"{PATH}/{provider.slug}",
        protocol="OpenID Connect" if provider.protocol is Protocol.OIDC else "CAS",
        base_url=provider.base_url,
        serves=", ".join(provider.serves) or _("aucun"),
        state=_("ouvert") if provider.enabled else _("fermé"),
        is_open=provider.enabled,
        faults=[say(fault) for fault in wrong(provider, settings)],
    )
