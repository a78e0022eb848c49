"""Letters as mail programs show them: plain text and HTML of the same words, with the addresses of the portal."""

from collections.abc import Sequence

from flask import Flask
from markupsafe import Markup

from portal.letters.gathering import Dress, Dressed
from portal.letters.links import sign
from portal.letters.models import Notice
from portal.settings import ROOT, Settings

SETTINGS = "/lettres/{token}"
STYLE = ROOT / "static" / "css" / "letter.css"


def dresser(app: Flask, settings: Settings) -> Dress:
    """What the worker is given: it knows neither templates nor addresses."""
    style = Markup(STYLE.read_text(encoding="utf-8"))  # noqa: S704 – our own file

    def dress(subject: str, told: Sequence[Notice]) -> Dressed:
        account = told[0].person_id
        pace = settings.public_url + SETTINGS.format(token=sign(settings, account)) if account else ""
        values = {"subject": subject, "told": told, "portal": settings.public_url, "settings_url": pace, "style": style}
        plain, html = (app.jinja_env.get_template(name).render(values) for name in ("letters/letter.txt", "letters/letter.html"))
        return Dressed(plain, html, pace)

    return dress
