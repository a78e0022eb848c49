"""An installation chooses by its environment: a mistake is told at once, a secret never."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from portal.settings import PREFIX, Environment, Settings

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    return monkeypatch


def choose(monkeypatch: pytest.MonkeyPatch, **chosen: str) -> Settings:
    for name, value in chosen.items():
        monkeypatch.setenv(PREFIX + name.upper(), value)
    return Settings.from_environment()


def test_the_key_has_no_default() -> None:
    with pytest.raises(ValidationError, match="secret_key"):
        Settings.from_environment()


def test_defaults_are_right_in_production(bare_environment: pytest.MonkeyPatch) -> None:
    settings = choose(bare_environment, secret_key=KEY)
    assert settings.environment is Environment.PRODUCTION
    assert not settings.is_demonstration
    assert settings.log_json
    assert settings.database_url.get_secret_value().startswith("sqlite:///")
    assert settings.max_body == 10 * 1024 * 1024


def test_the_environment_decides(bare_environment: pytest.MonkeyPatch) -> None:
    settings = choose(
        bare_environment, secret_key=KEY, environment="demonstration", public_url="https://logiciels.exemple.org/", smtp_port="2525",
        var="/srv/logitheque", max_body="2MiB", index_look="PT3S", log_json="false",
    )  # fmt: skip
    assert settings.is_demonstration
    assert settings.public_url == "https://logiciels.exemple.org"
    assert (settings.smtp_port, settings.var, settings.max_body) == (2525, Path("/srv/logitheque"), 2 * 1024 * 1024)
    assert settings.index_look.total_seconds() == 3
    assert not settings.log_json


def test_an_empty_variable_is_as_if_not_given(bare_environment: pytest.MonkeyPatch) -> None:
    assert choose(bare_environment, secret_key=KEY, smtp_host="").smtp_host == "127.0.0.1"
    with pytest.raises(ValidationError):
        choose(bare_environment, secret_key="")


def test_a_misspelt_variable_is_refused_and_the_right_ones_are_named(bare_environment: pytest.MonkeyPatch) -> None:
    bare_environment.setenv("LOGITHEQUE_SMTP_HOTS", "courrier.exemple.org")
    with pytest.raises(SystemExit) as refusal:
        choose(bare_environment, secret_key=KEY)
    assert "LOGITHEQUE_SMTP_HOTS" in str(refusal.value)
    assert "LOGITHEQUE_SMTP_HOST," in str(refusal.value)
    assert "courrier.exemple.org" not in str(refusal.value)


def test_a_forgotten_file_decides_nothing(bare_environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOGITHEQUE_CONTACT=autre@exemple.org\n", encoding="utf-8")
    bare_environment.chdir(tmp_path)
    assert choose(bare_environment, secret_key=KEY).contact == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("environment", "prod"),
        ("smtp_port", "0"),
        ("smtp_port", "70000"),
        ("log_json", "peut-être"),
        ("secret_key", "court"),
        ("rate_search", "souvent"),
        ("rate_signin", "12"),
        ("rate_store", "http://127.0.0.1"),
        ("rate_store", "redis://"),
        ("proxies", "-1"),
    ],
)
def test_a_wrong_value_is_told_by_its_name(bare_environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        choose(bare_environment, **{"secret_key": KEY, name: value})


def test_no_secret_is_shown(bare_environment: pytest.MonkeyPatch) -> None:
    settings = choose(
        bare_environment, secret_key=KEY, smtp_password="motdepasse",  # noqa: S106
        database_url="postgresql+psycopg://logitheque:motdepasse@base/logitheque", rate_store="redis://:motdepasse@compteur:6379/0",
    )  # fmt: skip
    for shown in (str(settings.shown()), repr(settings), str(settings), settings.model_dump_json()):
        assert "motdepasse" not in shown
        assert KEY not in shown
    assert set(settings.shown()) == {PREFIX + name.upper() for name in Settings.model_fields}


def test_a_refused_secret_is_not_shown_either(bare_environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as refusal:
        choose(bare_environment, secret_key="trop-court-mais-secret")  # noqa: S106
    assert "trop-court-mais-secret" not in str(refusal.value)


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_settings_do_not_change_once_read(bare_environment: pytest.MonkeyPatch) -> None:
    settings = choose(bare_environment, secret_key=KEY)
    with pytest.raises(ValidationError):
        settings.contact = "autre@exemple.org"  # type: ignore[misc]
