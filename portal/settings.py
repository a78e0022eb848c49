"""What an installation may choose: typed, read once from the environment, never from the code."""

import os
import re
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from limits import parse_many
from pydantic import ByteSize, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "LOGITHEQUE_"
ROOT = Path(__file__).resolve().parent.parent


class Environment(StrEnum):
    """Where the portal runs; only a demonstration may move its date or carry fictitious people."""

    PRODUCTION = "production"
    DEMONSTRATION = "demonstration"
    DEVELOPMENT = "development"
    TEST = "test"


class Settings(BaseSettings):
    """A default stands here only when it is right in production and fit to be public."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True, hide_input_in_errors=True
    )

    secret_key: SecretStr = Field(min_length=32, description="signs sessions and forms; 32 characters at least")
    environment: Environment = Field(Environment.PRODUCTION, description="production, demonstration, development or test")
    database_url: SecretStr = Field(
        SecretStr("sqlite:///var/logitheque.sqlite"), description="SQLAlchemy address: sqlite:/// or postgresql+psycopg://"
    )
    var: Path = Field(ROOT / "var", description="folder of what the portal writes: database, search index, locks")
    public_url: str = Field("http://127.0.0.1:8000", description="address people type, without a final slash")
    home_territory: str = Field("", description="code of the territory a visitor without a school sees; empty: the first")
    contact: str = Field("", description="e-mail address shown to people who need help")
    source_url: str = Field("", description="where the source code is published, linked in the footer")
    session_idle: timedelta = Field(timedelta(hours=2), description="a session ends after this long without a page")
    session_longest: timedelta = Field(timedelta(hours=12), description="a session ends after this long, whatever is done")
    certificates: str = Field("", description="file of the authorities that sign the ENTs' certificates; empty: the usual ones")
    proxies: int = Field(1, ge=0, le=9, description="how many servers of yours stand before the portal and add to X-Forwarded-For")
    rate_store: SecretStr = Field(SecretStr("memory://"), description="where rates are counted: memory:// or redis://host:port/0")
    rate_signin: str = Field("120 per minute", description="how often one address may ask to sign in")
    rate_tokens: str = Field("30 per minute", description="how often one address may make tokens, and show wrong ones")
    rate_search: str = Field("600 per minute", description="how often one address, or one token, may search")
    smtp_host: str = Field("127.0.0.1", description="mail server")
    smtp_port: int = Field(25, ge=1, le=65535, description="port of the mail server")
    smtp_starttls: bool = Field(default=False, description="whether to ask the mail server for TLS")
    smtp_user: str = Field("", description="login at the mail server; empty: none")
    smtp_password: SecretStr = Field(SecretStr(""), description="password at the mail server")
    mail_from: str = Field("logitheque@localhost", description="sender of the letters")
    log_json: bool = Field(default=True, description="logs as JSON lines; false: plain text")
    max_body: ByteSize = Field(ByteSize(10 * 1024 * 1024), description="largest request body accepted, in bytes")
    index_look: timedelta = Field(timedelta(seconds=1), description="how often a worker looks for a newer search index")

    @field_validator("public_url")
    @classmethod
    def _without_final_slash(cls, address: str) -> str:
        return address.rstrip("/")

    @field_validator("rate_store")
    @classmethod
    def _is_a_store(cls, store: SecretStr) -> SecretStr:
        if not re.match(r"memory://$|rediss?://.", store.get_secret_value()):
            raise ValueError("neither memory:// nor redis://host:port/0")
        return store

    @field_validator("rate_signin", "rate_tokens", "rate_search")
    @classmethod
    def _is_a_rate(cls, rate: str) -> str:
        parse_many(rate)
        return rate

    @property
    def is_demonstration(self) -> bool:
        return self.environment is Environment.DEMONSTRATION

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Keep to arguments and environment: neither files nor folders of secrets decide."""
        return init_settings, env_settings

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the environment, and refuse a misspelt variable instead of ignoring it."""
        known = {PREFIX + name.upper() for name in cls.model_fields}
        if unknown := sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known):
            raise SystemExit(f"Unknown settings: {', '.join(unknown)}. Known: {', '.join(sorted(known))}.")
        return cls()

    def shown(self) -> dict[str, str]:
        """Effective values for an operator: secrets are masked, so the output can be pasted in a letter."""
        return {PREFIX + name.upper(): str(getattr(self, name)) for name in type(self).model_fields}
