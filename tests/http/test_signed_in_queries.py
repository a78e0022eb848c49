"""What it costs the database to know who reads: one query a page, one write a minute, and nothing where nobody asks."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, select

from portal.clock import Clock
from portal.db import Database
from portal.people.models import Accreditation, Person, Role
from portal.signin.models import OpenSession
from portal.signin.sessions import SEEN_EVERY
from tests.conftest import Counting
from tests.http.administering import install
from tests.http.arrivals import running_ent
from tests.http.coming_in import SESSION, Browser
from tests.page_client import PageClient

pytest_plugins = ("tests.data.catalogue_data",)

MORNING = datetime(2026, 11, 16, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PLAIN = "/accessibilite"  # asks nothing for itself
OWN_PAGES = (PLAIN, "/mon-compte", "/mon-compte/etablissement", "/connexion", "/administration")
NOT_SIGNED_IN = {"etablissement": "0261505V", "langue": "fr", "ent": "demonstration"}


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["logitheque"].database
    return found


@pytest.fixture
def go_to(app: Flask) -> Callable[[timedelta], None]:
    """Stop the portal's clock so long after MORNING, where it starts."""

    def stop(later: timedelta) -> None:
        object.__setattr__(app.extensions["logitheque"], "clock", Clock(real=lambda: MORNING + later))

    stop(timedelta())
    return stop


@pytest.fixture
def teacher(app: Flask, ent: str, go_to: Any) -> Browser:
    """She teaches in two schools, and was granted nothing. The clock stops before she comes in."""
    install(app, ent)
    browser = Browser(app, ent)
    browser.comes_in("itinerante")
    return browser


@pytest.fixture
def reader(own_app: Flask, own: Any) -> Browser:
    """A signed-in reader of the demonstration's catalogue, who has opened it before."""
    own_app.test_client_class = PageClient
    with running_ent(own.settings, ()) as ent:
        browser = Browser(own_app, ent)
        browser.comes_in("referent")
    browser.client.get("/catalogue")
    return browser


def entrust(database: Database, number: int) -> None:
    """Accreditations in force of the one person who is signed in, each over a school of its own."""

    def work(session: Session) -> None:
        (role,) = session.exec(select(Role).where(Role.code == "administrator")).all()
        person_id = session.exec(select(OpenSession.person_id)).one()
        held = len(session.exec(select(Accreditation.id).where(Accreditation.person_id == person_id)).all())
        session.add_all(
            Accreditation(
                person_id=person_id,
                role_id=role.key,
                called="Administration du lycée",
                scope=f"school:09999{one:02}A",
                zone="Europe/Paris",
                starts_on=date(2026, 9, 1),
                until=date(2027, 8, 31),
                granted_at=MORNING,
                granted_by="system:test",
                granted_as="Administration",
            )
            for one in range(held, number)
        )

    database.write(work)


def cost(browser: Browser, database: Database, count_queries: Counting, path: str) -> int:
    """How many statements an answer sends."""
    with count_queries(database) as sent, browser.client.get(path) as answer:
        assert answer.status_code == 200, path
    return len(sent)


def test_session_person_and_accreditations_are_one_query(teacher: Browser, database: Database, count_queries: Counting) -> None:
    entrust(database, 3)
    with count_queries(database) as sent:
        page = teacher.client.get(PLAIN)
    assert "Enseignante (deux lycées)" in page.text
    (query,) = sent
    assert query.startswith("SELECT")
    assert all(table in query for table in ("open_session", "person", "accreditation", "role"))


def test_thirty_accreditations_cost_as_many_queries_as_three(teacher: Browser, database: Database, count_queries: Counting) -> None:
    costs = []
    for number in (3, 30):
        entrust(database, number)
        costs.append({path: cost(teacher, database, count_queries, path) for path in OWN_PAGES})
        assert teacher.client.get("/mon-compte").text.count("Administration du lycée") >= number
    assert costs[0] == costs[1]
    assert all(costs[0].values())


def test_last_seen_is_written_once_a_minute(
    teacher: Browser, database: Database, count_queries: Counting, go_to: Callable[[timedelta], None]
) -> None:
    written = []
    for later in (
        timedelta(),
        SEEN_EVERY - SECOND,
        SEEN_EVERY,
        SEEN_EVERY,
        2 * SEEN_EVERY - SECOND,
        2 * SEEN_EVERY,
        2 * SEEN_EVERY,
    ):
        go_to(later)
        with count_queries(database) as sent:
            assert teacher.client.get(PLAIN).status_code == 200
        assert [one for one in sent if "SELECT" in one] == sent[:1], "knowing who reads is still one query"
        written.append([one for one in sent if not one.startswith("SELECT")])
        assert all(one.startswith("UPDATE open_session") for one in written[-1])
    assert [len(one) for one in written] == [0, 0, 1, 0, 0, 1, 0]
    with database.read() as session:
        assert session.exec(select(OpenSession.seen_at)).one() == MORNING + 2 * SEEN_EVERY
        assert session.exec(select(Person.seen_at).join(OpenSession)).one() == MORNING, "a person is seen when they come in"


def test_a_session_that_is_over_is_one_query_and_is_not_seen_again(
    teacher: Browser, database: Database, count_queries: Counting, go_to: Callable[[timedelta], None]
) -> None:
    go_to(timedelta(days=1))
    for path in (PLAIN, "/mon-compte"):
        with count_queries(database) as sent:
            assert "Enseignante" not in teacher.client.get(path).text
        assert [one[:6] for one in sent] == ["SELECT"]


def test_an_unknown_cookie_is_one_query_at_most(app: Flask, database: Database, count_queries: Counting) -> None:
    client = app.test_client()
    for value, path in product(["unknown", "x" * 43, "é€", "a" * 3000, "' OR 1=1 --"], [PLAIN, "/mon-compte", "/administration"]):
        client.set_cookie(SESSION, value)
        with count_queries(database) as sent:
            client.get(path)
        assert len(sent) <= 1, (value, path)


def test_what_is_nobody_s_page_never_asks_who_reads(
    teacher: Browser, database: Database, count_queries: Counting, go_to: Callable[[timedelta], None]
) -> None:
    go_to(3 * SEEN_EVERY)  # a page would write that she was seen
    for path in ("/static/0/css/logitheque.css", "/favicon.ico", "/api/v1/openapi.json"):
        assert cost(teacher, database, count_queries, path) == 0
    assert cost(teacher, database, count_queries, PLAIN) == 2


@pytest.mark.parametrize("path", ["/", "/catalogue?q=geogebra", "/catalogue/gimp", PLAIN, "/donnees-ouvertes"])
def test_an_anonymous_page_asks_nothing(own_app: Flask, count_queries: Counting, path: str) -> None:
    client, database = own_app.test_client(), own_app.extensions["logitheque"].database
    with count_queries(database) as sent:
        assert client.get(path).status_code == 200
    assert sent == []
    for name, value in NOT_SIGNED_IN.items():
        client.set_cookie(name, value)
    with count_queries(database) as sent:
        assert client.get(path).status_code == 200
    assert [one for one in sent if "open_session" in one or not one.startswith("SELECT")] == []


@pytest.mark.parametrize("path", ["/", "/catalogue", "/catalogue?q=geogebra", "/catalogue/gimp"])
def test_a_signed_in_page_of_the_catalogue_is_one_query_kept_or_not(
    reader: Browser, own_app: Flask, count_queries: Counting, path: str
) -> None:
    database = own_app.extensions["logitheque"].database
    with count_queries(database) as sent:
        page = reader.client.get(path)
    assert "Référent numérique" in page.text
    assert len(sent) == 1
    with count_queries(database) as sent:
        assert reader.client.get(path, headers={"If-None-Match": page.headers["ETag"]}).status_code == 304
    assert len(sent) == 1
