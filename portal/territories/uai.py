"""The UAI: the code of a French school, seven digits and a letter that checks them."""

import re

# I, O and Q are left out: they read as 1 and 0.
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
SHAPE = re.compile(r"[0-9]{7}[A-Z]")


def expected_letter(digits: str) -> str:
    """The letter that goes with seven digits."""
    return LETTERS[int(digits) % len(LETTERS)]


def is_possible(uai: str) -> bool:
    """Whether the letter checks the digits; says nothing of whether the school exists."""
    return SHAPE.fullmatch(uai) is not None and uai[-1] == expected_letter(uai[:-1])
