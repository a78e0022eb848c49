"""Whatever comes back, sign-in ends with the person that the ENT meant, or with a refusal: never an error, never somebody else."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.signin.claims import understand
from portal.signin.envelopes import Answer, read_cas, read_claims, read_saml
from portal.signin.refusals import SignInRefused

ANSWERS = sorted((Path(__file__).parent.parent / "answers").iterdir())
BODIES = [path.read_bytes() for path in ANSWERS]
YALE = "http://www.yale.edu/tp/cas"
TRUE, FORGED = "DEMO-3141592", "DEMO-1"
VICTIM = f"<cas:user>{FORGED}</cas:user><cas:uid>{FORGED}</cas:uid>"

# Written here in another way than in the module: nothing, blanks around, a school, a mail address.
NOBODY = re.compile(r"|\s.*|.*\s|\d{7}[a-zA-Z]|.*\S@\S.*|.*[\0-\x1f\ud800-\udfff].*", re.DOTALL | re.ASCII)

Read = Callable[[bytes, str], Answer]
readers = st.sampled_from([read_cas, read_saml])
attributes = st.sampled_from(["", "uid", "UAI", "user", "NameIdentifier", "a.b", "("])


def outcome(read: Callable[..., Answer], body: Any, attribute: str = "") -> Answer | None:
    """None: refused. Any other exception fails the test. An answer is always fit to be understood."""
    try:
        answer = read(body, attribute)
    except SignInRefused as refused:
        told = refused.detail
        answer = None
    if answer is None:
        assert not {FORGED, TRUE} & set(told.split())
        return None
    assert NOBODY.fullmatch(answer.subject) is None
    assert len(answer.subject) <= 255
    claims = understand(answer, academy="Demo")
    assert set(claims.schools) >= {claims.current_school} - {""}
    "".join([*answer.said, *(value for values in answer.said.values() for value in values), answer.subject]).encode()
    return answer


@given(readers, st.binary(max_size=400), attributes)
def test_bytes_of_any_kind_are_read_or_refused(read: Read, body: bytes, attribute: str) -> None:
    outcome(read, body, attribute)


names = (
    st.text(max_size=300)
    | st.from_regex(r"\s?[0-9]{7}[A-Za-z]\s?", fullmatch=True)
    | st.emails()
    | st.from_regex(r"[A-Z]{2,9}[-$][0-9]+")
)


@settings(max_examples=300)
@given(names)
def test_whatever_stands_for_a_person_is_kept_to_the_letter_or_is_nobody(name: str) -> None:
    """Also what XML cannot hold. Blanks around the text of an element are its indentation, and line ends are one character in XML."""
    claimed = outcome(read_claims, {"sub": name})
    assert claimed is None or claimed.subject == name
    success = f"<cas:authenticationSuccess><cas:user>{escape(name)}</cas:user></cas:authenticationSuccess>"
    body = f'<cas:serviceResponse xmlns:cas="{YALE}">{success}</cas:serviceResponse>'.encode("utf-8", "surrogatepass")
    answer = outcome(read_cas, body)
    assert answer is None or answer.subject == name.strip(" \t\r\n")


CUTS = [b"</cas:user>", b"<cas:user>", b"<cas:user>0999901Z</cas:user>", b"<!--", b"-->", b"]]>", b"<![CDATA[", b"&#0;", b"&x;", b"\0", b"\xff",
        b"<!DOCTYPE a>", b"</cas:attributes>", b'"', b"[", b'{"a":', b"<?", b"\xef\xbb\xbf", VICTIM.encode()]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A sample of which bytes are flipped, pieces removed, doubled, moved, and markup put in."""
    body = bytearray(draw(st.sampled_from(BODIES)))
    for _ in range(draw(st.integers(1, 6))):
        first = draw(st.integers(0, max(0, len(body) - 1)))
        last = min(len(body), first + draw(st.integers(1, 60)))
        piece = bytes(body[first:last])
        match draw(st.sampled_from(["flip", "remove", "double", "move", "inject"])):
            case "flip":
                body[first:last] = bytes(byte ^ draw(st.integers(1, 255)) for byte in piece[:1]) + piece[1:]
            case "remove":
                del body[first:last]
            case "double":
                body[first:first] = piece
            case "move":
                del body[first:last]
                place = draw(st.integers(0, len(body)))
                body[place:place] = piece
            case _:
                body[first:first] = draw(st.sampled_from(CUTS))
    return bytes(body)


@settings(max_examples=400)
@given(readers, mutated(), attributes)
def test_a_damaged_answer_is_read_or_refused(read: Read, body: bytes, attribute: str) -> None:
    outcome(read, body, attribute)


WORDS = [
    "serviceResponse",
    "authenticationSuccess",
    "authenticationFailure",
    "user",
    "attributes",
    "userAttributes",
    "user_data",
    "uid",
]
tags = st.sampled_from(
    [f"{{{space}}}{name}" if space else name for space in (YALE, "", "urn:x") for name in WORDS]
)  # fmt: skip
texts = st.sampled_from([TRUE, FORGED, "", "0999901Z", "0999901a", "a@b.example", "<cas:user>", '{"uid": "x"}', "[1", " a ", "é"])


def grown(tag: str, text: str, code: str | None, children: list[ET.Element]) -> ET.Element:
    element = ET.Element(tag, {} if code is None else {"code": code})
    element.text = text
    element.extend(children)
    return element


trees = st.recursive(
    st.builds(grown, tags, texts, st.none() | texts, st.just([])),
    lambda inner: st.builds(grown, tags, texts, st.none(), st.lists(inner, max_size=4)),
    max_leaves=12,
)
successes = st.lists(trees, max_size=5).map(
    lambda inner: grown(f"{{{YALE}}}serviceResponse", "", None, [grown(f"{{{YALE}}}authenticationSuccess", "", None, inner)])
)


@settings(max_examples=400)
@given(trees | successes, attributes)
def test_trees_of_the_words_of_cas_name_somebody_only_at_the_right_place(root: ET.Element, attribute: str) -> None:
    answer = outcome(read_cas, ET.tostring(root), attribute)
    if answer is None:
        return
    assert root.tag == f"{{{YALE}}}serviceResponse"
    (success,) = root
    users = {(user.text or "").strip() for user in success.findall(f"{{{YALE}}}user")}
    assert len(users) == 1
    assert attribute == "uid" or users == {answer.subject}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.sampled_from(["sub", "uid", "UAI"]), inner, max_size=3),
    max_leaves=15,
)  # fmt: skip


@settings(max_examples=300)
@given(st.dictionaries(st.text(max_size=5) | st.sampled_from(["sub", "uid", "UID", "UAI"]), json_values, max_size=6), attributes)
def test_claims_of_any_shape_are_read_or_refused(claims: dict[str, Any], attribute: str) -> None:
    answer = outcome(read_claims, claims, attribute)
    if answer is not None and not attribute:
        assert answer.subject == claims["sub"]


# A server that escapes nothing, and somebody who can edit several of their own values: what it puts before the person and after. What one
# value opens, a later one may close: around the element that names the person, all that would hide it has been thought of here.
BEFORE = f'<cas:serviceResponse xmlns:cas="{YALE}"><cas:authenticationSuccess>'
AFTER = "</cas:authenticationSuccess></cas:serviceResponse>"
LEAVE, ENTER = "</cas:sn></cas:attributes>", "<cas:attributes><cas:sn>"
HIDING = [
    (ENTER, LEAVE),
    ("<!--", "-->"),
    ("<cas:x><![CDATA[", "]]></cas:x>"),
    ("<?x ", "?>"),
    (f"<x>{ENTER}", f"{LEAVE}</x>"),
    (f'<x xmlns:cas="urn:x">{ENTER}', f"{LEAVE}</x>"),
    (f"<cas:attributes>{ENTER}", f"{LEAVE}</cas:attributes>"),
    (f"<cas:attributes><cas:userAttributes>{ENTER}", f"{LEAVE}</cas:userAttributes></cas:attributes>"),
    (f"<cas:proxies>{ENTER}", f"{LEAVE}</cas:proxies>"),
    (f"<cas:user>{FORGED}{ENTER}", f"{LEAVE}</cas:user>"),
    (f"<cas:authenticationSuccess>{ENTER}", f"{LEAVE}</cas:authenticationSuccess>"),
]


def unescaped(first: str, second: str, third: str) -> bytes:
    """The person and its attribute stand between values that nobody escaped."""
    named = f"<cas:user>{TRUE}</cas:user>"
    attributed = f"<cas:attributes><cas:sn>{second}</cas:sn><cas:uid>{TRUE}</cas:uid><cas:sn>{third}</cas:sn></cas:attributes>"
    return f"{BEFORE}{ENTER}{first}{LEAVE}{named}{attributed}{AFTER}".encode()


def naive(body: bytes) -> str | None:
    """What a reader says that trusts the first user at the right place."""
    found = fromstring(body).find(f"{{{YALE}}}authenticationSuccess/{{{YALE}}}user")
    return None if found is None else str(found.text)


@pytest.mark.parametrize("attribute", ["", "uid"])
@pytest.mark.parametrize(("open_", "close"), HIDING)
def test_whoever_hides_the_person_is_refused(open_: str, close: str, attribute: str) -> None:
    """Each of these answers is well formed, and fools a reader that is content with the right place."""
    body = unescaped(f"{LEAVE}{VICTIM}{open_}", f"{close}{ENTER}", "x")
    assert naive(body) == FORGED
    assert outcome(read_cas, body, attribute) is None


pieces = st.sampled_from(
    [LEAVE, ENTER, VICTIM, f"<cas:user>{FORGED}</cas:user>", f"<cas:uid>{FORGED}</cas:uid>", f"{LEAVE}{VICTIM}{ENTER}", "<cas:user>", "</cas:user>",
     "<cas:sn>", "</cas:sn>", "<cas:attributes>", "</cas:attributes>", AFTER, BEFORE, "x", FORGED, "<cas:user/>", "&lt;cas:user&gt;",
     "<!DOCTYPE a>", '<cas:x y="', '"/>', *(half for pair in HIDING for half in pair)]
)  # fmt: skip
values = st.lists(pieces, max_size=7).map("".join)


@st.composite
def balanced(draw: st.DrawFn) -> tuple[str, str, str]:
    """Values that go together: what one opens is closed in a later one, so that many of the answers are well formed."""
    parts = ["", "", ""]
    for _ in range(draw(st.integers(1, 3))):
        open_, close = draw(st.sampled_from(HIDING))
        start = draw(st.integers(0, 2))
        end = draw(st.integers(start, 2))
        forged = draw(st.sampled_from(["", VICTIM, f"<cas:user>{FORGED}</cas:user>", f"<cas:uid>{FORGED}</cas:uid>"]))
        leave, enter = draw(st.sampled_from([("", ""), (LEAVE, ENTER)]))
        parts[start] = f"{parts[start]}{leave}{forged}{open_}"
        parts[end] = (
            f"{close}{draw(st.sampled_from(['', forged]))}{enter}{parts[end]}" if end > start else f"{parts[end]}{close}{enter}"
        )
    return parts[0], parts[1], parts[2]


@settings(max_examples=1_000)
@given(balanced() | st.tuples(values, values, values), st.sampled_from(["", "uid", "UID"]))
def test_values_that_nobody_escaped_never_name_somebody_else(forged: tuple[str, str, str], attribute: str) -> None:
    answer = outcome(read_cas, unescaped(*forged), attribute)
    assert answer is None or answer.subject == TRUE


def test_values_that_change_nothing_let_the_person_in() -> None:
    """Not everything is refused: a stray element in a value is one more thing said."""
    for attribute in ("", "uid"):
        answer = outcome(read_cas, unescaped("a", "<b>c</b>", f"{LEAVE}<x/>{ENTER}"), attribute)
        assert answer is not None
        assert answer.subject == TRUE


@given(values)
def test_a_ticket_said_back_in_a_refusal_names_nobody(ticket: str) -> None:
    body = f"<cas:serviceResponse xmlns:cas='{YALE}'><cas:authenticationFailure code='INVALID_TICKET'>{ticket}</cas:authenticationFailure></cas:serviceResponse>"
    success = (
        f"</cas:authenticationFailure><cas:authenticationSuccess>{VICTIM}</cas:authenticationSuccess><cas:authenticationFailure>"
    )
    assert outcome(read_cas, body.encode()) is None
    assert outcome(read_cas, body.replace(ticket, f"{ticket}{success}", 1).encode()) is None
