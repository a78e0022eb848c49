"""What one cell may hold: nothing a spreadsheet would run, nothing no page can show, and what its column expects."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.errors import Refused
from portal.text import Sentence, clean

NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
# A spreadsheet runs a cell that begins so (full-width forms included) when a person opens an export of it.
RUNS = "=+-@\t\r＝＋－＠"  # noqa: RUF001
# Control characters, which no page shows; lone surrogates; and signs that reverse the text around them.
HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
EXCERPT = 40

Parse = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """`opens_with`: signs that begin a cell of this column by nature, such as the hyphen of a command's option."""

    name: str
    longest: int = 300
    required: bool = False
    parse: Parse = str
    opens_with: str = ""

    def read(self, raw: str) -> Any:
        """The cell's value; Refused with the sentence that says what is wrong."""
        fault = self._fault(raw)
        if fault:
            raise Refused([fault])
        return self.parse(" ".join(raw.split()))

    def _fault(self, raw: str) -> Sentence | None:
        text = raw.strip(" ")
        if text[:1] and text[0] in RUNS and text[0] not in self.opens_with and not NUMBER.fullmatch(text):
            return Sentence(
                "« %(cell)s » commence comme une formule de tableur. Écrivez la valeur elle-même, sans « %(sign)s » au début.",
                cell=excerpt(text),
                sign=excerpt(text[0]),
            )
        if HIDDEN.search(text):
            return Sentence("« %(cell)s » contient un caractère invisible interdit. Ressaisissez la valeur.", cell=excerpt(text))
        if len(text) > self.longest:
            return Sentence(
                "%(length)d caractères, il en faut au plus %(longest)d. Raccourcissez la valeur.",
                length=len(text),
                longest=self.longest,
            )
        if self.required and not text:
            return Sentence("la cellule est vide. Remplissez-la.")
        return None


def excerpt(text: str) -> str:
    """Enough of a cell to recognise it."""
    shown = clean(text)
    return shown if len(shown) <= EXCERPT else shown[: EXCERPT - 1] + "…"


def one_of(*known: str) -> Parse:
    """The known value itself, so that the members of an enum come out as members."""

    def parse(text: str) -> str:
        if text not in known:
            expected = ", ".join(value or "(vide)" for value in known)
            raise Refused(
                [Sentence("« %(cell)s » est inconnu. Valeurs possibles : %(expected)s.", cell=excerpt(text), expected=expected)]
            )
        return known[known.index(text)]

    return parse


def several(each: Parse = str) -> Parse:
    """Values separated by `|`, in the file's order, each once."""

    def parse(text: str) -> list[Any]:
        return [each(part) for part in dict.fromkeys(clean(part) for part in text.split("|")) if part]

    return parse


def short(longest: int) -> Parse:
    """A part of a cell that has its own limit."""

    def parse(text: str) -> str:
        if len(text) > longest:
            raise Refused(
                [Sentence("« %(cell)s » dépasse %(longest)d caractères. Raccourcissez-le.", cell=excerpt(text), longest=longest)]
            )
        return text

    return parse


def slug(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", text):
        raise Refused(
            [
                Sentence(
                    "« %(cell)s » n’est pas un identifiant. Écrivez des minuscules sans accent, des chiffres et des tirets.",
                    cell=excerpt(text),
                )
            ]
        )
    return text


def address(text: str) -> str:
    """Only what a page may link to: never `javascript:`."""
    if text and not re.fullmatch(r"https?://[^\s\"<>]+", text):
        raise Refused(
            [Sentence("« %(cell)s » n’est pas une adresse web. Écrivez-la en entier, avec https://.", cell=excerpt(text))]
        )
    return text


def day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused([Sentence("« %(cell)s » n’est pas une date. Écrivez-la ainsi : 2026-09-01.", cell=excerpt(text))]) from None


def whole(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"-?\d{1,9}", text, re.ASCII):
        raise Refused([Sentence("« %(cell)s » n’est pas un nombre entier. Écrivez-le en chiffres.", cell=excerpt(text))])
    return int(text)


def decimal(text: str) -> float | None:
    if not text:
        return None
    if not re.fullmatch(r"-?\d{1,9}(?:\.\d{1,12})?", text, re.ASCII):
        raise Refused([Sentence("« %(cell)s » n’est pas un nombre. Écrivez-le avec un point : 45.97.", cell=excerpt(text))])
    return float(text)
