"""Servers of a test's own on this machine: one that answers as told, one that speaks raw bytes, a small CAS that burns tickets."""

import ipaddress
import secrets
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HERE = "127.0.0.1"
PATIENCE = 20  # seconds before a test says that something never came
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Asked:
    """A request as it came; `target` is the path and the query before anything is decoded."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)


@dataclass(frozen=True)
class Reply:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Server:
    url: str
    asked: list[Asked]


class _Quiet(ThreadingHTTPServer):
    """Clients that leave in the middle are what many tests are about."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextmanager
def answering(reply: Callable[[Asked], Reply] | Reply, identity: Path | None = None) -> Iterator[Server]:
    """`identity`: a certificate and its key, for a server in https."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            asked.append(Asked(self.command, self.path, dict(self.headers), self.rfile.read(length)))
            said = reply if isinstance(reply, Reply) else reply(asked[-1])
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_args: Any) -> None:
            pass

    server = _Quiet((HERE, 0), Handler)
    if identity:
        server.socket = _private(server.socket, identity)
    with _running(server):
        yield Server(f"{'https' if identity else 'http'}://{HERE}:{server.server_port}", asked)


@dataclass(frozen=True)
class Raw:
    """`left`: the client has closed the connection."""

    url: str
    left: threading.Event


@contextmanager
def speaking(speak: Callable[[socket.socket], None], identity: Path | None = None, *, listens: bool = True) -> Iterator[Raw]:
    """A server that says anything, once it has read the head of a request; unless it `listens`, before."""
    left = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            heard = b"" if listens else b"\r\n\r\n"
            with suppress(OSError):
                while b"\r\n\r\n" not in heard:
                    heard += self.request.recv(4096)
                speak(self.request)
                while self.request.recv(4096):
                    pass
            left.set()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    server = Server((HERE, 0), Handler)
    if identity:
        server.socket = _private(server.socket, identity)
    with _running(server):
        yield Raw(f"{'https' if identity else 'http'}://{HERE}:{server.server_address[1]}", left)


def _private(listening: socket.socket, identity: Path) -> socket.socket:
    """The handshake waits for the first word, so that one client in the middle of its own does not hold the others."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity)
    return context.wrap_socket(listening, server_side=True, do_handshake_on_connect=False)


@contextmanager
def _running(server: socketserver.TCPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> str:
    """An address where nobody listens."""
    with socket.create_server((HERE, 0)) as server:
        return f"http://{HERE}:{server.getsockname()[1]}"


def identity(folder: Path, name: str = HERE, *, expired: bool = False) -> Path:
    """A certificate that signs itself, with its key: what a server shows, and the file of authorities of who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    try:
        other: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        other = x509.DNSName(name)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 2 * DAY)
        .not_valid_after(now - DAY if expired else now + DAY)
        .add_extension(x509.SubjectAlternativeName([other]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{secrets.token_hex(8)}.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


CAS = '<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">{}</cas:serviceResponse>'
SUCCESS = CAS.format("<cas:authenticationSuccess><cas:user>{}</cas:user>{}</cas:authenticationSuccess>")
FAILURE = CAS.format('<cas:authenticationFailure code="{}">{}</cas:authenticationFailure>')


@dataclass
class BurningCas:
    """Validates a ticket once, for its service, and with `renew` only if the password was asked for it, as CAS wants."""

    user: str = "DEMO-3141592"
    more: str = ""
    tickets: dict[str, tuple[str, bool]] = field(default_factory=dict)

    def issue(self, service: str, *, new_login: bool = False) -> str:
        ticket = f"ST-{len(self.tickets)}-{secrets.token_hex(16)}"
        self.tickets[ticket] = (service, new_login)
        return ticket

    def __call__(self, asked: Asked) -> Reply:
        ticket, service = asked.query["ticket"][0], asked.query["service"][0]
        known = self.tickets.pop(ticket, None)
        if known is None or ("renew" in asked.query and not known[1]):
            return Reply(FAILURE.format("INVALID_TICKET", f"Ticket {escape(ticket)} not recognized").encode())
        if known[0] != service:
            return Reply(FAILURE.format("INVALID_SERVICE", escape(service)).encode())
        return Reply(SUCCESS.format(self.user, self.more).encode())
