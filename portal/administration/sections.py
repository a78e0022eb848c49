"""What stands under /administration: each noun and procedure registers its own in `app.py`."""

from dataclasses import dataclass

from flask import current_app
from flask_babel.speaklater import LazyString

from portal.access import Actor
from portal.web.kit import portal

SECTIONS = "administration"


@dataclass(frozen=True, slots=True)
class Section:
    """A page of settings, and the permission that opens it."""

    url: str
    label: LazyString
    text: LazyString
    permission: str


def open_to(actor: Actor) -> list[Section]:
    sections: list[Section] = current_app.extensions[SECTIONS]
    return [one for one in sections if portal().policy.ever(actor, one.permission)]
