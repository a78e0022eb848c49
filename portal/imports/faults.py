"""What is wrong with a file, by line, for the person who must correct it."""

from dataclasses import dataclass, field

from portal.errors import Refused
from portal.text import Sentence

SHOWN = 50
WHOLE_FILE = 0


@dataclass(slots=True)
class Faults:
    """The first faults in words, the lines of all of them."""

    told: list[Sentence] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)
    told_lines: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.told)

    def add(self, line: int, what: Sentence, column: str = "") -> None:
        self.lines.add(line)
        if len(self.told) < SHOWN:
            self.told_lines.add(line)
            self.told.append(_placed(line, what, column))

    def sentences(self) -> list[Sentence]:
        more = len(self.lines - self.told_lines)
        if not more:
            return list(self.told)
        last = Sentence("… et 1 autre ligne.") if more == 1 else Sentence("… et %(count)d autres lignes.", count=more)
        return [*self.told, last]

    def refuse(self) -> None:
        """Stop here when anything is wrong: a file is taken whole or not at all."""
        if self.told:
            raise Refused(self.sentences())


def _placed(line: int, what: Sentence, column: str) -> Sentence:
    if line == WHOLE_FILE:
        return what
    plain = what.pattern % what.values if what.values else what.pattern  # its spaces are made French once, by the whole
    if not column:
        return Sentence("Ligne %(line)d : %(what)s", line=line, what=plain)
    return Sentence("Ligne %(line)d, colonne %(column)s : %(what)s", line=line, column=column, what=plain)
