"""What the demonstration's ENT says to portals: CAS 3 and SAML 1.1 answers, and the word that ends a session. All is XML, never glued."""

import secrets
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET  # writes only: what comes in is read by defusedxml

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as Guarded

from portal.demo.ent_tickets import LIVES, Failure, Ticket

CAS = "http://www.yale.edu/tp/cas"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SAML1 = "urn:oasis:names:tc:SAML:1.0:assertion"
SAML1P = "urn:oasis:names:tc:SAML:1.0:protocol"
SAML2 = "urn:oasis:names:tc:SAML:2.0:assertion"
SAML2P = "urn:oasis:names:tc:SAML:2.0:protocol"
SPACES = {"cas": CAS, "soap": SOAP, "saml1": SAML1, "saml1p": SAML1P, "saml": SAML2, "samlp": SAML2P}
for prefix, space in SPACES.items():
    ET.register_namespace(prefix, space)


def attributes(ticket: Ticket) -> list[tuple[str, str]]:
    """By the names of the SDET, repeated when there are several values; what is not known is not sent."""
    person = ticket.person
    said = [
        ("isFromNewLogin", str(ticket.fresh).lower()),  # samlValidate has no `renew`: this is how it says so
        ("ENTPersonIdentifiant", person.subject),
        ("ENTPersonJointure", person.join_key),
        ("prenom", person.given_name),
        ("nom", person.family_name),
        ("mail", person.email),
        *(("ENTPersonProfils", profile) for profile in person.profiles),
        *(("ENTPersonStructRattachRNE", school) for school in person.schools),
    ]
    return [(name, value) for name, value in said if value]


def cas(found: Ticket | Failure) -> bytes:
    root = ET.Element(f"{{{CAS}}}serviceResponse")
    if isinstance(found, Failure):
        ET.SubElement(root, f"{{{CAS}}}authenticationFailure", code=found).text = _why(found)
        return _written(root)
    success = ET.SubElement(root, f"{{{CAS}}}authenticationSuccess")
    ET.SubElement(success, f"{{{CAS}}}user").text = found.person.subject
    inside = ET.SubElement(success, f"{{{CAS}}}attributes")
    for name, value in attributes(found):
        ET.SubElement(inside, f"{{{CAS}}}{name}").text = value
    return _written(root)


def saml(found: Ticket | Failure, service: str, at: datetime) -> bytes:
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
    for name, value in attributes(found):
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
