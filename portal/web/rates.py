"""How often one may sign in, try tokens and search: counted by client, and answered with when to come back."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from importlib.util import find_spec
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock
from typing import Any

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter
from werkzeug.exceptions import TooManyRequests

from portal.clock import utc_now
from portal.settings import Settings
from portal.signin.secrets import digest
from portal.text import Sentence
from portal.web import bearer
from portal.web.kit import View

log = logging.getLogger("logitheque.rates")
COUNTING = "rates"
HERE = "here"
SWEPT_EVERY = 60.0  # seconds
ALONE = timedelta(minutes=1)
IMPATIENT = {"socket_timeout": 1, "socket_connect_timeout": 1}


class Rate(StrEnum):
    """What is counted apart."""

    SIGNIN = "signin"
    TOKENS = "tokens"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Rated:
    """What a view counts as, and when."""

    rate: Rate
    when: Callable[[], bool]


def rated(rate: Rate, when: Callable[[], bool] = lambda: True) -> Callable[[View], View]:
    """Declare that a view is asked so often and no more."""

    def declare(view: View) -> View:
        view.rated = Rated(rate, when)  # type: ignore[attr-defined]
        return view

    return declare


def _is_search() -> bool:
    return bool(request.query_string) and bool(request.args.get("q") or request.args.get("ville"))


searched = rated(Rate.SEARCH, _is_search)


class Memory(MemoryStorage):
    """The library's own starts a thread at nearly each count, to forget old ones, for a tenth of what a search costs."""

    STORAGE_SCHEME = [HERE]

    def __init__(self, uri: str | None = None, *, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._alone = Lock()
        self._swept_at = 0.0

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = utc_now().timestamp()
        with self._alone:
            if now - self._swept_at >= SWEPT_EVERY:
                self._swept_at = now
                for over in [one for one, until in self.expirations.items() if until <= now]:
                    self._forget(over)
            if self.expirations.get(key, 0.0) <= now:
                self._forget(key)
                self.expirations[key] = now + expiry
            self.storage[key] += amount
            return self.storage[key]

    def _forget(self, key: str) -> None:
        self.storage.pop(key, None)
        self.expirations.pop(key, None)


class Counting:
    """Counts in the store of the settings. When it does not answer, each process counts alone for a minute, then asks it again."""

    def __init__(self, settings: Settings) -> None:
        store = settings.rate_store.get_secret_value()
        is_far = store.startswith("redis") and not troubles(settings)
        limiter = Limiter(
            get_remote_address, storage_uri=store if is_far else f"{HERE}://", storage_options={**IMPATIENT} if is_far else {}
        )
        # Its hooks would cost each page more than the gate does: they go to an application that answers nobody.
        limiter.init_app(Flask(__name__))
        self._together, self._errors = limiter.limiter, limiter.storage.base_exceptions
        self._alone, self._alone_until = FixedWindowRateLimiter(Memory()), utc_now()
        self._most = {rate: parse_many(getattr(settings, f"rate_{rate}")) for rate in Rate}
        self._proxies = settings.proxies

    def demand(self, rate: Rate, client: str = "") -> None:
        """Count one more, or refuse with the seconds to wait. `client`: whose; by default, who asks."""
        client = client or self.client()
        try:
            self._count(self._together if utc_now() >= self._alone_until else self._alone, rate, client)
        except self._errors as error:
            log.warning("rates are counted by each process alone: %s", type(error).__name__)
            self._alone_until = utc_now() + ALONE
            self._count(self._alone, rate, client)

    def _count(self, counter: RateLimiter, rate: Rate, client: str) -> None:
        for most in self._most[rate]:
            if not counter.hit(most, rate, client):
                left = counter.get_window_stats(most, rate, client).reset_time - utc_now().timestamp()
                raise TooManyRequests(retry_after=max(1, round(left + 0.5)))

    def client(self) -> str:
        """A program by its token, of which only the digest is kept; else the address."""
        shown = bearer.value()
        return digest(shown) if shown else self.address()

    def address(self) -> str:
        """As the nearest of our own proxies saw it: what stands further in the header, anybody can write.

        An IPv6 client owns 2⁶⁴ addresses at least: its network is what is counted.
        """
        told = request.headers.get("X-Forwarded-For", "").split(",") if self._proxies else []
        said = told[-self._proxies].strip() if len(told) >= self._proxies > 0 else ""
        try:
            found = ip_address(said or request.remote_addr or "")
        except ValueError:
            return request.remote_addr or "unknown"
        return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)


def counting() -> Counting:
    found: Counting = current_app.extensions[COUNTING]
    return found


def troubles(settings: Settings) -> list[Sentence]:
    """What keeps the store from being used here."""
    if settings.rate_store.get_secret_value().startswith("redis") and find_spec("redis") is None:
        return [
            Sentence(
                "LOGITHEQUE_RATE_STORE désigne un Redis, mais sa bibliothèque manque : lancez « .venv/bin/pip install redis »."
            )
        ]
    return []


def _count(declared: Mapping[str, Rated]) -> None:
    found = declared.get(request.endpoint or "")
    if found is not None and found.when():
        counting().demand(found.rate)


def start(app: Flask, settings: Settings) -> None:
    """Once all routes are there: a page that is not counted pays a look in a dictionary."""
    app.extensions[COUNTING] = Counting(settings)
    views: Mapping[str, Any] = app.view_functions
    declared = {endpoint: view.rated for endpoint, view in views.items() if hasattr(view, "rated")}
    app.before_request(partial(_count, declared))
