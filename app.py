"""The roof: joins the ground, what exists and what happens into one application. Nobody imports it."""

from flask import Flask
from flask_compress import Compress
from jinja2 import StrictUndefined

from portal import cli
from portal.access import Policy
from portal.clock import Clock
from portal.db import Database
from portal.moves import Desk
from portal.settings import Environment, Settings
from portal.web import assets, errors, gallery, headers, language, logs, pages
from portal.web.kit import Portal, close_by_default, close_session
from portal.web.ui import UI


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
    )
    clock = Clock(settings.var / "demonstration-clock" if settings.is_demonstration else None)
    policy = Policy()
    database = Database(settings.database_url.get_secret_value())
    app.extensions["logitheque"] = Portal(settings, clock, database, policy, Desk(policy, clock))
    _web(app, settings)
    cli.start(app)
    close_by_default(app, policy)
    return app


def serve() -> Flask:
    """What the server loads."""
    return create_app(Settings.from_environment())


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
    app.register_blueprint(pages.bp)
    if settings.environment is not Environment.PRODUCTION:
        app.register_blueprint(gallery.bp)
    app.context_processor(lambda: _frame(settings))


def _frame(settings: Settings) -> dict[str, object]:
    """What the frame of every page shows."""
    notice = language.gettext("Démonstration : données réelles, listes et personnes fictives.") if settings.is_demonstration else None
    return {"demo_notice": notice, "navigation": []}
