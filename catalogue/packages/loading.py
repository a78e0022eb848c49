"""The demonstration's packages: plausible, and made up."""

from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from catalogue.packages.packages_file import PACKAGES
from portal.access import Actor
from portal.imports import Plan, load

FILE = Path(__file__).parents[1] / "data" / "demonstration" / "packages.csv"


def load_demonstration(session: Session, *, actor: Actor, at: datetime) -> Plan:
    return load(session, PACKAGES, FILE, actor=actor, at=at)
