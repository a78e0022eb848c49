"""What may be written of a territory by hand: pure. What decides whom it serves comes with `flask territory import` alone."""

import re
from collections.abc import Mapping

from portal.text import Sentence

# The keys of `Territory.process`, in the order in which pages say them.
PROCESS = ("who", "delay", "payer", "effect", "notice")
LONGEST_NAME, LONGEST_CONTACT, LONGEST_TEXT, LONGEST_REASON = 120, 254, 600, 1000
ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


def faults(said: Mapping[str, str], reason: str) -> list[Sentence]:
    """All that forbids this correction; `said` holds the name, the contact and the sentences of the process."""
    found = []
    if not said["name"]:
        found.append(Sentence("Un territoire a un nom. Écrivez-le."))
    if said["contact"] and not ADDRESS.fullmatch(said["contact"]):
        found.append(Sentence("L’adresse électronique n’est pas complète. Écrivez-la en entier, avec ce qui suit l’arobase."))
    longest = {"name": LONGEST_NAME, "contact": LONGEST_CONTACT}
    if any(len(value) > longest.get(field, LONGEST_TEXT) for field, value in said.items()) or len(reason) > LONGEST_REASON:
        found.append(Sentence("Un des textes est trop long. Raccourcissez-le."))
    if not reason:
        found.append(Sentence("Il manque la raison de la correction. Écrivez-la en une phrase."))
    return found
