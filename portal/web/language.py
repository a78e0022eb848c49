"""French first, English second: msgids are French sentences, typed with plain spaces."""

from datetime import date
from typing import Any

import flask_babel
from flask import Flask, request
from flask_babel.speaklater import LazyString

from portal.settings import ROOT
from portal.text import Sentence, french

LANGUAGES = {"fr": "Français", "en": "English"}
COOKIE = "langue"


def chosen() -> str:
    """The language the visitor chose; French until then, whatever the browser says: the product is French."""
    language = request.cookies.get(COOKIE, "fr") if request else "fr"
    return language if language in LANGUAGES else "fr"


def gettext(message: str, **values: Any) -> str:
    said: str = flask_babel.gettext(message, **values)
    return french(said) if _is_french() else said


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    said: str = flask_babel.ngettext(one, many, num, **values)
    return french(said) if _is_french() else said


def lazy(message: str, **values: Any) -> LazyString:
    """A label written at import, said in the language of the request."""
    return LazyString(gettext, message, **values)


def say(sentence: str) -> str:
    """A rule's sentence in the visitor's language."""
    return gettext(sentence.pattern, **sentence.values) if isinstance(sentence, Sentence) else str(sentence)


def day(value: date | str | None) -> str:
    """A day in words; French says « 1er » and not « 1 »."""
    if not value:
        return ""
    value = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    said: str = flask_babel.format_date(value, "d MMMM y")
    return "1er" + said[1:] if value.day == 1 and _is_french() else said


def number(value: float) -> str:
    return str(flask_babel.format_decimal(value))


def _is_french() -> bool:
    locale = flask_babel.get_locale()
    return locale is None or locale.language == "fr"


def start(app: Flask) -> None:
    flask_babel.Babel(
        app,
        default_locale="fr",
        default_translation_directories=str(ROOT / "portal" / "translations"),
        locale_selector=chosen,
    )
    app.jinja_env.globals.update({"_": gettext, "gettext": gettext, "ngettext": ngettext, "languages": LANGUAGES})
    app.jinja_env.filters.update({"day": day, "number": number, "say": say})
    app.context_processor(lambda: {"locale": chosen()})
