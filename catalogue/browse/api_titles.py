"""Titles, as programs read them."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, jsonify, request
from pydantic import Field

from catalogue.browse import packaging
from catalogue.browse.api_standing import standing
from catalogue.browse.place import Place
from catalogue.browse.views import UNKNOWN_TITLE
from catalogue.packages.models import PackageStatus
from catalogue.search.answering import Answer, alternatives, answer, find
from catalogue.search.question import LONGEST_TEXT, MOST_CHOSEN, VALUE, Question
from catalogue.support.models import Support
from catalogue.titles.access import May
from catalogue.titles.models import Confidence, LicenceType
from portal.errors import Refused
from portal.text import Sentence
from portal.web.api import NO_SUCH, Answered, Asked, Page, Paged, answer_page, answers, read
from portal.web.kit import access, found, fresh, keep
from portal.web.language import chosen, say
from portal.web.rates import searched

bp = Blueprint("titles", __name__)
Labels = Mapping[str, Mapping[str, str]]
Stored = Mapping[str, Any]
Codes = tuple[Annotated[str, Field(pattern=rf"^{VALUE.pattern}$")], ...]
FACETS = ("support", "list", "discipline", "level", "category", "platform", "licence")
MOST_SHOWN = 30  # values of a filter, in a refusal
UAI = r"^[0-9]{7}[A-Za-z]$"


def filtering(says: str, example: str) -> Any:
    return Field((), max_length=MOST_CHOSEN, description=says, examples=[[example]])


class OfSchool(Asked):
    """Whose levels of support are wanted."""

    school: str = Field(
        "", pattern=rf"{UAI}|^$", description="UAI d’un établissement : les niveaux sont alors les siens.", examples=["0261505V"]
    )


class Narrowed(Paged):
    """What narrows titles. Values of one filter widen it, filters narrow each other."""

    q: str = Field(
        "", max_length=LONGEST_TEXT, description="Des mots : un nom, un usage, une faute de frappe.", examples=["geogebra"]
    )
    support: Codes = filtering("Niveaux de prise en charge.", "maintained")
    list: Codes = filtering("Listes, par leur code.", "socle")
    discipline: Codes = filtering("Disciplines.", "mathematiques")
    level: Codes = filtering("Niveaux d’enseignement.", "seconde")
    category: Codes = filtering("Catégories.", "mathematiques")
    platform: Codes = filtering("Systèmes.", "windows")
    licence: Codes = filtering("Types de licence.", "libre")
    sort: Literal["relevance", "name", "changed"] = Field("relevance", description="L’ordre des titres.")

    def question(self) -> Question:
        """Read as the pages read it."""
        given = self.model_dump(exclude={"school"})
        return Question.of(
            (name, str(one)) for name, value in given.items() for one in (value if isinstance(value, tuple) else [value])
        )


class TitlesAsked(OfSchool, Narrowed):
    """`GET /titles`."""


class SupportShown(Answered):
    """Le niveau de prise en charge, pour le territoire ou pour l’établissement demandé."""

    level: Support
    label: str
    lists: list[str] = Field(description="Les listes en vigueur qui portent le titre et servent qui demande.")
    since: str | None
    until: str | None = Field(description="Le dernier jour annoncé, compris.")
    version: str | None = Field(description="La version maintenue.")
    to_confirm: list[str] = Field(description="Les listes qui le portent et qui peuvent servir l’établissement demandé.")
    not_serving: list[str] = Field(description="Les listes qui le portent et ne servent pas l’établissement demandé.")
    competent: str | None = Field(description="Qui équipe l’établissement demandé, quand ce n’est aucun territoire d’ici.")


class Title(Answered):
    """Un titre, comme les listes le donnent."""

    slug: str
    name: str
    publisher: str
    licence: str | None = Field(description="Identifiant SPDX ou nom de la licence.")
    licence_type: LicenceType
    platforms: list[str]
    category: str
    disciplines: list[str]
    levels: list[str]
    purpose: str | None
    support: SupportShown
    packaging: PackageStatus | None = Field(description="L’état du paquet le plus proche des salles ; null sans paquet.")


class Titles(Page):
    """Une page de titres."""

    items: list[Title]
    understood: Literal["exact", "mistyped", "partial", "nothing"]


class Versions(Answered):
    """Versions maintenue et publiées."""

    maintained: str | None
    latest: str | None
    cycles: list[dict[str, Any]] = Field(description="Branches et fins de vie chez l’éditeur.")


class PackageShown(Answered):
    """Un paquet : une version du titre, préparée pour les ordinateurs du territoire."""

    version: str = Field(description="La version du logiciel.")
    number: int = Field(description="Le numéro du paquet de cette version.")
    status: PackageStatus
    since: str
    reason: str
    waits_for: str = Field(description="Qui l’on attend, quand il est bloqué.")


class Sources(Answered):
    """D’où viennent ces renseignements."""

    row: list[str]
    date: str | None
    confidence: Confidence
    fields: list[dict[str, Any]]


class WholeTitle(Title):
    """Un titre et tout ce qui l’appuie."""

    versions: Versions
    packages: list[PackageShown] = Field(description="Du plus proche des salles au plus lointain.")
    needs: list[str]
    aliases: list[str]
    identifiers: dict[str, str]
    installers: list[dict[str, Any]]
    history: list[dict[str, Any]]
    sources: Sources
    alternatives: list[Title]


@bp.get("/titles")
@access(May.READ)
@searched
@answers("Chercher des titres", Titles, asks=TitlesAsked)
def titles() -> Response:
    asked = read(TitlesAsked, request.args)
    place = standing(asked.school)
    if unchanged := fresh("api-titles", place.volume.name, place.territory, chosen(), place.uai):
        return unchanged
    refuse_unknown(asked, place)
    return keep(page_of(asked, answer(place.volume, asked.question(), place.territory, place.reach), place))


def refuse_unknown(asked: Narrowed, place: Place) -> None:
    """A value that nothing has is a misspelling: answered, it would pass for « none »."""
    lists = {slug: "" for held in place.volume.meta["lists"].values() for slug in held}  # of any territory: none may serve a school
    known = {**place.words.labels, "list": lists}
    wrong = [(name, value) for name in FACETS for value in getattr(asked, name) if value not in known[name]]
    if wrong:
        raise Refused(
            Sentence(
                "« %(value)s » n’est pas une valeur de « %(name)s ». Valeurs : %(known)s.",
                name=name,
                value=value,
                known=_some(known[name]),
            )
            for name, value in wrong
        )


def _some(known: Mapping[str, str]) -> str:
    values = list(known)
    return ", ".join(values[:MOST_SHOWN]) + (", …" if len(values) > MOST_SHOWN else "")


@bp.get("/titles/<slug>")
@access(May.READ)
@answers("Lire un titre", WholeTitle, asks=OfSchool, refuses=NO_SUCH)
def title(slug: str) -> Response:
    place = standing(read(OfSchool, request.args).school)
    row, details = found(find(place.volume, slug), UNKNOWN_TITLE)
    if unchanged := fresh("api-title", place.volume.name, place.territory, chosen(), place.uai):
        return unchanged
    others = alternatives(place.volume, row, details["alternatives"], place.territory, place.reach)
    return keep(jsonify(**shown(row, place), **_details(row, details, place), alternatives=[shown(one, place) for one in others]))


def page_of(asked: Narrowed, given: Answer, place: Place) -> Response:
    """A page beyond the last one is empty: a program that goes on until nothing is left comes to an end."""
    rows = given.rows if given.page == asked.page else []
    return answer_page(asked, [shown(row, place) for row in rows], given.total, given.counts, understood=given.how)


def shown(row: Stored, place: Place) -> dict[str, Any]:
    return item(row, place, place.words.labels)


def item(row: Stored, place: Place, labels: Labels) -> dict[str, Any]:
    """A title as lists give it: the one place where it becomes JSON. `labels`: read while the visitor is still known."""
    at = place.at(row)
    support = {name: at[name] or None for name in ("since", "until", "version")} | _for_school(row, place)
    return {
        **{
            name: row[name]
            for name in ("slug", "name", "publisher", "licence_type", "platforms", "category", "disciplines", "levels")
        },
        "licence": row["licence"] or None,
        "purpose": row["purpose"] or None,
        "support": {"level": at["level"], "label": labels["support"][at["level"]], "lists": at["lists"], **support},
        "packaging": packaging.code(place, row["slug"]),
    }


def _for_school(row: Stored, place: Place) -> dict[str, Any]:
    """Why a title is not the school's: « no » and « perhaps » are two answers."""
    school, held = place.school, row["at"][place.territory]["lists"] if place.serves else []
    possible = [slug for slug in held if school and slug in school.to_confirm]
    others = [slug for slug in held if school and slug not in school.lists | school.to_confirm]
    return {"to_confirm": possible, "not_serving": others, "competent": (say(school.competent) if school else "") or None}


def _details(row: Stored, details: Stored, place: Place) -> dict[str, Any]:
    """What only the title's own address gives."""
    return {
        "versions": {
            "maintained": place.at(row)["version"] or None,
            "latest": row["latest"] or None,
            "cycles": details["cycles"],
        },
        "packages": packaging.told(place, row["slug"]),
        "needs": [name for _slug, name in row["needs"]],
        **{name: details[name] for name in ("aliases", "identifiers", "installers", "history")},
        "sources": {
            "row": details["source"].split("|"),
            "date": details["source_date"],
            "confidence": row["confidence"],
            "fields": details["facts"],
        },
    }
