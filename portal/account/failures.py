"""A sign-in that does not succeed, in words: which ENT, what was tried, what to do, whom to ask."""

from dataclasses import dataclass
from http import HTTPStatus

from portal.signin.models import Provider
from portal.signin.refusals import Motive
from portal.web.language import lazy

# status, title, what happened, what to do
WORDS = {
    Motive.UNREACHABLE: (
        HTTPStatus.BAD_GATEWAY,
        lazy("Votre ENT ne répond pas"),
        lazy("Le portail a demandé à %(ent)s qui vous êtes, et n’a pas pu le joindre."),
        lazy("Recommencez dans quelques minutes. Si vous n’arrivez pas non plus à ouvrir votre ENT, la panne est chez lui."),
    ),
    Motive.SLOW: (
        HTTPStatus.GATEWAY_TIMEOUT,
        lazy("Votre ENT met trop de temps à répondre"),
        lazy("Le portail a demandé à %(ent)s qui vous êtes, et n’a pas eu de réponse en cinq secondes."),
        lazy("Recommencez dans quelques minutes : votre ENT est peut-être très demandé en ce moment."),
    ),
    Motive.UNSAFE: (
        HTTPStatus.BAD_GATEWAY,
        lazy("L’identité de votre ENT n’est pas sûre"),
        lazy("Le certificat que présente %(ent)s n’est pas valable : le portail a refusé de lui parler."),
        lazy("Vous n’y pouvez rien : signalez-le. Le portail rouvrira dès que le certificat sera renouvelé."),
    ),
    Motive.UNREADABLE: (
        HTTPStatus.BAD_GATEWAY,
        lazy("La réponse de votre ENT est illisible"),
        lazy("Le portail a demandé à %(ent)s qui vous êtes, et n’a pas compris sa réponse."),
        lazy("Recommencez une fois. Si cela se reproduit, signalez-le avec la référence ci-dessous."),
    ),
    Motive.DENIED: (
        HTTPStatus.FORBIDDEN,
        lazy("Votre ENT n’a pas confirmé la connexion"),
        lazy("%(ent)s a répondu non : la connexion a peut-être trop attendu, ou servi deux fois."),
        lazy("Recommencez la connexion. Si le refus persiste, votre ENT n’ouvre peut-être pas le portail à votre compte."),
    ),
    Motive.EXPIRED: (
        HTTPStatus.BAD_REQUEST,
        lazy("La connexion a trop attendu"),
        lazy("Une connexion doit s’achever en dix minutes, dans le navigateur où elle a commencé."),
        lazy("Recommencez la connexion. Si cela se reproduit, vérifiez que votre navigateur accepte les cookies de ce site."),
    ),
    Motive.NOBODY: (
        HTTPStatus.FORBIDDEN,
        lazy("Votre ENT ne dit pas qui vous êtes"),
        lazy("%(ent)s a envoyé un code d’établissement ou une adresse électronique à la place de votre identifiant."),
        lazy("Le portail ne reconnaît personne à cela. Signalez-le : le raccordement de votre ENT doit être corrigé."),
    ),
    Motive.NOT_FRESH: (
        HTTPStatus.FORBIDDEN,
        lazy("Votre mot de passe n’a pas été redemandé"),
        lazy("Cette action demande une connexion de moins de dix minutes, et %(ent)s n’a pas confirmé la vôtre."),
        lazy("Recommencez, et tapez votre mot de passe quand votre ENT le demande."),
    ),
    Motive.UNSAID: (
        HTTPStatus.FORBIDDEN,
        lazy("Votre ENT ne dit pas quel est votre métier"),
        lazy("%(ent)s ne précise pas si vous êtes enseignant·e, agent·e ou élève : le portail ne peut pas vous ouvrir de compte."),
        lazy("Signalez-le : le raccordement de votre ENT doit transmettre votre profil."),
    ),
    Motive.NOT_FOR_YOU: (
        HTTPStatus.FORBIDDEN,
        lazy("Ce portail est réservé aux personnels"),
        lazy("Il sert aux équipes des établissements à choisir les logiciels des ordinateurs. Rien de vous n’a été enregistré."),
        lazy("Le catalogue, lui, est ouvert à tout le monde : vous pouvez y chercher un logiciel et voir s’il est dans votre établissement."),
    ),
    Motive.NOT_YOURS: (
        HTTPStatus.FORBIDDEN,
        lazy("Ce compte n’a pas été relié au vôtre"),
        lazy("Rien, dans la réponse de %(ent)s, ne dit que la personne qui vient de s’y connecter est vous : rien n’a été relié."),
        lazy("Si l’ordinateur est partagé, fermez d’abord la session de cet ENT. Puis recommencez depuis « Mon compte »."),
    ),
    Motive.OWN_GRANT: (
        HTTPStatus.CONFLICT,
        lazy("Ces deux comptes ne peuvent pas encore être reliés"),
        lazy("L’un des deux a confié à l’autre une fonction qui court encore, et personne ne s’accorde une fonction à soi-même."),
        lazy("Faites retirer cette fonction par une autre personne qui peut la confier, puis recommencez depuis « Mon compte »."),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Failure:
    """What `account/failure.html` shows."""

    status: int
    title: str
    happened: str
    advice: str
    ent: str
    contact: str
    again: str
    reference: str
    is_kind: bool
    is_linking: bool


def failure(provider: Provider, motive: Motive, reference: str, *, is_linking: bool) -> Failure:
    """`is_linking`: begun from one's account, by somebody who is signed in and stays so."""
    status, title, happened, advice = WORDS[motive]
    return Failure(
        status=status,
        title=str(title),
        happened=str(happened) % {"ent": provider.label},
        advice=str(advice),
        ent=provider.label,
        contact=provider.contact,
        again="/mon-compte#acces" if is_linking else f"/connexion/{provider.slug}",
        reference=reference,
        is_kind=motive is Motive.NOT_FOR_YOU,
        is_linking=is_linking,
    )
