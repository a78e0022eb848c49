"""The letters that the portal writes, as a territory words them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import current_app
from sqlmodel import Session, select

from portal.errors import Unknown
from portal.letters.badges import KINDS
from portal.letters.models import LetterWords
from portal.letters.words import Words
from portal.territories.models import Territory
from portal.text import Sentence, french
from portal.web.language import say

PATH = "/administration/lettres"
WORDS = "letter_words"  # by code, joined in app.py
NO_SUCH_LETTER = Sentence("Le portail n’écrit pas de telle lettre. Revenez à la liste des lettres.")


@dataclass(frozen=True)
class Line:
    """A letter in the list."""

    when: str
    kind: str
    subject: str
    url: str
    is_own: bool


@dataclass(frozen=True)
class Shown:
    """A letter above its form: when it is written, what may stand in it, and how it would read."""

    when: str
    kind: str
    url: str
    is_own: bool
    values: list[tuple[str, str]]
    subject: str
    paragraphs: list[str]


def known() -> Mapping[str, Words]:
    return cast("Mapping[str, Words]", current_app.extensions[WORDS])


def find(code: str) -> Words:
    if code not in known():
        raise Unknown(NO_SUCH_LETTER)
    return known()[code]


def lines(session: Session, territory: Territory) -> list[Line]:
    """In the order in which a file goes its way."""
    own = {one.code: one for one in session.exec(select(LetterWords).where(LetterWords.territory_id == territory.key))}
    return [
        Line(
            when=say(words.when),
            kind=say(KINDS[words.kind]),
            subject=french((own.get(code) or words).subject),
            url=f"{PATH}/{territory.code}/{code}",
            is_own=code in own,
        )
        for code, words in known().items()
    ]


def shown(territory: Territory, words: Words, own: LetterWords | None) -> Shown:
    """Values stand for themselves, between brackets, in the letter that is shown."""
    said = words.instead(own.subject, own.text) if own else words
    subject, text = said.say({name: f"[{say(meaning)}]" for name, meaning in words.values.items()})
    return Shown(
        when=say(words.when),
        kind=say(KINDS[words.kind]),
        url=f"{PATH}/{territory.code}/{words.code}",
        is_own=own is not None,
        values=[(f"{{{name}}}", say(meaning)) for name, meaning in words.values.items()],
        subject=subject,
        paragraphs=text.split("\n\n"),
    )
