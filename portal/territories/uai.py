"""The UAI: the code of a French school, seven digits and a letter that checks them."""

import re

# I, O and Q are left out: they read as 1 and 0.
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
SHAPE = re.compile(r"[0-9]{7}[A-Z]")
DIGITS = re.compile(r"[0-9]{7}")
BETWEEN = re.compile(r"[\s.\-_]+")


def expected_letter(digits: str) -> str:
    """The letter that goes with seven digits."""
    return LETTERS[int(digits) % len(LETTERS)]


def is_possible(uai: str) -> bool:
    """Whether the letter checks the digits; says nothing of whether the school exists."""
    return SHAPE.fullmatch(uai) is not None and uai[-1] == expected_letter(uai[:-1])


def as_written(text: str) -> str:
    """A code as directories write it: « 026 1505-v » is 0261505V. What is no code comes back changed too: look at its shape."""
    return BETWEEN.sub("", text[:40]).upper()


def looks_like_one(text: str) -> bool:
    """Whether somebody meant a code: seven digits, with or without a letter, right or wrong."""
    code = as_written(text)
    return bool(SHAPE.fullmatch(code) or DIGITS.fullmatch(code))


def slips(code: str) -> list[str]:
    """The possible codes that one slip of the finger turns into this one: its letter, one digit, or two neighbours exchanged."""
    digits, letter = code[:7], code[7:]
    changed = {digits[:at] + other + digits[at + 1 :] for at in range(7) for other in "0123456789"}
    changed |= {digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :] for at in range(6)}
    found = [one + letter for one in sorted(changed - {digits}) if letter == expected_letter(one)]
    return [digits + expected_letter(digits), *found]
