"""One question to a provider over HTTP, bounded on all sides: its answer, or the motive for which there is none."""

import logging
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ReadTimeoutError

from portal.signin.refusals import Motive, SignInRefused

SECONDS = 5.0
LIMIT = 256 * 1024
# Compressed, a small answer can become a huge one: asked plain, it is counted as it comes. What is sent compressed all the
# same is not understood, which is the right end for it.
PLAIN = {"Accept-Encoding": "identity", "User-Agent": "logitheque"}
BUSY = 429


class _WithoutQuery(logging.Filter):
    """What follows the path of an address holds tickets: it is taken out of a record whatever the level an operator chose."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(arg.partition("?")[0] if isinstance(arg, str) else arg for arg in record.args)
        return True


# CAS has tickets travel in addresses, and these three write addresses: at DEBUG each one asked, at WARNING one whose answer has
# bad headers. A filter on the logger itself holds for all handlers.
for _name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_WithoutQuery())


class _Line:
    """The sockets of a question, which another thread may cut: a byte now and then never meets a socket's own time limit."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._is_cut = False

    def hold(self, opened: socket.socket) -> None:
        """Kept first and looked at next, as `cut` says first and looks next: a socket opened meanwhile is not missed."""
        self._sockets.append(opened)
        if self._is_cut:
            self.cut()

    def cut(self) -> None:
        self._is_cut = True
        for opened in self._sockets:
            with suppress(OSError):  # closed already
                opened.shutdown(socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    """Has each connection give its socket to the line as soon as it is open, before headers are read."""

    def __init__(self, line: _Line) -> None:
        class Open(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                line.hold(self.sock)

        class Private(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                line.hold(self.sock)

        self._kinds = {"http": Open, "https": Private}
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        pool.ConnectionCls = self._kinds[pool.scheme]
        return pool


def ask(
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    authorities: str = "",
    seconds: float = SECONDS,
) -> bytes:
    """GET, or POST when there is a body. `seconds` covers all of it, from the name to the last byte.

    `authorities`: a file of certificates; empty, those that browsers trust. The environment (proxies, .netrc) is not read.
    """
    if not _stays_private(url):
        raise SignInRefused(Motive.UNSAFE, "an address in plain http, elsewhere than on this machine")
    question = requests.Request("GET" if body is None else "POST", url, {**PLAIN, **(headers or {})}, data=body)
    line = _Line()
    # The one that waits is not the one that reads: looking up a name, and headers that drip, know no other limit.
    reader = ThreadPoolExecutor(max_workers=1)
    try:
        return reader.submit(_answer, line, question, authorities, seconds).result(seconds)
    except TimeoutError:
        raise SignInRefused(Motive.SLOW, f"no whole answer within {seconds} s") from None
    finally:
        line.cut()
        reader.shutdown(wait=False)


def _answer(line: _Line, question: requests.Request, authorities: str, seconds: float) -> bytes:
    """Errors of the libraries quote the address, ticket included: only their kind is kept, and they are not chained."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            session.mount("http://", _Adapter(line))
            session.mount("https://", _Adapter(line))
            asked = session.prepare_request(question)
            with session.send(asked, timeout=seconds, verify=authorities or True, allow_redirects=False, stream=True) as answer:
                _look(answer.status_code)
                return _body(answer)
    except requests.exceptions.SSLError:
        raise SignInRefused(Motive.UNSAFE, "its certificate is refused") from None
    except requests.exceptions.Timeout:
        raise SignInRefused(Motive.SLOW, f"nothing for {seconds} s") from None
    except requests.exceptions.RequestException as error:
        raise SignInRefused(Motive.UNREACHABLE, type(error).__name__) from None
    except ReadTimeoutError:
        raise SignInRefused(Motive.SLOW, f"stopped for {seconds} s") from None
    except HTTPError as error:
        raise SignInRefused(Motive.UNREADABLE, f"cut short: {type(error).__name__}") from None
    except OSError as error:  # what requests raises before it asks anything
        raise SignInRefused(Motive.UNSAFE, f"the file of authorities cannot be read: {type(error).__name__}") from None


def _look(status: int) -> None:
    """CAS says yes and no with 200. Elsewhere to go, or an error that is ours, is not its protocol: the address is wrong."""
    if status >= 500 or status == BUSY:
        raise SignInRefused(Motive.UNREACHABLE, f"status {status}")
    if status != 200:
        raise SignInRefused(Motive.UNREADABLE, f"status {status}")


def _body(answer: requests.Response) -> bytes:
    """Read below requests and urllib3's streams, which would decompress, and which know no limit to the lines between chunks."""
    whole = b""
    while part := answer.raw.read(LIMIT + 1 - len(whole)):
        whole += part
    if len(whole) > LIMIT:
        raise SignInRefused(Motive.UNREADABLE, f"more than {LIMIT} bytes")
    return whole


def _stays_private(url: str) -> bool:
    """A ticket may cross in plain http between programs of one machine only."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" or parts.hostname == "localhost" or ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
