"""How what happens to editions and their entries is said: moves bear the words of their buttons."""

from portal.text import Sentence
from portal.trail.words import Words
from workflows.editions.table import EDITIONS, ENTRIES

TRAIL = Words(
    {"edition": Sentence("Édition"), "entry": Sentence("Inscription")},
    {move.name: move.label for table in (EDITIONS, ENTRIES) for move in table.moves}
    | {"drafted": Sentence("Ouvrir une édition en préparation"), "proposed": Sentence("Proposer un titre")},
)
