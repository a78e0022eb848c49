"""Whatever is typed, pasted or forged: never a failure, never an echo of markup, always a page that helps."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, TestResponse

from portal.web.gate import OPEN
from tests.http.addresses import BAD, LONG, PICTURE, RAW, SCRIPT, escaped, parameters, path, paths, readable, reads_its_query
from tests.page_client import PageClient

pytest_plugins = ("tests.data.catalogue_data",)

MARKUP = (SCRIPT, "<img src=x", "<b>", "</title></textarea>")
HEADERS = (
    "HX-Request", "HX-Target", "HX-History-Restore-Request", "If-None-Match", "If-Modified-Since", "Range", "Accept", "Accept-Language",
    "Cookie", "Referer", "X-Forwarded-For", "X-Forwarded-Host", "Authorization", "X-HTTP-Method-Override", "Content-Type",
)  # fmt: skip
RUBBISH = (
    "", '"', 'a"b', "*", "resultats", SCRIPT, "é", "a" * 8_000, "langue=%3Cscript%3E; session=x; =; ;;", "bytes=5-1",
)  # fmt: skip
QUERIES = (
    "?", "&", "&&", "&&&&=&=", "=", "q", "q&q", "q=a&q=b", "q[]=a", "q[a]=b", "q=a=b=c", ";", "q=a;page=2", "??", "q=a?b", "page=1&page=2",
    "page=2&page=x", "support=known&support=known", "&".join(["support=known"] * 3_000), "&".join(f"x{n}=1" for n in range(3_000)),
    "&".join(f"discipline=d{n}" for n in range(1_000)), "titres=gimp&titres[]=audacity", "sort=name&sort=changed&sort=", "%71=gimp", "Q=gimp",
)  # fmt: skip


def judge(response: TestResponse) -> None:
    """The client has already judged the page itself; here, what it must not say, and that one can go on from it."""
    where = f"{response.request.path}?{response.request.query_string[:90]!r}"
    assert response.status_code < 500, where
    if response.is_json:
        assert isinstance(response.get_json(), dict), where
    elif response.mimetype == "text/html" and response.data and not 300 <= response.status_code < 400:
        html = response.get_data(as_text=True)
        assert not [mark for mark in MARKUP if mark in html], where
        assert '"/catalogue' in html, where
        assert len(html) < 400_000, where
    response.close()  # a file is read as it is sent


def every_query() -> Iterator[str]:
    for value in (*map(escaped, BAD), *RAW):
        yield "&".join(f"{name}={value}" for name in sorted(parameters()))
    yield from QUERIES


def test_every_address_survives_every_value(portal_app: Flask, busy: FlaskClient) -> None:
    for query in every_query():
        for address in paths(portal_app):
            response = busy.get(f"{address}?{query}")
            judge(response)
            # Programs are told which parameter is wrong; people are shown the page without it.
            good = {200, 422} if address.startswith("/api/v1/") else {200}
            assert response.status_code in good, (address, query[:90])


@pytest.mark.parametrize("name", sorted(parameters()))
def test_every_parameter_survives_every_value(portal_app: Flask, busy: FlaskClient, name: str) -> None:
    asking = [path(rule) for rule in readable(portal_app) if reads_its_query(portal_app, rule)]
    assert len(asking) >= 3
    for value in (*map(escaped, BAD), *RAW):
        for address in asking:
            judge(busy.get(f"{address}?{name}={value}"))


def test_the_parameters_are_found_in_the_code() -> None:
    assert {"q", "titres", "langue", "support", "page", "sort", "per_page", "inconnu"} <= parameters()


def test_every_part_of_a_path_survives_every_value(portal_app: Flask, busy: FlaskClient) -> None:
    for rule in readable(portal_app):
        for part in rule.arguments:
            for value in (*(escaped(value) for value in BAD if value), *RAW):
                response = busy.get(path(rule, **{part: value}))
                judge(response)
                closed = {401} if rule.rule.startswith("/api/") else {303}
                found = closed if rule.endpoint not in portal_app.extensions[OPEN] else {200} if part == "version" else set()
                assert response.status_code in {308, 404, *found}, response.request.path


@pytest.mark.parametrize("header", HEADERS)
def test_every_header_survives_rubbish(portal_app: Flask, busy: FlaskClient, header: str) -> None:
    for address in paths(portal_app):
        for value in RUBBISH:
            response = busy.get(address, headers={"HX-Request": "true", header: value.encode().decode("latin-1")})
            assert response.status_code in {200, 206, 304, 416}, (address, value[:90])
            judge(response)


@pytest.mark.parametrize(
    "value", ["", "*", "br;q=x", "gzip;q=-1, br;q=0", "identity;q=0", "\xff", "a" * 8_000, "br,gzip,zstd,deflate"]
)
def test_a_strange_encoding_is_no_failure(portal_app: Flask, value: str) -> None:
    client = FlaskClient(portal_app, portal_app.response_class)
    for address in ("/", "/catalogue", "/catalogue/gimp", "/api/v1/titles", "/nulle-part"):
        with client.get(address, headers={"Accept-Encoding": value}) as response:
            assert response.status_code in {200, 404}
            assert response.headers.get("Content-Encoding") in {None, "br", "gzip"}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "LÀ", "TRACE"])
def test_another_method_is_refused_and_the_good_ones_are_named(portal_app: Flask, visitor: PageClient, method: str) -> None:
    for address in paths(portal_app):
        if method in (visitor.options(address).allow or ()):  # what a letter's link takes
            continue
        response = visitor.open(address, method=method)
        judge(response)
        assert response.status_code == 405, address
        assert {"GET", "HEAD"} <= set(response.allow)


def test_head_says_what_get_says_without_its_body(portal_app: Flask, visitor: PageClient) -> None:
    for address in paths(portal_app):
        head, whole = visitor.head(address), visitor.get(address)
        assert (head.status_code, head.data) == (200, b"")
        assert head.content_length == whole.content_length
        assert head.headers.get("ETag") == whole.headers.get("ETag")
        head.close()
        whole.close()


def test_options_names_the_methods(portal_app: Flask, visitor: PageClient) -> None:
    for address in paths(portal_app):
        assert {"GET", "HEAD", "OPTIONS"} <= set(visitor.options(address).allow)


@pytest.mark.parametrize("value", [*BAD, "en", "fr", "de"])
def test_a_language_that_is_not_one_changes_nothing(visitor: PageClient, value: str) -> None:
    response = visitor.post("/langue", data={"langue": value, "inconnu": value})
    assert response.status_code == 303
    assert ("Set-Cookie" in response.headers) is (value in {"en", "fr"})


@pytest.mark.parametrize("value", ["", "de", "FR", SCRIPT, "\xff", "en; Domain=x", "../fr", "x" * 4_000])
def test_a_cookie_that_is_not_ours_reads_as_french(visitor: PageClient, value: str) -> None:
    visitor.set_cookie("langue", value)
    assert '<html lang="fr">' in visitor.get("/catalogue").get_data(as_text=True)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe", "multipart/form-data; boundary=x"),
        (b"--x\r\nrub", "multipart/form-data; boundary=x"),
        (b"langue=en", "multipart/form-data"),
        (b"{", "application/json"),
        (b"langue=%ff%ED%A0%80", "application/x-www-form-urlencoded"),
        (b"&&&=&", "application/x-www-form-urlencoded; charset=rubbish"),
    ],
)
def test_a_form_that_cannot_be_read_is_no_failure(visitor: PageClient, body: bytes, kind: str) -> None:
    assert visitor.post("/langue", data=body, content_type=kind).status_code == 303


@pytest.mark.parametrize("size", [11 * 1024 * 1024])
def test_too_large_a_body_is_refused_with_a_page(visitor: PageClient, size: int) -> None:
    response = visitor.post("/langue", data={"langue": "x" * size})
    assert response.status_code == 413
    assert "Réduisez-le" in response.get_data(as_text=True)


def test_too_many_fields_are_refused_with_a_page(visitor: PageClient) -> None:
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\n1\r\n' for n in range(1_100))
    response = visitor.post("/langue", data=f"{parts}--x--".encode(), content_type="multipart/form-data; boundary=x")
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": SCRIPT}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "http://ailleurs.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost.ailleurs.example"}, 403),
        ({"Origin": "http://localhost:81"}, 403),
        ({"Origin": "http://[::1"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({}, 303),
    ],
)
def test_a_form_of_another_site_does_nothing_here(visitor: PageClient, headers: dict[str, str], status: int) -> None:
    response = visitor.post("/langue", data={"langue": "en"}, headers=headers)
    assert response.status_code == status
    assert ("Set-Cookie" in response.headers) is (status == 303)


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://localhost/catalogue?q=gimp&page=2", "/catalogue?q=gimp&page=2"),
        ("http://localhost/", "/"),
        ("http://localhost", "/"),
        ("", "/"),
        ("/catalogue", "/catalogue"),
        ("http://ailleurs.example/", "/"),
        ("http://localhost.ailleurs.example/", "/"),
        ("http://localhost@ailleurs.example/", "/"),
        ("http://localhost:81/x", "/"),
        ("https://localhost/x", "/"),
        ("javascript:alert(1)", "/"),
        ("http://localhost//ailleurs.example", "/ailleurs.example"),
        ("http://localhost////ailleurs.example", "/ailleurs.example"),
        ("http://localhost/\\ailleurs.example", "/ailleurs.example"),
        ("http://localhost/\\/ailleurs.example", "/ailleurs.example"),
        ("http://localhost/\t/ailleurs.example", "/ailleurs.example"),
        ("http://localhost/ /ailleurs.example", "/ailleurs.example"),
        ("http://[", "/"),
    ],
)
def test_after_a_choice_one_stays_on_this_site(visitor: PageClient, referer: str, back: str) -> None:
    response = visitor.post("/langue", data={"langue": "en"}, headers={"Referer": referer})
    assert response.headers["Location"] == back


@pytest.mark.parametrize(
    "address", ["//ailleurs.example", "//ailleurs.example/%2e%2e", "/%2f%2failleurs.example", "/\\ailleurs.example"]
)
def test_a_strange_path_leads_nowhere_else(visitor: PageClient, address: str) -> None:
    environ = EnvironBuilder("/").get_environ() | {"PATH_INFO": address, "REQUEST_URI": address, "RAW_URI": address}
    response = visitor.open(environ)
    assert response.status_code in {308, 404}
    assert response.headers.get("Location", "http://localhost/").startswith("http://localhost/")


@pytest.mark.parametrize(
    "address",
    [
        "/nulle-part",
        "/catalogue/",
        "/catalogue/gimp/",
        f"/{SCRIPT}",
        f"/{LONG}",
        "/ui/",
        "/.env",
        "/%00",
        "/é",
        f"/{escaped(PICTURE)}",
    ],
)
def test_an_unknown_address_says_where_to_go(visitor: PageClient, address: str) -> None:
    response = visitor.get(address)
    judge(response)
    html = response.get_data(as_text=True)
    assert response.status_code == 404
    assert "Chercher dans le catalogue" in html
    assert 'name="q"' in html


def test_an_unknown_title_says_to_search(visitor: PageClient) -> None:
    html = visitor.get("/catalogue/nulle-part").get_data(as_text=True)
    assert "Aucun titre ne porte ce nom dans le catalogue. Cherchez-le par son nom ou par ce qu’il permet de faire." in html


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("GET", "/api/v1/titles/nulle-part", 404), ("GET", "/api/v1/rien", 404), ("GET", f"/api/v1/titles/{escaped(SCRIPT)}", 404),
     ("POST", "/api/v1/titles", 405), ("DELETE", "/api/v1/titles/gimp", 405), ("GET", "/api/", 404), ("GET", "/api/v1/titles/%00", 404)],
)  # fmt: skip
def test_programs_are_answered_as_rfc_9457_says(visitor: PageClient, method: str, address: str, status: int) -> None:
    response = visitor.open(address, method=method)
    problem = json.loads(response.data)
    assert response.mimetype == "application/problem+json"
    assert (response.status_code, problem["status"]) == (status, status)
    assert set(problem) == {"type", "title", "status", "detail", "instance", "reference"}
    assert problem["type"] == "about:blank"
    assert problem["instance"] == response.request.path
    assert problem["reference"] == response.headers["X-Request-Id"]
    assert problem["detail"].endswith(".")
    assert "’" in problem["detail"] or "é" in problem["detail"]
    assert response.headers["Cache-Control"] == "no-store"
