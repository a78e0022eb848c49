"""Words: sentences that can be translated later, folded keys to sort and match by, French typography."""

import re
import unicodedata
from functools import lru_cache
from typing import Any, Self

_BETWEEN_WORDS = re.compile(r"[^\w+#]+")
NBSP = "\u00a0"
THIN = "\u202f"


class Sentence(str):
    """A French sentence that remembers its pattern, so that the web can say it in another language.

    Rules return it without knowing a translator: in a test or a terminal it is already good French.
    """

    __slots__ = ("pattern", "values")
    pattern: str
    values: dict[str, Any]

    def __new__(cls, pattern: str, **values: Any) -> Self:
        self = super().__new__(cls, french(pattern % values if values else pattern))
        self.pattern = pattern
        self.values = values
        return self


@lru_cache(maxsize=8192)
def french(text: str) -> str:
    """Put no-break spaces where French wants them: sources are typed with plain ones.

    U+202F before ; ! ? and U+00A0 before :, inside « » and before a unit, as the Imprimerie nationale's rules have it.
    """
    text = re.sub(r" +([;!?])(?=\s|$|[»)\]…<])", THIN + r"\1", text)
    text = re.sub(r" +:(?=\s|$)", NBSP + ":", text)
    text = re.sub(rf"«[ {NBSP}]*", "«" + NBSP, text)
    text = re.sub(rf"[ {NBSP}]*»", NBSP + "»", text)
    text = re.sub(r"(?<=\d) (?=(?:[%€]|(?:km|ko|Mo|Go|ms|h)\b))", NBSP, text)
    return text.replace("'", "’")


def fold(text: str) -> str:
    """The key that names are sorted and matched by: no accent, no case, one space between words."""
    if text.isascii():  # most names of software: nothing to take off
        return " ".join(_BETWEEN_WORDS.sub(" ", text.casefold()).split())
    text = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("Æ", "AE").replace("ß", "ss")
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(_BETWEEN_WORDS.sub(" ", bare.casefold()).split())


def slugify(text: str) -> str:
    """An address made from a name: letters and digits joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text).replace("+", "p")).strip("-")


def clean(text: str) -> str:
    """What a person typed, without what no database or page can hold: NUL, lone surrogates, control characters."""
    kept = (c for c in text if c in "\t\n" or (unicodedata.category(c) not in {"Cc", "Cs"} and not _is_no_character(ord(c))))
    return " ".join("".join(kept).split())


def clean_lines(text: str) -> str:
    """The same for what is written in several lines, which stay: one empty line at most between two."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(clean(line) for line in text.replace("\r\n", "\n").split("\n"))).strip()


def _is_no_character(point: int) -> bool:
    """The 66 code points that Unicode keeps for programs' own use: a page that holds one is not valid."""
    return 0xFDD0 <= point <= 0xFDEF or point & 0xFFFE == 0xFFFE
