"""The words of letters: those that come with the portal, and those that a territory puts in their place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from babel.dates import format_date

from portal.letters.models import Kind
from portal.text import Sentence, clean, clean_lines, french

LONGEST_SUBJECT, LONGEST_TEXT = 150, 3000
PLACE = re.compile(r"\{([^{}\n]*)\}")  # {logiciel}: where a value goes
EMPTY_SUBJECT = Sentence("Il manque l’objet de la lettre. Écrivez-le.")
EMPTY_TEXT = Sentence("Il manque le texte de la lettre. Écrivez-le.")
LONG_SUBJECT = Sentence("L’objet dépasse %(n)s caractères. Raccourcissez-le.", n=LONGEST_SUBJECT)
LONG_TEXT = Sentence("Le texte dépasse %(n)s caractères. Raccourcissez-le.", n=LONGEST_TEXT)


@dataclass(frozen=True, slots=True)
class Words:
    """A letter's model. `code`: procedure, move, whom; `when`: when it is written, in words; `values`: what may stand between braces."""

    code: str
    kind: Kind
    when: Sentence
    subject: str
    text: str
    values: Mapping[str, Sentence] = field(default_factory=dict)

    def instead(self, subject: str, text: str) -> "Words":
        """The same letter in other words."""
        return Words(self.code, self.kind, self.when, subject, text, self.values)

    def say(self, values: Mapping[str, str]) -> tuple[str, str]:
        """Its subject and its text. A paragraph that was there for values which are all empty is left out."""
        paragraphs = [_filled(one, values) for one in self.text.split("\n\n") if _says_something(one, values)]
        return french(clean(_filled(self.subject, values))), "\n\n".join(paragraphs)

    def faults(self) -> list[Sentence]:
        """All that is wrong with words that somebody wrote."""
        found = [] if clean(self.subject) else [EMPTY_SUBJECT]
        found += [] if clean_lines(self.text) else [EMPTY_TEXT]
        found += [LONG_SUBJECT] if len(self.subject) > LONGEST_SUBJECT else []
        found += [LONG_TEXT] if len(self.text) > LONGEST_TEXT else []
        known = ", ".join(f"{{{name}}}" for name in self.values)
        return found + [
            Sentence("« {%(name)s} » ne tient la place de rien. Ce qui peut s’écrire ici : %(known)s.", name=name[:40], known=known)
            for name in dict.fromkeys(PLACE.findall(f"{self.subject}\n{self.text}"))
            if name not in self.values
        ]


def _says_something(paragraph: str, values: Mapping[str, str]) -> bool:
    named = PLACE.findall(paragraph)
    return not named or any(values.get(name, name) for name in named)


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    """What somebody typed in a value is put in as it is: braces in it are read no more."""
    return french(PLACE.sub(lambda found: values.get(found[1], found[0]), pattern)).strip()


def written(day: date) -> str:
    """A day as a French letter writes it, whatever language its writer reads."""
    said = format_date(day, "d MMMM y", locale="fr")
    return f"1er{said[1:]}" if day.day == 1 else said
