"""The portals that are measured: each kind of database, with the real titles and with a hundred thousand."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from app import create_app
from catalogue.search.building import Builder
from portal.db import Database, schema
from portal.settings import Environment, Settings
from portal.web.cookies import session_cookie
from portal.web.kit import Portal
from tests.bench.application import PERSONAL, READER, SCHOOLS, SHEETS
from tests.bench.asked import crowd_of_requests, support_one
from tests.bench.crowd import crowd
from tests.bench.full import editions, fill
from tests.bench.schools import SEARCH, some_schools
from tests.bench.signins import open_session, reader_of
from tests.data.demonstrations import DAY, ZONE
from tests.data.serving import Served, served
from tests.postgres import Cluster, copy
from tests.rates import FREELY
from workflows.demo import load_everything


@dataclass(frozen=True)
class Site:
    """A portal with its data, and its server when it runs.

    `cookie`: what a signed-in browser sends; `personal`: by name, the pages that are asked with it and are nobody else's.
    """

    name: str
    settings: Settings
    slugs: list[str]
    schools: list[str]
    queries: dict[str, int]
    personal: dict[str, str]
    cookie: str
    crowded: bool


def settings(url: str, folder: Path) -> Settings:
    return Settings(
        secret_key="only measured, never kept: 0123456789",  # type: ignore[arg-type]  # noqa: S106
        environment=Environment.DEMONSTRATION,
        database_url=url,  # type: ignore[arg-type]
        var=folder,
        home_territory="aura",
        log_json=False,
        **FREELY,
    )


def prepare(name: str, url: str, folder: Path, *, crowded: bool) -> Site:
    """Load, on the day that all tests choose, index, and count the queries of each page."""
    folder.mkdir()
    chosen = settings(url, folder)
    database = Database(url)
    schema.upgrade(database.engine)
    database.close()
    app = create_app(chosen)
    portal: Portal = app.extensions["logitheque"]
    portal.clock.move_to(DAY, ZONE)
    load_everything(portal)
    fill(portal)
    cookie = f"{session_cookie(chosen)}={open_session(portal)}"
    if crowded:
        crowd(portal.database)
    personal = _personal(portal, crowded=crowded)
    builder: Builder = app.extensions["builder"]
    with builder.alone(wait=True):
        builder.build_if_needed()
    client = app.test_client()
    slugs = [item["slug"] for item in client.get("/api/v1/titles?per_page=100&support=maintained").json["items"]]  # type: ignore[index]
    with portal.database.read() as session:
        schools = some_schools(session, chosen.home_territory)
    queries = _queries(client, portal.database, _asked(slugs[0], schools[0]), personal, cookie)
    portal.database.close()
    return Site(name, chosen, slugs, schools, queries, personal, cookie, crowded)


def _personal(portal: Portal, *, crowded: bool) -> dict[str, str]:
    """The demonstration has some hundred and fifty requests, the crowd ten thousand; both have one that 200 people support."""
    reader = reader_of(portal)
    if crowded:
        portal.database.write(lambda session: crowd_of_requests(session, portal.clock, reader))
    number = portal.database.write(lambda session: support_one(session, portal.clock, reader))
    return {
        "home, signed in": "/",
        "requests": "/demandes",
        "requests, waiting": "/demandes?voir=a-traiter",
        "requests, all": "/demandes?voir=toutes",
        "request": f"/demandes/{number}",
    }


def _asked(slug: str, school: str) -> dict[str, str]:
    return {
        "catalogue": "/catalogue?q=geogebra",
        "sheet": f"/catalogue/{slug}",
        "api": "/api/v1/titles?q=geogebra",
        "list": editions()[0],
        "school": f"/etablissements/{school}",
        "school search": SEARCH,
    }


def _queries(
    client: FlaskClient, database: Database, asked: dict[str, str], personal: dict[str, str], cookie: str
) -> dict[str, int]:
    """Of each page, and of the same page asked by one who holds it, or who is signed in."""
    counted, queries = _counter(database), {}
    for page, path in asked.items():
        counted.clear()
        answer = client.get(path)
        queries[page] = len(counted)
        if stamp := answer.headers.get("ETag"):
            counted.clear()
            client.get(path, headers={"If-None-Match": stamp})
            queries[f"{page} 304"] = len(counted)
    client.set_cookie(*cookie.split("="))
    signed_in = {f"{page}, signed in": asked[page] for page in ("catalogue", "sheet")} | personal
    for page, path in signed_in.items():
        counted.clear()
        client.get(path)
        queries[page] = len(counted)
    return queries


def _counter(database: Database) -> list[str]:
    sent: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if not statement.startswith("BEGIN"):  # said on SQLite alone, and no question
            sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", hear)
    return sent


@contextmanager
def running(sites: list[Site]) -> Iterator[list[Served]]:
    with ExitStack() as stack:
        yield [
            stack.enter_context(served(site.settings, "tests.bench.application:serve_with_references", **_references(site)))
            for site in sites
        ]


def _references(site: Site) -> dict[str, str]:
    """Those of catalogue and sheet are made for the real titles; those of lists and schools for the crowd."""
    personal = {PERSONAL: ",".join(site.personal.values()), READER: site.cookie}
    return personal | ({SCHOOLS: ",".join(site.schools)} if site.crowded else {SHEETS: ",".join(site.slugs)})


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """An address for each database measured."""
    cluster = Cluster()
    cluster.start()
    try:
        with copy(cluster.address) as small, copy(cluster.address) as large:
            yield {
                "SQLite, 1 307": f"sqlite:///{folder / 'small.sqlite'}",
                "SQLite, 100 000": f"sqlite:///{folder / 'large.sqlite'}",
                "PostgreSQL, 1 307": small,
                "PostgreSQL, 100 000": large,
            }
    finally:
        cluster.stop()
