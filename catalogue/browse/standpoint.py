"""What the catalogue is for one school: who maintains its computers, which lists serve it and by which programme."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalogue.browse.answers import Holding, SchoolAnswer
from catalogue.lists.applying import Serving, Taught, Verdict, serving
from catalogue.support.rules import Reach
from portal.territories.models import School, Situated, TerritoryLevel, serves
from portal.territories.whole import WholeSchool
from portal.text import Sentence

CLOSED = Sentence("L’annuaire le dit fermé : plus aucune collectivité n’y maintient d’ordinateurs.")
PRIVATE = Sentence("C’est un établissement privé : ses ordinateurs relèvent de son organisme de gestion.")
NOBODY_KNOWN = Sentence(
    "L’annuaire ne permet pas de dire qui maintient ses ordinateurs : c’est inconnu ici. Demandez à son secrétariat."
)
# By department code, where it is not a department that has the collèges.
COLLEGES_OF = {
    "67": "Collectivité européenne d’Alsace",
    "68": "Collectivité européenne d’Alsace",
    "75": "Ville de Paris",
    "2A": "Collectivité de Corse",
    "2B": "Collectivité de Corse",
    "972": "Collectivité territoriale de Martinique",
    "973": "Collectivité territoriale de Guyane",
}
# By region as the directory writes it, where one collectivity is region and department at once.
LYCEES_OF = {
    "Corse": "Collectivité de Corse",
    "Martinique": "Collectivité territoriale de Martinique",
    "Guyane": "Collectivité territoriale de Guyane",
    "Mayotte": "Département de Mayotte",
}
TWO_COLLECTIVITIES = {"69"}  # the directory does not part the Rhône from the metropolis of Lyon
SEVERAL_COUNTRIES = {"TOM et Collectivités territoriales"}  # each its own law
AnySchool = School | WholeSchool


@dataclass(frozen=True)
class Standpoint:
    """A school as the catalogue answers it. `territory`: who serves it, None when nobody of this installation does.

    `competent`: then, who does, or that it is unknown; empty otherwise. It is said with `say`.
    `serving`: every list of the territory, in order, whether it serves the school or not.
    """

    uai: str
    name: str
    type: str
    city: str
    territory: str | None
    competent: str
    serving: tuple[Serving, ...]

    @cached_property
    def lists(self) -> frozenset[str]:
        return self._with(Verdict.APPLIES)

    @cached_property
    def to_confirm(self) -> frozenset[str]:
        return self._with(Verdict.TO_CONFIRM)

    @cached_property
    def reach(self) -> Reach:
        """What levels of support depend on: schools with the same lists share their answers."""
        return Reach(self.lists, self.to_confirm, decisions=self.territory is not None)

    def _with(self, verdict: Verdict) -> frozenset[str]:
        return frozenset(one.list_slug for one in self.serving if one.verdict is verdict)


def standpoint_of(school: AnySchool, meta: Mapping[str, Any]) -> Standpoint:
    """`meta`: the index's, which says the territories and their lists; `school` comes with its programmes."""
    code = territory_of(school, meta["territories"]) if school.open else None
    taught = taught_by(school)
    lists: Mapping[str, Any] = meta["lists"][code] if code else {}
    return Standpoint(
        uai=school.uai,
        name=school.name,
        type=school.type,
        city=school.city,
        territory=code,
        competent="" if code else competent_for(school),
        serving=tuple(serving(slug, held["codes"], taught) for slug, held in lists.items()),
    )


def answer_for(school: Standpoint, held: list[str], territory: str, meta: Mapping[str, Any]) -> SchoolAnswer:
    """Which of the lists that hold a title serve the school, and by which programmes. `territory`: who is asked."""
    lists: Mapping[str, Any] = meta["lists"][territory]
    by_verdict: dict[Verdict, list[Holding]] = {verdict: [] for verdict in Verdict}
    for one in school.serving:
        if one.list_slug in held:
            shown = lists[one.list_slug]
            said = {programme["code"]: programme["name"] for programme in shown["programmes"]}
            codes = one.because if one.verdict is not Verdict.OTHER else tuple(said)
            by_verdict[one.verdict].append(Holding(shown["name"], tuple(said[code] for code in codes)))
    return SchoolAnswer(
        school.name,
        meta["territories"][territory]["name"],
        school.competent,
        tuple(by_verdict[Verdict.APPLIES]),
        tuple(by_verdict[Verdict.TO_CONFIRM]),
        tuple(by_verdict[Verdict.OTHER]),
    )


def territory_of(school: Situated, territories: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The code of the territory that serves the school, as the rule of territories says it."""
    for code, one in territories.items():
        if serves(school, level=TerritoryLevel(one["level"]), area=one["area"], school_types=one["school_types"]):
            return code
    return None


def taught_by(school: AnySchool) -> Taught:
    """What the directory publishes and what the school declared; once it declared, the list is whole."""
    programmes = {one.programme.code: one.programme.name for one in school.teaches}
    return Taught(programmes, declared=any(one.declared for one in school.teaches))


def competent_for(school: AnySchool) -> Sentence:
    """Who maintains the computers of a school that no territory here serves; never guessed."""
    if not school.open:
        return CLOSED
    if school.sector != "public":
        return PRIVATE
    if school.region not in SEVERAL_COUNTRIES and school.kind == "collège":
        return _for_college(school)
    if school.region not in SEVERAL_COUNTRIES and school.kind == "lycée":
        return _for_lycee(school)
    return NOBODY_KNOWN


def _for_college(school: AnySchool) -> Sentence:
    if school.department_code in TWO_COLLECTIVITIES:
        return Sentence(
            "C’est un collège public : ses ordinateurs sont maintenus par la métropole de Lyon ou par le département du Rhône, "
            "selon sa commune."
        )
    if who := COLLEGES_OF.get(school.department_code):
        return Sentence("Ses ordinateurs sont maintenus par sa collectivité : %(who)s.", who=who)
    return Sentence(
        "C’est un collège public : ses ordinateurs sont maintenus par son département (%(department)s).",
        department=school.department,
    )


def _for_lycee(school: AnySchool) -> Sentence:
    if who := LYCEES_OF.get(school.region):
        return Sentence("Ses ordinateurs sont maintenus par sa collectivité : %(who)s.", who=who)
    return Sentence("C’est un lycée public : ses ordinateurs sont maintenus par sa région (%(region)s).", region=school.region)
