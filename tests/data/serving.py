"""The portal served as in production, by processes that tests may kill: all are ended by their own id."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.settings import PREFIX, ROOT, Settings
from tests.rates import FREELY

PATIENCE = 40  # seconds: how long a test waits before it says that something never came
FLASK = [sys.executable, "-m", "flask", "--app", "app:serve"]


def environment(settings: Settings) -> dict[str, str]:
    said = {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "ENVIRONMENT": settings.environment.value,
        "DATABASE_URL": settings.database_url.get_secret_value(),
        "VAR": str(settings.var),
        "HOME_TERRITORY": settings.home_territory,
        "LOG_JSON": "false",
        **{name.upper(): getattr(settings, name) for name in FREELY},
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return others | {PREFIX + name: value for name, value in said.items()}


def command(settings: Settings, *arguments: str) -> str:
    """What an operator types, and what it answers."""
    done = subprocess.run(
        [*FLASK, *arguments], cwd=ROOT, env=environment(settings), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout


class Served:
    """A running portal; `get` opens a new connection each time, so that each worker is asked sooner or later."""

    def __init__(self, settings: Settings, port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.settings = settings
        self.port = port
        self.process = process
        self._log = log

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def workers(self) -> list[int]:
        return [pid for pid in children(self.process.pid) if b"resource_tracker" not in words(pid)]

    def started(self) -> int:
        """How many workers have said that they are ready, since the beginning."""
        return self._log.read_text(encoding="utf-8").count("Started worker")

    def indexers(self) -> list[int]:
        return [pid for worker in self.workers() for pid in children(worker) if b"keep" in words(pid)]


@contextmanager
def served(settings: Settings, factory: str = "app:serve_and_watch", **more: str) -> Iterator[Served]:
    """Two workers, started as the demonstration starts them; `more` is added to their environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    arguments = ["--interface", "wsgi", "--factory", "--host", "127.0.0.1", "--port", str(port), "--workers", "2"]
    arguments += ["--blocking-threads", "4", "--no-ws", "--respawn-failed-workers", factory]
    path = settings.var / "server.log"
    with path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "granian", *arguments],
            cwd=ROOT, env=environment(settings) | more, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    running = Served(settings, port, process, path)
    try:
        until(lambda: running.started() == 2 and len(running.indexers()) == 1 and _answers(running))
        yield running
    finally:
        _end(process)


def until(come: Callable[[], object], patience: float = PATIENCE) -> float:
    """Wait for something to come true; return how long it took."""
    began = time.monotonic()
    while not come():
        if time.monotonic() - began > patience:
            raise TimeoutError(f"Still not so after {patience} s.")
        time.sleep(0.05)
    return time.monotonic() - began


def children(parent: int) -> list[int]:
    """As /proc tells: the fourth word of a process's line, after a name that may hold spaces, is its parent."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, above = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if int(above) == parent and state != "Z":
                    found.append(int(entry.name))
    return sorted(found)


def words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _answers(running: Served) -> bool:
    try:
        return running.get("/api/v1/titles/gimp")[0] == 200
    except OSError:
        return False


def _end(process: "subprocess.Popen[bytes]") -> None:
    """The server ends its workers, their end ends the indexer; whoever does not is killed."""
    family = [pid for child in children(process.pid) for pid in (child, *children(child))]
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    deadline = time.monotonic() + 5
    while any(map(_ours, family)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid in filter(_ours, family):
        kill(pid)


def _ours(pid: int) -> bool:
    """Alive, and not another program that was given the same number since."""
    said = words(pid)
    return b"granian" in said or b"app:serve" in said or b"multiprocessing" in said
