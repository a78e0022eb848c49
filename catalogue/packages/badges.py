"""How what happens to packages is said."""

from portal.text import Sentence
from portal.trail.words import Words

TRAIL = Words({"package": Sentence("Paquet")}, {"reported": Sentence("Dire où en est le paquet")})
