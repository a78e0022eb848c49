"""The page of one's tokens: what each opens, and how long; made here, shown once, revoked here."""

from typing import Any

from flask import Blueprint, Response, g, redirect, request

from portal.account import tokens
from portal.account.forms import TokenForm
from portal.errors import OutOfDate, Refused
from portal.people.access import May
from portal.signin.tokens import revoke
from portal.territories.queries import home_zone
from portal.text import Sentence
from portal.web.kit import access, close_session, portal, private_page, session
from portal.web.rates import Rate, rated
from portal.web.reading import reader

bp = Blueprint("tokens", __name__)
PATH = "/mon-compte/jetons"
TOO_OLD = Sentence("Ce formulaire a trop attendu. Relisez-le, puis créez le jeton.")


@bp.get(PATH)
@access(May.USE_ACCOUNT)
def own() -> Response:
    return _shown(_form())


@bp.post(PATH)
@access(May.USE_ACCOUNT)
@rated(Rate.TOKENS)
def make() -> Response:
    """The value stands in this answer alone: in no address, in no other page."""
    form = _form(request.form)
    value = tokens.value_from(portal().settings, reader().person_id, request.form.get("key", ""))
    if value is None:
        form.refuse([TOO_OLD])
        form.key.data = tokens.new_key(portal().settings)
    if not form.validate() or value is None:
        return _shown(form, status=422)
    return _made(form, value)


@bp.post(f"{PATH}/<int:token>/revocation")
@access(May.USE_ACCOUNT)
def take_back(token: int) -> Any:
    who, now = reader(), portal().clock.now()
    portal().database.write(lambda writing: revoke(writing, who.actor, who.person_id, token, now))
    return redirect(PATH, 303)


def _made(form: TokenForm, value: str) -> Response:
    who, now = reader(), portal().clock.now()
    try:
        made = portal().database.write(
            lambda writing: tokens.make_once(writing, portal().policy, who, form.wish(), value=value, now=now)
        )
    except (OutOfDate, Refused) as refused:
        form.refuse(refused.reasons)
        return _shown(form, status=409 if isinstance(refused, OutOfDate) else 422)
    close_session()  # it began before the token was: the list would not hold it
    return _shown(_form(), made=made, label=form.label.data or "")


def _form(typed: Any = None) -> TokenForm:
    return TokenForm.of(tokens.offered(portal().policy, reader().actor), tokens.new_key(portal().settings), typed)


def _shown(form: TokenForm, *, made: str = "", label: str = "", status: int = 200) -> Response:
    g.zone = home_zone(session(), portal().settings.home_territory)
    held = tokens.lines(session(), portal().policy, reader().person_id, portal().clock.now())
    return private_page("account/tokens.html", status=status, held=held, form=form, made=made, label=label)
