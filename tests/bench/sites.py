"""The portals that are measured: each kind of database, with the real titles and with a hundred thousand."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import event

from app import create_app
from catalogue.search.building import Builder
from portal.db import Database, schema
from portal.settings import Environment, Settings
from portal.web.kit import Portal
from tests.bench.application import SHEETS
from tests.bench.crowd import crowd
from tests.data.serving import Served, served
from tests.postgres import Cluster, copy
from workflows.demo import load_everything


@dataclass(frozen=True)
class Site:
    """A portal with its data, and its server when it runs."""

    name: str
    settings: Settings
    slugs: list[str]
    queries: dict[str, int]
    crowded: bool


def settings(url: str, folder: Path) -> Settings:
    return Settings(
        secret_key="only measured, never kept: 0123456789",  # type: ignore[arg-type]  # noqa: S106
        environment=Environment.DEMONSTRATION,
        database_url=url,  # type: ignore[arg-type]
        var=folder,
        home_territory="aura",
        log_json=False,
    )


def prepare(name: str, url: str, folder: Path, *, crowded: bool) -> Site:
    """Load, index, and count the queries of each page."""
    folder.mkdir()
    chosen = settings(url, folder)
    database = Database(url)
    schema.upgrade(database.engine)
    database.close()
    app = create_app(chosen)
    portal: Portal = app.extensions["logitheque"]
    load_everything(portal)
    if crowded:
        crowd(portal.database)
    builder: Builder = app.extensions["builder"]
    with builder.alone(wait=True):
        builder.build_if_needed()
    client, counted = app.test_client(), _counter(portal.database)
    slugs = [item["slug"] for item in client.get("/api/v1/titles?per_page=100&support=maintained").json["items"]]  # type: ignore[index]
    asked = {"catalogue": "/catalogue?q=geogebra", "sheet": f"/catalogue/{slugs[0]}", "api": "/api/v1/titles?q=geogebra"}
    queries = {}
    for page, path in asked.items():
        counted.clear()
        client.get(path)
        queries[page] = len(counted)
    portal.database.close()
    return Site(name, chosen, slugs, queries, crowded)


def _counter(database: Database) -> list[str]:
    sent: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda _c, _cu, statement, *_: sent.append(statement))
    return sent


@contextmanager
def running(sites: list[Site]) -> Iterator[list[Served]]:
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                served(
                    site.settings,
                    "tests.bench.application:serve_with_references",
                    **{SHEETS: "" if site.crowded else ",".join(site.slugs)},
                )
            )
            for site in sites
        ]


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
