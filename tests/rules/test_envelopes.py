"""Answers of every kind of ENT are read; whatever else comes instead is refused, and names nobody."""

import json
from pathlib import Path

import pytest

from portal.signin.envelopes import DEPTH, SIZE, VALUES, Answer, checked_subject, read_cas, read_claims, read_saml
from portal.signin.refusals import Motive, SignInRefused

ANSWERS = Path(__file__).parent.parent / "answers"
CAS = 'xmlns:cas="http://www.yale.edu/tp/cas"'


def sample(name: str) -> bytes:
    return (ANSWERS / name).read_bytes()


def cas(inner: str) -> bytes:
    success = f"<cas:authenticationSuccess>{inner}</cas:authenticationSuccess>"
    return f"<cas:serviceResponse {CAS}>{success}</cas:serviceResponse>".encode()


def saml(*, status: str = "samlp:Success", identifier: str = "DEMO-1", attributes: str = "") -> bytes:
    named = f"<Subject><NameIdentifier>{identifier}</NameIdentifier></Subject>"
    return (
        '<E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/"><E:Body>'
        f'<Response xmlns="urn:oasis:names:tc:SAML:1.0:protocol"><Status><StatusCode Value="{status}"/></Status>'
        f'<Assertion xmlns="urn:oasis:names:tc:SAML:1.0:assertion"><AttributeStatement>{named}{attributes}</AttributeStatement>'
        "</Assertion></Response></E:Body></E:Envelope>"
    ).encode()


def refusal(read: object, *arguments: object) -> tuple[Motive, str]:
    assert callable(read)
    with pytest.raises(SignInRefused) as caught:
        read(*arguments)
    return caught.value.motive, caught.value.detail


@pytest.mark.parametrize(
    ("name", "subject", "said"),
    [
        ("01_edifice_generic.xml", "DEMO-3141592", {"school@externalId": ("0999901Z", "0999902A"), "profile": ("Teacher",)}),
        ("01_edifice_generic.xml", "DEMO-3141592", {"school@main": ("true", "false"), "classe": ("6A",), "lastName": ("ORIOL",)}),
        ("02_edifice_direct_children.xml", "agathe.oriol", {"ENTPersonStructRattachRNE": ("0999901Z", "0999902A")}),
        ("04_edifice_pronote_unprefixed.xml", "agathe.oriol", {"nom": ("ORIOL",), "categories": ("National_3;National_2",)}),
        ("05_edifice_kne_lists.xml", "DEMO-3141592", {"ENTPersonProfil": ("National_ENS",), "ENTAuxEnsClasse": ("6A", "6B")}),
        ("05b_correlyce_lists.xml", "DEMO-3141592", {"ENTPersonStructRattachUAI": ("0999901Z",)}),
        ("06_kosmos_current_school_only.xml", "ZZD00417", {"rneCourant": ("0999901z",)}),
        ("07_esidoc_user_data.xml", "1044", {"RNE": ("0999901z",), "rne": ("0999901Z",), "name": ("Oriol",)}),
        ("08_gar_vector.xml", "AAdmaWN0aWZ0ZXN0b25seQ==", {"DIV": ("6A##6A", "6B##6B"), "UAI": ("0999901Z",)}),
        ("09_lemonldap_sdet_flat.xml", "XAA00101", {"ENTPersonJointure": ("DEMO$3141592",), "sn": ("ORIOL-D'ANJOU",)}),
        ("10_laclasse_everything_twice.xml", "VZZ60066", {"uid": ("VZZ60066",), "nom": ("Oriol",)}),
        ("11_esco_courant.xml", "F99Z0066", {"ESCOUAI": ("0999901Z", "0999902A"), "ESCOUAICourant": ("0999902A",)}),
        ("12_edifice_json_in_xml.xml", "agathe.oriol", {"profiles": ("Teacher",), "joinKey": ("DEMO$3141592",)}),
        ("12_edifice_json_in_xml.xml", "agathe.oriol", {"structureNodes.UAI": ("0999901Z", "0999902A")}),
        ("12_edifice_json_in_xml.xml", "agathe.oriol", {"structureNodes.manual": ("false",), "structures": ("1f0a", "2b7c")}),
        ("13_nobody_but_a_user.xml", "agathe.oriol", {}),
    ],
)
def test_each_ent_says_who_comes_and_what_it_says_of_them_is_kept(
    name: str, subject: str, said: dict[str, tuple[str, ...]]
) -> None:
    answer = read_cas(sample(name))
    assert answer.subject == subject
    assert {key: answer.said[key] for key in said} == said
    assert all(values and all(values) and len(set(values)) == len(values) for values in answer.said.values())


def test_nothing_says_that_an_empty_value_was_there() -> None:
    said = read_cas(sample("12_edifice_json_in_xml.xml")).said
    assert "structureNodes.phone" not in said
    assert "ENTEleveMEF" not in read_cas(sample("05_edifice_kne_lists.xml")).said


def test_what_serves_a_proxy_and_the_person_itself_are_not_things_said() -> None:
    proxied = "<cas:proxyGrantingTicket>PGTIOU-1</cas:proxyGrantingTicket><cas:proxies><cas:proxy>x</cas:proxy></cas:proxies>"
    assert read_cas(cas(f"<cas:user>DEMO-1</cas:user>{proxied}")) == Answer("DEMO-1", {})


@pytest.mark.parametrize(
    ("name", "attribute", "subject"),
    [
        ("01_edifice_generic.xml", "LOGIN", "agathe.oriol"),
        ("02_edifice_direct_children.xml", "uid", "8c0f4a52-1d7e-4f0b-9a33-6f2f0a3b7c11"),
        ("08_gar_vector.xml", "ido", "3f9d1c00fictif0000000000000000000000000000000000000000000000000000aa"),
        ("10_laclasse_everything_twice.xml", "login", "aoriol"),
        ("09_lemonldap_sdet_flat.xml", "ENTPersonJointure", "DEMO$3141592"),
    ],
)
def test_an_attribute_names_the_person_where_the_user_does_not(name: str, attribute: str, subject: str) -> None:
    assert read_cas(sample(name), attribute).subject == subject


@pytest.mark.parametrize(
    ("name", "attribute", "motive"),
    [
        ("09_lemonldap_sdet_flat.xml", "ENTPersonFonctions", Motive.UNREADABLE),  # two values name two people
        ("09_lemonldap_sdet_flat.xml", "mail", Motive.NOBODY),
        ("09_lemonldap_sdet_flat.xml", "absent", Motive.NOBODY),
        ("06_kosmos_current_school_only.xml", "rneCourant", Motive.NOBODY),
        ("01_edifice_generic.xml", "functionalGroup", Motive.NOBODY),  # deeper than attributes are
        ("12_edifice_json_in_xml.xml", "UAI", Motive.NOBODY),  # JSON names nobody
        ("01_edifice_generic.xml", "schools", Motive.UNREADABLE),
    ],
)
def test_an_attribute_that_does_not_name_one_person_is_refused(name: str, attribute: str, motive: Motive) -> None:
    assert refusal(read_cas, sample(name), attribute)[0] is motive


def test_an_attribute_inside_another_names_nobody_else() -> None:
    inner = "<cas:user>a</cas:user><cas:attributes><cas:sn>x<cas:uid>victim</cas:uid></cas:sn>{}</cas:attributes>"
    assert refusal(read_cas, cas(inner.format("<cas:uid>true</cas:uid>")), "uid")[0] is Motive.UNREADABLE
    assert refusal(read_cas, cas(inner.format("")), "uid")[0] is Motive.NOBODY


@pytest.mark.parametrize(
    ("name", "motive", "detail"),
    [
        ("30_failure_invalid_ticket.xml", Motive.DENIED, "INVALID_TICKET"),
        ("31_failure_unknown_service.xml", Motive.DENIED, "INVALID_SERVICE"),
        ("32_failure_with_an_odd_code.xml", Motive.DENIED, ""),
        ("33_cas1_no.txt", Motive.DENIED, "no"),
        ("03_edifice_uai_as_user.xml", Motive.NOBODY, "a school"),
        ("54_uai_as_user_in_lower_case.xml", Motive.NOBODY, "a school"),
        ("55_mail_as_user.xml", Motive.NOBODY, "a mail address"),
        ("53_empty_user.xml", Motive.NOBODY, "empty"),
        ("52_evil_user_without_namespace.xml", Motive.NOBODY, "no subject"),
        ("40_evil_xxe.xml", Motive.UNREADABLE, "DTDForbidden"),
        ("41_evil_laughs.xml", Motive.UNREADABLE, "DTDForbidden"),
        ("45_evil_html_login_page.xml", Motive.UNREADABLE, "DTDForbidden"),
        ("42_evil_success_inside_failure.xml", Motive.UNREADABLE, "not one answer"),
        ("47_evil_success_and_failure.xml", Motive.UNREADABLE, "not one answer"),
        ("51_evil_no_namespace.xml", Motive.UNREADABLE, "not one answer"),
        ("20_samlvalidate.xml", Motive.UNREADABLE, "not one answer"),
        ("43_evil_user_twice.xml", Motive.UNREADABLE, "several subjects"),
        ("44_evil_user_in_an_attribute.xml", Motive.UNREADABLE, "several subjects"),
        ("50_evil_true_user_elsewhere.xml", Motive.UNREADABLE, "several subjects"),
        ("46_evil_comment_in_user.xml", Motive.UNREADABLE, "a subject that is no text"),
        ("56_evil_element_in_user.xml", Motive.UNREADABLE, "a subject that is no text"),
        ("48_evil_true_user_in_cdata.xml", Motive.UNREADABLE, "a subject inside a text"),
        ("49_evil_true_user_in_a_comment.xml", Motive.UNREADABLE, "a subject inside a text"),
        ("57_cut.xml", Motive.UNREADABLE, "ParseError"),
        ("58_wrong_encoding.xml", Motive.UNREADABLE, "ParseError"),
    ],
)
def test_what_names_nobody_lets_nobody_in(name: str, motive: Motive, detail: str) -> None:
    assert refusal(read_cas, sample(name)) == (motive, detail)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0",
        b"yes\nDEMO-1\n",
        b"INVALID_SERVICE",
        b"<html><body>Connexion</body></html>",
        b'{"serviceResponse": {"authenticationSuccess": {"user": "DEMO-1"}}}',
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        b"<a>&undefined;</a>",
        f"<cas:serviceResponse {CAS}/>".encode(),
        f"<cas:serviceResponse {CAS}><cas:proxySuccess/></cas:serviceResponse>".encode(),
        cas("<cas:user>DEMO-1</cas:user>") + cas("<cas:user>DEMO-1</cas:user>"),
        cas("<cas:user>DEMO-1</cas:user>").replace(b"www.yale.edu", b"www.yale.example"),
    ],
)
def test_what_is_no_answer_is_unreadable(body: bytes) -> None:
    assert refusal(read_cas, body)[0] is Motive.UNREADABLE
    assert refusal(read_saml, body)[0] is Motive.UNREADABLE


def test_an_answer_is_read_in_the_encoding_it_declares_and_around_comments() -> None:
    text = cas("<cas:user>Zoé-1</cas:user><!-- served by node 2 --><?node 2?><cas:sn>É<!-- -->mile</cas:sn>").decode()
    expected = Answer("Zoé-1", {"sn": ("Émile",)})
    for encoding in ("utf-8", "utf-16", "iso-8859-1"):
        assert read_cas(f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)) == expected


def test_cdata_is_text_like_another() -> None:
    assert read_cas(cas("<cas:user><![CDATA[DEMO-1]]></cas:user><cas:sn><![CDATA[a < b]]></cas:sn>")).said == {"sn": ("a < b",)}


@pytest.mark.parametrize(
    "inner",
    [
        f"<cas:sn>{'a' * SIZE}</cas:sn>",
        "<cas:a>x</cas:a>" * (VALUES + 1),
        "<cas:a/>" * (VALUES + 1),
        "<cas:a>" + json.dumps(list(range(VALUES + 1))) + "</cas:a>",
        "<cas:a>" * DEPTH + "</cas:a>" * DEPTH,
        "<a>" * 30_000 + "</a>" * 30_000,
        "<cas:a>" + "[" * (DEPTH + 2) + "1" + "]" * (DEPTH + 2) + "</cas:a>",
    ],
)
def test_what_is_too_big_too_deep_or_too_many_is_refused(inner: str) -> None:
    assert refusal(read_cas, cas(f"<cas:user>DEMO-1</cas:user>{inner}"))[0] is Motive.UNREADABLE


def test_as_much_as_allowed_is_read() -> None:
    values = "".join(f"<cas:a>{number}</cas:a>" for number in range(VALUES))
    assert len(read_cas(cas(f"<cas:user>DEMO-1</cas:user>{values}")).said["a"]) == VALUES


@pytest.mark.parametrize("text", ["[nothing", "{x}", "[" * 200_000, "[ENS] Agathe", '{"a": 1'])
def test_a_text_that_only_looks_like_json_is_a_text(text: str) -> None:
    assert read_cas(cas(f"<cas:user>DEMO-1</cas:user><cas:a>{text}</cas:a>")).said == {"a": (text,)}


def test_json_typed_by_a_person_says_nothing_under_the_names_of_the_ent() -> None:
    typed = '{"profile": "Teacher", "ENTPersonJointure": "DEMO$1", "structureNodes": [{"UAI": "0999902A"}]}'
    said = read_cas(cas(f"<cas:user>DEMO-1</cas:user><cas:displayName>{typed}</cas:displayName>")).said
    assert sorted(said) == ["displayName.ENTPersonJointure", "displayName.profile", "displayName.structureNodes.UAI"]


def test_json_says_only_what_a_database_keeps() -> None:
    odd = json.dumps({"a": "x\0y\ud800", "b": "\0", "c" * 300: "d", "e": [1, 2.5, True, None, "1"], "\ud800": "f"})
    assert read_cas(cas(f"<cas:user>DEMO-1</cas:user><cas:j>{odd}</cas:j>")).said == {
        "j.a": ("xy",),
        "j.e": ("1", "2.5", "true"),
        "j.": ("f",),
    }


def test_what_is_said_of_the_person_comes_before_what_is_said_deeper() -> None:
    inner = (
        "<cas:children><cas:child><cas:lastName>Enfant</cas:lastName></cas:child></cas:children><cas:lastName>ORIOL</cas:lastName>"
    )
    assert read_cas(cas(f"<cas:user>DEMO-1</cas:user>{inner}")).said["lastName"] == ("ORIOL", "Enfant")


def test_saml_keeps_every_value_whatever_the_dates() -> None:
    answer = read_saml(sample("20_samlvalidate.xml"))
    assert answer == Answer("DEMO-3141592", {"UAI": ("0999901Z", "0999902A"), "ENTPersonProfils": ("National_ENS",)})
    assert read_saml(sample("22_saml_several_values.xml")).said["UAI"] == ("0999901Z", "0999903B", "0999902A")


@pytest.mark.parametrize(
    ("body", "motive", "detail"),
    [
        (sample("21_saml_request_denied.xml"), Motive.DENIED, "RequestDenied"),
        (saml(status="samlp:ticket ST-1"), Motive.DENIED, ""),
        (sample("23_evil_saml_two_people.xml"), Motive.UNREADABLE, "several subjects"),
        (sample("24_evil_saml_two_assertions.xml"), Motive.UNREADABLE, "not one assertion"),
        (sample("13_nobody_but_a_user.xml"), Motive.UNREADABLE, "not one answer"),
        (saml(attributes="<x><Assertion/></x>"), Motive.UNREADABLE, "not one assertion"),
        (saml(identifier="0999901z"), Motive.NOBODY, "a school"),
        (saml(identifier=""), Motive.NOBODY, "empty"),
        (saml(identifier="DEMO-1<!-- -->2"), Motive.UNREADABLE, "a subject that is no text"),
        (saml(attributes="<x><![CDATA[<NameIdentifier>]]></x>"), Motive.UNREADABLE, "a subject inside a text"),
        (saml().replace(b"<StatusCode", b'<StatusCode Value="samlp:Success"/><StatusCode'), Motive.UNREADABLE, "not one status"),
        (saml().replace(b"NameIdentifier", b"NameID"), Motive.NOBODY, "no subject"),
    ],
)
def test_a_saml_answer_that_names_nobody_lets_nobody_in(body: bytes, motive: Motive, detail: str) -> None:
    assert refusal(read_saml, body) == (motive, detail)


def attribute(name: str, *values: str) -> str:
    return (
        f'<Attribute AttributeName="{name}">{"".join(f"<AttributeValue>{value}</AttributeValue>" for value in values)}</Attribute>'
    )


def test_a_saml_attribute_names_the_person_once() -> None:
    assert read_saml(saml(attributes=attribute("uid", "aoriol")), "UID").subject == "aoriol"
    assert read_saml(saml(attributes=attribute("uid", "aoriol") * 2), "uid").subject == "aoriol"
    for twice in (attribute("uid", "a", "b"), attribute("sn", f"x{attribute('uid', 'a')}") + attribute("uid", "b")):
        assert refusal(read_saml, saml(attributes=twice), "uid")[0] is Motive.UNREADABLE
    hidden = attribute("sn", f"<![CDATA[{attribute('uid', 'true')}]]>") + attribute("uid", "forged")
    assert refusal(read_saml, saml(attributes=hidden), "uid")[0] is Motive.UNREADABLE
    assert refusal(read_saml, saml(attributes=attribute("sn", "x")), "uid")[0] is Motive.NOBODY


@pytest.mark.parametrize(
    ("name", "subject", "said"),
    [
        ("u1_lemonldap_userinfo.json", "XAA00101", {"UAI": ("0999901Z", "0999902A"), "ENTPersonJointure": ("DEMO$3141592",)}),
        ("u2_edifice_userinfo.json", "DEMO-3141592", {"email_verified": ("false",), "family_name": ("ORIOL",)}),
        ("u3_fim_men_userinfo.json", "fictif-aoriol", {"FrEduFonctAdm": ("DIR",), "rne": ("0999901z",)}),
    ],
)
def test_claims_are_flat_too(name: str, subject: str, said: dict[str, tuple[str, ...]]) -> None:
    answer = read_claims(json.loads(sample(name)))
    assert answer.subject == subject
    assert "sub" not in answer.said
    assert {key: answer.said[key] for key in said} == said


def test_claims_inside_claims_have_a_path() -> None:
    claims = {"sub": "a", "address": {"locality": "Valence"}, "schools": [{"UAI": "0999901Z"}, {"UAI": "0999902A"}], "x": None}
    assert read_claims(claims).said == {"address.locality": ("Valence",), "schools.UAI": ("0999901Z", "0999902A")}


@pytest.mark.parametrize(("claims", "subject"), [({"UID": "b"}, "b"), ({"uid": ["b", "b"]}, "b"), ({"uid": 12}, "12")])
def test_a_claim_names_the_person_where_sub_does_not(claims: dict[str, object], subject: str) -> None:
    assert read_claims({"sub": "a", **claims}, "uid").subject == subject


@pytest.mark.parametrize(
    ("claims", "attribute", "motive"),
    [
        ({}, "", Motive.UNREADABLE),
        ({"sub": 12}, "", Motive.UNREADABLE),
        ({"sub": ["a"]}, "", Motive.UNREADABLE),
        ({"uid": "a"}, "uid", Motive.UNREADABLE),
        ({"sub": "a", "uid": True}, "uid", Motive.UNREADABLE),
        ({"sub": "a", "uid": {"x": "b"}}, "uid", Motive.UNREADABLE),
        ({"sub": "a", "uid": ["b", "c"]}, "uid", Motive.UNREADABLE),
        ({"sub": "a", "x": {"uid": "b"}}, "uid", Motive.NOBODY),
        ({"sub": ""}, "", Motive.NOBODY),
        ({"sub": "a", "x": ["b"] * (VALUES + 1)}, "", Motive.UNREADABLE),
    ],
)
def test_claims_that_name_nobody_let_nobody_in(claims: dict[str, object], attribute: str, motive: Motive) -> None:
    assert refusal(read_claims, claims, attribute)[0] is motive


@pytest.mark.parametrize(
    "subject",
    [
        "DEMO-3141592",
        "AC-DEMO$3141592",
        "agathe.oriol",
        "Zoé d’Anjou",
        "122",
        "AAdmaWN0aWZ0ZXN0b25seQ==",
        "@x",
        "x@",
        "09999012",
        "a" * 255,
    ],
)
def test_a_subject_that_can_name_a_person_is_kept_to_the_letter(subject: str) -> None:
    assert checked_subject(subject) == subject


@pytest.mark.parametrize(
    "subject",
    [
        "", "a" * 256, "a\0b", "a\nb", "a\x7f", "a\u200bb", "a\u202eb", "\ud800", " a", "a\u00a0",
        "0999901Z", "0999901z", "0999901A", "0750654d", "a@b", "agathe.oriol@ac-demo.example", "Agathe <a@b>",
    ],
)  # fmt: skip
def test_a_subject_that_cannot_name_a_person_is_nobody(subject: str) -> None:
    motive, detail = refusal(checked_subject, subject)
    assert motive is Motive.NOBODY
    assert subject not in detail or not subject
