"""A class comes in at the same minute: nobody is lost, and nobody reads another's account."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from portal.db import Database
from portal.people.models import Person
from portal.signin.models import OpenSession, PendingSignIn
from portal.signin.secrets import digest
from tests.data.serving import served
from tests.http.arrivals import Arrival, adults, come_in_together, newcomers, running_ent

pytest_plugins = ("tests.data.catalogue_data",)

AT_ONCE = 20


@pytest.fixture
def database(own: Any) -> Iterator[Database]:
    database = Database(own.url)
    yield database
    database.close()


def people_of(database: Database) -> int:
    with database.read() as session:
        return session.exec(select(sa.func.count(col(Person.id)))).one()


def holders(session: Session) -> dict[str, str]:
    return {one.digest: one.subject for one in session.exec(select(OpenSession))}


def test_twenty_come_in_at_once_none_lost_none_mixed_up(own: Any, database: Database) -> None:
    """Half were granted something before, half come for the first time: of these, each comes by two browsers at once."""
    new = newcomers(AT_ONCE // 4)
    people = [*adults()[: AT_ONCE // 2], *new, *new]
    assert len(people) == AT_ONCE
    before = people_of(database)
    with served(own.settings) as portal, running_ent(own.settings, new) as ent:
        arrivals = [Arrival(portal.port, ent, person) for person in people]
        come_in_together(arrivals)
    assert [one.trouble for one in arrivals if one.trouble] == []
    assert [one.person.login for one in arrivals if not one.is_itself] == []
    with database.read() as session:
        assert holders(session) == {digest(one.cookie): one.person.subject for one in arrivals}
        assert session.exec(select(PendingSignIn)).all() == []
    assert people_of(database) == before + len(new)
