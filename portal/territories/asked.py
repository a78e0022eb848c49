"""What somebody asks of schools, in words: pure. « LP valence » is a vocational lycée, in a town perhaps."""

import re
from dataclasses import dataclass

from portal.text import clean, fold

LONGEST = 100
MOST_WORDS = 12
ORDINAL = re.compile(r"([0-9]{1,2})(?:eme|ieme|em)")
# What people write for what the directory writes.
WRITTEN = {
    "lp": ("lycee", "professionnel"), "lgt": ("lycee", "general", "technologique"), "lpo": ("lycee", "polyvalent"),
    "lg": ("lycee", "general"), "lt": ("lycee", "technologique"), "lycees": ("lycee",), "clg": ("college",), "colleges": ("college",),
    "pro": ("professionnel",), "professionnels": ("professionnel",), "generaux": ("general",), "technologiques": ("technologique",),
    "polyvalents": ("polyvalent",), "agricoles": ("agricole",), "publics": ("public",), "publique": ("public",), "prives": ("prive",),
    "privee": ("prive",), "etablissement": (), "etablissements": (), "ecole": (), "pres": (), "autour": (), "proche": (), "proches": (),
    "a": (), "au": (), "aux": (), "de": (), "du": (), "des": (), "d": (), "l": (), "en": (), "et": (), "ville": (), "cedex": (),
}  # fmt: skip
TYPES = {
    "lycee", "college", "professionnel", "general", "technologique", "polyvalent", "agricole", "experimental", "section", "sep", "sgt",
    "sts", "cpge", "public", "prive",
}  # fmt: skip


def _typed(text: str) -> list[str]:
    """Folded words, with saints and ordinals as the directory of towns writes them: « st », « 3ème »."""
    words = [ORDINAL.sub(r"\1e", word) if ORDINAL.fullmatch(word) else word for word in fold(text).split()]
    return [{"st": "saint", "ste": "sainte"}.get(word, word) for word in words]


@dataclass(frozen=True)
class Asked:
    """`words`: all must be found. `town`: a town that was given apart, with its department's code or without."""

    text: str = ""
    town: str = ""

    @classmethod
    def of(cls, text: str, town: str) -> "Asked":
        return cls(clean(text)[:LONGEST].strip(), clean(town)[:LONGEST].strip())

    @property
    def words(self) -> tuple[str, ...]:
        """Folded; words that say nothing are left out, unless nothing else was typed."""
        typed = _typed(self.text)
        found = [one for word in typed for one in WRITTEN.get(word, (word,))]
        return tuple(dict.fromkeys(found or typed))[:MOST_WORDS]

    @property
    def possible_towns(self) -> tuple[str, ...]:
        """Every run of words that may name a town, whole names being longer: « saint martin d hères »."""
        typed = _typed(self.town or self.text)[:MOST_WORDS]
        runs = {" ".join(typed[start:end]) for start in range(len(typed)) for end in range(start + 1, len(typed) + 1)}
        return tuple(sorted(runs, key=lambda run: (-len(run), run)))

    def besides(self, town: str, department: str) -> tuple[str, ...]:
        """The words that do not name the town."""
        if self.town:
            return self.words
        left = self._without(town, department)
        return Asked(left).words if left else ()

    def is_about(self, town: str, department: str) -> bool:
        """Whether the words are a town, with nothing else than kinds of schools: not « Victor Hugo valence »."""
        words = self._without(town, department).split()
        return all(one in TYPES for word in words for one in WRITTEN.get(word, (word,)))

    def _without(self, town: str, department: str) -> str:
        text = f" {' '.join(_typed(self.text))} "
        named = next((name for name in (f" {town} {department.lower()} ", f" {town} ") if name in text), " ")
        return text.replace(named, " ", 1).strip()
