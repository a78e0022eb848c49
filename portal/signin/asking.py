"""Questions to a provider over HTTP, bounded on all sides: its answer, or the motive for which there is none."""

import logging
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ReadTimeoutError

from portal.signin.refusals import Motive, SignInRefused
from portal.signin.rules import is_loopback

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


class Bounded(HTTPAdapter):
    """Gives whole answers only, within `seconds` from the name to the last byte; every other end is a refusal with its motive."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._opened: list[socket.socket] = []
        self._is_cut = False
        hold = self._hold

        class Open(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                hold(self.sock)

        class Private(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                hold(self.sock)

        self._kinds = {"http": Open, "https": Private}
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        pool.ConnectionCls = self._kinds[pool.scheme]
        return pool

    def send(self, request: requests.PreparedRequest, *_args: Any, **options: Any) -> requests.Response:
        """Another thread asks: looking up a name, or headers that come one byte at a time, know no limit of their own."""
        asking = ThreadPoolExecutor(max_workers=1)
        try:
            return asking.submit(self._ask, request, {**options, "stream": True, "timeout": self._seconds}).result(self._seconds)
        except TimeoutError:
            self._cut()
            raise SignInRefused(Motive.SLOW, f"no whole answer within {self._seconds} s") from None
        finally:
            asking.shutdown(wait=False)

    def _ask(self, request: requests.PreparedRequest, options: dict[str, Any]) -> requests.Response:
        try:
            answer = super().send(request, **options)
            with answer:
                body = _body(answer)
        except requests.exceptions.SSLError:
            raise SignInRefused(Motive.UNSAFE, "its certificate is refused") from None
        except (requests.exceptions.Timeout, ReadTimeoutError):
            raise SignInRefused(Motive.SLOW, f"nothing for {self._seconds} s") from None
        except requests.exceptions.RequestException as error:
            raise SignInRefused(Motive.UNREACHABLE, type(error).__name__) from None
        except HTTPError as error:  # of urllib3: the body stopped before its announced end
            raise SignInRefused(Motive.UNREADABLE, f"cut short: {type(error).__name__}") from None
        except OSError as error:  # what requests raises before it asks anything
            raise SignInRefused(Motive.UNSAFE, f"the file of authorities cannot be read: {type(error).__name__}") from None
        answer.raw = BytesIO(body)  # whoever reads next finds what was counted
        return answer

    def _hold(self, opened: socket.socket) -> None:
        """Kept first and looked at next, as `_cut` says first and looks next: a socket opened meanwhile is not missed."""
        self._opened.append(opened)
        if self._is_cut:
            self._cut()

    def _cut(self) -> None:
        self._is_cut = True
        for opened in list(self._opened):
            with suppress(OSError):  # closed already
                opened.shutdown(socket.SHUT_RDWR)


def bind(session: requests.Session, authorities: str, seconds: float) -> None:
    """Give a session its bounds. The environment (proxies, .netrc) is not read; `authorities` empty: those browsers trust."""
    session.trust_env = False
    session.verify = authorities or True
    session.headers.update(PLAIN)
    session.mount("http://", Bounded(seconds))
    session.mount("https://", Bounded(seconds))


def ask(
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    authorities: str = "",
    seconds: float = SECONDS,
) -> bytes:
    """GET, or POST when there is a body. `seconds` covers all of it; `authorities`: a file of certificates."""
    require_privacy(url)
    with requests.Session() as session:
        bind(session, authorities, seconds)
        try:
            answer = session.request("GET" if body is None else "POST", url, data=body, headers=headers, allow_redirects=False)
        except requests.exceptions.RequestException as error:  # an address that the library cannot even ask
            raise SignInRefused(Motive.UNREACHABLE, type(error).__name__) from None
        look(answer, "CAS")
        return answer.content


def look(answer: requests.Response, what: str) -> None:
    """A provider that fails says so with 5xx or 429; another status than 200, redirections included, is not the protocol."""
    if answer.status_code >= 500 or answer.status_code == BUSY:
        raise SignInRefused(Motive.UNREACHABLE, f"{what}: status {answer.status_code}")
    if answer.status_code != 200:
        raise SignInRefused(Motive.UNREADABLE, f"{what}: status {answer.status_code}")


def require_privacy(url: str) -> None:
    """Tickets, codes and tokens may cross in plain http between programs of one machine only."""
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            return
    raise SignInRefused(Motive.UNSAFE, "an address in plain http, elsewhere than on this machine")


def _body(answer: requests.Response) -> bytes:
    """Read below requests and urllib3's streams, which would decompress, and which know no limit to the lines between chunks."""
    whole = b""
    while part := answer.raw.read(LIMIT + 1 - len(whole), decode_content=False):
        whole += part
    if len(whole) > LIMIT:
        raise SignInRefused(Motive.UNREADABLE, f"more than {LIMIT} bytes")
    return whole
