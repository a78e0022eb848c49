"""What a provider answers, made flat: CAS and SAML 1.1 envelopes, OpenID claims. Shapes are read here, meanings in `claims`.

Some servers do not escape what they put between their elements (LemonLDAP::NG 2.16): somebody who can edit one of their own values
then writes elements into our answer, and may hide the server's own in comments, CDATA, a deeper element or another namespace. So the
element that says who comes must say the same **wherever it stands**, must be met at its own place at least once, holds nothing but
text, and its markup stands in no text, comment or instruction. Whatever is inserted around it, the person is then the server's one, or
nobody. This needs the server to send it: a `subject_attribute` must be one that the ENT gives to everybody. The rest of what is said can
be forged by such an insertion: `said` proposes. It grants only from a provider declared to name heads, which must escape what it says.

Text that is JSON is opened under a path (`structureNodes.UAI`): an object typed in a nickname says `nickname.UAI`, which nobody reads.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.ElementTree import DefusedXMLParser

from portal.signin.refusals import Motive, SignInRefused
from portal.territories.uai import SHAPE

SIZE = 256 * 1024
VALUES = 2_000
DEPTH = 30
LENGTH = 255

CAS = "{http://www.yale.edu/tp/cas}"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
PROTOCOL = "{urn:oasis:names:tc:SAML:1.0:protocol}"
ASSERTION = "{urn:oasis:names:tc:SAML:1.0:assertion}"

# Not what is said of a person: who it is, and what serves a proxy.
APART = frozenset({f"{CAS}user", f"{CAS}proxyGrantingTicket", f"{CAS}proxies"})
# Where servers put attributes, besides right under the success.
PLACES = (("attributes",), ("attributes", "userattributes"), ("attributes", "user_data"), ("user_data",))
CODE = re.compile(r"[A-Z_]{1,40}")
STATUS = re.compile(r"[A-Za-z]{1,40}")
MAIL = re.compile(r"[^@\s]@[^@\s]")
BLANK = " \t\r\n"
# Unseen, or not storable: two persons would look the same, or one could not be kept.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Answer:
    """Names are as sent: local names of elements, `element@attribute`, `element.key` for JSON. No value is empty, none is there twice."""

    subject: str
    said: Mapping[str, tuple[str, ...]]


def read_cas(body: bytes, subject_attribute: str = "") -> Answer:
    """CAS 2 and 3. `cas:user` must be there even when an attribute is the subject. The type of content is nobody's concern."""
    if body.strip() == b"no":  # how LemonLDAP::NG refuses a ticket that the password did not open: the words of CAS 1
        raise SignInRefused(Motive.DENIED, "no")
    root = _parsed(body)
    found = _elements(root)
    if root.tag != f"{CAS}serviceResponse" or len(found) != 1:
        _unreadable("not one answer")
    (answer,) = found
    if answer.tag == f"{CAS}authenticationFailure":
        code = answer.get("code", "")
        raise SignInRefused(Motive.DENIED, code if CODE.fullmatch(code) else "")
    if answer.tag != f"{CAS}authenticationSuccess":
        _unreadable("neither a success nor a failure")
    subject = _agreed(root, [one for one in _elements(answer) if one.tag == f"{CAS}user"], _named(root, "user"), _markup("user"))
    if subject_attribute:
        direct = [one for place in _places(answer) for one in _elements(place) if _is(one, subject_attribute)]
        subject = _agreed(root, direct, _named(root, subject_attribute), _markup(subject_attribute))
    said = _Said()
    said.read(answer)
    return Answer(checked_subject(subject), said.frozen())


def read_saml(body: bytes, subject_attribute: str = "") -> Answer:
    """The answer of `samlValidate`. Its dates are not looked at: we asked for it a moment ago, and the server gave it to us itself."""
    root = _parsed(body)
    bodies = [one for one in _elements(root) if one.tag == f"{SOAP}Body"]
    if root.tag != f"{SOAP}Envelope" or len(bodies) != 1 or [one.tag for one in _elements(bodies[0])] != [f"{PROTOCOL}Response"]:
        _unreadable("not one answer")
    (response,) = _elements(bodies[0])
    codes = [code for status in response.findall(f"{PROTOCOL}Status") for code in status.findall(f"{PROTOCOL}StatusCode")]
    if len(codes) != 1:
        _unreadable("not one status")
    status = codes[0].get("Value", "").rpartition(":")[2]
    if status != "Success":
        raise SignInRefused(Motive.DENIED, status if STATUS.fullmatch(status) else "")
    assertions = response.findall(f"{ASSERTION}Assertion")
    if len(assertions) != 1 or len(_named(root, "Assertion")) != 1:
        _unreadable("not one assertion")
    (assertion,) = assertions
    names = assertion.findall(f"*/{ASSERTION}Subject/{ASSERTION}NameIdentifier")
    subject = _agreed(root, names, _named(root, "NameIdentifier"), _markup("NameIdentifier"))
    attributes = assertion.findall(f"{ASSERTION}AttributeStatement/{ASSERTION}Attribute")
    if subject_attribute:
        asked = subject_attribute.casefold()
        everywhere = [v for one in _all(root) if one.get("AttributeName", "").casefold() == asked for v in one]
        direct = [v for one in attributes if one.get("AttributeName", "").casefold() == asked for v in _values(one)]
        written = re.compile(rf"AttributeName\s*=\s*[\"']{re.escape(subject_attribute)}[\"']", re.IGNORECASE)
        subject = _agreed(root, direct, everywhere, written)
    said = _Said()
    for one in attributes:
        for value in _values(one):
            said.read(value, one.get("AttributeName", ""))
    return Answer(checked_subject(subject), said.frozen())


def read_claims(claims: Mapping[str, Any], subject_attribute: str = "") -> Answer:
    """OpenID: the ID token and the userinfo together, already verified. Only claims of the first level name the person."""
    subject = claims.get("sub")
    if not isinstance(subject, str):
        _unreadable("no sub")
    if subject_attribute:
        asked = [value for name, value in claims.items() if name.casefold() == subject_attribute.casefold()]
        each = [one for value in asked for one in (value if isinstance(value, list) else [value])]
        if any(isinstance(one, bool) or not isinstance(one, str | int) for one in each):
            _unreadable("a subject that is no text")
        subject = _only({str(one) for one in each})
    said = _Said()
    for name, value in claims.items():
        if name != "sub":
            said.open(name, value)
    return Answer(checked_subject(subject), said.frozen())


def checked_subject(subject: str) -> str:
    """The same, to the letter, if it can name a person: some ENTs send a school there, or an address, which changes hands."""
    if not subject:
        raise SignInRefused(Motive.NOBODY, "empty")
    if len(subject) > LENGTH:
        raise SignInRefused(Motive.NOBODY, "too long")
    if subject != subject.strip() or any(unicodedata.category(c) in UNSEEN for c in subject):
        raise SignInRefused(Motive.NOBODY, "unseen characters")
    if SHAPE.fullmatch(subject.upper()):
        raise SignInRefused(Motive.NOBODY, "a school")
    if MAIL.search(subject):
        raise SignInRefused(Motive.NOBODY, "a mail address")
    return subject


def _unreadable(why: str) -> NoReturn:
    raise SignInRefused(Motive.UNREADABLE, why)


def _parsed(body: bytes) -> Element:
    """Comments and instructions stay in the tree: what they hide is looked at."""
    if len(body) > SIZE:
        _unreadable("too big")
    builder = TreeBuilder(insert_comments=True, insert_pis=True)
    parser = DefusedXMLParser(target=builder, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(body)
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError) as why:  # LookupError: an encoding that does not exist
        raise SignInRefused(Motive.UNREADABLE, type(why).__name__) from None
    level, depth = [root], 1
    while level := [child for one in level for child in one]:
        depth += 1
        if depth > DEPTH:
            _unreadable("too deep")
    return root


def _elements(element: Element) -> list[Element]:
    """Children, without comments and instructions, whose tag is no text."""
    return [child for child in element if isinstance(child.tag, str)]


def _all(root: Element) -> Iterator[Element]:
    return (one for one in root.iter() if isinstance(one.tag, str))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _is(element: Element, name: str) -> bool:
    return _local(element.tag).casefold() == name.casefold()


def _named(root: Element, name: str) -> list[Element]:
    return [one for one in _all(root) if _is(one, name)]


def _markup(name: str) -> re.Pattern[str]:
    return re.compile(rf"<(?:[^\s<>/:]*:)?{re.escape(name)}[\s/>]", re.IGNORECASE)


def _places(success: Element) -> Iterator[Element]:
    yield success
    for path in PLACES:
        found = [success]
        for name in path:
            found = [child for one in found for child in _elements(one) if _is(child, name)]
        yield from found


def _values(attribute: Element) -> list[Element]:
    return attribute.findall(f"{ASSERTION}AttributeValue")


def _text(element: Element) -> str:
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _agreed(root: Element, direct: list[Element], everywhere: list[Element], markup: re.Pattern[str]) -> str:
    """The one text of elements that say who comes; the head of this module says why each condition stands."""
    if not direct:
        raise SignInRefused(Motive.NOBODY, "no subject")
    if any(len(one) for one in everywhere):
        _unreadable("a subject that is no text")
    if any(markup.search(text) for one in root.iter() for text in (one.text or "", one.tail or "")):
        _unreadable("a subject inside a text")
    return _only({_text(one).strip(BLANK) for one in everywhere})


def _only(texts: set[str]) -> str:
    if len(texts) > 1:
        _unreadable("several subjects")
    return next(iter(texts), "")


@dataclass(slots=True)
class _Said:
    """Gathers what is said, the least deep first: what is said of the person comes before what is said of their children or schools."""

    values: dict[str, dict[str, None]] = field(default_factory=dict)
    read_so_far: int = 0

    def read(self, top: Element, name: str = "") -> None:
        """Leaves under an element, or the element itself under a name when it is one."""
        level: list[Element] = [top]
        while level:
            for one in level:
                inner = _elements(one)
                called = name if one is top and name else _local(one.tag)
                for key, value in one.items():
                    if one is not top:
                        self._add(f"{called}@{_local(key)}", value)
                if not inner and (one is not top or name):
                    self.open(called, _text(one))
            level = [child for one in level for child in _elements(one) if child.tag not in APART]

    def open(self, name: str, value: Any, depth: int = 0) -> None:
        """Objects and lists are opened, also when they are written in a text."""
        if depth > DEPTH:
            _unreadable("too deep")
        if len(name) > LENGTH:  # no name of ours: paths of long keys, one for each value, would fill the memory
            return
        if isinstance(value, str):
            value = _from_json(value)
        if isinstance(value, Mapping):
            for key, inner in value.items():
                self.open(f"{name}.{key}", inner, depth + 1)
        elif isinstance(value, list | tuple):
            for inner in value:
                self.open(name, inner, depth + 1)
        elif isinstance(value, bool):
            self._add(name, str(value).lower())
        elif value is not None:
            self._add(name, str(value))

    def _add(self, name: str, value: str) -> None:
        self.read_so_far += 1
        if self.read_so_far > VALUES:
            _unreadable("too many values")
        if name and (kept := _storable(value)):
            self.values.setdefault(_storable(name), {})[kept] = None

    def frozen(self) -> dict[str, tuple[str, ...]]:
        return {name: tuple(values) for name, values in self.values.items()}


def _from_json(text: str) -> Any:
    """Edifice writes the lists and objects of its directory as JSON, inside XML elements."""
    if not text.strip(BLANK).startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _storable(text: str) -> str:
    """JSON can say NUL and halves of characters, that no database keeps."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode().strip()
