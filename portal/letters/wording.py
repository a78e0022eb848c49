"""Putting a territory's own words in the place of those that come with the portal, and going back to these."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, select

from portal.access import Actor, Policy
from portal.db import lock
from portal.errors import OutOfDate, Refused
from portal.letters.models import LetterWords
from portal.letters.words import Words
from portal.territories.access import May
from portal.territories.models import Territory
from portal.text import Sentence, clean, clean_lines
from portal.trail.trail import record

LONGEST_REASON = 1000
CHANGED = Sentence("Quelqu’un a changé cette lettre pendant que vous écriviez. Comparez, puis enregistrez à nouveau.")
NO_REASON = Sentence("Il manque la raison de ce changement. Écrivez-la en une phrase.")


@dataclass(frozen=True, slots=True)
class Wording:
    """What somebody wrote instead of `words`, over the version that they read (0: those of the portal), and why."""

    words: Words
    read: int
    subject: str
    text: str
    reason: str


def own_words(session: Session, territory: Territory, code: str) -> LetterWords | None:
    return session.exec(
        select(LetterWords).where(LetterWords.territory_id == territory.key, LetterWords.code == code)
    ).one_or_none()


def put_words(
    session: Session, policy: Policy, actor: Actor, territory: Territory, wanted: Wording, *, at: datetime
) -> None:  # fmt: skip
    """Letters that are written from now on; the same words as those of the portal are no words of one's own."""
    held, words = _held(session, policy, actor, territory, wanted), wanted.words
    subject, text = clean(wanted.subject), clean_lines(wanted.text)
    was = [held.subject, held.text] if held else [words.subject, words.text]
    if was == [subject, text]:  # a second click, too
        return
    if wanted.read != (held.version if held else 0):
        raise OutOfDate(CHANGED)
    reason = _reason(wanted)
    if problems := words.instead(subject, text).faults():
        raise Refused(problems)
    if [words.subject, words.text] == [subject, text]:
        session.delete(held)
    elif held is None:
        session.add(LetterWords(territory_id=territory.key, code=words.code, subject=subject, text=text))
    else:
        held.subject, held.text = subject, text
    session.flush()
    record(session, actor, territory, "letter-words-set", at=at, reason=reason, letter=words.code, was=was)


def go_back(session: Session, policy: Policy, actor: Actor, territory: Territory, wanted: Wording, *, at: datetime) -> None:
    """To the words that come with the portal; what was written instead stays in the trail."""
    words = wanted.words
    put_words(session, policy, actor, territory, replace(wanted, subject=words.subject, text=words.text), at=at)


def _held(session: Session, policy: Policy, actor: Actor, territory: Territory, wanted: Wording) -> LetterWords | None:
    policy.demand(actor, May.MANAGE_TERRITORY, territory)
    lock(session, territory)
    return own_words(session, territory, wanted.words.code)


def _reason(wanted: Wording) -> str:
    reason = clean(wanted.reason)[:LONGEST_REASON]
    if not reason:
        raise Refused([NO_REASON])
    return reason
