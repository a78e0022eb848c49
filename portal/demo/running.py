"""Starting the demonstration's processes together, and ending them together: only those started here."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from portal.settings import PREFIX, ROOT

PATIENCE = 10  # seconds that a process has to end by itself


@dataclass(frozen=True)
class Ports:
    """The portal's port decides the others: `make demo PORT=…` moves all of them."""

    portal: int

    @property
    def ent(self) -> int:
        return self.portal + 1

    @property
    def mail_page(self) -> int:
        return self.portal + 2

    @property
    def smtp(self) -> int:
        return self.portal + 3

    def all(self) -> dict[int, str]:
        return {
            self.portal: "le portail",
            self.ent: "l’ENT de démonstration",
            self.mail_page: "la page du courrier",
            self.smtp: "le serveur de courrier",
        }


def taken(ports: Ports) -> list[str]:
    """What cannot start because another program has its port."""
    found = []
    for port, what in ports.all().items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                found.append(f"{what} ({port})")
    return found


def commands(ports: Ports) -> list[list[str]]:
    flask = [sys.executable, "-m", "flask", "--app", "app:serve"]
    return [
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1", "--port", str(ports.portal),
         "--workers", "2", "--blocking-threads", "4", "--no-ws", "--respawn-failed-workers", "app:serve_and_watch"],
        [*flask, "worker"],
        [*flask, "demo", "ent", "--port", str(ports.ent), "--portal", f"http://127.0.0.1:{ports.portal}"],
        [*flask, "demo", "mailbox", "--smtp", str(ports.smtp), "--page", str(ports.mail_page), "--portal", f"http://127.0.0.1:{ports.portal}"],
    ]  # fmt: skip


def run(ports: Ports) -> int:
    """Until interrupted, or until one of the processes ends: then all do."""
    environment = {
        **os.environ,
        f"{PREFIX}SMTP_HOST": "127.0.0.1",
        f"{PREFIX}SMTP_PORT": str(ports.smtp),
        f"{PREFIX}PUBLIC_URL": f"http://127.0.0.1:{ports.portal}",
    }
    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # SIGINT too: a shell may have made us ignore it
        signal.signal(stop, _interrupt)
    children = [subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True) for command in commands(ports)]  # noqa: S603
    try:
        while all(child.poll() is None for child in children):
            time.sleep(0.2)
    except KeyboardInterrupt:
        return 0
    finally:
        _end(children)
    return 1


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + PATIENCE
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.1, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):  # what it started and left: each leads a group of its own
            os.killpg(child.pid, signal.SIGKILL)
