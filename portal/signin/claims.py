"""What an answer means: names, profiles and schools, by names that are data.

All of it is claimed, and grants nothing: only of heads is a provider believed, when it is declared to name them (`naming`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from portal.signin.envelopes import Answer
from portal.territories.uai import SHAPE
from portal.text import clean, fold

# Field → names of what is said, the preferred first, compared without case. No ENT is like another: a provider brings its own, that
# replace those of the field. `externalId` is no join key here: Edifice also gives it to schools and classes.
NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "given_name": ("given_name", "givenName", "firstName", "prenom", "LaclassePrenom"),
        "family_name": ("family_name", "sn", "lastName", "usual_name", "nom", "LaclasseNom", "ENTPersonNomPatro"),
        "email": ("email", "mail", "ENTPersonMail", "MailAdressePrincipal", "LaclasseEmail", "ctemail"),
        "profiles": ("ENTPersonProfils", "ENTPersonProfil", "PRO", "profile", "profiles", "categories", "title"),
        "schools": (
            "school@externalId", "structureNodes.UAI", "schools.UAI",
            "ENTPersonStructRattachRNE", "ENTPersonStructRattachUAI", "ENTPersonStructRattach", "ENTStructureUAI", "structures",
            "UAI", "ESCOUAI", "rne", "FrEduRne", "FrEduRneResp", "ENTPersonFonctions",
        ),
        "current_school": ("rneCourant", "ESCOUAICourant"),
        "join_key": ("ENTPersonJointure", "joinKey"),
        "head_function": ("FrEduFonctAdm",),
        "head_schools": ("FrEduRneResp",),
    }
)  # fmt: skip
OWN: Mapping[str, Sequence[str]] = MappingProxyType({})

NAME = 80
ADDRESS = re.compile(r"[^@\s<>()\",;:]+@[^@\s<>()\",;:.]+(?:\.[^@\s<>()\",;:.]+)+")
BETWEEN_PROFILES = re.compile(r"[;,|]")
BETWEEN_SCHOOLS = re.compile(r"[;,|\s$]+")
# DEMO$123, DEMO-123, AC-DEMO$123, ORLEANS-TOURS-123, or 123 alone.
JOIN_KEY = re.compile(r"(?:(?P<academy>[^\W\d_](?:[^\W\d_]|[ '’-])*)[$-])?(?P<number>[0-9]{1,20})")
# Far more than anybody has, far less than what one forged value can hold.
SCHOOLS = 200


class Profile(StrEnum):
    """What an ENT says somebody is. HEAD is no proof: Edifice says it of the whole staff."""

    PUPIL = "pupil"
    GUARDIAN = "guardian"
    TEACHER = "teacher"
    HEAD = "head"
    SCHOOL_LIFE = "school_life"
    STAFF = "staff"
    ACADEMY = "academy"
    LIBRARIAN = "librarian"
    AUTHORITY = "authority"


# The words of the SDET without « National_ », the older numbers, the words of Edifice. The State's window says DIR in `title`.
WORDS: Mapping[str, Profile] = MappingProxyType(
    {
        "elv": Profile.PUPIL, "1": Profile.PUPIL, "student": Profile.PUPIL,
        "tut": Profile.GUARDIAN, "2": Profile.GUARDIAN, "relative": Profile.GUARDIAN,
        "ens": Profile.TEACHER, "3": Profile.TEACHER, "teacher": Profile.TEACHER,
        "dir": Profile.HEAD, "4": Profile.HEAD,
        "evs": Profile.SCHOOL_LIFE, "5": Profile.SCHOOL_LIFE,
        "eta": Profile.STAFF, "6": Profile.STAFF, "personnel": Profile.STAFF,
        "aca": Profile.ACADEMY, "7": Profile.ACADEMY,
        "doc": Profile.LIBRARIAN,
        "col": Profile.AUTHORITY, "9": Profile.AUTHORITY,
    }
)  # fmt: skip
PREFIX = "national_"


@dataclass(frozen=True, slots=True)
class Claims:
    """`schools` holds `current_school` too; no letter of theirs is checked, since platforms' test schools have wrong ones."""

    subject: str
    given_name: str
    family_name: str
    email: str
    profiles: frozenset[Profile]
    schools: tuple[str, ...]
    current_school: str
    join_key: str
    heads: tuple[str, ...]


def understand(answer: Answer, *, names: Mapping[str, Sequence[str]] = OWN, academy: str = "") -> Claims:
    """`names`: those of this ENT. `academy`: of join keys that come without one; a person whose keys disagree has none."""
    by_name: dict[str, list[str]] = {}
    for name, values in answer.said.items():
        by_name.setdefault(name.casefold(), []).extend(values)

    def said(field: str) -> list[str]:
        return [value for name in names.get(field, NAMES[field]) for value in by_name.get(name.casefold(), ())]

    current = next(_schools(said("current_school")), "")
    schools = list(dict.fromkeys(_schools(said("schools"))))[:SCHOOLS]
    return Claims(
        subject=answer.subject,
        given_name=_name(said("given_name")),
        family_name=_name(said("family_name")),
        email=next(filter(_is_address, said("email")), ""),
        profiles=frozenset(_profiles(said("profiles"))),
        schools=tuple(schools if current in schools or not current else [*schools, current]),
        current_school=current,
        join_key=_join_key(said("join_key"), academy),
        heads=_heads(said("head_function"), said("head_schools")),
    )


def is_turned_away(profiles: frozenset[Profile]) -> bool:
    """Pupils and parents who are nothing else. Of somebody without any profile, nothing is known: whoever asks decides."""
    return bool(profiles) and profiles <= {Profile.PUPIL, Profile.GUARDIAN}


def _name(values: Iterable[str]) -> str:
    return next(filter(None, (clean(value)[:NAME].strip() for value in values)), "")


def _is_address(value: str) -> bool:
    return len(value) <= 254 and value.isprintable() and ADDRESS.fullmatch(value) is not None


def _profiles(values: Iterable[str]) -> Iterator[Profile]:
    """« National_3;National_2 », « ENS:0999901Z,DIR:0999902A »; a bare number is no profile."""
    for value in values:
        for one in BETWEEN_PROFILES.split(value):
            word = one.partition(":")[0].strip().casefold()
            if (profile := WORDS.get(word.removeprefix(PREFIX))) and not word.isdigit():
                yield profile


def _schools(values: Iterable[str]) -> Iterator[str]:
    """Codes wherever they stand between `$`: exporters do not agree on the order. A test label or a SIREN is no school."""
    for value in values:
        for one in BETWEEN_SCHOOLS.split(value):
            if SHAPE.fullmatch(one.upper()):
                yield one.upper()


def _join_key(values: Iterable[str], academy: str) -> str:
    found = {key for value in values if (key := _normalised(value.strip(), academy))}
    return found.pop() if len(found) == 1 else ""


def _normalised(value: str, academy: str) -> str:
    match = JOIN_KEY.fullmatch(value[: 2 * NAME])
    place = fold((match and match["academy"]) or academy).replace(" ", "-").removeprefix("ac-").upper()
    return f"{place}-{match['number']}" if match and place else ""


def _heads(functions: Sequence[str], lines: Sequence[str]) -> tuple[str, ...]:
    """Lines such as `0999901Z$UAJ$PU$N$T3$LYC$300`, read only if the State says DIR and nothing else."""
    if set(functions) != {"DIR"}:
        return ()
    codes = (line.partition("$")[0].strip().upper() for line in lines if "$" in line)
    return tuple(dict.fromkeys(code for code in codes if SHAPE.fullmatch(code)))
