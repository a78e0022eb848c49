"""The roof: joins the ground, what exists and what happens into one application. Nobody imports it."""

import gc
from collections.abc import Iterator
from functools import partial

from flask import Flask, g, request
from flask_compress import Compress
from jinja2 import StrictUndefined

from catalogue import cli as catalogue_cli
from catalogue.browse import api, list_views, school_views, views
from catalogue.browse.panels import coming_dates
from catalogue.lists.queries import count_by_territory
from catalogue.packages import badges as packages_badges
from catalogue.search.building import Builder
from catalogue.search.shelf import NotIndexedYet, Shelf, home
from catalogue.search.supervision import Supervisor
from catalogue.titles import access as titles_access
from catalogue.titles import badges as titles_badges
from catalogue.titles.queries import names_of
from portal import cli
from portal.access import Policy
from portal.account import api as account_api
from portal.account import (
    attachment_views,
    letter_views,
    renewal_views,
    retention_commands,
    signin_views,
    team_views,
    token_commands,
    token_views,
)
from portal.account import commands as people_commands
from portal.account import views as account_views
from portal.administration import (
    calendar_views,
    head_views,
    programme_views,
    role_views,
    territory_views,
    trail_views,
    trail_words,
)
from portal.administration import letter_views as wording_views
from portal.administration import views as administration_views
from portal.administration.above import ABOVE, Above
from portal.administration.letters import WORDS as LETTER_WORDS
from portal.administration.sections import SECTIONS
from portal.calendars import access as calendars_access
from portal.clock import Clock
from portal.db import Database, schema
from portal.enclosures.keeping import sweep_contents
from portal.enclosures.store import Store
from portal.letters import badges as letters_badges
from portal.letters.gathering import gather
from portal.letters.keeping import sweep_letters
from portal.letters.post import send_waiting
from portal.moves import Desk
from portal.people import access as people_access
from portal.retries.keeping import sweep_answers
from portal.settings import Environment, Settings
from portal.signin.queries import troubles
from portal.signin.sessions import Limits, sweep_sessions
from portal.signin.tokens import sweep_tokens
from portal.territories import access as territories_access
from portal.trail.revision import bumping
from portal.trail.words import Words
from portal.web import assets, cookies, errors, gallery, gate, headers, language, logs, pages, paths, programs, rates, reading
from portal.web.dressing import dresser
from portal.web.kit import Portal, close_by_default, close_session, portal
from portal.web.panels import gather_from
from portal.web.ui import UI
from workflows import demo
from workflows.editions import access as editions_access
from workflows.editions import badges as editions_badges
from workflows.editions import letters as editions_letters
from workflows.editions.drafting import draft_on_move
from workflows.editions.following import following
from workflows.editions.freezing import freeze_on_vote
from workflows.editions.table import EDITIONS, ENTRIES
from workflows.editions.turning import archiving, turn_on_time
from workflows.requests import access as requests_access
from workflows.requests import api as requests_api
from workflows.requests import badges as requests_badges
from workflows.requests import block_views, draft_views, setting_views
from workflows.requests import letter_words as requests_words
from workflows.requests import school_views as request_school_views
from workflows.requests import views as request_views
from workflows.requests.about_people import REQUESTS_OF
from workflows.requests.letters import settle_blocks
from workflows.requests.merging import tell_both
from workflows.requests.panels import REQUEST_PAGES, request_panels
from workflows.requests.passing import passing
from workflows.requests.reminding import Reminding
from workflows.requests.table import REQUESTS
from workflows.requests.timing import clock_on_move

PROCEDURES = (EDITIONS, ENTRIES, REQUESTS)  # as docs/workflows.md prints them

ADMINISTRATION = [
    one.SECTION
    for one in (
        administration_views,
        head_views,
        role_views,
        trail_views,
        territory_views,
        setting_views,
        wording_views,
        calendar_views,
        programme_views,
    )
]

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
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,
        COMPRESS_MIMETYPES=COMPRESSED,
    )
    clock = Clock(settings.var / "demonstration-clock" if settings.is_demonstration else None)
    policy = Policy(
        territories_access.RULES, calendars_access.RULES, people_access.RULES, titles_access.RULES, editions_access.RULES,
        requests_access.RULES,
    )  # fmt: skip
    database = Database(settings.database_url.get_secret_value())
    desk = Desk(
        policy,
        clock,
        [draft_on_move, freeze_on_vote, bumping(EDITIONS.name, ENTRIES.name), clock_on_move, tell_both, settle_blocks],
    )
    desk.listeners += [archiving(desk), following(desk), passing(desk)]
    store = Store(settings.var / "enclosures")
    app.extensions["logitheque"] = Portal(settings, clock, database, policy, desk, store, (REQUESTS_OF,))
    app.extensions["procedures"] = PROCEDURES
    app.extensions[SECTIONS] = ADMINISTRATION
    gather_from(app, (request_panels, coming_dates), REQUEST_PAGES)
    app.extensions[ABOVE] = Above(count_by_territory, names_of)
    app.extensions[trail_words.TRAIL] = Words.joined(
        [
            trail_words.GROUND,
            letters_badges.TRAIL,
            titles_badges.TRAIL,
            packages_badges.TRAIL,
            editions_badges.TRAIL,
            requests_badges.TRAIL,
        ]
    )
    app.extensions[LETTER_WORDS] = {one.code: one for one in (*requests_words.ALL, *editions_letters.WORDS)}
    limits = Limits(settings.session_idle, settings.session_longest)
    app.extensions["rounds"] = [
        partial(turn_on_time, database, desk, clock),
        partial(sweep_sessions, database, limits, clock),
        partial(sweep_tokens, database, clock),
        partial(sweep_answers, database, clock),
        partial(sweep_contents, database, store, clock),
        partial(sweep_letters, database, clock),
        Reminding(database, clock),
        partial(gather, database, clock, dresser(app, settings)),
        partial(send_waiting, database, settings, clock),
    ]
    folder = home(settings.var)
    app.extensions["builder"] = Builder(database, clock, folder)
    app.extensions["shelf"] = Shelf(folder, settings.index_look)
    _web(app, settings)
    for part in (cli, people_commands, token_commands, retention_commands, catalogue_cli, demo):
        part.start(app)
    close_by_default(app, policy)
    rates.start(app, settings)
    gate.start(app, policy)
    return app


def serve() -> Flask:
    """What the server and the command line load."""
    return create_app(Settings.from_environment())


def serve_and_watch() -> Flask:
    """What a server worker loads: it also watches that somebody keeps the index."""
    app = serve()
    _refuse_unsafe_sign_in(app.extensions["logitheque"])
    gc.freeze()  # what start-up made stays: looking at it again and again would cost a tenth of every answer
    gc.set_threshold(50_000, 20, 20)
    Supervisor(app.extensions["builder"]).start()
    return app


def _refuse_unsafe_sign_in(joined: Portal) -> None:
    """Serve nobody while somebody could come in as another, or try as often as they like; the command line stays, to mend it."""
    if found := rates.troubles(joined.settings):
        raise SystemExit("\n".join(found))
    if not schema.is_current(joined.database.engine):
        return  # nobody can come in: `flask doctor` says what to do
    with joined.database.read() as session:
        if found := troubles(session, joined.settings):
            raise SystemExit("\n".join(found))


def _web(app: Flask, settings: Settings) -> None:
    app.url_map.converters["int"] = paths.Key
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["ui"] = UI(app.jinja_env)
    app.jinja_env.globals["source_url"] = settings.source_url
    logs.start(app, as_json=settings.log_json)
    headers.start(app, https=cookies.is_https(settings), session_cookie=cookies.session_cookie(settings))
    language.start(app)
    assets.start(app)
    errors.start(app)
    reading.start(app)
    programs.start(app)
    Compress(app)
    app.teardown_appcontext(close_session)
    app.register_error_handler(NotIndexedYet, lambda _error: errors.answer(503))
    for blueprint in (
        pages.bp,
        signin_views.bp,
        account_views.bp,
        token_views.bp,
        letter_views.bp,
        team_views.bp,
        renewal_views.bp,
        attachment_views.bp,
        administration_views.bp,
        head_views.bp,
        role_views.bp,
        trail_views.bp,
        territory_views.bp,
        calendar_views.bp,
        programme_views.bp,
        wording_views.bp,
        views.bp,
        list_views.bp,
        school_views.bp,
        api.bp,
        account_api.bp,
        draft_views.bp,
        request_views.bp,
        block_views.bp,
        requests_api.bp,
        request_school_views.bp,
        setting_views.bp,
    ):
        app.register_blueprint(blueprint)
    if settings.environment is not Environment.PRODUCTION:
        app.register_blueprint(gallery.bp)
    app.context_processor(lambda: _frame(settings))


def _current(url: str) -> str:
    """As `aria-current` says it: this page, or the part of the portal in which it stands."""
    if request.path == url:
        return "page"
    return "true" if request.path.startswith(f"{url}/") else ""


def _for_reader() -> Iterator[tuple[str, str]]:
    """What the menu also holds for whoever runs the portal."""
    who, joined = reading.signed_in(), portal()
    if who and joined.policy.ever(who.actor, people_access.May.OPEN_ADMINISTRATION):
        yield "/administration", language.gettext("Administration")


def _frame(settings: Settings) -> dict[str, object]:
    """What the frame of every page shows."""
    place = g.get("place")
    notice = (
        language.gettext("Démonstration : données réelles, listes et personnes fictives.") if settings.is_demonstration else None
    )
    return {
        "demo_notice": notice,
        "asking": "/demandes/nouvelle",
        "my_school": place.uai if place else None,
        "my_school_name": place.school.name if place and place.school else "",
        "navigation": [
            {"label": label, "url": url, "current": _current(url)}
            for url, label in (
                ("/catalogue", language.gettext("Catalogue")),
                ("/listes", language.gettext("Listes")),
                ("/etablissements", language.gettext("Établissements")),
                ("/demandes", language.gettext("Demandes")),
                *_for_reader(),
            )
        ],
    }
