"""What the demonstration's providers say to portals: CAS 3 and SAML 1.1 answers, the end of a session. All is XML, never glued."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET  # writes only: what comes in is read by defusedxml

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as Guarded

from portal.demo.ent_tickets import LIVES, Failure, Ticket
from portal.demo.people_file import Person

CAS = "http://www.yale.edu/tp/cas"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SAML1 = "urn:oasis:names:tc:SAML:1.0:assertion"
SAML1P = "urn:oasis:names:tc:SAML:1.0:protocol"
SAML2 = "urn:oasis:names:tc:SAML:2.0:assertion"
SAML2P = "urn:oasis:names:tc:SAML:2.0:protocol"
SPACES = {"cas": CAS, "soap": SOAP, "saml1": SAML1, "saml1p": SAML1P, "saml": SAML2, "samlp": SAML2P}
for prefix, space in SPACES.items():
    ET.register_namespace(prefix, space)


Attributes = list[tuple[str, str]]
Says = Callable[[Person], Attributes]


def by_an_ent(person: Person) -> Attributes:
    """By the names of the SDET, repeated when there are several values."""
    return [
        ("ENTPersonIdentifiant", person.subject),
        ("ENTPersonJointure", person.join_key),
        ("prenom", person.given_name),
        ("nom", person.family_name),
        ("mail", person.email),
        *(("ENTPersonProfils", profile) for profile in person.profiles),
        *(("ENTPersonStructRattachRNE", school) for school in person.schools),
    ]


def by_the_window(person: Person) -> Attributes:
    """By the names of the State's window: it knows no join key, and names the schools that somebody is head of."""
    return [
        ("given_name", person.given_name),
        ("family_name", person.family_name),
        ("email", person.email),
        *(("title", function) for function in person.profiles),
        *(("rne", school) for school in person.schools[:1]),
        *(("FrEduFonctAdm", function) for function in person.profiles),
        *(("FrEduRne", _posted(line)) for line in person.heads),
        *(("FrEduRneResp", line) for line in person.heads),
    ]


def cas(found: Ticket | Failure, says: Says) -> bytes:
    root = ET.Element(f"{{{CAS}}}serviceResponse")
    if isinstance(found, Failure):
        ET.SubElement(root, f"{{{CAS}}}authenticationFailure", code=found).text = _why(found)
        return _written(root)
    success = ET.SubElement(root, f"{{{CAS}}}authenticationSuccess")
    ET.SubElement(success, f"{{{CAS}}}user").text = found.person.subject
    inside = ET.SubElement(success, f"{{{CAS}}}attributes")
    for name, value in _attributes(found, says):
        ET.SubElement(inside, f"{{{CAS}}}{name}").text = value
    return _written(root)


def saml(found: Ticket | Failure, says: Says, service: str, at: datetime) -> bytes:
    root = ET.Element(f"{{{SOAP}}}Envelope")
    response = ET.SubElement(
        ET.SubElement(root, f"{{{SOAP}}}Body"), f"{{{SAML1P}}}Response", {**_stamp("ResponseID", at), "Recipient": service}
    )
    status = ET.SubElement(response, f"{{{SAML1P}}}Status")
    word = "RequestDenied" if isinstance(found, Failure) else "Success"
    ET.SubElement(status, f"{{{SAML1P}}}StatusCode", Value=f"saml1p:{word}")
    if isinstance(found, Failure):
        ET.SubElement(status, f"{{{SAML1P}}}StatusMessage").text = _why(found)
        return _written(root)
    assertion = ET.SubElement(response, f"{{{SAML1}}}Assertion", {**_stamp("AssertionID", at), "Issuer": "ent-demonstration"})
    until = _instant(at + timedelta(seconds=LIVES))
    conditions = ET.SubElement(assertion, f"{{{SAML1}}}Conditions", NotBefore=_instant(at), NotOnOrAfter=until)
    audience = ET.SubElement(conditions, f"{{{SAML1}}}AudienceRestrictionCondition")
    ET.SubElement(audience, f"{{{SAML1}}}Audience").text = service
    statement = ET.SubElement(assertion, f"{{{SAML1}}}AttributeStatement")
    subject = ET.SubElement(statement, f"{{{SAML1}}}Subject")
    ET.SubElement(subject, f"{{{SAML1}}}NameIdentifier").text = found.person.subject
    confirmation = ET.SubElement(subject, f"{{{SAML1}}}SubjectConfirmation")
    ET.SubElement(confirmation, f"{{{SAML1}}}ConfirmationMethod").text = "urn:oasis:names:tc:SAML:1.0:cm:artifact"
    values: dict[str, ET.Element] = {}
    for name, value in _attributes(found, says):
        if name not in values:
            named = {"AttributeName": name, "AttributeNamespace": "http://www.ja-sig.org/products/cas"}
            values[name] = ET.SubElement(statement, f"{{{SAML1}}}Attribute", named)
        ET.SubElement(values[name], f"{{{SAML1}}}AttributeValue").text = value
    return _written(root)


def artifact(body: bytes) -> str:
    """The ticket that a SAML 1.1 question is about; empty when there is not exactly one."""
    try:
        root = Guarded.fromstring(body, forbid_dtd=True)
    except (ET.ParseError, DefusedXmlException, ValueError):
        return ""
    found = [(one.text or "").strip() for one in root.iter(f"{{{SAML1P}}}AssertionArtifact")]
    return found[0] if len(found) == 1 else ""


def logout_request(ticket: str, at: datetime) -> str:
    """As the protocol has it: the ticket says whose session ends, no name does."""
    root = ET.Element(
        f"{{{SAML2P}}}LogoutRequest", {"ID": f"LR-{secrets.token_hex(16)}", "Version": "2.0", "IssueInstant": _instant(at)}
    )
    ET.SubElement(root, f"{{{SAML2}}}NameID").text = "@NOT_USED@"
    ET.SubElement(root, f"{{{SAML2P}}}SessionIndex").text = ticket
    return ET.tostring(root, encoding="unicode")


def _attributes(ticket: Ticket, says: Says) -> Attributes:
    """What is not known is not sent."""
    fresh = ("isFromNewLogin", str(ticket.fresh).lower())  # samlValidate has no `renew`: this is how it says so
    return [fresh, *((name, value) for name, value in says(ticket.person) if value)]


def _posted(line: str) -> str:
    """Where somebody serves, from the line of what they are head of: the function, and the school again, in place of the activity."""
    uai, kind, sector, _activity, *rest = line.split("$")
    return "$".join([uai, kind, sector, "DIR", uai, *rest])


def _why(failure: Failure) -> str:
    return {
        Failure.INVALID_REQUEST: "service and ticket are both needed",
        Failure.INVALID_TICKET: "unknown, used, too old, or not fresh",
        Failure.INVALID_SERVICE: "given for another service",
    }[failure]


def _stamp(name: str, at: datetime) -> dict[str, str]:
    return {name: f"_{secrets.token_hex(16)}", "IssueInstant": _instant(at), "MajorVersion": "1", "MinorVersion": "1"}


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _written(root: ET.Element) -> bytes:
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
