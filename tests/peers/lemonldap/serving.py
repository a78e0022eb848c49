"""A real LemonLDAP::NG on this machine, as an ENT would have it: a CAS server and an OpenID provider."""

import json
import os
import secrets
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from tests.peers.lemonldap import configuration
from tests.peers.lemonldap.configuration import CAS_BARE, CAS_WITH_ATTRIBUTES, CLIENT, FRESH, OIDC, PEOPLE

__all__ = ["CAS_BARE", "CAS_WITH_ATTRIBUTES", "OIDC", "PEOPLE", "LemonLDAP"]

HOST = "127.0.0.2"  # cookies do not tell ports apart: on another host than the portal, each keeps its own
WORKERS = 3  # a logout calls the portal, and waits for it
PATIENCE = 30


class LemonLDAP:
    """`with LemonLDAP(folder, portal="http://127.0.0.1:5000"):` it knows this portal and no other; the folder is empty.

    `secret`: what a portal that runs already holds as its client's; otherwise one is drawn.
    """

    def __init__(self, folder: Path, portal: str, secret: str = "") -> None:
        self.folder = folder
        self.portal = portal
        self.address = f"http://{HOST}:{_free_port()}"
        self.cas_url = f"{self.address}/cas"
        self.issuer = self.address
        self.client_id = CLIENT
        self.client_secret = secret or secrets.token_urlsafe(24)
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        ini = configuration.write(self.folder, self.address, self.portal, self.client_secret)
        # Ended when the tests die, even by kill -9: the kernel says so, no clean-up code has to run.
        command = ["setpriv", "--pdeathsig=TERM", "starman", "--listen", self.address.removeprefix("http://")]
        command += ["--workers", str(WORKERS), "--preload-app", "--disable-keepalive", "--env", "deployment"]
        with self._log.open("ab") as log:
            self._server = subprocess.Popen(
                [*command, str(Path(__file__).with_name("app.psgi"))],
                cwd=self.folder,
                env={
                    "PATH": os.defpath,
                    "LC_ALL": "C.UTF-8",
                    "LLNG_DEFAULTCONFFILE": str(ini),
                    "LLNG_DEFAULTLOGGER": "Lemonldap::NG::Common::Logger::Std",
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait(self._server)
        except BaseException:
            self._stop(self._server)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._server:
            self._stop(self._server)

    def service(self, slug: str) -> str:
        """Where LemonLDAP sends people back: the beginning of the address for CAS, the whole of it for OpenID."""
        return f"{self.portal}/connexion/{slug}/retour/"

    def let_time_pass(self) -> None:
        """Every password typed so far has been typed too long ago to prove anything."""
        for path in configuration.sessions(self.folder):
            said = json.loads(path.read_text(encoding="utf-8"))
            if said.get("_session_kind") == "SSO":
                aged = {name: int(said[name]) - 10 * FRESH for name in ("_utime", "_lastAuthnUTime") if name in said}
                path.write_text(json.dumps(said | aged), encoding="utf-8")

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _wait(self, server: "subprocess.Popen[bytes]") -> None:
        until = time.monotonic() + PATIENCE
        while (status := self._status()) != 200:
            if status or server.poll() is not None or time.monotonic() > until:
                # The reason comes first; LemonLDAP then repeats that it failed, at each request.
                said = self._log.read_text(encoding="utf-8", errors="replace")[:2000]
                raise RuntimeError(f"LemonLDAP::NG did not start; `make test` says what to install. It said:\n{said}")
            time.sleep(0.05)

    def _status(self) -> int:
        """0: nobody answers yet."""
        try:
            return requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=PATIENCE).status_code
        except requests.RequestException:
            return 0

    @staticmethod
    def _stop(server: "subprocess.Popen[bytes]") -> None:
        """The group holds only what it started, workers too; nothing it could write down is of use to anybody."""
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
