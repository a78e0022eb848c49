"""An operator declares ENTs, loads roles and grants by the command line: what is wrong is said in French, and nothing is then written."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, col, select

from app import create_app
from portal.db import Database
from portal.people.granting import usual_end
from portal.people.loading import load_roles
from portal.people.models import Accreditation, Person, Role, RoleLabel
from portal.settings import Environment, Settings
from portal.signin.loading import DEMONSTRATION, declare_demonstration
from portal.signin.models import Identity, Protocol, Provider, TokenAuth, Validation
from portal.territories.models import School, Territory, TerritoryLevel
from portal.text import NBSP, THIN
from portal.trail.models import Event
from portal.web.kit import Portal

CAS = ["mon-ent", "--label", "Mon ENT", "--protocol", "cas", "--base-url", "https://ent.example/cas"]
OPENID = ["guichet", "--label", "Guichet", "--protocol", "oidc", "--base-url", "https://guichet.example/", "--client-id", "logitheque",
          "--secret-env", "GUICHET_SECRET"]  # fmt: skip
SUBJECT = "DEMO-3141592"
UAI = "0999901Z"
FAR = date(2099, 8, 31)


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["logitheque"].database
    return found


@pytest.fixture
def real(settings: Settings) -> Iterator[Flask]:
    """The same installation, where people are real."""
    app = create_app(settings.model_copy(update={"environment": Environment.PRODUCTION}))
    yield app
    app.extensions["logitheque"].database.close()


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["people", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output.replace(NBSP, " ").replace(THIN, " ").strip()


def rows(database: Database, table: Any) -> list[Any]:
    with database.read() as session:
        return list(session.exec(select(table).order_by(col(table.id))))


def declared(database: Database) -> Provider:
    (one,) = rows(database, Provider)
    found: Provider = one
    return found


def test_an_ent_is_declared_and_the_operator_learns_the_address_to_give(app: Flask, database: Database) -> None:
    code, said = run(app, "provider", "add", *CAS)
    assert (code, said) == (0, "ENT « mon-ent » ajouté. Adresse à lui donner : http://127.0.0.1:8000/connexion/mon-ent/retour/")
    one = declared(database)
    assert (one.slug, one.label, one.protocol, one.base_url) == ("mon-ent", "Mon ENT", Protocol.CAS, "https://ent.example/cas")
    assert (one.validation, one.state_in_service, one.pkce, one.ends_its_session) == (Validation.P3, True, True, True)
    assert (one.enabled, one.is_demonstration) == (True, False)
    trusts = (one.gives_join_key, one.adults_only, one.names_heads, one.proves_fresh)
    assert trusts == (False, False, False, False), "an ENT is trusted with nothing that was not said"


def test_each_trait_of_cas_may_be_said(app: Flask, database: Database) -> None:
    traits = ["--serves", "territory:aura", "--serves", f"school:{UAI}", "--contact", "aide@ent.example", "--validation", "samlValidate",
              "--exact-service", "--subject-attribute", "uid", "--attribute", "profiles=ENTPersonProfils, PRO", "--attribute", "schools=UAI",
              "--academy", "Grenoble", "--gives-join-key", "--adults-only", "--names-heads", "--proves-fresh", "--keeps-its-session"]  # fmt: skip
    assert run(app, "provider", "add", *CAS, *traits)[0] == 0
    one = declared(database)
    assert (one.serves, one.contact) == (["territory:aura", f"school:{UAI}"], "aide@ent.example")
    assert (one.validation, one.state_in_service, one.ends_its_session) == (Validation.SAML, False, False)
    assert (one.subject_attribute, one.academy) == ("uid", "Grenoble")
    assert one.attributes == {"profiles": ["ENTPersonProfils", "PRO"], "schools": ["UAI"]}
    assert one.gives_join_key
    assert one.adults_only
    assert one.names_heads
    assert one.proves_fresh


def test_the_secret_of_openid_stays_in_the_environment(app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_SECRET", "what only the environment knows")
    code, said = run(app, "provider", "add", *OPENID, "--token-auth", "client_secret_post", "--scopes", "openid ent", "--no-pkce")
    assert code == 0
    one = declared(database)
    assert (one.client_id, one.secret_env, one.token_auth) == ("logitheque", "GUICHET_SECRET", TokenAuth.POST)
    assert (one.base_url, one.scopes, one.pkce) == ("https://guichet.example/", "openid ent", False)
    assert "what only" not in said + str(one.model_dump()) + run(app, "provider", "list")[1]


def test_the_same_short_name_corrects_instead_of_adding(app: Flask, database: Database) -> None:
    run(app, "provider", "add", *CAS, "--proves-fresh")
    first = declared(database)
    code, said = run(app, "provider", "add", *CAS[:-1], "https://nouvelle.example/cas")
    assert (code, said.partition(".")[0]) == (0, "ENT « mon-ent » corrigé")
    one = declared(database)
    assert (one.id, one.base_url, one.proves_fresh) == (first.id, "https://nouvelle.example/cas", False)


def test_correcting_an_ent_that_is_closed_does_not_open_it(app: Flask, database: Database) -> None:
    """Only « open » does: who was kept out does not come in by the way."""
    run(app, "provider", "add", *CAS)
    run(app, "provider", "close", "mon-ent")
    run(app, "provider", "add", *CAS, "--contact", "aide@ent.example")
    one = declared(database)
    assert (one.contact, one.enabled) == ("aide@ent.example", False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Mon ENT", *CAS[1:]], "Le nom court « Mon ENT » ne convient pas"),
        ([*CAS, "--label", " "], "Il manque le nom sous lequel les gens connaissent cet ENT"),
        ([*CAS, "--serves", "aura"], "« aura » ne dit pas quels établissements cet ENT sert"),
        ([*CAS, "--attribute", "shoes=x"], "« shoes » n’est pas un renseignement que le portail lit"),
        ([*CAS, "--attribute", "profiles"], "« profiles » ne se lit pas. Écrivez CHAMP=NOM,NOM"),
        ([*CAS, "--attribute", "profiles= "], "« profiles= » ne se lit pas"),
        ([*CAS[:-1], "https://ent.example/cas/"], "finit par une barre oblique. Retirez-la."),
        ([*CAS[:-1], "http://ent.example/cas"], "n’est pas en https"),
        (OPENID, "Le secret de « guichet » manque"),
        (OPENID[:-2], "Il manque le nom de la variable d’environnement"),
        (OPENID[:-4], "Il manque l’identifiant que le fournisseur nous a donné"),
    ],
)
def test_an_unsound_ent_is_refused_and_the_operator_told_why(
    app: Flask, database: Database, arguments: list[str], said: str
) -> None:
    code, answered = run(app, "provider", "add", *arguments)
    assert code == 1
    assert said in answered
    assert not rows(database, Provider)


def test_all_faults_are_told_together_one_a_line(app: Flask) -> None:
    code, answered = run(app, "provider", "add", "Mon ENT", "--label", "", "--protocol", "oidc", "--base-url", "ent")
    assert (code, len(answered.splitlines())) == (1, 5)


def test_a_correction_that_is_refused_leaves_the_ent_as_it_was(app: Flask, database: Database) -> None:
    run(app, "provider", "add", *CAS)
    before = declared(database).model_dump()
    assert run(app, "provider", "add", *CAS[:-1], "http://ent.example/cas")[0] == 1
    assert declared(database).model_dump() == before


@pytest.mark.parametrize(
    "arguments", [["mon-ent"], [*CAS, "--protocol", "saml2"], [*CAS, "--validation", "p4"], [*CAS, "--secret", "x"]]
)
def test_what_the_command_does_not_know_is_refused(app: Flask, database: Database, arguments: list[str]) -> None:
    """`--secret` does not exist: it would stay in the shell's history."""
    assert run(app, "provider", "add", *arguments)[0] == 2
    assert not rows(database, Provider)


def test_http_to_the_machine_itself_is_for_demonstrations(app: Flask, real: Flask, database: Database) -> None:
    here = [*CAS[:-1], "http://127.0.0.1:8001/cas"]
    code, said = run(real, "provider", "add", *here)
    assert (code, "n’est pas en https" in said) == (1, True)
    assert not rows(database, Provider)
    assert run(app, "provider", "add", *here)[0] == 0


def test_the_list_says_each_ent_and_what_is_wrong_with_it_here(app: Flask, real: Flask, database: Database) -> None:
    assert run(app, "provider", "list") == (0, "")
    run(app, "provider", "add", *CAS)
    run(app, "provider", "close", "mon-ent")
    database.write(lambda session: declare_demonstration(session, "http://127.0.0.1:8001/cas"))
    ours = [
        "demonstration : ENT de démonstration (cas, ouvert), http://127.0.0.1:8001/cas",
        "mon-ent : Mon ENT (cas, fermé), https://ent.example/cas",
    ]
    assert run(app, "provider", "list") == (0, "\n".join(ours))
    code, said = run(real, "provider", "list")
    lines = [line for line in said.splitlines() if not line.startswith("  ")]
    assert (code, lines) == (0, ours)
    assert "  L’ENT de démonstration « demonstration » laisse entrer n’importe qui" in said
    assert "  L’adresse « http://127.0.0.1:8001/cas » n’est pas en https" in said


def test_an_ent_is_closed_and_opened_again_as_often_as_one_likes(app: Flask, database: Database) -> None:
    run(app, "provider", "add", *CAS)
    for _time in range(2):
        assert run(app, "provider", "close", "mon-ent") == (0, "ENT « mon-ent » fermé.")
        assert not declared(database).enabled
    for _time in range(2):
        assert run(app, "provider", "open", "mon-ent") == (0, "ENT « mon-ent » ouvert.")
        assert declared(database).enabled


@pytest.mark.parametrize("command", ["close", "open"])
def test_an_ent_that_is_not_there_is_told(app: Flask, command: str) -> None:
    assert run(app, "provider", command, "inconnu") == (1, "Aucun ENT « inconnu ». Voyez « flask people provider list ».")


def test_an_ent_that_is_unsafe_here_is_not_opened_again(real: Flask, database: Database) -> None:
    """It would let anybody in at once, and keep the portal from starting."""
    database.write(lambda session: declare_demonstration(session, "http://127.0.0.1:8001/cas"))
    assert run(real, "provider", "close", DEMONSTRATION)[0] == 0
    code, said = run(real, "provider", "open", DEMONSTRATION)
    assert (code, "laisse entrer n’importe qui" in said) == (1, True)
    assert not declared(database).enabled


ROLE = """
[[roles]]
code = "gardien"
label = "Gardien·ne des clés"
scope = "school"
rank = 70
granted_with = "accreditation:grant"
permissions = ["accreditation:read"]
labels = { aura = "Concierge", nulle-part = "Portier" }
"""


@pytest.fixture
def ground(database: Database) -> Database:
    """A region with a school, and elsewhere another."""

    def work(session: Session) -> None:
        session.add(
            Territory(
                code="aura", name="La Région", level=TerritoryLevel.REGION, area="Ici", school_types=["lycée"], zone="Europe/Paris"
            )
        )
        session.add(
            School(
                uai=UAI, name=UAI, name_key=UAI, type="lycée", kind="lycée", sector="public", city="Valence", city_key="valence",
                postal_code="26000", department_code="26", department="Drôme", academy="Grenoble", region="Ici", source="test",
            )
        )  # fmt: skip

    database.write(work)
    return database


def test_the_roles_that_come_with_the_portal_are_loaded_as_often_as_one_likes(app: Flask, ground: Database) -> None:
    first = run(app, "roles")
    assert first == (0, f"Fonctions : {len(rows(ground, Role))}.")
    assert {"administrator", "head", "digital-lead", "teacher"} <= {one.code for one in rows(ground, Role)}
    assert run(app, "roles") == first


def test_an_installation_brings_its_own_roles_and_words(app: Flask, ground: Database, tmp_path: Path) -> None:
    file = tmp_path / "roles.toml"
    file.write_text(ROLE, encoding="utf-8")
    assert run(app, "roles", str(file)) == (0, "Fonctions : 1.")
    file.write_text(ROLE.replace("rank = 70", "rank = 71").replace("Concierge", "Loge"), encoding="utf-8")
    assert run(app, "roles", str(file)) == (0, "Fonctions : 1.")
    (role,) = rows(ground, Role)
    assert (role.label, role.rank, role.permissions) == ("Gardien·ne des clés", 71, ["accreditation:read"])
    assert [one.label for one in rows(ground, RoleLabel)] == ["Loge"], "a territory that is not here has no word"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (ROLE.replace('["accreditation:read"]', '["title:burn"]'), "title:burn"),
        (ROLE.replace('granted_with = "accreditation:grant"', 'granted_with = "title:burn"'), "title:burn"),
        (ROLE.replace('scope = "school"', 'scope = "lycée"'), "lycée"),
        (ROLE.replace('label = "Gardien·ne des clés"', ""), "label"),
        (ROLE + ROLE.replace('scope = "school"', ""), "scope"),
        ("roles = [", ""),
        ("[autre]", "roles"),
    ],
    ids=["a permission", "who grants it", "a scope", "no label", "a second one", "no TOML", "no role"],
)
def test_a_file_of_roles_that_is_wrong_is_refused_whole(
    app: Flask, ground: Database, tmp_path: Path, wrong: str, said: str
) -> None:
    file = tmp_path / "roles.toml"
    file.write_text(wrong, encoding="utf-8")
    code, answered = run(app, "roles", str(file))
    assert code == 1
    assert answered.startswith("Ce fichier de fonctions ne convient pas")
    assert answered.endswith("Corrigez-le, puis recommencez.")
    assert said in answered
    assert not rows(ground, Role)


def test_a_file_that_is_not_there_is_told(app: Flask, tmp_path: Path) -> None:
    assert run(app, "roles", str(tmp_path / "absent.toml"))[0] == 2


@pytest.fixture
def ready(app: Flask, ground: Database) -> Database:
    """An ENT and the roles, and nobody yet."""
    joined: Portal = app.extensions["logitheque"]
    ground.write(lambda session: load_roles(session, joined.policy.rules))
    assert run(app, "provider", "add", *CAS)[0] == 0
    return ground


def test_the_first_administrator_is_made_before_anybody_has_come(app: Flask, ready: Database) -> None:
    code, said = run(app, "grant", "mon-ent", SUBJECT, "administrator")
    assert code == 0, said
    assert said.startswith("« Administrateur·rice du portail » accordé (*), jusqu’au ")
    (held,) = rows(ready, Accreditation)
    (person,) = rows(ready, Person)
    (identity,) = rows(ready, Identity)
    assert (held.person_id, held.scope, held.granted_by) == (person.id, "*", "system:command line")
    assert held.until == usual_end(held.starts_on)
    assert (identity.subject, identity.person_id) == (SUBJECT, person.id)
    assert [one.move for one in rows(ready, Event)] == ["expected", "granted"]
    assert SUBJECT not in str([one.model_dump() for one in rows(ready, Event)])


def test_a_head_is_named_with_a_letter_until_a_day(app: Flask, ready: Database) -> None:
    code, said = run(
        app, "grant", "mon-ent", SUBJECT, "head", f"school:{UAI}", "--until", str(FAR), "--letter", "LM-7", "--reason", "Nomination"
    )
    assert (code, said) == (0, f"« Proviseur·e » accordé (school:{UAI}), jusqu’au 31 août 2099.")
    (held,) = rows(ready, Accreditation)
    assert (held.until, held.letter, held.reason, held.called, held.within) == (
        FAR,
        "LM-7",
        "Nomination",
        "Proviseur·e",
        "territory:aura",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["inconnu", SUBJECT, "administrator"], "Aucun ENT « inconnu ». Voyez « flask people provider list »."),
        (["mon-ent", SUBJECT, "roi"], "Aucune fonction « roi ». Chargez-les par « flask people roles »."),
        (["mon-ent", SUBJECT, "head", "school:0000000A"], "« school:0000000A » ne désigne rien ici."),
        (["mon-ent", SUBJECT, "head", "ici"], "« ici » ne désigne rien ici."),
        (["mon-ent", SUBJECT, "head", "*"], "ne se confie pas à cet endroit"),
        (["mon-ent", SUBJECT, "administrator", f"school:{UAI}"], "ne se confie pas à cet endroit"),
        (["mon-ent", SUBJECT, "administrator", "--until", "2020-08-31"], "La fin vient avant le début."),
        (["mon-ent", UAI, "administrator"], f"« {UAI} » ne désigne personne. Donnez l’identifiant que l’ENT envoie"),
        (["mon-ent", "agathe.oriol@ac-demo.example", "administrator"], "ne désigne personne. Donnez l’identifiant"),
        (["mon-ent", "", "administrator"], "ne désigne personne. Donnez l’identifiant"),
    ],
)
def test_what_cannot_be_granted_is_told_and_nobody_is_made(app: Flask, ready: Database, arguments: list[str], said: str) -> None:
    code, answered = run(app, "grant", *arguments)
    assert code == 1
    assert said in answered
    assert not rows(ready, Accreditation)
    assert not rows(ready, Person), "not even the person who was to hold it"
    assert not rows(ready, Event)


def test_all_that_is_not_there_is_told_together(app: Flask, ready: Database) -> None:
    code, answered = run(app, "grant", "inconnu", SUBJECT, "roi", "ici")
    assert code == 1
    for said in ("Aucun ENT « inconnu »", "Aucune fonction « roi »", "« ici » ne désigne rien"):
        assert said in answered


def test_the_same_grant_twice_is_refused(app: Flask, ready: Database) -> None:
    assert run(app, "grant", "mon-ent", SUBJECT, "administrator")[0] == 0
    code, answered = run(app, "grant", "mon-ent", SUBJECT, "administrator")
    assert (code, "Cette personne a déjà cette fonction ici à ces dates" in answered) == (1, True)
    assert len(rows(ready, Accreditation)) == len(rows(ready, Person)) == 1


@pytest.mark.parametrize("until", ["31/08/2099", "2099-02-30", "demain"])
def test_a_day_that_is_no_day_is_refused(app: Flask, ready: Database, until: str) -> None:
    assert run(app, "grant", "mon-ent", SUBJECT, "administrator", "--until", until)[0] == 2
    assert not rows(ready, Person)
