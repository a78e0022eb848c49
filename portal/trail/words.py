"""What happened, in words: each noun and procedure says its own, and `app.py` joins them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from portal.text import Sentence


@dataclass(frozen=True)
class Words:
    """By code: the kinds of subject, and the moves, in words that follow « : »."""

    kinds: Mapping[str, Sentence] = field(default_factory=dict)
    moves: Mapping[str, Sentence] = field(default_factory=dict)

    @classmethod
    def joined(cls, parts: Iterable["Words"]) -> "Words":
        """A code that two parts say is said by the first."""
        held = list(parts)[::-1]
        return cls({k: v for part in held for k, v in part.kinds.items()}, {k: v for part in held for k, v in part.moves.items()})
