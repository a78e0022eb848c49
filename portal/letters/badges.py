"""Words and tones of news, of letters, and of how often they come."""

from portal.letters.models import Kind, Letter, Pace
from portal.text import Sentence
from portal.trail.words import Words

KINDS = {
    Kind.TODO: Sentence("Ce qui vous attend"),
    Kind.OWN: Sentence("Vos demandes"),
    Kind.FOLLOWED: Sentence("Ce que vous soutenez"),
    Kind.SAID: Sentence("Messages qui vous nomment"),
}
PACES = {
    Pace.EACH: Sentence("une lettre à chaque fois"),
    Pace.DAILY: Sentence("un résumé par jour"),
    Pace.WEEKLY: Sentence("un résumé par semaine"),
    Pace.NEVER: Sentence("aucune lettre"),
}
WAITING, SENT = ("waiting", Sentence("en attente"), "test"), ("sent", Sentence("partie"), "good")
LATER, GIVEN_UP = ("later", Sentence("nouvel essai à venir"), "warn"), ("given-up", Sentence("n’a pas pu partir"), "refused")
TRAIL = Words(
    {"letter": Sentence("Lettre"), "notice": Sentence("Nouvelle")},
    {
        "letter-written": Sentence("Écrire une lettre"),
        "letter-sent": Sentence("Envoyer une lettre"),
        "letter-failed": Sentence("Ne pas pouvoir envoyer une lettre, et recommencer plus tard"),
        "letter-given-up": Sentence("Renoncer à envoyer une lettre"),
        "letter-words-set": Sentence("Changer les mots d’une lettre"),
    },
)


def state_of(letter: Letter) -> tuple[str, Sentence, str]:
    """Code, words and tone."""
    if letter.sent_at:
        return SENT
    if letter.given_up_at:
        return GIVEN_UP
    return LATER if letter.attempts else WAITING
