"""The CAS protocol, versions 2 and 3: where people are sent, the ticket they bring back, single logout."""

import re
import secrets
from collections.abc import Mapping
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring

from portal.clock import utc_now
from portal.signin import asking
from portal.signin.envelopes import Answer, read_cas, read_saml
from portal.signin.models import Provider, Validation
from portal.signin.refusals import Motive, SignInRefused

TICKET = re.compile(r"ST-[\x21-\x7e]{1,1020}")
ARTIFACT = re.compile(r"[\x21-\x7e]{1,1023}")  # in SAML 1.1 some servers send base64, others their tickets
ENDED_LIMIT = 64 * 1024
SAML2 = "{urn:oasis:names:tc:SAML:2.0:protocol}"
NEW_LOGIN = "isfromnewlogin"  # Edifice writes it so, the others isFromNewLogin

SOAP = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": "http://www.oasis-open.org/committees/security"}
# Some servers count children: Header stays, though empty, and nothing stands before the artifact.
ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Header/><SOAP-ENV:Body>\
<samlp:Request xmlns:samlp="urn:oasis:names:tc:SAML:1.0:protocol" MajorVersion="1" MinorVersion="1" RequestID="{id}" \
IssueInstant="{at}"><samlp:AssertionArtifact>{ticket}</samlp:AssertionArtifact></samlp:Request>\
</SOAP-ENV:Body></SOAP-ENV:Envelope>"""


def login_url(provider: Provider, service: str, *, fresh: bool = False) -> str:
    """Where a browser is sent. `fresh`: the password is asked even of whoever is already signed in there."""
    return _address(provider, "login", {_service(provider): service, **_renew(fresh=fresh)})


def validate(
    provider: Provider,
    service: str,
    ticket: str,
    *,
    fresh: bool = False,
    authorities: str = "",
    seconds: float = asking.SECONDS,
) -> Answer:
    """What the provider says of the bearer of a ticket, which this burns. `service` is the one of `login_url`, to the byte."""
    by_saml = provider.validation is Validation.SAML
    if not (ARTIFACT if by_saml else TICKET).fullmatch(ticket):
        raise SignInRefused(Motive.UNREADABLE, "a ticket that has not the shape of one")
    query = {_service(provider): service, **({} if by_saml else {"ticket": ticket}), **_renew(fresh=fresh)}
    body, headers = (_envelope(ticket), SOAP) if by_saml else (None, {})
    url = _address(provider, provider.validation, query)
    said = asking.ask(url, body=body, headers=headers, authorities=authorities, seconds=seconds)
    if fresh and said.strip() == b"no":  # LemonLDAP::NG: the ticket is good, the login is not new
        raise SignInRefused(Motive.NOT_FRESH, "no")
    answer = (read_saml if by_saml else read_cas)(said, provider.subject_attribute)
    if fresh:
        _require_new_login(provider, answer)
    return answer


def logout_url(provider: Provider, back: str = "") -> str:
    """Where a browser is sent to sign out there too; not all servers send it `back`, and only to a registered address."""
    return _address(provider, "logout", {"service": back} if back else {})


def ended_ticket(body: bytes, form: Mapping[str, str]) -> str | None:
    """The ticket of a session that single logout ends: in the form field of the protocol, or as the whole body (Edifice).

    Nobody proves who asks: only the ticket, which cannot be guessed, says that it is the provider.
    """
    said = form.get("logoutRequest", body)
    if len(said) > ENDED_LIMIT:
        return None
    try:
        root = fromstring(said, forbid_dtd=True)
    except (ParseError, ValueError, LookupError):  # not XML, a DTD or an entity, an encoding that is unknown
        return None
    indexes = root.findall(f"{SAML2}SessionIndex")
    if root.tag != f"{SAML2}LogoutRequest" or len(indexes) != 1 or len(indexes[0]):
        return None
    ticket = (indexes[0].text or "").strip()
    return ticket if ARTIFACT.fullmatch(ticket) else None


def _envelope(ticket: str) -> bytes:
    return ENVELOPE.format(id=f"_{secrets.token_hex(16)}", at=f"{utc_now():%Y-%m-%dT%H:%M:%SZ}", ticket=escape(ticket)).encode()


def _require_new_login(provider: Provider, answer: Answer) -> None:
    """`renew` at validation is the proof. It is no part of samlValidate, whose answer must then say that the login is new."""
    said = {value.lower() for name, values in answer.said.items() if name.lower() == NEW_LOGIN for value in values}
    if said - {"true"} or (provider.validation is Validation.SAML and not said):
        raise SignInRefused(Motive.NOT_FRESH, "the provider does not say that the login is new")


def _service(provider: Provider) -> str:
    return "TARGET" if provider.validation is Validation.SAML else "service"


def _renew(*, fresh: bool) -> dict[str, str]:
    return {"renew": "true"} if fresh else {}


def _address(provider: Provider, path: str, query: Mapping[str, str]) -> str:
    """Nothing of a value can become a parameter: all is encoded but letters, digits and `-._~`."""
    return f"{provider.base_url}/{path}" + (f"?{urlencode(query, quote_via=quote, safe='')}" if query else "")
