"""The four ways in which the portal says no; the web maps each once to a status and a page."""

from collections.abc import Iterable

from portal.text import Sentence


class DomainError(Exception):
    """A refusal with its sentences, written for the person who meets it."""

    def __init__(self, *reasons: Sentence) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class NotAllowed(DomainError):
    """The person may not: 403. A stranger never gets here, the lookup already answered 404."""


class OutOfDate(DomainError):
    """It has moved in the meantime: 409."""


class Unknown(DomainError):
    """No such thing for this person: 404."""


class Refused(DomainError):
    """A rule says no, and why: 422."""

    def __init__(self, reasons: Iterable[Sentence]) -> None:
        super().__init__(*reasons)
