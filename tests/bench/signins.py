"""What it costs to know who reads, and a rush at the door: fifty browsers that come in at once through the demonstration's ENT."""

from http import HTTPStatus
from typing import NamedTuple

import requests
from sqlmodel import Session, select

from portal.access import system
from portal.demo.people_file import read_people
from portal.settings import Settings
from portal.signin.claims import understand
from portal.signin.envelopes import Answer
from portal.signin.expecting import Asked, grant_from_outside
from portal.signin.loading import DEMONSTRATION
from portal.signin.models import OpenSession, Provider
from portal.signin.receiving import Proof, Reception
from portal.web.kit import Portal
from tests.data.serving import PATIENCE, Served
from tests.http.arrivals import Arrival, adults, come_in_together, newcomers, running_ent

READER = "itinerante"
HOLDS = (
    ("head", "school:0261505V"),
    ("head", "school:0260037Z"),
    ("digital-lead", "school:0261505V"),
    ("teacher", "school:0260037Z"),
    ("decider", "territory:aura"),
)
KNOWN, NEW = 12, 13  # people, each in two browsers


class Rush(NamedTuple):
    """How many came, the seconds until the last was in, who was not, and who then read another's account."""

    browsers: int
    seconds: float
    lost: list[str]
    mixed_up: list[str]


def open_session(portal: Portal) -> str:
    """The cookie of a person with several accreditations, whose session is opened as an arrival opens one."""
    person = read_people()[READER]
    portal.database.write(lambda session: _entrust(session, portal, person.subject))
    with portal.database.read() as session:
        provider = session.exec(select(Provider).where(Provider.slug == DEMONSTRATION)).one()
    claims = understand(Answer(person.subject, {"ENTPersonProfils": person.profiles}))
    reception = Reception(portal.settings, portal.clock, portal.database, portal.policy)
    return reception.enter(provider, Proof(claims, proved=False), device="", leaving="").cookie


def reader_of(portal: Portal) -> int:
    """The account of the person who is signed in."""
    with portal.database.read() as session:
        return session.exec(select(OpenSession.person_id)).one()


def _entrust(session: Session, portal: Portal, subject: str) -> None:
    actor, at = system("mesure", *portal.policy.rules), portal.clock.now()
    for role, scope in HOLDS:
        grant_from_outside(session, portal.policy, actor, Asked(DEMONSTRATION, subject, role, scope, reason="mesure"), at)


def demand_account(server: Served, cookie: str) -> None:
    """A session that is over would have been answered with the pages of visitors, which cost less."""
    address = f"http://127.0.0.1:{server.port}/mon-compte"
    answer = requests.get(address, headers={"Cookie": cookie}, allow_redirects=False, timeout=PATIENCE)
    if answer.status_code != HTTPStatus.OK:
        raise RuntimeError(f"{address} answers {answer.status_code}: the signed-in reader was a visitor.")


def rush(settings: Settings, server: Served) -> Rush:
    new = newcomers(NEW)
    with running_ent(settings, new) as ent:
        arrivals = [Arrival(server.port, ent, person) for person in 2 * [*adults()[:KNOWN], *new]]
        seconds = come_in_together(arrivals)
    lost = [one.trouble for one in arrivals if one.trouble]
    return Rush(len(arrivals), seconds, lost, [one.person.login for one in arrivals if not one.trouble and not one.is_itself])
