"""How words are compared: the same on the day of indexing and at each question."""

from collections.abc import Sequence
from functools import lru_cache

import Stemmer

from portal.text import fold

_stem = Stemmer.Stemmer("french")

# Words that say nothing of the software: articles and links, and what every question contains.
EMPTY = frozenset(
    fold(
        "a à afin ai au aux avec avoir c ce ces cet cette comme comment d dans de des du elle en entre est et être eux faire il ils je "
        "l la le les leur leurs lui m ma mais me mes mon n ne nos notre nous on ou où par pas plus pour qu que quel quelle qui s sa se ses "
        "si son sont sous sur t ta te tes ton tu un une utiliser vos votre vous y "
        "app appli application applications apprendre besoin classe cours eleve eleves etudiants gratuit logiciel logiciels outil outils "
        "pouvoir programme prof programmes permet permettant puisse scolaire site sert veux voudrais cherche trouver pc ordinateur"
    ).split()
)
LONGEST_QUESTION = 10  # words; the rest is ignored


@lru_cache(maxsize=65536)
def words(text: str) -> tuple[str, ...]:
    """Folded words, in order."""
    return tuple(fold(text.replace("’", " ").replace("_", " ")).split())


@lru_cache(maxsize=65536)
def stems(word: str) -> tuple[str, ...]:
    """Both orders of stemming and folding: one alone loses comptabilité or comptable."""
    low = word.casefold()
    return tuple({_stem.stemWord(fold(low)), fold(_stem.stemWord(low))} - {""})


@lru_cache(maxsize=16384)
def text_stems(text: str) -> tuple[str, ...]:
    """All stems of a sentence, accents still there when stemming."""
    parts = text.replace("’", " ").replace("'", " ").replace("-", " ").replace("/", " ").replace("(", " ").replace(")", " ").split()
    return tuple({stem for part in parts for stem in stems(part.strip(".,;:!?«»"))})


def joins(parts: Sequence[str]) -> set[str]:
    """A name's words without their spaces, all and neighbours: « Packet Tracer » is also packettracer."""
    whole = "".join(parts)
    if len(parts) < 3:
        return {whole}
    return {"".join(parts[i:j]) for i in range(len(parts)) for j in range(i + 2, min(len(parts), i + 4) + 1)} | {whole}


def question(text: str) -> list[str]:
    """The words of a question that carry meaning; all of them when none does."""
    asked = words(text)
    return [word for word in asked if word not in EMPTY][:LONGEST_QUESTION] or list(asked[:LONGEST_QUESTION])
