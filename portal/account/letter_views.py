"""The pages of what one is told: news, how often letters come, and the link by which a letter lets one choose."""

from typing import Any

from flask import Blueprint, Response, g, redirect, request

from portal.account.forms import PacesForm
from portal.account.news import PATH, address, letters_of, news, settle_all, settle_one, take_up_again
from portal.errors import Refused, Unknown
from portal.letters.badges import PACES
from portal.letters.links import account_signed
from portal.letters.models import Kind, Pace
from portal.letters.pacing import choose, pace, paces_of
from portal.people.access import May
from portal.people.models import Person
from portal.territories.queries import home_zone
from portal.text import Sentence, clean
from portal.web.forms import number
from portal.web.kit import EVERYONE, access, portal, private_page, session
from portal.web.language import say
from portal.web.pagination import page_number
from portal.web.reading import actor, reader

bp = Blueprint("letters", __name__)
CHOSEN = "choisi"
ONE_CLICK = "List-Unsubscribe"  # RFC 8058: what a mail program sends for its reader
NO_PACE = Sentence("Il manque le rythme des lettres. Choisissez l’un des quatre.")
NO_SUCH_LINK = Sentence("Ce lien ne mène plus à aucun compte. Connectez-vous : la page « Mes lettres » fait le même réglage.")


@bp.get(PATH)
@access(May.USE_ACCOUNT)
def all_news() -> Response:
    asked = {name: clean(request.args.get(name, "")) for name in ("voir", "page")}
    g.zone = home_zone(session(), portal().settings.home_territory)
    shown = news(session(), reader().person_id, view=asked["voir"], number=page_number(asked["page"]))
    return private_page("account/news.html", news=shown)


@bp.post(f"{PATH}/<int:notice>")
@access(May.USE_ACCOUNT)
def see_to(notice: int) -> Any:
    """Done; or, with `faire=reprendre`, to be done again."""
    who, key, now = reader().person_id, actor().key, portal().clock.now()
    if request.form.get("faire") == "reprendre":
        portal().database.write(lambda writing: take_up_again(writing, who, notice))
    else:
        portal().database.write(lambda writing: settle_one(writing, who, notice, actor=key, now=now))
    return redirect(_back(), 303)


@bp.post(PATH)
@access(May.USE_ACCOUNT)
def see_to_all() -> Any:
    who, key, until, now = reader().person_id, actor().key, number(request.form.get("jusque", "")), portal().clock.now()
    portal().database.write(lambda writing: settle_all(writing, who, until, actor=key, now=now))
    return redirect(PATH, 303)


@bp.get("/mon-compte/lettres")
@access(May.USE_ACCOUNT)
def letters() -> Response:
    chosen = paces_of(session(), [reader().person_id])
    return _letters(PacesForm.of({kind: pace(chosen, reader().person_id, kind) for kind in Kind}))


@bp.post("/mon-compte/lettres")
@access(May.USE_ACCOUNT)
def write_paces() -> Any:
    form, who, now = PacesForm(request.form), reader().person_id, portal().clock.now()
    if not form.validate():
        return _letters(form, 422)
    portal().database.write(lambda writing: choose(writing, who, form.wanted(), now=now))
    return redirect("/mon-compte/lettres", 303)


@bp.get("/lettres/<token>")
@access(EVERYONE)
def by_link(token: str) -> Response:
    """Nothing changes by reading: mail programs open links before their reader does."""
    _account(token)
    said = request.args.get(CHOSEN, "")
    return private_page(
        "account/letters_by_link.html", token=token, chosen=PACES[Pace(said)] if said in set(Pace) else "", paces=_paces()
    )


@bp.post("/lettres/<token>")
@access(EVERYONE)
def choose_by_link(token: str) -> Any:
    """The buttons of the page; or a mail program's own « unsubscribe », which says no pace and means none."""
    account, said, now = _account(token), request.form.get("rythme", ""), portal().clock.now()
    if said not in set(Pace) and ONE_CLICK not in request.form:
        raise Refused([NO_PACE])
    wanted = Pace(said) if said in set(Pace) else Pace.NEVER
    portal().database.write(lambda writing: choose(writing, account, dict.fromkeys(Kind, wanted), now=now))
    if said not in set(Pace):  # RFC 8058: a mail program follows no redirection
        return Response(status=204)
    return redirect(f"/lettres/{token}?{CHOSEN}={wanted}", 303)


def _back() -> str:
    """To the page on which the button stood."""
    asked = {name: clean(request.args.get(name, "")) for name in ("voir", "page")}
    return address(asked["voir"], page_number(asked["page"]))


def _account(token: str) -> int:
    """Of an account that is open."""
    key = account_signed(portal().settings, token)
    person = session().get(Person, key) if key else None
    if person is None or person.closed_at is not None:
        raise Unknown(NO_SUCH_LINK)
    return person.account_id


def _paces() -> list[tuple[str, str]]:
    return [(one.value, say(label)) for one, label in PACES.items()]


def _letters(form: PacesForm, status: int = 200) -> Response:
    g.zone = home_zone(session(), portal().settings.home_territory)
    return private_page("account/letters.html", status=status, form=form, letters=letters_of(session(), reader().person_id))
