"""What the demonstration's people were granted before it begins: made by the portal's own way of granting."""

from datetime import datetime
from pathlib import Path

from sqlmodel import Session, select

from portal.access import Policy, system
from portal.demo.people_file import FILE, Person, read_people
from portal.people.loading import load_roles
from portal.people.models import Accreditation
from portal.signin.accounts import welcome
from portal.signin.claims import is_turned_away, understand
from portal.signin.envelopes import Answer
from portal.signin.expecting import Asked, grant_from_outside
from portal.signin.loading import DEMONSTRATION, declare_demonstration, declare_other_demonstrations
from portal.signin.models import Provider

WHY = "Démonstration : accordé avant qu’elle ne commence."
BEFORE_IT_RUNS = "http://127.0.0.1:8001/cas"  # `flask demo run` writes the true one


def load_people(session: Session, policy: Policy, *, at: datetime, path: Path = FILE) -> dict[str, int]:
    """Roles, the demonstration's providers, and who holds what; nothing a second time, so that what people changed stays.

    Who is known by the other providers too arrives there by themselves: it is theirs to link their accounts.
    """
    load_roles(session, policy.rules)
    declare_demonstration(session, BEFORE_IT_RUNS)
    declare_other_demonstrations(session, BEFORE_IT_RUNS)
    session.flush()
    if session.exec(select(Accreditation.id).limit(1)).first() is not None:
        return {"accreditations": 0}
    actor = system("demonstration", *policy.rules)
    provider = session.exec(select(Provider).where(Provider.slug == DEMONSTRATION)).one()
    asked = []
    for person in read_people(path).values():
        claims = understand(_said(person))
        if not is_turned_away(claims.profiles):
            welcome(session, provider, claims, at)
            asked += [Asked(DEMONSTRATION, person.subject, role, scope, reason=WHY) for role, scope in person.holds]
    for one in asked:
        grant_from_outside(session, policy, actor, one, at)
    return {"accreditations": len(asked)}


def _said(person: Person) -> Answer:
    """As its ENT would answer for it."""
    said = {
        "prenom": (person.given_name,),
        "nom": (person.family_name,),
        "mail": (person.email,),
        "ENTPersonProfils": person.profiles,
        "ENTPersonStructRattachRNE": person.schools,
        "ENTPersonJointure": (person.join_key,) if person.join_key else (),
    }
    return Answer(person.subject, {name: values for name, values in said.items() if values})
