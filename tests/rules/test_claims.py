"""What each ENT says is understood by the names it uses, and what it says of schools and profiles is only claimed."""

import json
from itertools import chain, combinations
from pathlib import Path

import pytest

from portal.signin.claims import NAMES, Claims, Profile, is_turned_away, understand
from portal.signin.envelopes import Answer, read_cas, read_claims, read_saml

ANSWERS = Path(__file__).parent.parent / "answers"
TEACHER = frozenset({Profile.TEACHER})
BOTH = ("0999901Z", "0999902A")


def understood(name: str, academy: str = "") -> Claims:
    body = (ANSWERS / name).read_bytes()
    if name.endswith(".json"):
        return understand(read_claims(json.loads(body)), academy=academy)
    return understand((read_saml if "saml" in name else read_cas)(body), academy=academy)


def said(academy: str = "", /, **values: str | tuple[str, ...]) -> Claims:
    """`a__b` stands for `a@b`: an argument cannot hold one."""
    flat = {name.replace("__", "@"): (value,) if isinstance(value, str) else value for name, value in values.items()}
    return understand(Answer("DEMO-1", flat), academy=academy)


@pytest.mark.parametrize(
    ("name", "profiles", "schools", "current", "join_key"),
    [
        ("01_edifice_generic.xml", TEACHER, BOTH, "", ""),
        ("02_edifice_direct_children.xml", TEACHER, BOTH, "", ""),
        ("04_edifice_pronote_unprefixed.xml", TEACHER | {Profile.GUARDIAN}, (), "", ""),
        ("05_edifice_kne_lists.xml", TEACHER, BOTH[:1], "", ""),
        ("05b_correlyce_lists.xml", TEACHER, BOTH[:1], "", ""),
        ("06_kosmos_current_school_only.xml", frozenset(), BOTH[:1], "0999901Z", ""),
        ("07_esidoc_user_data.xml", TEACHER, BOTH[:1], "", ""),
        ("08_gar_vector.xml", TEACHER, BOTH[:1], "", ""),
        ("09_lemonldap_sdet_flat.xml", TEACHER, BOTH, "", "DEMO-3141592"),
        ("10_laclasse_everything_twice.xml", TEACHER, BOTH[:1], "", "GRENOBLE-3141592"),
        ("11_esco_courant.xml", TEACHER, BOTH, "0999902A", "DEMO-3141592"),
        ("12_edifice_json_in_xml.xml", TEACHER, BOTH, "", "DEMO-3141592"),
        ("13_nobody_but_a_user.xml", frozenset(), (), "", ""),
        ("14_parent_and_teacher.xml", TEACHER | {Profile.GUARDIAN}, (), "", ""),
        ("15_pupil.xml", frozenset({Profile.PUPIL}), ("0999903B",), "", ""),
        ("20_samlvalidate.xml", TEACHER, BOTH, "", ""),
        ("u1_lemonldap_userinfo.json", TEACHER, BOTH, "", "DEMO-3141592"),
        ("u2_edifice_userinfo.json", frozenset(), (), "", ""),
        ("u3_fim_men_userinfo.json", frozenset({Profile.HEAD}), BOTH, "", ""),
    ],
)
def test_each_ent_is_understood(
    name: str, profiles: frozenset[Profile], schools: tuple[str, ...], current: str, join_key: str
) -> None:
    claims = understood(name, academy="Grenoble")
    assert (claims.profiles, claims.schools, claims.current_school, claims.join_key) == (profiles, schools, current, join_key)


@pytest.mark.parametrize(
    ("name", "given", "family", "email"),
    [
        ("01_edifice_generic.xml", "Agathe", "ORIOL", "agathe.oriol@ac-demo.example"),
        ("04_edifice_pronote_unprefixed.xml", "Agathe", "ORIOL", ""),
        ("09_lemonldap_sdet_flat.xml", "Agathe", "ORIOL-D'ANJOU", "agathe.oriol@ac-demo.example"),
        ("10_laclasse_everything_twice.xml", "Agathe", "Oriol", ""),
        ("12_edifice_json_in_xml.xml", "Agathe", "ORIOL", "agathe.oriol@ac-demo.example"),
        ("13_nobody_but_a_user.xml", "", "", ""),
        ("u2_edifice_userinfo.json", "Agathe", "ORIOL", "agathe.oriol@ac-demo.example"),
    ],
)
def test_people_are_shown_by_the_names_their_ent_gives(name: str, given: str, family: str, email: str) -> None:
    claims = understood(name)
    assert (claims.given_name, claims.family_name, claims.email) == (given, family, email)


def test_names_are_made_fit_to_be_shown() -> None:
    claims = said(givenName=" \u0007 ", prenom="  Zoé\n\tMarie\u0000 ", sn="x" * 500)
    assert (claims.given_name, claims.family_name) == ("Zoé Marie", "x" * 80)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("agathe.oriol@ac-demo.example", "agathe.oriol@ac-demo.example"),
        ("a'b@x.example", "a'b@x.example"),
        ("agathe", ""),
        ("a@localhost", ""),
        ("Agathe <a@x.example>", ""),
        ("a@x.example\nBcc: b@x.example", ""),
        ("a@x.example,b@x.example", ""),
        ("a" * 250 + "@x.example", ""),
    ],
)
def test_an_address_is_kept_only_if_it_looks_like_one(sent: str, kept: str) -> None:
    assert said(mail=sent).email == kept


@pytest.mark.parametrize(
    ("word", "profile"),
    [
        ("National_1", "PUPIL"), ("National_2", "GUARDIAN"), ("National_3", "TEACHER"), ("National_4", "HEAD"),
        ("National_5", "SCHOOL_LIFE"), ("National_6", "STAFF"), ("National_7", "ACADEMY"), ("National_9", "AUTHORITY"),
        ("National_ELV", "PUPIL"), ("National_TUT", "GUARDIAN"), ("National_ENS", "TEACHER"), ("National_DIR", "HEAD"),
        ("National_EVS", "SCHOOL_LIFE"), ("National_ETA", "STAFF"), ("National_ACA", "ACADEMY"), ("National_DOC", "LIBRARIAN"),
        ("National_COL", "AUTHORITY"),
        ("national_ens", "TEACHER"), ("NATIONAL_DOC", "LIBRARIAN"), ("National_ens", "TEACHER"),
        ("Teacher", "TEACHER"), ("Student", "PUPIL"), ("Relative", "GUARDIAN"), ("Personnel", "STAFF"), ("STUDENT", "PUPIL"),
        ("DOC", "LIBRARIAN"), (" DIR ", "HEAD"), ("ENS:0999901Z", "TEACHER"),
    ],
)  # fmt: skip
def test_profiles_are_known_in_every_generation_of_words(word: str, profile: str) -> None:
    assert said(ENTPersonProfils=word).profiles == {Profile[profile]}


@pytest.mark.parametrize("word", ["", "Guest", "National_8", "National_", "3", "professeur", "National_ENSX", "ens doc"])
def test_a_word_that_is_no_profile_is_none(word: str) -> None:
    assert said(ENTPersonProfils=word, title=word).profiles == frozenset()


@pytest.mark.parametrize("values", ["National_3;National_2", ("National_ENS", "National_TUT"), "ENS:0999901Z, TUT:0999902A"])
def test_several_profiles_are_all_kept(values: str | tuple[str, ...]) -> None:
    assert said(ENTPersonProfils=values).profiles == {Profile.TEACHER, Profile.GUARDIAN}


@pytest.mark.parametrize(
    ("values", "schools"),
    [
        ({"UAI": (" 0999901z ", "0999902A", "0999901Z")}, BOTH),
        ({"UAI": "0999902A;0999901Z"}, BOTH[::-1]),
        ({"UAI": "0999901A"}, ("0999901A",)),  # the letter is wrong: so are those of test schools
        ({"ENTPersonFonctions": ("ENS$0999901Z$L1300$MATHEMATIQUES", "0999902A$ENS", "0999902A$DEC$1ORD")}, BOTH),
        ({"ENTPersonStructRattach": "19990000100017"}, ()),
        ({"ENTPersonStructRattach": "0999902A", "UAI": BOTH}, BOTH[::-1]),  # the administrative one first
        ({"school__externalId": ("0999902A", "10893"), "RNE": "0999901z"}, BOTH[::-1]),
        ({"FrEduRne": "X", "FrEduRneResp": ""}, ()),
        ({"rneCourant": "etablissement de test"}, ()),
        ({"uai": "0999901Z", "UAI": "0999902A"}, BOTH),
    ],
)
def test_schools_are_found_wherever_they_are_said(values: dict[str, str | tuple[str, ...]], schools: tuple[str, ...]) -> None:
    assert said(**values).schools == schools


def test_the_current_school_is_one_of_the_schools() -> None:
    claims = said(UAI="0999902A", rneCourant=("test", "0999901z"))
    assert (claims.current_school, claims.schools) == ("0999901Z", BOTH[::-1])


def test_one_value_does_not_bring_a_crowd_of_schools() -> None:
    assert len(said(UAI=";".join(f"{number:07}A" for number in range(5_000))).schools) == 200


@pytest.mark.parametrize(
    ("sent", "academy", "key"),
    [
        ("DEMO$3141592", "", "DEMO-3141592"),
        ("DEMO-3141592", "Lyon", "DEMO-3141592"),
        ("AC-DEMO$3141592", "", "DEMO-3141592"),
        ("ac-demo-3141592", "", "DEMO-3141592"),
        ("Orléans-Tours$12", "", "ORLEANS-TOURS-12"),
        ("AC-ORLEANS-TOURS-12", "", "ORLEANS-TOURS-12"),
        ("3141592", "Demo", "DEMO-3141592"),
        ("3141592", "AC-DEMO", "DEMO-3141592"),
        (" 3141592 ", "Clermont-Ferrand", "CLERMONT-FERRAND-3141592"),
        ("3141592", "", ""),
        ("$3141592", "Demo", ""),
        ("DEMO$", "Demo", ""),
        ("DEMO$12A", "Demo", ""),
        ("0999901Z$12", "Demo", ""),
        ("DEMO$" + "1" * 21, "", ""),
        ("12\n", "Demo", "DEMO-12"),
    ],
)
def test_the_key_of_the_academy_is_the_same_however_it_is_written(sent: str, academy: str, key: str) -> None:
    assert said(academy, ENTPersonJointure=sent).join_key == key


def test_keys_that_disagree_join_nothing() -> None:
    assert said(ENTPersonJointure=("DEMO$1", "DEMO$2")).join_key == ""
    assert said("demo", ENTPersonJointure=("DEMO$1", "AC-DEMO-1", "1")).join_key == "DEMO-1"


def test_heads_of_schools_are_those_the_state_names() -> None:
    assert understood("u3_fim_men_userinfo.json").heads == BOTH


@pytest.mark.parametrize(
    "values",
    [
        {"ENTPersonProfils": "National_DIR", "UAI": "0999901Z"},
        {"ENTPersonProfils": "National_4", "FrEduRneResp": "0999901Z$UAJ$PU$N$T3$LYC$300"},
        {"title": "DIR", "FrEduRneResp": "0999901Z$UAJ$PU$N$T3$LYC$300"},
        {"FrEduFonctAdm": "ADM", "FrEduRneResp": "0999901Z$UAJ$PU$N$T3$LYC$300"},
        {"FrEduFonctAdm": ("DIR", "ADM"), "FrEduRneResp": "0999901Z$UAJ$PU$N$T3$LYC$300"},
        {"FrEduFonctAdm": "DIR", "FrEduRne": "0999901Z$UAJ$PU$DIR$0999901Z$T3$LYC$300"},
        {"FrEduFonctAdm": "DIR", "FrEduRneResp": ("X", "0999901Z", "UAJ$0999901Z")},
    ],
)
def test_no_profile_makes_a_head_of_school(values: dict[str, str | tuple[str, ...]]) -> None:
    assert said(**values).heads == ()


def test_the_names_of_an_ent_replace_ours_for_that_field_alone() -> None:
    answer = Answer("DEMO-1", {"Etab": ("0999902A",), "UAI": ("0999901Z",), "externalId": ("DEMO-12",), "sn": ("ORIOL",)})
    claims = understand(answer, names={"schools": ["etab"], "join_key": ["EXTERNALID"], "given_name": [], "unknown": ["x"]})
    assert (claims.schools, claims.join_key, claims.family_name) == (("0999902A",), "DEMO-12", "ORIOL")


def test_a_nickname_in_json_changes_nothing() -> None:
    """Servers that escape what they write still let people type it."""
    typed = {"profile": "Teacher", "UAI": "0999902A", "ENTPersonJointure": "DEMO$1", "FrEduFonctAdm": "DIR", "mail": "a@b.example"}
    answer = read_claims({"sub": "DEMO-1", "profile": "Student", "displayName": json.dumps(typed)})
    assert understand(answer) == understand(Answer("DEMO-1", {"profile": ("Student",)}))


def test_every_field_has_names() -> None:
    assert all(names and len({name.casefold() for name in names}) == len(names) for names in NAMES.values())


def test_only_people_who_are_nothing_but_pupils_or_parents_are_turned_away() -> None:
    every = [frozenset(some) for some in chain.from_iterable(combinations(Profile, size) for size in range(len(Profile) + 1))]
    away = {some for some in every if is_turned_away(some)}
    assert away == {frozenset({Profile.PUPIL}), frozenset({Profile.GUARDIAN}), frozenset({Profile.PUPIL, Profile.GUARDIAN})}
