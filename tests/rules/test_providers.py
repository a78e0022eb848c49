"""A provider is sound before anybody is sent to it: each fault is told, with what to do, and a sound one has none."""

from typing import Any

import pytest

from portal.people.models import SELF
from portal.signin.models import Protocol, Provider
from portal.signin.rules import faults, is_loopback
from portal.text import NBSP, THIN, french

CAS = {"slug": "mon-ent", "label": "Mon ENT", "protocol": Protocol.CAS, "base_url": "https://ent.example/cas"}
OPENID = {
    "slug": "guichet", "label": "Guichet de l’État", "protocol": Protocol.OIDC, "base_url": "https://guichet.example/",
    "client_id": "logitheque", "secret_env": "GUICHET_SECRET",
}  # fmt: skip
DEMONSTRATION = {**CAS, "slug": "demonstration", "base_url": "http://127.0.0.1:8001/cas", "is_demonstration": True}


def told(traits: dict[str, Any], *, held: str = "", may_demonstrate: bool = False) -> list[str]:
    return [plain(one) for one in faults(Provider(**traits), held, may_demonstrate=may_demonstrate)]


def plain(text: str) -> str:
    return french(text).replace(NBSP, " ").replace(THIN, " ")


@pytest.mark.parametrize("may_demonstrate", [False, True])
@pytest.mark.parametrize(
    ("traits", "secret"),
    [
        (CAS, ""),
        ({**CAS, "base_url": "https://ent.example:8443/cas/v3"}, ""),
        ({**CAS, "serves": ["*"]}, ""),
        ({**CAS, "serves": ["territory:aura", "territory:pays-de-la-loire", "school:0380001A"]}, ""),
        ({**CAS, "serves": ["academy:Grenoble", "academy:Aix-Marseille", "academy:La Réunion", "academy:Orléans-Tours"]}, ""),
        ({**CAS, "attributes": {"profiles": ["ENTPersonProfils"], "schools": ["UAI", "rne"]}}, ""),
        ({**CAS, "slug": "e2"}, ""),
        (OPENID, "a secret"),
        ({**OPENID, "base_url": "https://guichet.example"}, "a secret"),
    ],
)
def test_a_sound_provider_has_no_fault_anywhere(traits: dict[str, Any], secret: str, may_demonstrate: bool) -> None:
    assert told(traits, held=secret, may_demonstrate=may_demonstrate) == []


@pytest.mark.parametrize(
    "slug", ["", "Mon-ENT", "mon ent", "école", "mon_ent", "-ent", "ent-", "mon--ent", "a/b", "..", "ent\n", "au-revoir", SELF]
)
def test_a_short_name_is_one_that_stands_in_an_address_and_is_not_ours(slug: str) -> None:
    (said,) = told({**CAS, "slug": slug})
    assert said.startswith(plain(f"Le nom court « {slug} » ne convient pas") if slug else "Il manque le nom court")
    assert "par exemple « mon-ent »" in said


@pytest.mark.parametrize("label", ["", "   ", "\t"])
def test_an_ent_has_a_name_that_people_know(label: str) -> None:
    (said,) = told({**CAS, "label": label})
    assert said.startswith("Il manque le nom sous lequel les gens connaissent cet ENT. Écrivez-le")


@pytest.mark.parametrize(
    "scope",
    ["", "aura", "territory:", "territory:AURA", "territory:a b", "territory:" + "a" * 25, "school:0380001a", "school:380001A",
     "school:0380001A ", "academy:", "academy:1", "region:aura", "**", "* "],
)  # fmt: skip
def test_a_scope_names_schools_in_one_of_four_ways(scope: str) -> None:
    (said,) = told({**CAS, "serves": ["*", scope]})
    assert said.startswith(plain(f"« {scope} » ne dit pas quels établissements cet ENT sert."))
    assert "territory:aura, academy:Grenoble, school:0380001A ou *" in said


def test_what_an_ent_names_is_something_that_the_portal_reads() -> None:
    (said,) = told({**CAS, "attributes": {"profiles": ["a"], "shoe_size": ["b"]}})
    assert said.startswith("« shoe_size » n’est pas un renseignement que le portail lit. Choisissez parmi : given_name,")


@pytest.mark.parametrize(
    "url",
    ["", "ent.example/cas", "//ent.example/cas", "ftp://ent.example/cas", "javascript:alert(1)", "https://", "https:///cas",
     "https://ent.example/cas?a=1", "https://ent.example/cas#a", "https://ent.example:port/cas", "https://ent.example:99999/cas",
     "https://[::1/cas"],
)  # fmt: skip
@pytest.mark.parametrize("may_demonstrate", [False, True])
def test_an_address_is_a_whole_one(url: str, may_demonstrate: bool) -> None:
    (said,) = told({**CAS, "base_url": url}, may_demonstrate=may_demonstrate)
    assert said == plain(f"« {url} » n’est pas une adresse de service. Écrivez-la en entier, par exemple https://ent.example/cas.")


def test_a_final_slash_is_a_fault_of_cas_alone() -> None:
    """The issuer of OpenID is kept to the letter, with the slash that some have."""
    (said,) = told({**CAS, "base_url": "https://ent.example/cas/"})
    assert said == "L’adresse « https://ent.example/cas/ » finit par une barre oblique. Retirez-la."
    assert not told({**OPENID, "base_url": "https://guichet.example/"}, held="x")


@pytest.mark.parametrize("url", ["https://nom:secret@ent.example/cas", "https://nom@ent.example/cas"])
def test_an_address_holds_no_password(url: str) -> None:
    (said,) = told({**CAS, "base_url": url})
    assert "contient un mot de passe. Retirez-le." in said


LOOPBACK = ["http://127.0.0.1:8001/cas", "http://localhost/cas", "http://127.8.9.1/cas", "http://[::1]:8001/cas"]
ELSEWHERE = [
    "http://ent.example/cas", "http://192.0.2.1/cas", "http://0.0.0.0/cas", "http://localhost.ent.example/cas",
    "http://127.0.0.1.ent.example/cas", "HTTP://ent.example/cas", "http://[2001:db8::1]/cas",
]  # fmt: skip
IN_CLEAR = "n’est pas en https : n’importe qui pourrait répondre à sa place. Demandez l’adresse sûre à l’ENT."


@pytest.mark.parametrize("traits", [CAS, OPENID], ids=["cas", "openid"])
@pytest.mark.parametrize("url", [*LOOPBACK, *ELSEWHERE])
def test_http_is_refused_wherever_people_are_real(traits: dict[str, Any], url: str) -> None:
    (said,) = told({**traits, "base_url": url}, held="x")
    assert said == f"L’adresse « {url} » {IN_CLEAR}"


@pytest.mark.parametrize("traits", [CAS, OPENID], ids=["cas", "openid"])
@pytest.mark.parametrize(("url", "is_refused"), [*((url, False) for url in LOOPBACK), *((url, True) for url in ELSEWHERE)])
def test_a_demonstration_speaks_http_to_its_own_machine_alone(traits: dict[str, Any], url: str, is_refused: bool) -> None:
    assert bool(told({**traits, "base_url": url}, held="x", may_demonstrate=True)) is is_refused


@pytest.mark.parametrize("url", ["http://127.0.0.1:8001/cas", "https://demonstration.example/cas"])
def test_a_demonstration_s_provider_is_out_of_reach_of_a_real_portal(url: str) -> None:
    """In https too: it lets anybody in."""
    said = told({**DEMONSTRATION, "base_url": url})
    assert said[-1] == (
        "L’ENT de démonstration « demonstration » laisse entrer n’importe qui. Fermez-le : flask people provider close demonstration."
    )
    assert not told({**DEMONSTRATION, "base_url": url}, may_demonstrate=True)


@pytest.mark.parametrize(
    ("traits", "secret", "said"),
    [
        ({"client_id": ""}, "x", "Il manque l’identifiant que le fournisseur nous a donné (client_id). Demandez-le-lui."),
        ({"client_id": "  "}, "x", "Il manque l’identifiant que le fournisseur nous a donné (client_id). Demandez-le-lui."),
        ({}, "", "Le secret de « guichet » manque : donnez-le au portail dans la variable d’environnement GUICHET_SECRET, puis redémarrez."),
        *(
            (
                {"secret_env": name},
                secret,
                "Il manque le nom de la variable d’environnement qui contient le secret, en majuscules, par exemple ENT_SECRET.",
            )
            for name in ("", "ent_secret", "ENT SECRET", "1ENT", "le-vrai-secret", "EN")
            for secret in ("", "x")
        ),
    ],
)  # fmt: skip
def test_openid_needs_a_client_and_a_secret_of_the_environment(traits: dict[str, Any], secret: str, said: str) -> None:
    assert told({**OPENID, **traits}, held=secret) == [said]
    assert told({**OPENID, **traits}, held=secret, may_demonstrate=True) == [said]


def test_cas_needs_neither() -> None:
    assert not told({**CAS, "client_id": "", "secret_env": ""})


def test_all_faults_are_told_together() -> None:
    wrong = {
        "slug": "Mon ENT",
        "label": "",
        "serves": ["ici"],
        "attributes": {"x": ["y"]},
        "base_url": "http://a:b@ent.example/cas/",
    }
    said = told({**CAS, **wrong})
    assert len(said) == 7
    assert len(set(said)) == 7
    assert len(told({**OPENID, **wrong, "client_id": "", "secret_env": ""})) == 8


@pytest.mark.parametrize(
    ("host", "is_here"),
    [("localhost", True), ("127.0.0.1", True), ("127.255.255.254", True), ("::1", True), ("", False), ("0.0.0.0", False),  # noqa: S104
     ("128.0.0.1", False), ("localhost.example", False), ("2130706433", False), ("127.1", False), ("::", False)],
)  # fmt: skip
def test_only_the_machine_itself_is_loopback(host: str, is_here: bool) -> None:
    assert is_loopback(host) is is_here
