"""Correcting one title by hand: the correction keeps its own source and reason, and imports leave it alone."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from catalogue.titles.access import May
from catalogue.titles.installers_file import retire_installers
from catalogue.titles.models import Alternative, Confidence, Fact, LicenceType, Title
from portal.access import Actor, Policy
from portal.errors import Refused, Unknown
from portal.text import Sentence, clean, fold
from portal.trail.revision import bump
from portal.trail.trail import record

EDITABLE = {"name": 120, "publisher": 120, "licence": 80, "licence_type": 24, "homepage": 300, "latest_version": 60, "purpose": 140}
LONGEST_KEY, LONGEST_SOURCE, LONGEST_REASON, LONGEST_WHY = 120, 200, 1000, 300


def edit(
    session: Session, policy: Policy, actor: Actor, slug: str, *, field: str, value: str, source: str, reason: str, at: datetime
) -> Title:
    """Set one field and remember who says so, from what, and why."""
    title = find(session, slug)
    policy.demand(actor, May.EDIT, title)
    value, source, reason = clean(value), clean(source), clean(reason)
    if problems := faults(field, value, source, reason):
        raise Refused(problems)
    was: Any = getattr(title, field)
    if str(was) == value:
        return title
    setattr(title, field, LicenceType(value) if field == "licence_type" else value)
    if field == "name":
        title.sort_key = fold(value)[:LONGEST_KEY]
    if field == "latest_version":
        retire_installers(session, {title.key: value})
    title.changed_at = at
    fact = session.exec(select(Fact).where(Fact.title_id == title.id, Fact.field == field)).first()
    fact = fact or Fact(title_id=title.key, field=field, source="", reason="", confidence=Confidence.HIGH, at=at, by="")
    fact.source, fact.reason, fact.at, fact.by = source, reason, at, actor.function
    session.add(fact)
    record(session, actor, title, "edited", at=at, reason=reason, changes={field: [str(was), value]})
    bump(session)
    return title


def correct_alternative(
    session: Session, policy: Policy, actor: Actor, slug: str, other: str, *, shown: bool, reason: str, at: datetime
) -> Alternative:
    """Add a title to another's alternatives, or take off one that was computed wrongly."""
    title, second = find(session, slug), find(session, other)
    policy.demand(actor, May.EDIT, title)
    reason = clean(reason)
    if problems := _reason_faults(reason, LONGEST_WHY):
        raise Refused(problems)
    if title is second:
        raise Refused([Sentence("Un titre n’est pas l’équivalent de lui-même. Indiquez un autre titre.")])
    known = session.exec(select(Alternative).where(Alternative.title_id == title.id, Alternative.other_id == second.id)).first()
    known = known or Alternative(title_id=title.key, other_id=second.key, shown=shown, reason="")
    known.shown, known.reason = shown, reason
    title.changed_at = at
    session.add(known)
    record(session, actor, title, "alternative-added" if shown else "alternative-removed", at=at, reason=reason, other=second.slug)
    bump(session)
    return known


def find(session: Session, slug: str) -> Title:
    title = session.exec(select(Title).where(Title.slug == slug)).first()
    if title is None:
        raise Unknown(Sentence("Aucun titre ne s’appelle « %(slug)s » dans le catalogue. Vérifiez son adresse.", slug=slug[:80]))
    return title


def faults(field: str, value: str, source: str, reason: str) -> list[Sentence]:
    """What forbids this value; pure."""
    found = []
    if field not in EDITABLE:
        found.append(Sentence("Le champ « %(field)s » ne se corrige pas ici.", field=field))
    elif len(value) > EDITABLE[field]:
        found.append(Sentence("La valeur dépasse %(most)s caractères. Raccourcissez-la.", most=EDITABLE[field]))
    if field == "name" and not value:
        found.append(Sentence("Un titre a un nom. Écrivez-le."))
    if field == "licence_type" and value not in set(LicenceType):
        found.append(Sentence("Type de licence inconnu. Choisissez parmi : %(known)s.", known=", ".join(LicenceType)))
    if field == "homepage" and value and not value.startswith(("https://", "http://")):
        found.append(Sentence("L’adresse d’un site commence par https://. Corrigez-la."))
    if not source:
        found.append(Sentence("Il manque la source de la correction. Écrivez d’où vient la valeur."))
    elif len(source) > LONGEST_SOURCE:
        found.append(Sentence("La source dépasse %(most)s caractères. Raccourcissez-la.", most=LONGEST_SOURCE))
    return found + _reason_faults(reason, LONGEST_REASON)


def _reason_faults(reason: str, most: int) -> list[Sentence]:
    if not reason:
        return [Sentence("Il manque la raison de la correction. Écrivez-la en une phrase.")]
    if len(reason) > most:
        return [Sentence("La raison dépasse %(most)s caractères. Raccourcissez-la.", most=most)]
    return []
