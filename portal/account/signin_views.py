"""Coming in and leaving: the doors, the way back from the ENT, and what the ENT says of its own sign-outs."""

import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, make_response, redirect, request

from portal.account.devices import device
from portal.account.doors import doors
from portal.account.failures import failure
from portal.account.marks import is_marked
from portal.people.access import May
from portal.signin import cas, linking
from portal.signin.linking import proposed
from portal.signin.models import Protocol, Provider, Purpose
from portal.signin.queries import provider_of, usable, usable_one
from portal.signin.receiving import Entered, Pending, Reception
from portal.signin.refusals import Motive, SignInRefused
from portal.signin.sessions import end_by_ticket
from portal.text import Sentence, clean
from portal.web import cookies, paths, reading
from portal.web.kit import EVERYONE, access, found, page, portal, session
from portal.web.rates import Rate, rated, searched

log = logging.getLogger("logitheque.signin")
bp = Blueprint("signin", __name__)
NO_SUCH_ENT = Sentence("Aucun ENT de ce nom n’est raccordé au portail. Cherchez le vôtre par votre établissement.")
MOST_ASKED = 200
NOTHING_TO_LINK = Sentence(
    "Aucun autre compte de cet ENT n’est proposé au vôtre. Connectez-vous d’abord une fois par cet ENT, puis revenez à « Mon compte »."
)
LINK = "relier"
WHOLE_PAGES = '"cache"'  # browsers keep pages whole to go « back » to: with the name of who has left


@bp.get("/connexion")
@access(EVERYONE)
@searched
def find() -> Response:
    """Without a return address, one comes back to the page whose link was followed: pages do not have to hold their own."""
    q, back = clean(request.args.get("q", ""))[:MOST_ASKED], paths.way_back(request.args.get("retour", request.referrer))
    shown = doors(session(), _usable(), q=q, back=back, last=cookies.read(cookies.ENT), school=cookies.read(cookies.SCHOOL))
    return _uncached(page("account/doors.html", doors=shown))


@bp.get("/connexion/<ent>")
@access(EVERYONE)
@rated(Rate.SIGNIN)
def start(ent: str) -> Response:
    return _sent(_provider(ent), paths.way_back(request.args.get("retour")), Purpose.ENTER)


@bp.get("/mon-compte/confirmer")
@access(May.USE_ACCOUNT)
@rated(Rate.SIGNIN)
def prove() -> Response:
    """The password is asked again, where the person came in."""
    provider = provider_of(session(), reading.reader().session_id)
    back = paths.way_back(request.args.get("retour"))
    if not provider.proves_fresh:
        return _failed(provider, SignInRefused(Motive.NOT_FRESH, "this provider proves nothing"))
    return _sent(provider, back, Purpose.PROVE)


@bp.get("/mon-compte/relier/<ent>")
@access(May.USE_ACCOUNT)
@rated(Rate.SIGNIN)
def link(ent: str) -> Response:
    """The other side's sign-in: this one is the session. Only where an account is proposed, and only from one's own page."""
    who = reading.reader()
    proposals = (one for one in proposed(session(), who.person_id) if one.slug == ent)
    there: Provider = found(next(proposals, None), NOTHING_TO_LINK)
    if not is_marked(portal().settings, who.session_id, request.args.get("cle", "")):
        return redirect("/mon-compte#acces", 303)  # type: ignore[return-value]
    return _sent(there, "/mon-compte#acces", Purpose.LINK)


@bp.post("/mon-compte/liens/<int:account>/fin")
@access(May.USE_ACCOUNT)
def unlink(account: int) -> Any:
    who, now = reading.reader(), portal().clock.now()
    portal().database.write(lambda writing: linking.unlink(writing, who.actor, who.person_id, account, now=now))
    return redirect("/mon-compte#acces", 303)


@bp.get("/connexion/<ent>/retour/")
@access(EVERYONE)
@rated(Rate.SIGNIN)
def arrive(ent: str) -> Response:
    """The ticket or code does not stay in the address: whatever comes of it, the browser is sent elsewhere."""
    provider = _provider(ent)
    if _comes_from_the_ent_alone(provider):
        return _sent(provider, "/", Purpose.ENTER)
    try:
        return _entered(provider)
    except SignInRefused as refused:
        return _failed(provider, refused)


@bp.get("/connexion/<ent>/echec")
@access(EVERYONE)
def failed(ent: str) -> Response:
    """Only our own words: the address chooses among them, and says nothing else."""
    motive = next((one for one in Motive if one == request.args.get("motif")), Motive.EXPIRED)
    reference = request.args.get("reference", "")
    is_linking = request.args.get("pour") == LINK
    shown = failure(_provider(ent), motive, reference if _is_reference(reference) else "", is_linking=is_linking)
    return _uncached(page("account/failure.html", status=shown.status, failure=shown))


@bp.post("/connexion/<ent>/retour/")
@access(EVERYONE)
def ended_there(ent: str) -> Response:
    """CAS single logout. Whether the ticket was held is nobody's business."""
    provider = _provider(ent)
    ticket = cas.ended_ticket(request.get_data(), request.form) if provider.protocol is Protocol.CAS else None
    if ticket:
        portal().database.write(lambda writing: end_by_ticket(writing, provider.key, ticket))
    return _uncached(make_response("", 204))


@bp.post("/connexion/<ent>/fin")
@access(EVERYONE)
def ended_by_token(ent: str) -> Response:
    """OpenID back-channel logout."""
    try:
        _reception().end_by_token(_provider(ent), request.form.get("logout_token", ""))
    except SignInRefused as refused:
        _log(ent, refused)
        return _uncached(make_response("", 400))
    return _uncached(make_response("", 200))


@bp.post("/deconnexion")
@access(EVERYONE)
def leave() -> Response:
    """A page that goes on to the ENT: a form's answer may not redirect to another site, the policy of pages says."""
    onward = _reception().leave(cookies.read(cookies.session_cookie(portal().settings)))
    response = _uncached(page("account/goodbye.html", onward=onward))
    cookies.forget(response, portal().settings, cookies.session_cookie(portal().settings))
    response.headers["Clear-Site-Data"] = WHOLE_PAGES
    if onward:
        response.headers["Refresh"] = f"0; url={onward}"
    return response


@bp.get("/connexion/au-revoir")
@access(EVERYONE)
def goodbye() -> Response:
    response = _uncached(page("account/goodbye.html", onward=None))
    response.headers["Clear-Site-Data"] = WHOLE_PAGES  # here too: the page one left from was kept after the first was answered
    return response


def _usable() -> Sequence[Provider]:
    return usable(session(), portal().settings)


def _provider(slug: str) -> Provider:
    provider: Provider = found(usable_one(session(), portal().settings, slug), NO_SUCH_ENT)
    return provider


def _reception() -> Reception:
    return Reception(portal().settings, portal().clock, portal().database, portal().policy)


def _sent(provider: Provider, back: str, purpose: Purpose) -> Response:
    """To the ENT, with a cookie by which the browser will be known when it comes back."""
    try:
        begun = _reception().send_off(provider, back, purpose)
    except SignInRefused as refused:
        return _failed(provider, refused)
    response: Any = redirect(begun.url, 303)
    cookies.keep(response, portal().settings, cookies.pending_cookie(portal().settings), begun.cookie, seconds=cookies.TEN_MINUTES)
    return _uncached(response)


def _comes_from_the_ent_alone(provider: Provider) -> bool:
    """A tile of the ENT brings a ticket that we never asked for: an attacker's link would too. It opens nothing; we ask ourselves.

    Our state in the address means that we did ask, and that the browser lost its cookie: asking again would go round in circles.
    """
    known = cookies.read(cookies.pending_cookie(portal().settings))
    return provider.protocol is Protocol.CAS and provider.state_in_service and not known and "etat" not in request.args


def _entered(provider: Provider) -> Response:
    settings, reception = portal().settings, _reception()
    state = request.args.get("state" if provider.protocol is Protocol.OIDC else "etat", "")
    pending = reception.take(provider, cookies.read(cookies.pending_cookie(settings)), state)
    if pending.purpose is Purpose.LINK:
        return _linked(provider, pending)
    proof = reception.ask(provider, pending, request.args)
    leaving = cookies.read(cookies.session_cookie(settings))
    entered = reception.enter(provider, proof, device=device(request.user_agent.string), leaving=leaving)
    response: Any = redirect(_where_to(entered, pending.back), 303)
    cookies.forget(response, settings, cookies.pending_cookie(settings))
    cookies.keep(response, settings, cookies.session_cookie(settings), entered.cookie, seconds=None)
    cookies.keep(response, settings, cookies.ENT, provider.slug)
    if school := _current(entered, proof.claims.current_school):
        cookies.keep(response, settings, cookies.SCHOOL, school)
    return _uncached(response)


def _linked(provider: Provider, pending: Pending) -> Response:
    """Signed in on both sides: the session stays the one that was open here, whatever becomes of the other."""
    who, reception = reading.signed_in(), _reception()
    if who is None:
        return _failed(provider, SignInRefused(Motive.EXPIRED, "the session to be linked to is over"))
    try:
        reception.link(provider, reception.ask(provider, pending, request.args), who)
    except SignInRefused as refused:
        return _failed(provider, refused, is_linking=True)
    response: Any = redirect(pending.back, 303)
    cookies.forget(response, portal().settings, cookies.pending_cookie(portal().settings))
    return _uncached(response)


def _current(entered: Entered, said: str) -> str:
    """The school the catalogue will answer for: the one chosen before, if it is one of theirs, else the only one, or the ENT's."""
    if cookies.read(cookies.SCHOOL) in entered.schools:
        return ""
    return entered.schools[0] if len(entered.schools) == 1 else said


def _where_to(entered: Entered, back: str) -> str:
    """Where one was going; first, whoever teaches in several schools says for which the catalogue answers."""
    if len(entered.schools) < 2 or cookies.read(cookies.SCHOOL) in entered.schools:
        return back
    return f"/mon-compte/etablissement?{urlencode({'retour': back})}"


def _failed(provider: Provider, refused: SignInRefused, *, is_linking: bool = False) -> Response:
    """Elsewhere than at the address that holds a ticket; a reload of the page tries nothing again."""
    _log(provider.slug, refused)
    asked = urlencode({"motif": refused.motive, "reference": g.request_id, **({"pour": LINK} if is_linking else {})})
    response: Any = redirect(f"/connexion/{provider.slug}/echec?{asked}", 303)
    cookies.forget(response, portal().settings, cookies.pending_cookie(portal().settings))
    return _uncached(response)


def _log(ent: str, refused: SignInRefused) -> None:
    """Of pupils and parents nothing at all: not even that somebody came."""
    if refused.motive is not Motive.NOT_FOR_YOU:
        log.warning("sign-in refused", extra={"provider": ent, "motive": str(refused.motive), "detail": refused.detail})


def _is_reference(text: str) -> bool:
    return len(text) == 16 and all(c in "0123456789abcdef" for c in text)


def _uncached(response: Response) -> Response:
    """Nothing of a sign-in is kept by a cache or told to another site."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
