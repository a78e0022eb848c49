"""What a provider must be before people are sent to it: told when it is declared, at start, and by `flask doctor`."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from portal.people.models import SELF
from portal.signin.claims import NAMES
from portal.signin.models import Protocol, Provider
from portal.text import Sentence

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
RESERVED = {"au-revoir", SELF}  # an address of ours under /connexion/, and what is no provider
SCOPE = re.compile(r"\*|territory:[a-z0-9-]{1,24}|academy:[^\W\d_][\w '’-]{1,39}|school:[0-9]{7}[A-Z]")
SECRET_NAME = re.compile(r"[A-Z][A-Z0-9_]{2,79}")


def faults(provider: Provider, secret: str, *, may_demonstrate: bool) -> list[Sentence]:
    """`secret`: what the environment holds under `secret_env`; `may_demonstrate`: whether nothing here is real."""
    return [*_shape(provider), *_address(provider, may_demonstrate=may_demonstrate), *_client(provider, secret)]


def _shape(provider: Provider) -> Iterator[Sentence]:
    if not provider.slug:
        yield Sentence("Il manque le nom court : des minuscules sans accent, des chiffres et des tirets, par exemple « mon-ent ».")
    elif not SLUG.fullmatch(provider.slug) or provider.slug in RESERVED:
        yield Sentence(
            "Le nom court « %(slug)s » ne convient pas : des minuscules sans accent, des chiffres et des tirets, par exemple « mon-ent ».",
            slug=provider.slug,
        )
    if not provider.label.strip():
        yield Sentence("Il manque le nom sous lequel les gens connaissent cet ENT. Écrivez-le, par exemple « Mon ENT des lycées ».")
    for scope in provider.serves:
        if not SCOPE.fullmatch(scope):
            yield Sentence(
                "« %(scope)s » ne dit pas quels établissements cet ENT sert. Écrivez territory:aura, academy:Grenoble, school:0380001A ou *.",
                scope=scope,
            )
    for field in provider.attributes:
        if field not in NAMES:
            yield Sentence(
                "« %(field)s » n’est pas un renseignement que le portail lit. Choisissez parmi : %(known)s.",
                field=field,
                known=", ".join(NAMES),
            )


def _address(provider: Provider, *, may_demonstrate: bool) -> Iterator[Sentence]:
    parts = _split(provider.base_url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        yield Sentence(
            "« %(url)s » n’est pas une adresse de service. Écrivez-la en entier, par exemple https://ent.example/cas.",
            url=provider.base_url,
        )
        return
    if provider.protocol is Protocol.CAS and provider.base_url.endswith("/"):
        yield Sentence("L’adresse « %(url)s » finit par une barre oblique. Retirez-la.", url=provider.base_url)
    if parts.username or parts.password:
        yield Sentence("L’adresse « %(url)s » contient un mot de passe. Retirez-le.", url=provider.base_url)
    if parts.scheme == "http" and not (may_demonstrate and is_loopback(parts.hostname)):
        yield Sentence(
            "L’adresse « %(url)s » n’est pas en https : n’importe qui pourrait répondre à sa place. Demandez l’adresse sûre à l’ENT.",
            url=provider.base_url,
        )
    if provider.is_demonstration and not may_demonstrate:
        yield Sentence(
            "L’ENT de démonstration « %(slug)s » laisse entrer n’importe qui. Fermez-le : flask people provider close %(slug)s.",
            slug=provider.slug,
        )


def _client(provider: Provider, secret: str) -> Iterator[Sentence]:
    if provider.protocol is not Protocol.OIDC:
        return
    if not provider.client_id.strip():
        yield Sentence("Il manque l’identifiant que le fournisseur nous a donné (client_id). Demandez-le-lui.")
    if not SECRET_NAME.fullmatch(provider.secret_env):
        yield Sentence(
            "Il manque le nom de la variable d’environnement qui contient le secret, en majuscules, par exemple ENT_SECRET."
        )
    elif not secret:
        yield Sentence(
            "Le secret de « %(slug)s » manque : donnez-le au portail dans la variable d’environnement %(name)s, puis redémarrez.",
            slug=provider.slug,
            name=provider.secret_env,
        )


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def is_loopback(host: str) -> bool:
    """Whether a host name can only be the machine itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
