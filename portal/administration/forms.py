"""The form of an identity provider: what an ENT's integrators answer, in their order."""

from typing import Any

from wtforms import BooleanField, SelectChoice, SelectField, StringField  # type: ignore[attr-defined]

from portal.signin.models import Protocol, Provider, TokenAuth, Validation
from portal.web.forms import Form, at_most, required
from portal.web.language import lazy as _l


class ProviderForm(Form):
    """Lists are typed on one line, with commas; the secret is never typed here."""

    label = StringField(
        _l("Nom"), [required(_l("le nom de l’ENT")), at_most(80, _l("Le nom"))], description=_l("Tel que les gens l’appellent.")
    )
    protocol = SelectField(
        _l("Protocole"), choices=[SelectChoice(Protocol.CAS, "CAS 2 ou 3"), SelectChoice(Protocol.OIDC, "OpenID Connect")]
    )
    base_url = StringField(
        _l("Adresse"), [required(_l("l’adresse de l’ENT")), at_most(300, _l("L’adresse"))],
        description=_l("CAS : ce qui précède /login. OpenID Connect : l’émetteur (issuer), à la lettre."),
    )  # fmt: skip
    serves = StringField(
        _l("Établissements servis"), [at_most(2000, _l("La liste"))],
        description=_l("Séparés par des virgules : territory:aura, academy:Grenoble, school:0380001A, ou * pour tous."),
    )  # fmt: skip
    contact = StringField(
        _l("À qui demander"), [at_most(254, _l("L’adresse"))], description=_l("Montré quand la connexion échoue.")
    )
    validation = SelectField(_l("Validation du ticket"), choices=[SelectChoice(one) for one in Validation])
    state_in_service = BooleanField(_l("L’ENT accepte tout ce qui suit notre adresse"))
    client_id = StringField(_l("Identifiant du portail chez le fournisseur"), [at_most(120, _l("L’identifiant"))])
    secret_env = StringField(
        _l("Variable d’environnement du secret"), [at_most(80, _l("Le nom"))],
        description=_l("Son nom, par exemple ENT_SECRET : le secret lui-même ne se tape ni ne se garde ici."),
    )  # fmt: skip
    token_auth = SelectField(_l("Preuve du portail"), choices=[SelectChoice(one) for one in TokenAuth])
    scopes = StringField(_l("Portées demandées"), [at_most(200, _l("La liste"))])
    pkce = BooleanField(_l("Avec PKCE"))
    subject_attribute = StringField(
        _l("Attribut qui identifie la personne"), [at_most(60, _l("Le nom"))],
        description=_l("Vide : cas:user, ou sub. N’en nommez un que si l’ENT l’envoie pour tout le monde."),
    )  # fmt: skip
    attributes = StringField(
        _l("Noms propres à cet ENT"), [at_most(2000, _l("La liste"))],
        description=_l("Par exemple : profiles=PRO, profil ; schools=UAI"),
    )  # fmt: skip
    academy = StringField(_l("Académie des clés de jointure nues"), [at_most(40, _l("Le nom"))])
    gives_join_key = BooleanField(_l("Il envoie la clé de jointure de la personne elle-même"))
    adults_only = BooleanField(_l("Élèves et parents n’y ont pas de compte"))
    names_heads = BooleanField(_l("Guichet de l’État : ce qu’il dit des chef·fes d’établissement est cru"))
    proves_fresh = BooleanField(_l("Il sait redemander le mot de passe, et le prouver"))
    ends_its_session = BooleanField(_l("Se déconnecter du portail y met aussi fin à la session"))

    @classmethod
    def of(cls, provider: Provider, typed: Any = None) -> "ProviderForm":
        stored = provider.model_dump()
        stored["serves"] = ", ".join(provider.serves)
        stored["attributes"] = " ; ".join(f"{field}={', '.join(names)}" for field, names in provider.attributes.items())
        return cls(typed, data=stored)

    def groups(self) -> list[tuple[Any, list[str]]]:
        """The fields under the headings of the page; a test holds that none is left out."""
        return [
            (_l("L’ENT"), ["label", "protocol", "base_url", "serves", "contact"]),
            (_l("S’il parle CAS"), ["validation", "state_in_service"]),
            (_l("S’il parle OpenID Connect"), ["client_id", "secret_env", "token_auth", "scopes", "pkce"]),
            (
                _l("Ce qu’il dit des personnes"),
                ["subject_attribute", "attributes", "academy", "gives_join_key", "adults_only", "names_heads"],
            ),
            (_l("Ses connexions"), ["proves_fresh", "ends_its_session"]),
        ]

    def written(self) -> dict[str, Any]:
        """As `Provider` stores it."""
        pairs = [one.partition("=") for one in self.attributes.data.split(";") if one.strip()] if self.attributes.data else []
        return {
            **self.data,
            "protocol": Protocol(self.protocol.data),
            "validation": Validation(self.validation.data),
            "token_auth": TokenAuth(self.token_auth.data),
            "serves": _listed(self.serves.data),
            "attributes": {field.strip(): _listed(names) for field, _equals, names in pairs},
        }


def _listed(typed: str | None) -> list[str]:
    return [one.strip() for one in (typed or "").split(",") if one.strip()]
