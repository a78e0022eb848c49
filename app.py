"""The roof: joins the ground, what exists and what happens into one application. Nobody imports it."""

import gc
from functools import partial

from flask import Flask, g, request
from flask_compress import Compress
from jinja2 import StrictUndefined

from catalogue import cli as catalogue_cli
from catalogue.browse import api, list_views, school_views, views
from catalogue.search.building import Builder
from catalogue.search.shelf import NotIndexedYet, Shelf, home
from catalogue.search.supervision import Supervisor
from catalogue.titles import access as titles_access
from portal import cli
from portal.access import Policy
from portal.calendars import access as calendars_access
from portal.clock import Clock
from portal.db import Database
from portal.moves import Desk
from portal.settings import Environment, Settings
from portal.trail.revision import bump_on_move
from portal.web import assets, errors, gallery, headers, language, logs, pages
from portal.web.kit import Portal, close_by_default, close_session
from portal.web.ui import UI
from workflows import demo
from workflows.editions import access as editions_access
from workflows.editions.drafting import draft_on_move
from workflows.editions.following import following
from workflows.editions.freezing import freeze_on_vote
from workflows.editions.table import EDITIONS, ENTRIES
from workflows.editions.turning import archiving, turn_on_time

PROCEDURES = (EDITIONS, ENTRIES)  # as docs/workflows.md prints them

COMPRESSED = [
    *("text/html", "text/css", "text/csv", "text/javascript", "image/svg+xml"),
    *("application/json", "application/problem+json", "application/manifest+json", "application/atom+xml"),
]


def create_app(settings: Settings) -> Flask:
    """Join everything, and refuse to start with a gap: a route without access, a permission without a rule."""
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        MAX_CONTENT_LENGTH=int(settings.max_body),
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,
        COMPRESS_MIMETYPES=COMPRESSED,
    )
    clock = Clock(settings.var / "demonstration-clock" if settings.is_demonstration else None)
    policy = Policy(calendars_access.RULES, titles_access.RULES, editions_access.RULES)
    database = Database(settings.database_url.get_secret_value())
    desk = Desk(policy, clock, [draft_on_move, freeze_on_vote, bump_on_move])
    desk.listeners += [archiving(desk), following(desk)]
    app.extensions["logitheque"] = Portal(settings, clock, database, policy, desk)
    app.extensions["procedures"] = PROCEDURES
    app.extensions["rounds"] = [partial(turn_on_time, database, desk, clock)]
    folder = home(settings.var)
    app.extensions["builder"] = Builder(database, clock, folder)
    app.extensions["shelf"] = Shelf(folder, settings.index_look)
    _web(app, settings)
    for part in (cli, catalogue_cli, demo):
        part.start(app)
    close_by_default(app, policy)
    return app


def serve() -> Flask:
    """What the server and the command line load."""
    return create_app(Settings.from_environment())


def serve_and_watch() -> Flask:
    """What a server worker loads: it also watches that somebody keeps the index."""
    app = serve()
    gc.freeze()  # what start-up made stays: looking at it again and again would cost a tenth of every answer
    gc.set_threshold(50_000, 20, 20)
    Supervisor(app.extensions["builder"]).start()
    return app


def _web(app: Flask, settings: Settings) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["ui"] = UI(app.jinja_env)
    app.jinja_env.globals["source_url"] = settings.source_url
    logs.start(app, as_json=settings.log_json)
    headers.start(app, https=settings.public_url.startswith("https://"))
    language.start(app)
    assets.start(app)
    errors.start(app)
    Compress(app)
    app.teardown_appcontext(close_session)
    app.register_error_handler(NotIndexedYet, lambda _error: errors.answer(503))
    for blueprint in (pages.bp, views.bp, list_views.bp, school_views.bp, api.bp):
        app.register_blueprint(blueprint)
    if settings.environment is not Environment.PRODUCTION:
        app.register_blueprint(gallery.bp)
    app.context_processor(lambda: _frame(settings))


def _current(url: str) -> str:
    """As `aria-current` says it: this page, or the part of the portal in which it stands."""
    if request.path == url:
        return "page"
    return "true" if request.path.startswith(f"{url}/") else ""


def _frame(settings: Settings) -> dict[str, object]:
    """What the frame of every page shows."""
    notice = (
        language.gettext("Démonstration : données réelles, listes et personnes fictives.") if settings.is_demonstration else None
    )
    return {
        "demo_notice": notice,
        "my_school": g.place.uai if "place" in g else None,
        "navigation": [
            {"label": label, "url": url, "current": _current(url)}
            for url, label in (
                ("/catalogue", language.gettext("Catalogue")),
                ("/listes", language.gettext("Listes")),
                ("/etablissements", language.gettext("Établissements")),
            )
        ],
    }
