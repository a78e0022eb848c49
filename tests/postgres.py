"""A private PostgreSQL for one run of the tests: nothing to set up before, nothing left behind."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa

from portal.db import schema

VERSIONS = Path("/usr/lib/postgresql")
USER = "logitheque"
TEMPLATE = "migrated"
PATIENCE = 30
MEMORY = Path("/dev/shm")  # noqa: S108 – a folder of one's own is made in it; copying a database there takes a tenth of the time
ROOM = 2 << 30

# A test's data need not outlive the machine; a deadlock is what some tests wait for.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "deadlock_timeout": "200ms",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}


class Cluster:
    """One server, reached by a socket in its own folder, which only its owner may enter: no port, no password."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="logitheque-", dir=_quickest()))
        self._owner = _unprivileged()
        if self._owner:
            os.chown(self.folder, self._owner.pw_uid, self._owner.pw_gid)
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return str(self.folder)

    def start(self) -> None:
        """Create the server's files, start it, and prepare the migrated database that tests copy."""
        data = self.folder / "data"
        self._call(
            "initdb", f"--pgdata={data}", f"--username={USER}", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"
        )
        options = [f"-c{name}={value}" for name, value in OPTIONS.items()]
        # Interrupted when the tests die, even by kill -9: the kernel says so, no clean-up code has to run.
        self._server = self._begin(
            ["setpriv", "--pdeathsig=INT", str(_binary("postgres")), f"-D{data}", f"-k{self.folder}", *options], stderr=self._log
        )
        self._wait()
        with template(self.address) as engine:
            schema.upgrade(engine)

    def stop(self) -> None:
        if self._server:
            self._server.send_signal(signal.SIGINT)  # does not wait for clients to leave
            self._server.wait(timeout=PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _call(self, program: str, *arguments: str) -> None:
        done = self._begin([str(_binary(program)), *arguments], stderr=self._log)
        if done.wait(timeout=PATIENCE):
            raise RuntimeError(f"{program} failed: {self._log.read_text(encoding='utf-8')}")

    def _begin(self, command: list[str], stderr: Path) -> "subprocess.Popen[bytes]":
        with stderr.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop the server in order
                user=self._owner.pw_uid if self._owner else None,
                group=self._owner.pw_gid if self._owner else None,
                extra_groups=[] if self._owner else None,
            )

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with _administration(self.address):
                    return
            except psycopg.OperationalError as trouble:
                if time.monotonic() > until or (self._server and self._server.poll() is not None):
                    raise RuntimeError(f"PostgreSQL did not start: {self._log.read_text(encoding='utf-8')}") from trouble
                time.sleep(0.02)


def url(address: str, name: str) -> str:
    return f"postgresql+psycopg://{USER}@/{name}?host={address}"


@contextmanager
def template(address: str) -> Iterator[sa.Engine]:
    """The database that tests copy, while it is being made; nobody may be connected to it afterwards."""
    with _administration(address) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    engine = sa.create_engine(url(address, TEMPLATE), poolclass=sa.NullPool)
    yield engine
    engine.dispose()


@contextmanager
def copy(address: str, *, of: str = TEMPLATE) -> Iterator[str]:
    """The address of a database of one's own, dropped at the end whoever is still connected."""
    name = f"test_{uuid.uuid4().hex}"
    with _administration(address) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {of}")
    try:
        yield url(address, name)
    finally:
        with _administration(address) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _administration(address: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    with psycopg.connect(host=address, user=USER, dbname="postgres", autocommit=True) as connection:
        yield connection


def _quickest() -> Path | None:
    """Memory where there is room; None for the usual folder."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM else None


def _unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: Debian's package brings the account to use instead."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


def _binary(name: str) -> Path:
    found = sorted(VERSIONS.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError(f"No {name} under {VERSIONS}: run `make test`, which says what to install.")
    return found[-1]
