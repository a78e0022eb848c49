"""French first, English second: msgids are French sentences, typed with plain spaces."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import flask_babel
from flask import Flask, g, has_request_context
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from portal.settings import ROOT
from portal.text import NBSP, Sentence, french
from portal.web import cookies

LANGUAGES = {"fr": "Français", "en": "English"}
NOTHING, IN_FRENCH = Markup(""), Markup(' lang="fr"')


def chosen() -> str:
    """The language the visitor chose; French until then, whatever the browser says: the product is French."""
    if not has_request_context():
        return "fr"
    if "language" not in g:
        asked = cookies.read(cookies.LANGUAGE)
        g.language = asked if asked in LANGUAGES else "fr"
    language: str = g.language
    return language


def gettext(message: str, **values: Any) -> str:
    """A message in the visitor's language; values are put in as they are."""
    said = _said(chosen(), message)
    return said % values if values else said


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    return _said_of_many(chosen(), one, many, num) % {"num": num, **values}


# A page says hundreds of messages; the library builds its context anew for each, so what it answered is kept.
@lru_cache(maxsize=4096)
def _said(language: str, message: str) -> str:
    with flask_babel.force_locale(language):
        return _typed(language, flask_babel.get_translations().ugettext(message))


@lru_cache(maxsize=4096)
def _said_of_many(language: str, one: str, many: str, num: int) -> str:
    with flask_babel.force_locale(language):
        return _typed(language, flask_babel.get_translations().ungettext(one, many, num))


def _typed(language: str, message: str) -> str:
    return french(message) if language == "fr" else message


def lazy(message: str, **values: Any) -> LazyString:
    """A label written at import, said in the language of the request."""
    return LazyString(gettext, message, **values)


def say(sentence: str) -> str:
    """A rule's sentence in the visitor's language, and the sentences put in it."""
    if not isinstance(sentence, Sentence):
        return str(sentence)
    values = {name: say(value) if isinstance(value, Sentence) else value for name, value in sentence.values.items()}
    return gettext(sentence.pattern, **values)


def day(value: date | str | None) -> str:
    """A day in words; French says « 1er » and not « 1 »."""
    if not value:
        return ""
    value = _local(value) if isinstance(value, str) else value
    said: str = flask_babel.format_date(value, "d MMMM y")
    return "1er" + said[1:] if value.day == 1 and chosen() == "fr" else said


def hour(value: time) -> str:
    """An hour in words: « 14 h 05 »; the English page writes 14:05."""
    return f"{value:%-H}{NBSP}h{NBSP}{value:%M}" if chosen() == "fr" else f"{value:%H:%M}"


def _local(written: str) -> date:
    """A day as it is written; an instant is of the day it was in the zone of the territory spoken for."""
    if len(written) == len("2026-09-01"):
        return date.fromisoformat(written)
    return local(datetime.fromisoformat(written), g.get("zone", "UTC")).date()


def local(instant: datetime, zone: str) -> datetime:
    """What clocks and calendars show in a zone then. SQLite keeps no zone: all is stored in UTC."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(zone))


def number(value: float) -> str:
    return _counted(chosen(), value)


@lru_cache(maxsize=8192)
def _counted(language: str, value: float) -> str:
    with flask_babel.force_locale(language):
        return str(flask_babel.format_decimal(value))


def start(app: Flask) -> None:
    flask_babel.Babel(
        app,
        default_locale="fr",
        default_translation_directories=str(ROOT / "portal" / "translations"),
        locale_selector=chosen,
    )
    app.jinja_env.globals.update({"_": gettext, "gettext": gettext, "ngettext": ngettext, "languages": LANGUAGES})
    app.jinja_env.filters.update({"day": day, "number": number, "say": say})
    app.context_processor(_frame)


def _frame() -> dict[str, str]:
    """`in_french` goes into the tags that hold data: people wrote it in French, whatever the language of the page."""
    language = chosen()
    return {"locale": language, "in_french": NOTHING if language == "fr" else IN_FRENCH}
