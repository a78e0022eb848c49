"""What a view needs: the portal, a session, who asks, and how to answer with a page or a fragment of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_login import current_user
from sqlmodel import Session

from portal.access import Policy
from portal.clock import Clock
from portal.db import Database
from portal.enclosures.store import Store
from portal.errors import Unknown
from portal.moves import Desk
from portal.people.about import AboutPeople
from portal.settings import Settings
from portal.text import Sentence

View = TypeVar("View", bound=Callable[..., Any])
EVERYONE = "everyone"


@dataclass(frozen=True)
class Portal:
    """All that was joined at start; `portal()` gives it to views."""

    settings: Settings
    clock: Clock
    database: Database
    policy: Policy
    desk: Desk
    store: Store
    about_people: tuple[AboutPeople, ...] = ()


def portal() -> Portal:
    found: Portal = current_app.extensions["logitheque"]
    return found


def session() -> Session:
    """The reading session of this request, opened when first asked for: a page that asks nothing costs no query."""
    if "session" not in g:
        reading = portal().database.read()
        g.session = reading.__enter__()
        g.reading = reading  # once it is open: a database that does not answer leaves nothing to close
    found: Session = g.session
    return found


def close_session(_error: BaseException | None = None) -> None:
    if reading := g.pop("reading", None):
        g.pop("session")
        reading.__exit__(None, None, None)


def access(permission: str) -> Callable[[View], View]:
    """Declare what a view asks for: a permission, or EVERYONE. A view without it fails at start."""

    def declare(view: View) -> View:
        view.access = permission  # type: ignore[attr-defined]
        return view

    return declare


def close_by_default(app: Flask, policy: Policy) -> None:
    """Refuse to start with a route whose access nobody declared, or that names a permission without a rule."""
    for endpoint, view in app.view_functions.items():
        declared = getattr(view, "access", None)
        if declared is None:
            raise RuntimeError(f"Route {endpoint!r} declares no access: add @access(EVERYONE) or @access(a permission).")
        if declared != EVERYONE and declared not in policy.rules:
            raise RuntimeError(f"Route {endpoint!r} asks for {declared!r}, which has no rule: declare it in its access.py.")


def found(thing: Any, sentence: Sentence) -> Any:
    """The thing, or a 404 that says what was looked for and what to do."""
    if thing is None:
        raise Unknown(sentence)
    return thing


def wants_fragment(target: str) -> bool:
    """Whether htmx asks for the part with that id; a restored history wants the whole page."""
    g.varies = ["HX-Target", "HX-History-Restore-Request"]
    return request.headers.get("HX-Target") == target and "HX-History-Restore-Request" not in request.headers


def page(template: str, *, fragment: str = "", target: str = "", status: int = 200, **context: Any) -> Response:
    """Answer with a page, or with the file it includes when htmx asks for the part whose id is `target`."""
    name = fragment if fragment and wants_fragment(target) else template
    return _ask_again(make_response(render_template(name, **context), status))


def private_page(template: str, *, status: int = 200, **context: Any) -> Response:
    """A page of somebody, which no cache keeps: not even the browser's, on a computer that others use."""
    return private(page(template, status=status, **context))


def private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def fresh(*parts: object) -> Response | None:
    """A 304 when the reader already has this state of the page, else None; `keep` then stamps the answer.

    A new release is a new state, and so is another reader. Compression adds `:br` to what was stamped; a 304 repeats what the reader holds.
    """
    g.etag = "-".join(str(part) for part in (*parts, current_user.stamp, current_app.config["RELEASE"]))
    held = request.if_none_match
    same = [tag for tag in held.as_set(include_weak=True) if tag.partition(":")[0] == g.etag]
    if not same and not held.star_tag:
        return None
    g.etag = same[0] if same else g.etag
    return keep(Response(status=304))


def keep(response: Response) -> Response:
    """Let the reader keep the page, and tell by its stamp whether it changed."""
    response.set_etag(g.etag)
    return _ask_again(response)


def _ask_again(response: Response) -> Response:
    """A kept page is checked each time; it depends on cookies, and no shared cache keeps a person's."""
    response.vary.update(["Cookie", *g.get("varies", ())])
    response.cache_control.no_cache = True
    if request.cookies:
        response.cache_control.private = True
    else:
        response.cache_control.public = True
    return response
