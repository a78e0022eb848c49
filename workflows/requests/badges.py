"""Words and tones of requests and of their blocks."""

from catalogue.support.badges import Badge
from portal.text import Sentence
from portal.trail.words import Words
from portal.web.language import say
from workflows.requests.models import BlockKind, BlockState, RequestKind, RequestStatus
from workflows.requests.table import REQUESTS

KINDS = {
    RequestKind.NEW_TITLE: Sentence("Nouveau logiciel"),
    RequestKind.NEW_VERSION: Sentence("Nouvelle version"),
    RequestKind.EXTENSION: Sentence("Extension à d’autres salles ou établissements"),
    RequestKind.LIST_CHANGE: Sentence("Changement de liste"),
    RequestKind.RENEWAL: Sentence("Renouvellement de licence"),
    RequestKind.WITHDRAWAL: Sentence("Retrait"),
}
MEANINGS = {
    RequestKind.NEW_TITLE: Sentence("il n’est pas maintenu dans mon établissement"),
    RequestKind.NEW_VERSION: Sentence("il est là, dans une version trop ancienne"),
    RequestKind.EXTENSION: Sentence("il est là, mais pas dans les bonnes salles"),
    RequestKind.LIST_CHANGE: Sentence("il doit entrer au socle ou sur une liste de formation"),
    RequestKind.RENEWAL: Sentence("sa licence se termine"),
    RequestKind.WITHDRAWAL: Sentence("il ne sert plus, ou il gêne"),
}
STATUSES = {
    RequestStatus.DRAFT: (Sentence("Brouillon"), "neutral"),
    RequestStatus.RELAY: (Sentence("À relayer"), "test"),
    RequestStatus.RELAY_QUESTION: (Sentence("Question à la personne qui demande"), "warn"),
    RequestStatus.VISA: (Sentence("À viser"), "test"),
    RequestStatus.VISA_QUESTION: (Sentence("Question à la personne qui demande"), "warn"),
    RequestStatus.INSTRUCTION: (Sentence("En instruction"), "ending"),
    RequestStatus.INSTRUCTION_QUESTION: (Sentence("Question à la personne qui demande"), "warn"),
    RequestStatus.DECLINED: (Sentence("Déclinée par l’établissement"), "refused"),
    RequestStatus.GIVEN_UP: (Sentence("Abandonnée"), "neutral"),
    RequestStatus.MERGED: (Sentence("Réunie à une autre"), "neutral"),
}
PAST = {
    "submit": Sentence("Demande envoyée"),
    "relay": Sentence("Demande relayée"),
    "pass_relay": Sentence("Relais passé"),
    "ask": Sentence("Question posée"),
    "answer": Sentence("Réponse donnée"),
    "endorse": Sentence("Demande visée"),
    "pass_visa": Sentence("Visa passé"),
    "ask_before_visa": Sentence("Question posée"),
    "answer_before_visa": Sentence("Réponse donnée"),
    "decline": Sentence("Demande déclinée"),
    "reconsider": Sentence("Nouvel examen demandé"),
    "ask_in_instruction": Sentence("Question posée"),
    "answer_in_instruction": Sentence("Réponse donnée"),
    "merge": Sentence("Demande réunie à une autre"),
    "separate": Sentence("Demande séparée de l’autre"),
    "goes-on-for": Sentence("Une autre demande est réunie à celle-ci"),
    "goes-on-without": Sentence("L’autre demande est séparée de celle-ci"),
    "give_up": Sentence("Demande abandonnée"),
    "enclosed": Sentence("Pièce jointe"),
    "enclosure-removed": Sentence("Pièce retirée"),
    "filled": Sentence("Volet complété"),
    "not-needed": Sentence("Volet dit sans objet"),
    "co-signed": Sentence("Demande soutenue"),
    "co-signature-taken-back": Sentence("Soutien retiré"),
    "handed-over": Sentence("Demande confiée à une autre personne"),
    "ranked": Sentence("Demande classée"),
    "reminded-soon": Sentence("Rappel : l’échéance approche"),
    "reminded-late": Sentence("Échéance passée"),
    "reminded-escalated": Sentence("Retard signalé plus haut"),
    "said": Sentence("Échange"),
    "said-internally": Sentence("Instruction – lu seulement par les personnes qui instruisent ou complètent"),
}  # what happened, on a timeline
BLOCKS = {
    BlockKind.SCHOOL: Sentence("Établissement"),
    BlockKind.TECHNICAL: Sentence("Technique"),
    BlockKind.DATA: Sentence("Données personnelles"),
    BlockKind.ACCESSIBILITY: Sentence("Accessibilité numérique"),
    BlockKind.LICENCE: Sentence("Licence et coût"),
}
BLOCK_STATES = {
    BlockState.OWED: (Sentence("à compléter"), "warn"),
    BlockState.FILLED: (Sentence("complété"), "good"),
    BlockState.NOT_NEEDED: (Sentence("sans objet"), "neutral"),
}


def status_badge(status: RequestStatus) -> Badge:
    word, tone = STATUSES[status]
    return Badge(status.value, say(word), tone)


def block_badge(state: BlockState) -> Badge:
    word, tone = BLOCK_STATES[state]
    return Badge(state.value, say(word), tone)


TRAIL = Words(
    {
        "software_request": Sentence("Demande"),
    },
    {move.name: move.label for move in REQUESTS.moves}
    | {
        "filled": Sentence("Compléter un volet"),
        "not-needed": Sentence("Dire un volet sans objet"),
        "co-signed": Sentence("Soutenir"),
        "co-signature-taken-back": Sentence("Retirer son soutien"),
        "handed-over": Sentence("Confier la demande à une autre personne"),
        "goes-on-for": Sentence("Continuer aussi pour une autre demande"),
        "goes-on-without": Sentence("Continuer sans l’autre demande"),
        "ranked": Sentence("Classer"),
        "reminded-soon": Sentence("Rappeler une échéance"),
        "reminded-late": Sentence("Constater un retard"),
        "reminded-escalated": Sentence("Signaler un retard plus haut"),
        "said": Sentence("Écrire dans les échanges"),
        "said-internally": Sentence("Écrire dans l’instruction"),
        "request-steps-set": Sentence("Régler les étapes des demandes"),
        "campaign-set": Sentence("Régler une campagne"),
        "campaign-dropped": Sentence("Supprimer une campagne"),
    },
)
