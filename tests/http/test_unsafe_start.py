"""A real portal serves nobody while somebody could come in as another: the start and `flask doctor` say the same, in French."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import Session, select

import app as roof
from app import create_app
from portal.db import Database, schema
from portal.people.models import Person
from portal.settings import PREFIX, Environment, Settings
from portal.signin.loading import declare_demonstration
from portal.signin.models import OpenSession, Protocol, Provider
from portal.territories.models import Territory, TerritoryLevel
from portal.text import NBSP, THIN
from tests.data.serving import environment

ENT: dict[str, Any] = {"slug": "mon-ent", "label": "Mon ENT", "protocol": Protocol.CAS, "base_url": "https://ent.example/cas"}
OPENID: dict[str, Any] = {
    "slug": "guichet", "label": "Guichet", "protocol": Protocol.OIDC, "base_url": "https://guichet.example", "client_id": "logitheque",
    "secret_env": "GUICHET_SECRET",
}  # fmt: skip
UNSAFE: dict[str, tuple[dict[str, Any], str]] = {
    "a demonstration": ({**ENT, "is_demonstration": True}, "L’ENT de démonstration « mon-ent » laisse entrer n’importe qui."),
    "http": ({**ENT, "base_url": "http://ent.example/cas"}, "L’adresse « http://ent.example/cas » n’est pas en https"),
    "http of this machine": ({**ENT, "base_url": "http://127.0.0.1/cas"}, "L’adresse « http://127.0.0.1/cas » n’est pas en https"),
    "an http issuer": ({**OPENID, "base_url": "http://guichet.example"}, "L’adresse « http://guichet.example » n’est pas en https"),
    "no secret": (OPENID, "Le secret de « guichet » manque"),
}
PUBLIC = "https://logiciels.example"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


Installing = Callable[..., Flask]


@pytest.fixture
def installed(settings: Settings) -> Iterator[Installing]:
    """An application over the same database, with a region; sound but for what a test changes."""
    apps = []

    def install(place: Environment = Environment.PRODUCTION, **changed: Any) -> Flask:
        sound = {"environment": place, "public_url": PUBLIC, "contact": "aide@logiciels.example"}
        apps.append(create_app(settings.model_copy(update={**sound, **changed})))
        return apps[-1]

    database = Database(settings.database_url.get_secret_value())
    database.write(
        lambda session: session.add(
            Territory(
                code="aura", name="La Région", level=TerritoryLevel.REGION, area="Ici", school_types=["lycée"], zone="Europe/Paris"
            )
        )
    )
    database.close()
    yield install
    for app in apps:
        app.extensions["logitheque"].database.close()


def declare(app: Flask, **traits: Any) -> None:
    app.extensions["logitheque"].database.write(lambda session: session.add(Provider(**traits)))


def refusal(app: Flask) -> str:
    """What the start says, empty when it serves."""
    try:
        roof._refuse_unsafe_sign_in(app.extensions["logitheque"])
    except SystemExit as refused:
        return plain(str(refused))
    return ""


def plain(text: str) -> str:
    return text.replace(NBSP, " ").replace(THIN, " ")


def doctor(app: Flask) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["doctor"])
    return done.exit_code, plain(done.output)


def test_a_sound_portal_starts_and_the_doctor_has_nothing_to_say(installed: Installing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_SECRET", "given by the environment")
    app = installed()
    declare(app, **ENT)
    declare(app, **OPENID)
    assert refusal(app) == ""
    assert doctor(app) == (0, "Lettres en attente : 0.\nNouvelles à mettre en lettres : 0.\nTout va bien.\n")


@pytest.mark.parametrize("case", UNSAFE)
def test_what_is_unsafe_keeps_a_real_portal_from_starting_and_the_doctor_says_the_same(installed: Installing, case: str) -> None:
    traits, said = UNSAFE[case]
    app = installed()
    declare(app, **traits)
    told = refusal(app)
    assert said in told
    code, answered = doctor(app)
    assert code == 1
    assert told in answered
    assert "Tout va bien" not in answered


def test_all_that_is_unsafe_is_told_together(installed: Installing) -> None:
    app = installed()
    for number, (traits, _said) in enumerate(UNSAFE.values()):
        declare(app, **{**traits, "slug": f"{traits['slug']}-{number}"})
    assert len(refusal(app).splitlines()) == len(UNSAFE) + 1, "the issuer in http has no secret either"


@pytest.mark.parametrize("case", UNSAFE)
def test_what_is_closed_harms_nobody(installed: Installing, case: str) -> None:
    app = installed()
    declare(app, **UNSAFE[case][0], enabled=False)
    assert refusal(app) == ""
    assert doctor(app)[0] == 0


@pytest.mark.parametrize("place", [Environment.DEVELOPMENT, Environment.PRODUCTION])
def test_only_a_demonstration_and_tests_may_use_the_demonstration_s_ent(installed: Installing, place: Environment) -> None:
    app = installed(place)
    app.extensions["logitheque"].database.write(lambda session: declare_demonstration(session, "http://127.0.0.1:8001/cas"))
    assert "laisse entrer n’importe qui" in refusal(app)
    assert app.test_client().get("/connexion/demonstration").status_code == 404, "and out of reach if it were served"
    for other in (Environment.DEMONSTRATION, Environment.TEST):
        allowed = installed(other)
        assert refusal(allowed) == ""
        assert allowed.test_client().get("/connexion/demonstration").status_code == 303


def test_a_portal_whose_database_is_empty_starts_and_the_doctor_says_what_to_do(installed: Installing, settings: Settings) -> None:
    """Nobody can come in there; a container may start before its migrations."""
    app = installed(database_url=type(settings.database_url)(f"sqlite:///{settings.var}/other.sqlite"))
    assert refusal(app) == ""
    code, answered = doctor(app)
    assert (code, "La base n’est pas à jour : lancez « flask db upgrade »." in answered) == (1, True)
    schema.upgrade(app.extensions["logitheque"].database.engine)
    assert "Aucun territoire" in doctor(app)[1]


def test_the_server_itself_refuses_and_the_command_line_stays_to_mend_it(
    installed: Installing, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a worker of the server loads, from the environment."""
    app = installed()
    declare(app, **ENT, is_demonstration=True)
    real = settings.model_copy(update={"environment": Environment.PRODUCTION})
    for name, value in environment(real).items():
        if name.startswith(PREFIX):
            monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match="flask people provider close mon-ent"):
        roof.serve_and_watch()
    mended = roof.serve()
    assert mended.test_cli_runner().invoke(args=["people", "provider", "close", "mon-ent"]).exit_code == 0
    assert refusal(mended) == ""
    mended.extensions["logitheque"].database.close()


HTTPS = "L’adresse publique n’est pas en https : réglez LOGITHEQUE_PUBLIC_URL."


@pytest.mark.parametrize(
    ("place", "url", "is_told"),
    [
        *((place, PUBLIC, False) for place in Environment),
        *((place, "http://logiciels.example", True) for place in Environment),
        *((place, "http://192.0.2.1:8000", True) for place in Environment),
        *((place, "", True) for place in Environment),
        *((place, "http://127.0.0.1:8000", place is Environment.PRODUCTION) for place in Environment),
        *((place, "http://localhost:8000", place is Environment.PRODUCTION) for place in Environment),
        *((place, "http://[::1]:8000", place is Environment.PRODUCTION) for place in Environment),
    ],
)
def test_a_session_s_cookie_goes_in_clear_on_one_machine_alone(
    installed: Installing, place: Environment, url: str, is_told: bool
) -> None:
    code, answered = doctor(installed(place, public_url=url))
    assert (HTTPS in answered) is is_told
    assert code == int(is_told)


def test_a_real_portal_says_whom_to_ask(installed: Installing) -> None:
    code, answered = doctor(installed(contact=""))
    assert (code, "réglez LOGITHEQUE_CONTACT" in answered) == (1, True)
    assert doctor(installed(Environment.DEVELOPMENT, contact=""))[0] == 0


def sessions(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.exec(select(OpenSession.device)))


def test_the_worker_forgets_the_sessions_that_are_over_and_those_alone(app: Flask, count_queries: Any) -> None:
    """Two hours idle, twelve in all: the round does it, and most of the time looks and writes nothing."""
    joined = app.extensions["logitheque"]
    database: Database = joined.database
    now = joined.clock.now()
    object.__setattr__(joined.clock, "real", lambda: now)
    ages = {
        "just opened": (0, 0),
        "in use": (11 * 60 + 59, 0),
        "nearly idle": (120, 119),
        "idle": (120, 120),
        "idle for long": (700, 600),
        "in use for too long": (12 * 60, 0),
        "of last week": (7 * 24 * 60, 7 * 24 * 60),
    }

    def work(session: Session) -> None:
        provider, person = Provider(**ENT), Person(first_seen_at=now, seen_at=now)
        session.add_all([provider, person])
        session.flush()
        for name, (began, seen) in ages.items():
            session.add(
                OpenSession(
                    digest=name, device=name, person_id=person.key, provider_id=provider.key, subject="DEMO-1",
                    began_at=now - timedelta(minutes=began), seen_at=now - timedelta(minutes=seen),
                )
            )  # fmt: skip

    database.write(work)
    (sweep,) = [one for one in app.extensions["rounds"] if getattr(getattr(one, "func", None), "__name__", "") == "sweep_sessions"]
    sweep()
    assert sessions(database) == {"just opened", "in use", "nearly idle"}
    with count_queries(database) as sent:
        sweep()
    assert [one.split()[0] for one in sent] == ["SELECT"]
    assert sessions(database) == {"just opened", "in use", "nearly idle"}
