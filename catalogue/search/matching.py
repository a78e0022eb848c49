"""From words to queries of the index: each word becomes the terms it may mean, each with a score."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA
from tantivy import Occur, Query

from catalogue.search.analysis import question, stems, words
from catalogue.search.question import Chosen
from catalogue.search.schema import SCORES, facets_field, off_list, on_list, reach_field
from catalogue.search.shelf import Volume
from catalogue.support.models import Support
from catalogue.support.rules import Reach

Ways = dict[tuple[str, str], float]  # (field, term) → score


@dataclass
class Word:
    """A word of the question, with every term it may stand for. `corrected`: nothing is spelt as it was typed."""

    typed: str
    ways: Ways = field(default_factory=dict)
    corrected: bool = False

    def may_be(self, name: str, terms: Iterable[str], score: float) -> None:
        for term in terms:
            self.ways[name, term] = max(score, self.ways.get((name, term), 0.0))


class Matcher:
    """Builds queries over one volume, for one territory or, with `reach`, for a school of it."""

    def __init__(self, volume: Volume, territory: str, reach: Reach | None = None) -> None:
        self._volume = volume
        self.reach = reach
        self._schema = volume.schema
        self.territory = territory

    def readings(self, text: str) -> list[list[Word]]:
        """The words as typed, then with neighbours joined where that makes a name: « libre office »."""
        asked = question(text)
        plain = [self._word(word, last=index == len(asked) - 1) for index, word in enumerate(asked)]
        readings = [plain]
        for i in range(len(asked) - 1):
            joined = self._joined(asked[i] + asked[i + 1], plain[i : i + 2])
            if joined:
                readings.append([*plain[:i], joined, *plain[i + 2 :]])
        if len(asked) > 2 and (whole := self._joined("".join(asked), plain)):
            readings.append([whole])
        return readings

    def all_words(self, text: str, readings: list[list[Word]]) -> Query:
        """Every word must be found, in one reading or another; a whole name counts most."""
        queries = [Query.boolean_query([(Occur.Must, self._any(word)) for word in reading]) for reading in readings]
        queries.append(self._term("whole", "".join(words(text)), SCORES["whole"] * 3))
        return Query.disjunction_max_query(queries)

    def some_words(self, readings: list[list[Word]]) -> Query:
        """Some words only, the more the better; a name that merely begins so does not count."""
        kept = [{way: score for way, score in word.ways.items() if score not in BEGINS} for word in readings[0]]
        found = [(Occur.Should, self._any(Word("", ways))) for ways in kept if ways]
        return Query.boolean_query(found) if found else Query.empty_query()

    def everything(self) -> Query:
        return Query.const_score_query(Query.all_query(), 1.0)

    def filtered(self, query: Query, chosen: Chosen) -> Query:
        """Narrow by the facets chosen; the filters themselves score nothing."""
        clauses = [(Occur.Must, query)]
        for facet, values in chosen.items():
            ways = [(Occur.Should, self._holding(facet, value)) for value in values]
            clauses.append((Occur.Must, Query.const_score_query(Query.boolean_query(ways), 0.0)))
        return Query.boolean_query(clauses) if len(clauses) > 1 else query

    def _holding(self, facet: str, value: str) -> Query:
        if facet == "support" and self.reach:
            return self.of_level(value, self.reach)
        return Query.term_query(self._schema, facets_field(self.territory), f"{facet}:{value}")

    def of_level(self, level: str, reach: Reach) -> Query:
        """The titles to which `standing_for` gives that level: the same rule, as a query."""
        if not reach.decisions:
            return Query.all_query() if level == Support.KNOWN else Query.empty_query()
        staying, leaving = ([on_list(slug, ends=ends) for slug in reach.lists] for ends in (False, True))
        if level == Support.MAINTAINED:
            return self._among(staying)
        if level == Support.ENDING:
            return self._among(leaving, without=staying)
        return self._among([off_list(level)], without=[*staying, *leaving])

    def _among(self, terms: list[str], *, without: Sequence[str] = ()) -> Query:
        """Titles with one of the terms of reach, and with none of the others."""
        name = reach_field(self.territory)
        wanted = [(Occur.Should, Query.term_query(self._schema, name, term)) for term in terms]
        others = [(Occur.MustNot, Query.term_query(self._schema, name, term)) for term in without]
        return Query.boolean_query([(Occur.Must, Query.boolean_query(wanted)), *others]) if wanted else Query.empty_query()

    def sharing(self, needs: Sequence[str], slug: str) -> Query:
        """Other titles that answer the same needs: those sharing most first, then maintained ones."""
        shared = [(Occur.Should, self._term("answers", need, 1.0)) for need in needs]
        return Query.boolean_query(
            [
                (Occur.Must, Query.boolean_query(shared)),
                (Occur.MustNot, Query.term_query(self._schema, "slug", slug)),
                (Occur.Should, self._term("favoured", self.territory, len(needs) + 1.0)),
            ]
        )

    def _word(self, typed: str, *, last: bool) -> Word:
        return self._volume.kept(("word", typed, last), lambda: self._expanded(typed, last=last))

    def _expanded(self, typed: str, *, last: bool) -> Word:
        word = Word(typed)
        self._as_typed(word, last=last)
        if not word.ways:
            word.corrected = True
            self._mistyped(word, last=last)
        return word

    def _as_typed(self, word: Word, *, last: bool) -> None:
        """Only terms that exist: what is not found costs nothing later, and says that the word is unknown."""
        typed, volume = word.typed, self._volume
        for name in ("whole", "acronym", "name", "joined", "publisher"):
            if volume.has(name, typed):
                word.may_be(name, [typed], SCORES[name])
        known = bool(word.ways) or volume.has("word", typed)
        if last or not known:  # a known word in the middle is not the beginning of another
            known = self._beginning(word) or known
        if known or self._is_inflected(typed):
            for stem in stems(typed):
                for name in MEANT:
                    word.may_be(name, [stem], SCORES[name])

    def _beginning(self, word: Word) -> bool:
        """What the word may become once typed to its end; whether there is such a thing."""
        typed, volume = word.typed, self._volume
        found = []
        for name, shortest, score in BEGINNINGS:
            if len(typed) >= shortest:
                terms = volume.beginning(name, typed)
                word.may_be(name, terms, score)
                found += terms
        return bool(found)

    def _is_inflected(self, typed: str) -> bool:
        """Whether another form of the word is known: a plural, a conjugation. « autocade » is not one of « autocad »."""
        return any(self._volume.has(name, stem) and not self._volume.has("name", stem) for stem in stems(typed) for name in MEANT)

    def _mistyped(self, word: Word, *, last: bool) -> None:
        """One typing error for 4 to 7 letters, two beyond; the last word may still be being typed."""
        allowed = errors_allowed(word.typed)
        if not allowed:
            return
        for term in self._volume.near(word.typed, allowed, prefix=False):
            distance = OSA.distance(word.typed, term)
            self._corrected(word, term, SCORES["typo"] + (1.0 if distance <= 1 else 0.0))
        if last and not word.ways:
            for term in self._volume.near(word.typed, 1, prefix=True):
                self._corrected(word, term, SCORES["typo"] - 0.5)

    def _corrected(self, word: Word, term: str, score: float) -> None:
        for name in ("whole", "name", "joined"):
            if self._volume.has(name, term):
                word.may_be(name, [term], score)
        if self._volume.has("word", term):
            for stem in stems(term):
                for name in MEANT:
                    word.may_be(name, [stem], score - 1.0)

    def _joined(self, typed: str, parts: list[Word]) -> Word | None:
        """Neighbours as one word: when a name is written so, or when one of them is unknown alone."""
        word = Word(typed)
        for name in ("whole", "name"):
            if self._volume.has(name, typed):
                word.may_be(name, [typed], SCORES[name] * len(parts))
        if not word.ways and any(part.corrected for part in parts):
            word.corrected = True
            self._mistyped(word, last=False)
        return word if word.ways else None

    def _any(self, word: Word) -> Query:
        ways = [self._term(name, term, score) for (name, term), score in word.ways.items()]
        return Query.disjunction_max_query(ways, tie_breaker=AGAIN)

    def _term(self, name: str, value: str, score: float) -> Query:
        return Query.const_score_query(Query.term_query(self._schema, name, value), score)


AGAIN = 0.02  # share of its score that a second field brings: said twice parts equals
MEANT = ("subject", "need", "about")  # fields of stems: what a title is for
# field, letters from which it is worth looking, score
BEGINNINGS = (("name", 2, SCORES["name_begins"]), ("joined", 3, SCORES["name_begins"] - 1), ("word", 3, SCORES["word_begins"]))
BEGINS = {SCORES["name_begins"], SCORES["name_begins"] - 1}


def errors_allowed(word: str) -> int:
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2
