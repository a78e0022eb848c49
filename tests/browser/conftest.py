"""A real browser before a real server: its own process, its own database, the demonstration's data."""

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, ViewportSize, sync_playwright

from portal.db import Database
from portal.demo.ent import Ent
from portal.signin.loading import declare_demonstration, declare_other_demonstrations
from tests.rates import FREELY

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--disable-background-networking", "--disable-component-update", "--disable-quic", "--disable-sync", "--no-first-run",
]  # fmt: skip
ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60
LOADING = 600

SHARED = "LEMONLDAP_SHARED"  # the variable that holds what LemonLDAP and the portal share

PageAt = Callable[..., Page]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a demonstration's processes read, over a folder that ends with the tests."""
    var = tmp_path_factory.mktemp("var")
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LOGITHEQUE_")}
    return ours | {
        "LOGITHEQUE_ENVIRONMENT": "demonstration",
        "LOGITHEQUE_SECRET_KEY": secrets.token_urlsafe(48),
        "LOGITHEQUE_DATABASE_URL": f"sqlite:///{var / 'logitheque.sqlite'}",
        "LOGITHEQUE_VAR": str(var),
        "LOGITHEQUE_LOG_JSON": "false",
        **{f"LOGITHEQUE_{name.upper()}": rate for name, rate in FREELY.items()},
        "FLASK_SKIP_DOTENV": "1",
        SHARED: secrets.token_urlsafe(24),
    }


@pytest.fixture(scope="session")
def flask(environment: dict[str, str]) -> Callable[..., str]:
    """Run a command as an operator would, and return what it prints."""

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "flask", "--app", "app:serve", *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LOADING, check=False)
        assert done.returncode == 0, f"flask {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    return run


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the site tells its operator."""
    return tmp_path_factory.mktemp("site") / "log"


@pytest.fixture(scope="session")
def site(environment: dict[str, str], flask: Callable[..., str], log: Path) -> Iterator[str]:
    """The address of a portal that holds the demonstration's data."""
    flask("db", "upgrade")
    flask("demo", "load")
    with serving(environment, log) as address:
        yield address


@contextmanager
def serving(environment: dict[str, str], log: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [
        "setpriv", "--pdeathsig=TERM",  # the server ends with the tests, even when these are killed
        sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--blocking-threads", "4", "--no-ws", "app:serve_and_watch",
    ]  # fmt: skip
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment | {"LOGITHEQUE_PUBLIC_URL": address}, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait(address, server, log)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until the catalogue itself answers: it waits for its index."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"{address}/catalogue", timeout=5):  # noqa: S310
                return
        except OSError as trouble:
            if server.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"The portal did not start: {log.read_text(encoding='utf-8')}") from trouble
            time.sleep(0.1)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM.exists(), "No Chromium: run `make test`, which says what to install."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stored(site: str, environment: dict[str, str]) -> Iterator[Database]:
    """The database of the site."""
    database = Database(environment["LOGITHEQUE_DATABASE_URL"])
    yield database
    database.close()


@pytest.fixture(scope="session")
def ent(site: str, stored: Database) -> Iterator[str]:
    """The address of the demonstration's ENT, that the site knows."""
    server = Ent(0, site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    for declare in (declare_demonstration, declare_other_demonstrations):
        stored.write(lambda session, declare=declare: declare(session, f"{address}/cas"))  # type: ignore[misc]
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def page_at(browser: Browser, site: str) -> Iterator[PageAt]:
    """`page_at(360, "dark")`: a new visitor's page. A message in the console or a failed request fails the test."""
    with visiting(browser, site) as page_at:
        yield page_at


@contextmanager
def visiting(browser: Browser, site: str, *others: str) -> Iterator[PageAt]:
    """`others`: the addresses of the servers where a visit goes on. What opens in another tab is judged as well."""
    contexts = []
    troubles: list[str] = []

    def open_page(width: int = 1280, scheme: str = "light", *, height: int = 900, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=site, viewport=ViewportSize(width=width, height=height), color_scheme=scheme, locale="fr-FR",  # type: ignore[arg-type]
            timezone_id="Europe/Paris", reduced_motion="reduce", java_script_enabled=scripts,
        )  # fmt: skip
        context.set_default_timeout(10_000)
        contexts.append(context)
        context.on("page", listen)
        return context.new_page()

    def listen(page: Page) -> None:
        page.on("console", lambda said: troubles.append(said.text) if _is_trouble(said) else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("requestfailed", lambda request: _failed(request, troubles))
        page.on("response", lambda response: _answered(response, (site, *others), troubles))

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


JUDGED_BY_STATUS = ("Failed to load resource", "Response Status Error Code")  # what the browser says of a refusal, then htmx


def _is_trouble(said: ConsoleMessage) -> bool:
    return said.type in {"error", "warning"} and not said.text.startswith(JUDGED_BY_STATUS)


def _failed(request: Request, troubles: list[str]) -> None:
    if request.failure != "net::ERR_ABORTED":  # the visitor, or htmx for them, asked for something else meanwhile
        troubles.append(f"{request.url}: {request.failure}")


def _answered(response: Response, ours: tuple[str, ...], troubles: list[str]) -> None:
    """A refused page or form is a test's own business; a picture, a style or a script must be there, and ours."""
    is_part = response.request.resource_type not in {"document", "xhr", "fetch"}
    if is_part and response.status >= 400:
        troubles.append(f"{response.url}: {response.status}")
    if not response.url.startswith((*ours, "data:")):
        troubles.append(f"{response.url} is not ours")


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Fail with what axe-core finds on the page as it is now."""

    def judge(page: Page) -> None:
        found = Axe().run(page)
        assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"

    return judge
