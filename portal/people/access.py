"""Who may do what with accounts, accreditations, roles and the doors people come in by."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Protocol

import sqlalchemy as sa
from sqlmodel import col

from portal.access import Actor, Rule, granted
from portal.calendars.access import MANAGE_CALENDAR
from portal.people.models import Accreditation, Person
from portal.territories import access as territories
from portal.text import Sentence

PERSON = "person:"


class May(StrEnum):
    """Permissions of this noun, `noun:verb`."""

    USE_ACCOUNT = "account:use"
    READ_ACCREDITATIONS = "accreditation:read"
    GRANT = "accreditation:grant"
    DELEGATE = "accreditation:delegate"
    SETTLE = "attachment:settle"
    NAME_HEAD = "head:name"
    MANAGE_ROLES = "role:manage"
    MANAGE_PROVIDERS = "provider:manage"
    READ_TRAIL = "trail:read"
    OPEN_ADMINISTRATION = "administration:open"


def _is_person(actor: Actor) -> bool:
    return actor.key.startswith(PERSON)


def _is_own(actor: Actor, person: Person) -> bool:
    return actor.key == person.actor_key


def _own(actor: Actor) -> sa.ColumnElement[bool]:
    return col(Person.id) == int(actor.key.removeprefix(PERSON)) if _is_person(actor) else sa.false()


class Scoped(Protocol):
    """An accreditation, or the place where one would be: a scope, and the territory it depends on."""

    @property
    def scope(self) -> str: ...
    @property
    def within(self) -> str: ...


def covers(actor: Actor, permission: str, where: Scoped) -> bool:
    """Whether the actor holds a permission there, or over the territory that the place depends on."""
    return any(actor.has(permission, scope) for scope in (where.scope, where.within) if scope)


def _over(permission: str, says: Sentence, act: Sentence) -> Rule:
    def holds(actor: Actor, subject: Scoped) -> bool:
        return covers(actor, permission, subject)

    def where(actor: Actor) -> sa.ColumnElement[bool]:
        scopes = sorted(actor.scopes(permission))
        if "*" in scopes:
            return sa.true()
        return sa.or_(col(Accreditation.scope).in_(scopes), col(Accreditation.within).in_(scopes))

    return Rule(says, holds, where, lambda actor: bool(actor.scopes(permission))).to(act)


def _everywhere(permission: str, act: Sentence) -> Rule:
    """Of what belongs to no territory: held over one, it opens nothing."""
    rule = granted(permission, scope=lambda _thing: "*", where=lambda _scopes: sa.false()).to(act)
    return replace(rule, ever=lambda actor: actor.has(permission, "*"))


SECTIONS = (
    May.MANAGE_PROVIDERS,
    May.MANAGE_ROLES,
    May.NAME_HEAD,
    May.READ_TRAIL,
    territories.May.MANAGE_TERRITORY,
    territories.May.WITHDRAW_TEACHING,
    MANAGE_CALENDAR,
)  # the permissions of the sections that stand under /administration


def _administers(actor: Actor) -> bool:
    return any(actor.scopes(permission) for permission in SECTIONS)


HEAD = Sentence("le ou la chef·fe d’établissement, ou la personne à qui cela a été délégué")
RULES: Mapping[str, Rule] = {
    May.USE_ACCOUNT: Rule(Sentence("la personne que ce compte désigne"), _is_own, _own, _is_person).to(
        Sentence("tenir son compte, ses connexions et ses jetons")
    ),
    May.READ_ACCREDITATIONS: _over(May.READ_ACCREDITATIONS, HEAD, Sentence("voir l’équipe d’un établissement et ses fonctions")),
    May.GRANT: _over(May.GRANT, HEAD, Sentence("confier et retirer des fonctions dans un établissement")),
    May.DELEGATE: _over(
        May.DELEGATE, Sentence("le ou la chef·fe d’établissement"), Sentence("déléguer à une autre personne le droit de confier")
    ),
    May.SETTLE: _over(May.SETTLE, HEAD, Sentence("confirmer et terminer les rattachements à un établissement")),
    May.NAME_HEAD: _over(
        May.NAME_HEAD,
        Sentence("la collectivité dont dépend l’établissement"),
        Sentence("nommer le ou la chef·fe d’un établissement"),
    ),
    May.MANAGE_ROLES: _everywhere(May.MANAGE_ROLES, Sentence("régler les fonctions, et confier celles de la collectivité")),
    May.MANAGE_PROVIDERS: _everywhere(May.MANAGE_PROVIDERS, Sentence("raccorder, corriger et fermer les ENT")),
    May.READ_TRAIL: _everywhere(May.READ_TRAIL, Sentence("lire la trace de ce qui s’est passé")),
    May.OPEN_ADMINISTRATION: Rule(
        Sentence("l’administration du portail"),
        lambda actor, _subject: _administers(actor),
        lambda actor: sa.true() if _administers(actor) else sa.false(),
        _administers,
    ).to(Sentence("ouvrir les pages d’administration")),
}
