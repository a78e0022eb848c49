"""Squid between the portal and two schools: none is shown the other's page, and it would be if we said less."""

import http.client
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pytest
from flask import Flask
from werkzeug.serving import make_server

pytest_plugins = ("tests.data.catalogue_data",)

SQUID = Path("/usr/sbin/squid")
PATIENCE = 30
SETTINGS = """
http_port 127.0.0.1:{port} accel defaultsite=logitheque.example
cache_peer 127.0.0.1 parent {origin} 0 no-query no-digest originserver
never_direct allow all
http_access allow all
cache_mem 64 MB
maximum_object_size_in_memory 8 MB
memory_cache_shared off
workers 1
visible_hostname cache.example
pinger_enable off
netdb_filename none
shutdown_lifetime 0 seconds
dns_nameservers 127.0.0.1
pid_filename {folder}/pid
cache_log {folder}/log
access_log none
coredump_dir {folder}
"""
FIRST, SECOND = "etablissement=0261505V", "etablissement=0380002W"  # a lycée and a collège of another territory
COOKIES = (FIRST, "", SECOND, f"{SECOND}; langue=en", FIRST, "langue=en", "")
PAGES = ("/", "/catalogue?q=geogebra", "/catalogue/geogebra-classic", "/comparer?titres=gimp,algobox", "/listes", "/listes/socle",
         "/etablissements", "/etablissements/0261505V", "/api/v1/titles?q=geogebra", "/api/v1/lists/socle")  # fmt: skip
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Answer = tuple[int, dict[str, str], bytes]


class Portal:
    """The portal over HTTP. `said` may rewrite its headers, as a careless portal would; `asked` counts what reached it."""

    def __init__(self, app: Wsgi, said: Callable[[str, str], str] = lambda _name, value: value) -> None:
        self._app = app
        self._said = said
        self.asked: list[str] = []
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.port: int = self._server.server_port

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            self.asked.append(status[:3])
            rewritten = [(name, self._said(name.lower(), value)) for name, value in headers]
            return start(status, [(name, value) for name, value in rewritten if value], *error)

        return self._app(environ, begin)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def shared_cache(origin: int) -> Iterator[int]:
    """A real one, in memory, as an unprivileged user, on the loopback; its port."""
    if not SQUID.exists():
        raise RuntimeError(f"No {SQUID}: run `make test`, which says what to install.")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    folder = Path(tempfile.mkdtemp(prefix="logitheque-cache-"))
    owner = pwd.getpwnam("proxy") if os.geteuid() == 0 else None
    (folder / "settings").write_text(SETTINGS.format(port=port, origin=origin, folder=folder), encoding="utf-8")
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig=KILL", SQUID, "--foreground", "-N", "-n", f"tests{port}", "-f", folder / "settings"],
        cwd=folder,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        user=owner.pw_uid if owner else None,
        group=owner.pw_gid if owner else None,
        extra_groups=[] if owner else None,
    )
    try:
        _wait(port, process, folder / "log")
        yield port
    finally:
        process.send_signal(signal.SIGKILL)  # it keeps nothing on disk
        process.wait(PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"Squid did not start: {log.read_text() if log.exists() else '?'}") from None
            time.sleep(0.05)
        else:
            return


def ask(port: int, path: str, cookie: str = "", **headers: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={**({"Cookie": cookie} if cookie else {}), **headers})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def portal(portal_app: Flask) -> Iterator[Portal]:
    with Portal(portal_app.wsgi_app) as portal:
        yield portal


@pytest.fixture(scope="module")
def cache(portal: Portal) -> Iterator[int]:
    with shared_cache(portal.port) as port:
        yield port


@pytest.mark.parametrize("path", PAGES)
def test_each_visitor_is_given_their_own_page(portal: Portal, cache: int, path: str) -> None:
    """Each twice, one after the other: whatever was kept for one, the next is answered as the portal answers them."""
    own = {cookie: ask(portal.port, path, cookie)[2] for cookie in COOKIES}
    for cookie in (*COOKIES, *COOKIES):
        status, _headers, body = ask(cache, path, cookie)
        assert status == 200
        assert body == own[cookie], cookie


def test_the_pages_compared_do_differ(portal: Portal) -> None:
    for path in PAGES[:4]:
        assert len({ask(portal.port, path, cookie)[2] for cookie in ("", FIRST, SECOND)}) == 3, path


def test_what_everybody_is_shown_is_kept_and_checked(portal: Portal, cache: int) -> None:
    """The cache does its work: the page is not made again, the portal only says that it has not changed."""
    path = "/catalogue?q=cache"
    first = ask(cache, path)
    portal.asked.clear()
    again = ask(cache, path)
    assert portal.asked == ["304"]
    assert again[2] == first[2]


def test_a_voted_edition_is_not_even_asked_again(portal: Portal, cache: int) -> None:
    path = "/listes/socle/2025-2026.json"
    first = ask(cache, path)
    portal.asked.clear()
    assert ask(cache, path)[2] == first[2]
    assert portal.asked == []


def test_what_was_asked_with_a_cookie_is_not_kept(portal: Portal, cache: int) -> None:
    path = "/catalogue?q=personne"
    for _time in range(2):
        portal.asked.clear()
        ask(cache, path, FIRST)
        assert portal.asked == ["200"]


def through(app: Flask, said: Callable[[str, str], str], path: str = "/catalogue?q=geogebra") -> tuple[bytes, bytes, bytes]:
    """What the first school is shown, then the second, by a cache before a portal that says something else; and the truth."""
    with Portal(app.wsgi_app, said) as careless, shared_cache(careless.port) as port:
        return ask(port, path, FIRST)[2], ask(port, path, SECOND)[2], ask(careless.port, path, SECOND)[2]


def lasting(name: str, value: str) -> str:
    return "public, max-age=60" if name == "cache-control" else value


def for_everybody(name: str, value: str) -> str:
    return value.replace("private", "public") if name == "cache-control" else value


def without_cookie(name: str, value: str) -> str:
    return value.replace("Cookie", "Accept") if name == "vary" else value


def test_a_portal_that_said_neither_would_show_one_school_to_the_other(portal_app: Flask) -> None:
    """So the tests above can fail: this cache does share what it is allowed to."""
    first, second, truth = through(portal_app, lambda name, value: without_cookie(name, lasting(name, value)))
    assert second == first != truth


@pytest.mark.parametrize(
    "said",
    [without_cookie, lasting, lambda name, value: without_cookie(name, for_everybody(name, value))],
    ids=["only private", "only Vary", "only the stamp"],
)
def test_each_of_the_three_guards_is_enough(portal_app: Flask, said: Callable[[str, str], str]) -> None:
    """`private`, `Vary: Cookie`, and an ETag that covers the school and is checked each time."""
    first, second, truth = through(portal_app, said)
    assert second == truth != first
