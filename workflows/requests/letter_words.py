"""The letters of requests as they come with the portal: one for each move and each whom; a territory may word them otherwise."""

from collections.abc import Mapping

from portal.letters.models import Kind
from portal.letters.words import Words
from portal.text import Sentence

VALUES: Mapping[str, Sentence] = {
    "logiciel": Sentence("le logiciel demandé"),
    "demande": Sentence("le numéro de la demande"),
    "etablissement": Sentence("l’établissement et sa ville"),
    "qui": Sentence("la fonction de qui a agi"),
    "raison": Sentence("ce que cette personne a écrit"),
    "suite": Sentence("ce qui attend maintenant la demande"),
    "echeance": Sentence("jusqu’à quand, ou qu’aucune date n’est promise"),
    "doute": Sentence("pourquoi aucune date n’est promise"),
    "recu": Sentence("la mention de l’accusé de réception"),
    "autre": Sentence("le numéro de l’autre demande"),
}
TODO, OWN, FOLLOWED, SAID = Kind.TODO, Kind.OWN, Kind.FOLLOWED, Kind.SAID
WHOM = {
    "requester": Sentence("à la personne qui demande"),
    "holder": Sentence("à qui l’a"),
    "above": Sentence("à qui peut la débloquer"),
    "former": Sentence("à qui l’avait"),
    "supporters": Sentence("aux personnes qui la soutiennent"),
    "owner": Sentence("à qui doit un volet"),
    "named": Sentence("aux personnes nommées"),
}


def _words(code: str, kind: Kind, what: Sentence, subject: str, *paragraphs: str) -> Words:
    whom = WHOM[code.rpartition(".")[2]]
    return Words(
        f"request.{code}", kind, Sentence("%(what)s : %(whom)s", what=what, whom=whom), subject, "\n\n".join(paragraphs), VALUES
    )


SENT, RELAYED, ENDORSED = (
    Sentence("Une demande est envoyée"),
    Sentence("Une demande est relayée"),
    Sentence("Une demande est visée"),
)
ASKED, ANSWERED = Sentence("Une question est posée"), Sentence("Une réponse est donnée")
DECLINED, AGAIN = Sentence("Une demande est déclinée"), Sentence("Un nouvel examen est demandé")
HANDED = Sentence("Une demande est confiée à quelqu’un")
MERGED, PARTED = Sentence("Deux demandes sont réunies"), Sentence("Deux demandes sont séparées")
SAID_WHY = "« {raison} »"
ALL = (
    _words("submit.requester", OWN, SENT, "{logiciel} : votre demande n° {demande} est reçue",
        "Votre demande n° {demande}, « {logiciel} », est reçue pour {etablissement}.",
        "{suite}, {echeance}. Sa page dit à tout moment qui l’a.", "{doute}", "{recu}"),
    _words("submit.holder", TODO, SENT, "{logiciel} : une demande à relayer",
        "La demande n° {demande}, « {logiciel} », vient d’être envoyée pour {etablissement}.",
        "Elle attend que vous la relayiez, ou que vous posiez une question, {echeance}.", "{doute}"),
    _words("owed.owner", TODO, Sentence("Un volet est à compléter"), "{logiciel} : un volet à compléter",
        "La demande n° {demande}, « {logiciel} », pour {etablissement}, est en chemin.",
        "Un volet de son dossier vous revient, {echeance}. S’il est sans objet, dites-le en une phrase.", "{doute}"),
    _words("relay.requester", OWN, RELAYED, "{logiciel} : votre demande est relayée",
        "Votre demande n° {demande}, « {logiciel} », est relayée ({qui}).", SAID_WHY, "{suite}, {echeance}.", "{doute}"),
    _words("relay.holder", TODO, RELAYED, "{logiciel} : une demande à viser",
        "La demande n° {demande}, « {logiciel} », pour {etablissement}, arrive au visa ({qui}).", SAID_WHY,
        "Elle attend votre visa, une question ou un refus motivé, {echeance}.", "{doute}"),
    _words("endorse.requester", OWN, ENDORSED, "{logiciel} : votre demande est visée",
        "Votre demande n° {demande}, « {logiciel} », est visée ({qui}).", SAID_WHY, "{suite}, {echeance}.", "{doute}"),
    _words("endorse.holder", TODO, ENDORSED, "{logiciel} : une demande à instruire",
        "La demande n° {demande}, « {logiciel} », pour {etablissement}, arrive à l’instruction ({qui}).", SAID_WHY, "Elle est à instruire, {echeance}.", "{doute}"),
    _words("endorse.supporters", FOLLOWED, ENDORSED, "{logiciel} : la demande que vous soutenez avance",
        "La demande n° {demande}, « {logiciel} », que vous soutenez, est visée par son établissement. La collectivité l’instruit, {echeance}."),
    _words("ask.requester", TODO, ASKED, "{logiciel} : une question vous est posée",
        "On vous demande ({qui}), sur votre demande n° {demande}, « {logiciel} » :", SAID_WHY,
        "Le délai s’arrête jusqu’à votre réponse, attendue {echeance}.", "{doute}"),
    _words("answer.holder", TODO, ANSWERED, "{logiciel} : une réponse à votre question",
        "La personne qui demande répond, sur la demande n° {demande}, « {logiciel} » :", SAID_WHY, "La demande vous revient, {echeance}."),
    _words("decline.requester", OWN, DECLINED, "{logiciel} : votre demande est déclinée",
        "Votre établissement décline votre demande n° {demande}, « {logiciel} » ({qui}) :", SAID_WHY,
        "Vous pouvez demander un nouvel examen depuis la page de la demande, en disant ce qui a changé."),
    _words("decline.supporters", FOLLOWED, DECLINED, "{logiciel} : la demande que vous souteniez est déclinée",
        "Son établissement décline la demande n° {demande}, « {logiciel} », que vous souteniez.", "Vous pouvez demander ce logiciel pour votre établissement."),
    _words("reconsider.holder", TODO, AGAIN, "{logiciel} : un nouvel examen est demandé",
        "La personne qui demande « {logiciel} » (demande n° {demande}) souhaite un nouvel examen :", SAID_WHY, "Elle attend votre visa, {echeance}."),
    _words("merge.requester", OWN, MERGED, "{logiciel} : votre demande est réunie à une autre",
        "Votre demande n° {demande}, « {logiciel} », continue avec la demande n° {autre} ({qui}) :", SAID_WHY,
        "Vous gardez votre page ; vos classes comptent, une fois."),
    _words("merge.supporters", FOLLOWED, MERGED, "{logiciel} : deux demandes sont réunies",
        "La demande n° {demande}, « {logiciel} », que vous soutenez, continue avec la demande n° {autre}. Votre soutien compte toujours."),
    _words("separate.requester", OWN, PARTED, "{logiciel} : votre demande continue seule",
        "Votre demande n° {demande}, « {logiciel} », est séparée de la demande n° {autre} ({qui}) :", SAID_WHY, "{suite}, {echeance}."),
    _words("separate.holder", TODO, PARTED, "{logiciel} : une demande à instruire",
        "La demande n° {demande}, « {logiciel} », pour {etablissement}, est séparée de la demande n° {autre} ({qui}) :", SAID_WHY,
        "Elle est à instruire, {echeance}.", "{doute}"),
    _words("give_up.supporters", FOLLOWED, Sentence("Une demande est abandonnée"), "{logiciel} : la demande que vous souteniez est abandonnée",
        "La personne qui demandait « {logiciel} » (demande n° {demande}) y renonce.", "Si vous en avez toujours besoin, demandez-le à votre tour."),
    _words("co-signed.requester", OWN, Sentence("Une demande est soutenue"), "{logiciel} : quelqu’un soutient votre demande",
        "Votre demande n° {demande}, « {logiciel} », a un soutien de plus ({qui})."),
    _words("said.requester", OWN, Sentence("Quelqu’un écrit dans les échanges"), "{logiciel} : un message sur votre demande",
        "On écrit ({qui}), sur votre demande n° {demande}, « {logiciel} » :", SAID_WHY, "Vous pouvez répondre sous la demande."),
    _words("said.named", SAID, Sentence("Quelqu’un écrit dans les échanges"), "{logiciel} : on vous demande de lire un message",
        "On vous écrit ({qui}), sur la demande n° {demande}, « {logiciel} », pour {etablissement} :", SAID_WHY,
        "Vous pouvez répondre sous la demande."),
    _words("handed-over.requester", OWN, HANDED, "{logiciel} : la demande n° {demande} vous est confiée",
        "La demande n° {demande}, « {logiciel} », pour {etablissement}, vous est confiée ({qui}).", SAID_WHY,
        "C’est maintenant à vous de répondre aux questions, et de la suivre."),
    _words("handed-over.holder", TODO, HANDED, "{logiciel} : une question vous attend, sur une demande qui vous est confiée",
        "La demande n° {demande}, « {logiciel} », pour {etablissement}, vous est confiée ({qui}).", SAID_WHY,
        "Une question y attend votre réponse, {echeance}."),
    _words("handed-over.former", OWN, HANDED, "{logiciel} : la demande n° {demande} est confiée à quelqu’un d’autre",
        "La demande n° {demande}, « {logiciel} », pour {etablissement}, est confiée à un·e collègue ({qui}).", SAID_WHY,
        "Vous n’avez plus à répondre aux questions."),
    _words("soon.holder", TODO, Sentence("Une échéance approche"), "{logiciel} : à faire avancer {echeance}",
        "La demande n° {demande}, « {logiciel} », pour {etablissement}, est entre vos mains {echeance}."),
    _words("soon.owner", TODO, Sentence("L’échéance d’un volet approche"), "{logiciel} : un volet à compléter {echeance}",
        "Un volet de la demande n° {demande}, « {logiciel} », pour {etablissement}, vous revient {echeance}."),
    _words("late.holder", TODO, Sentence("Une demande est en retard"), "{logiciel} : la demande n° {demande} est en retard",
        "La demande n° {demande}, « {logiciel} », pour {etablissement}, était entre vos mains {echeance}. Cette date est passée."),
    _words("late.requester", OWN, Sentence("Une demande est en retard"), "{logiciel} : votre demande est en retard",
        "Votre demande n° {demande}, « {logiciel} », devait avancer : elle était entre les mains de qui l’a {echeance}. Cette date est passée.",
        "Sa page dit qui l’a."),
    _words("late.owner", TODO, Sentence("Un volet est en retard"), "{logiciel} : un volet est en retard",
        "Un volet de la demande n° {demande}, « {logiciel} », pour {etablissement}, vous revenait {echeance}. Cette date est passée."),
    _words("escalated.above", TODO, Sentence("Un retard dure"), "{logiciel} : un retard vous est signalé",
        "La demande n° {demande}, « {logiciel} », pour {etablissement}, n’avance pas : elle devait l’avoir fait {echeance}.",
        "Voyez sur sa page qui l’a et ce qui bloque."),
)  # fmt: skip
WORDS: Mapping[str, Words] = {one.code.removeprefix("request."): one for one in ALL}
