"""/administration, and the section of identity providers."""

from typing import Any

from flask import Blueprint, Response, redirect, request

from portal.administration import providers
from portal.administration.forms import ProviderForm
from portal.administration.sections import Section, open_to
from portal.errors import Unknown
from portal.people.access import May
from portal.signin.models import Provider
from portal.text import Sentence
from portal.web.kit import access, found, page, portal, session
from portal.web.language import lazy as _l
from portal.web.reading import actor

bp = Blueprint("administration", __name__)
SECTION = Section(
    "/administration/ent",
    _l("ENT raccordés"),
    _l("Les portes par lesquelles on entre : adresses, protocoles, établissements servis."),
    May.MANAGE_PROVIDERS,
)
NO_SUCH_ENT = Sentence("Aucun ENT ne porte ce nom court. Revenez à la liste des ENT.")
TAKEN = Sentence("Un autre ENT porte déjà ce nom court. Choisissez-en un autre, ou corrigez celui-là.")


@bp.get("/administration")
@access(May.OPEN_ADMINISTRATION)
def index() -> Response:
    return page("administration/index.html", sections=open_to(actor()))


@bp.get("/administration/ent")
@access(May.MANAGE_PROVIDERS)
def all_providers() -> Response:
    return page("administration/providers.html", providers=providers.lines(session(), portal().settings))


@bp.get("/administration/ent/nouveau")
@access(May.MANAGE_PROVIDERS)
def new_provider() -> Response:
    return _form(ProviderForm.of(providers.new()), "", slug_typed="")


@bp.post("/administration/ent/nouveau")
@access(May.MANAGE_PROVIDERS)
def add_provider() -> Any:
    slug = request.form.get("slug", "").strip()
    form = ProviderForm.of(providers.new(), request.form)
    if providers.one(session(), slug):
        form.refuse([TAKEN])
    return _kept(form, providers.new(slug)) or _form(form, "", slug_typed=slug, status=422)


@bp.get("/administration/ent/<ent>")
@access(May.MANAGE_PROVIDERS)
def provider(ent: str) -> Response:
    return _form(ProviderForm.of(_held(ent)), ent)


@bp.post("/administration/ent/<ent>")
@access(May.MANAGE_PROVIDERS)
def correct_provider(ent: str) -> Any:
    held = _held(ent)
    form = ProviderForm.of(held, request.form)
    return _kept(form, held) or _form(form, ent, status=422)


@bp.post("/administration/ent/<ent>/etat")
@access(May.MANAGE_PROVIDERS)
def switch_provider(ent: str) -> Any:
    """What the form says, not the contrary of what is: a double click changes nothing more."""
    _held(ent)
    is_open, who, now = request.form.get("ouvert") == "oui", actor(), portal().clock.now()
    portal().database.write(lambda writing: providers.switch(writing, ent, who, now, is_open=is_open))
    return redirect(providers.PATH, 303)


def _held(slug: str) -> Provider:
    held = providers.one(session(), slug)
    if held is not None and not portal().policy.may(actor(), May.MANAGE_PROVIDERS, held):
        raise Unknown(NO_SUCH_ENT)
    provider: Provider = found(held, NO_SUCH_ENT)
    return provider


def _kept(form: ProviderForm, before: Provider) -> Any:
    """None when something is wrong: the form then says it."""
    is_right = form.validate() and not form.form_errors
    wanted = Provider(**{**before.model_dump(exclude={"id", "version"}), **form.written()}) if is_right else before
    if is_right and (said := providers.wrong(wanted, portal().settings)):
        form.refuse(said)
    if form.errors:
        return None
    who, now = actor(), portal().clock.now()
    portal().database.write(lambda writing: providers.keep(writing, wanted, who, now))
    return redirect(providers.PATH, 303)


def _form(form: ProviderForm, slug: str, *, slug_typed: str = "", status: int = 200) -> Response:
    address = providers.address(portal().settings, slug) if slug else ""
    return page("administration/provider.html", status=status, form=form, slug=slug, slug_typed=slug_typed, address=address)
