"""The portal behind its real server: what only bytes on a wire can say, and the log lines that operators read."""

import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.data.serving import PATIENCE, Served, served

pytest_plugins = ("tests.data.catalogue_data",)

LONG = b"a" * 10_000
SEARCHED = "un-secret-d-enseignante"
HOST = b"Host: 127.0.0.1\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def running(demonstration: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Any]]:
    own = demonstration.copy_to(tmp_path_factory.mktemp("served") / "var")
    with served(own.settings, LOGITHEQUE_LOG_JSON="true") as portal:
        yield portal, own.settings.var / "server.log"


def say(port: int, message: bytes) -> tuple[int, bytes]:
    """Send these very bytes; return the status and all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as wire:
        wire.sendall(message)
        heard = b""
        while more := wire.recv(65_536):
            heard += more
    found = re.match(rb"HTTP/1\.[01] ([0-9]{3})", heard)
    assert found, heard[:200]
    return int(found[1]), heard


@pytest.mark.parametrize(
    ("line", "statuses"),
    [
        (b"GET /catalogue?q=" + LONG, {200}),
        (b"GET /catalogue/" + LONG, {404}),
        (b"GET /catalogue?q=%00%ff%ED%A0%80", {200}),
        (b"GET /catalogue?q='\"<script>alert(1)</script>", {200, 400}),
        (b"GET /%00", {404}),
        (b"GET /%ff%fe", {404}),
        (b"GET /static/0/..%2f..%2fapp.py", {404}),
        (b"GET /static/0/../../app.py", {404}),
        (b"GET //ailleurs.example/", {308, 404}),
        (b"GET /\\ailleurs.example", {308, 400, 404}),
        (b"GET http://ailleurs.example/catalogue", {200, 400, 404}),
        (b"OPTIONS *", {200, 204, 400, 404, 405}),
        (b"TRACE /catalogue", {405}),
        (b"INCONNUE /catalogue", {405}),
    ],
)
def test_whatever_comes_on_the_wire_is_answered(running: tuple[Served, Any], line: bytes, statuses: set[int]) -> None:
    port = running[0].port
    status, heard = say(port, line + b" HTTP/1.1\r\n" + HOST)
    assert status in statuses
    assert b"<script>alert" not in heard
    assert b"\r\nlocation: //" not in heard.lower()
    assert running[0].get("/accessibilite")[0] == 200


@pytest.mark.parametrize("host", [b"a b", b"<script>", b"[::1", b"ailleurs.example", b"127.0.0.1:99999", b"\xc3\xa9", b"a" * 3_000])
def test_a_strange_host_is_no_failure(running: tuple[Served, Any], host: bytes) -> None:
    for address in (b"/catalogue", b"/nulle-part", b"//catalogue"):
        status, heard = say(running[0].port, b"GET " + address + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
        assert status < 500
        assert b"<script>" not in heard.partition(b"\r\n\r\n")[2]


def test_a_body_without_announced_length_is_measured_too(running: tuple[Served, Any]) -> None:
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    head = b"POST /langue HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded\r\n" + HOST
    status, _heard = say(running[0].port, head + b"7\r\nlangue=\r\n" + chunk + b"0\r\n\r\n")
    assert status in {303, 413}


def test_logs_are_json_lines_with_the_reference_and_without_what_was_searched(running: tuple[Served, Any]) -> None:
    portal, log = running
    assert portal.get(f"/catalogue?q={SEARCHED}")[0] == 200
    status, body = portal.get(f"/nulle-part?q={SEARCHED}")
    assert status == 404
    assert portal.get(f"/api/v1/titles/nulle-part?q={SEARCHED}")[0] == 422
    reference = re.search(r"<code>([0-9a-f]{16})</code>", body)
    assert reference
    said = log.read_text(encoding="utf-8")
    read = [json.loads(line) for line in said.splitlines() if '"levelname"' in line]
    answered = {line["request_id"]: line for line in read if line["message"] == "answered"}
    line = answered[reference[1]]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/nulle-part", 404)
    assert line["milliseconds"] >= 0
    assert line["asctime"]
    assert "/api/v1/titles/nulle-part" in {one["path"] for one in answered.values()}
    assert SEARCHED not in said
    assert not [one for one in read if one["levelname"] in {"ERROR", "CRITICAL"}]
