"""What each block of a request asks of whoever owes it, and filling one. The requester is asked none of this."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from portal.access import Actor, Policy
from portal.db import lock
from portal.errors import OutOfDate, Refused
from portal.letters.telling import settle
from portal.text import Sentence, clean, clean_lines
from portal.trail.trail import record
from workflows.requests.access import FILLS
from workflows.requests.guards import OPEN
from workflows.requests.models import Block, BlockKind, BlockState

LONGEST_ANSWER = 600
YES_NO = (
    ("yes", Sentence("oui")),
    ("no", Sentence("non")),
    ("unknown", Sentence("on ne sait pas encore")),
)
Choices = tuple[tuple[str, Sentence], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """`choices`: the codes that may be answered; empty for a text. Without `required`, an empty answer is none."""

    key: str
    label: Sentence
    hint: Sentence | str = ""
    choices: Choices = ()
    required: bool = False


# After the forms of the field: who completes what is told in the research on software requests.
QUESTIONS: Mapping[BlockKind, tuple[Question, ...]] = {
    BlockKind.SCHOOL: (
        Question("rooms", Sentence("Salles et postes, vérifiés"), Sentence("Lesquels, combien, et ce qui y manque."), required=True),
        Question("tester", Sentence("Qui essaiera le paquet, et quand"), Sentence("Une fonction suffit : « un·e professeur·e de STI2D, fin juin »."), required=True),
        Question("council", Sentence("Avis du conseil pédagogique ou de la commission numérique"), Sentence("La date et l’avis, s’il a été demandé.")),
    ),
    BlockKind.TECHNICAL: (
        Question("silent", Sentence("S’installe-t-il sans question ?"), choices=YES_NO, required=True),
        Question("rights", Sentence("Demande-t-il des droits d’administration à l’usage ?"), choices=YES_NO, required=True),
        Question("network", Sentence("Réseau"), Sentence("Mandataire, ports, serveur de licences, usage sans connexion.")),
        Question("hardware", Sentence("Matériel"), Sentence("Mémoire, carte graphique, périphérique.")),
        Question("remarks", Sentence("Remarques"), Sentence("Conflits connus, dépendances, mises à jour automatiques à couper.")),
    ),
    BlockKind.DATA: (
        Question("accounts", Sentence("Faut-il un compte pour s’en servir ?"), choices=YES_NO, required=True),
        Question("pupils", Sentence("Des données d’élèves y sont-elles traitées ?"), choices=YES_NO, required=True),
        Question("hosting", Sentence("Où sont les données, et chez qui")),
        Question("opinion", Sentence("Ce qu’il faut pour s’en servir"), Sentence("Rien, une convention, une inscription au registre… ou pourquoi c’est impossible."), required=True),
    ),
    BlockKind.ACCESSIBILITY: (
        Question("statement", Sentence("L’éditeur publie-t-il une déclaration d’accessibilité ?"), choices=YES_NO, required=True),
        Question("barriers", Sentence("Obstacles connus"), Sentence("Clavier, lecteur d’écran, contrastes, son.")),
        Question("workaround", Sentence("Ce que l’on propose à un·e élève qui en serait empêché·e")),
    ),
    BlockKind.LICENCE: (
        Question("model", Sentence("Modèle de licence"), choices=(
            ("free", Sentence("libre ou gratuite")), ("site", Sentence("par établissement")), ("seat", Sentence("par poste")),
            ("floating", Sentence("flottante")), ("named", Sentence("nominative")), ("unknown", Sentence("on ne sait pas encore")),
        ), required=True),
        Question("count", Sentence("Combien, et jusqu’à quand"), Sentence("« 30 postes, un an, renouvelable en septembre ».")),
        Question("cost", Sentence("Prix, et à renouveler tous les combien")),
        Question("payer", Sentence("Qui pourrait payer"), Sentence("Ce n’est pas une décision : elle se prend après l’avis.")),
    ),
}  # fmt: skip
NO_REASON = Sentence("Il manque la raison : pourquoi ce volet est sans objet. Écrivez-la en une phrase.")
OWED_NOTHING = Sentence("Ce volet n’est plus à compléter : la demande est close. Rechargez la page.")
FILLED_MEANWHILE = Sentence("Quelqu’un a complété ce volet pendant que vous écriviez. Comparez, puis enregistrez à nouveau.")


@dataclass(frozen=True, slots=True)
class Filling:
    """What somebody writes in a block, over the version that they read. `reason`: why it is not needed, when it is not."""

    read: int
    answers: Mapping[str, str]
    reason: str = ""
    is_needed: bool = True


def faults(kind: BlockKind, filling: Filling) -> dict[str, Sentence]:
    """By question, what is wrong with its answer: pure."""
    if not filling.is_needed:
        return {} if filling.reason else {"reason": NO_REASON}
    found = {}
    for question in QUESTIONS[kind]:
        said = filling.answers.get(question.key, "")
        if question.required and not said:
            found[question.key] = Sentence("Il manque une réponse. Complétez cette case, ou dites que l’on ne sait pas.")
        elif question.choices and said and said not in dict(question.choices):
            found[question.key] = Sentence("Cette réponse n’est pas proposée. Choisissez-en une autre.")
        elif len(said) > LONGEST_ANSWER:
            found[question.key] = Sentence("Cette réponse dépasse %(n)s caractères. Raccourcissez-la.", n=LONGEST_ANSWER)
    return found


def fill(session: Session, policy: Policy, actor: Actor, block: Block, filling: Filling, *, at: datetime) -> None:
    """The trail keeps what it said before, so that nothing is edited away. `block.request` is loaded."""
    policy.demand(actor, FILLS[block.kind], block.request)
    lock(session, block.request)
    lock(session, block)
    if block.request.status not in OPEN:
        raise Refused([OWED_NOTHING])
    if block.version != filling.read:
        raise OutOfDate(FILLED_MEANWHILE)
    answers = {one.key: clean_lines(filling.answers.get(one.key, "")) for one in QUESTIONS[block.kind]}
    filling = Filling(filling.read, answers, clean(filling.reason), is_needed=filling.is_needed)
    if wrong := faults(block.kind, filling):
        raise Refused(dict.fromkeys(wrong.values()))
    was = {key: value for key, value in block.answers.items() if value}
    block.answers = {} if not filling.is_needed else {key: value for key, value in answers.items() if value}
    block.state = BlockState.FILLED if filling.is_needed else BlockState.NOT_NEEDED
    reason = "" if filling.is_needed else filling.reason[:LONGEST_ANSWER]
    block.reason, block.filled_at, block.filled_by, block.filled_as = reason, at, actor.key, actor.function
    move = "filled" if filling.is_needed else "not-needed"
    record(session, actor, block.request, move, at=at, reason=reason, block=block.kind.value, was=was)
    settle(session, block, actor.key, at)
