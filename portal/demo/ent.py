"""Real providers for the demonstration: a CAS 3 server whose people are chosen from lists. Anybody enters: never outside this machine."""

import contextlib
import re
import threading
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from portal.clock import utc_now
from portal.demo import ent_answers as answers
from portal.demo import ent_pages as pages
from portal.demo.ent_pages import Asked
from portal.demo.ent_tickets import Failure, Registry, Ticket
from portal.demo.faces import Face, faces

COOKIE = "ent_demonstration"  # all ports of a machine share cookies: the portal's have other names, each face another path
MOST_SENT = 16 * 1024
LONGEST_SERVICE = 2000
PATIENCE = 2  # seconds that a portal has to hear that a session ended
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
OUR_COOKIE = re.compile(rf"(?:^|;)\s*{COOKIE}=([\w-]+)")
ADDRESS = re.compile(r"[!$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]*")
CLIMBS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)

Said = dict[str, str]


class Ent(ThreadingHTTPServer):
    """`portal` is the public address of the only portal that it serves. `groups` and `people` are those of the first face, at `/cas`."""

    request_queue_size = 256  # a class signs in at the same minute

    def __init__(self, port: int, portal: str, registry: Registry | None = None) -> None:
        self.portal = portal.rstrip("/")
        self.faces = faces(registry or Registry())
        self.groups, self.people = self.faces[0].groups, self.faces[0].people
        self.schools = pages.school_names(group for face in self.faces for group in face.groups)
        super().__init__(("127.0.0.1", port), Answering)

    def face(self, path: str) -> Face:
        """Whose address that is; nobody's, the first answers."""
        return next((face for face in self.faces if path.startswith(f"{face.path}/")), self.faces[0])

    def leads_to(self, service: str, below: str) -> bool:
        """Whether an address is the portal's, and stays below a path of it however a browser reads it."""
        if len(service) > LONGEST_SERVICE or not ADDRESS.fullmatch(service):
            return False
        return service.startswith(f"{self.portal}{below}") and not CLIMBS.search(urlsplit(service).path)


class Answering(BaseHTTPRequestHandler):
    """One request."""

    server: Ent
    timeout = 10
    server_version = "ENT"
    sys_version = ""
    error_content_type = "text/plain"
    error_message_format = "%(code)d\n"

    @property
    def face(self) -> Face:
        return self.server.face(self.path)

    def do_GET(self) -> None:
        at = self.face.path
        self._answer(
            {
                "/": lambda _said: self._send_to(f"{at}/login"),
                "/style.css": lambda _said: self._send(200, pages.STYLE, "text/css"),
                "/icon.svg": lambda _said: self._send(200, pages.ICON, "image/svg+xml"),
                f"{at}/login": self._ask,
                f"{at}/logout": self._sign_out,
                f"{at}/serviceValidate": self._validate,
                f"{at}/p3/serviceValidate": self._validate,
            }
        )

    def do_POST(self) -> None:
        at = self.face.path
        self._answer({f"{at}/login": self._sign_in, f"{at}/samlValidate": self._validate_saml})

    def log_message(self, *_: Any) -> None:
        """Say nothing: who signs in is not the operator's business."""

    def _answer(self, routes: dict[str, Callable[[Said], None]]) -> None:
        path, _mark, query = self.path.partition("?")
        said = _read(query)
        if path not in routes or said is None:
            self._send(404 if said is not None else 400, pages.unreadable(self.face, self.server.portal))
        else:
            routes[path](said)

    def _ask(self, said: Said) -> None:
        """GET login: who is there? A cookie answers for them, unless `renew` wants it from themselves."""
        asked, cookie = _asked(said), self._cookie()
        if asked.service and not self._may_lead_to(asked.service):
            return
        known = self.face.registry.person(cookie)
        if known and not asked.service:
            self._send(200, pages.signed_in(self.face, known, self.server.portal))
        elif known and not asked.renew and (ticket := self.face.registry.grant(cookie, asked.service, fresh=False)):
            self._send_to(_with_ticket(asked, ticket))
        elif asked.service and _flag(said, "gateway") and not asked.renew:
            self._send_to(asked.service)
        else:
            self._send(200, pages.login(self.face, self.server.schools, asked, known=known))

    def _sign_in(self, _said: Said) -> None:
        """POST login: somebody chose, or typed, a login."""
        body = self._body()
        said = None if body is None else _read(body.decode("utf-8", "replace"))
        if said is None:
            self._send(400, pages.unreadable(self.face, self.server.portal))
            return
        asked, typed = _asked(said), said.get("username", "")
        if asked.service and not self._may_lead_to(asked.service):
            return
        person = self.face.people.get(typed.strip().lower())
        if person is None:
            self._send(401, pages.login(self.face, self.server.schools, asked, unknown=typed))
            return
        cookie = self.face.registry.sign_in(person, self._cookie())
        ticket = self.face.registry.grant(cookie, asked.service, fresh=True) if asked.service else None
        self._send_to(_with_ticket(asked, ticket) if ticket else f"{self.face.path}/login", cookie)

    def _sign_out(self, said: Said) -> None:
        """The browser does not wait for the portals to hear of it."""
        visits = self.face.registry.end(self._cookie())
        if visits:
            threading.Thread(target=tell_the_end, args=(visits,), daemon=True).start()
        service = said.get("service", "")
        if self.server.leads_to(service, "/"):
            self._send_to(service, cookie="")
        else:
            self._send(200, pages.signed_out(self.face, self.server.portal), cookie="")

    def _validate(self, said: Said) -> None:
        self._send(200, answers.cas(self._spend(said, "service", said.get("ticket", "")), self.face.says), "application/xml")

    def _validate_saml(self, said: Said) -> None:
        found = self._spend(said, "TARGET", answers.artifact(self._body() or b""))
        self._send(200, answers.saml(found, self.face.says, said.get("TARGET", ""), utc_now()), "text/xml")

    def _spend(self, said: Said, name: str, ticket: str) -> Ticket | Failure:
        service = said.get(name, "")
        if not service or not ticket:
            return Failure.INVALID_REQUEST
        return self.face.registry.spend(ticket, service, fresh=_flag(said, "renew"))

    def _may_lead_to(self, service: str) -> bool:
        if self.server.leads_to(service, "/connexion/"):
            return True
        self._send(403, pages.refused(self.face, self.server.portal))
        return False

    def _cookie(self) -> str:
        found = OUR_COOKIE.search(self.headers.get("Cookie", ""))
        return found[1] if found else ""

    def _body(self) -> bytes | None:
        """None: no length was announced, or too great a one."""
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"[0-9]{1,6}", length) or int(length) > MOST_SENT:
            return None
        return self.rfile.read(int(length))

    def _send_to(self, address: str, cookie: str | None = None) -> None:
        self._send(302, "", headers={"Location": address}, cookie=cookie)

    def _send(
        self,
        status: int,
        text: str | bytes,
        kind: str = "text/html",
        *,
        headers: dict[str, str] | None = None,
        cookie: str | None = None,
    ) -> None:
        """`cookie`: its new value; empty, it is taken back."""
        body = text if isinstance(text, bytes) else text.encode()
        # a browser holds `form-action` against the address that a form is sent on to as well: that is the portal's
        policy = (
            f"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {self.server.portal}"
        )
        sent = {"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(body)), "Content-Security-Policy": policy}
        if cookie is not None:
            age = "" if cookie else "; Max-Age=0"
            sent["Set-Cookie"] = f"{COOKIE}={cookie}; Path={self.face.path}; HttpOnly; SameSite=Lax{age}"
        self.send_response(status)
        for name, value in {**sent, **HEADERS, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def serve(port: int, portal: str) -> None:
    """Until the process ends."""
    Ent(port, portal).serve_forever()


def tell_the_end(visits: Iterable[tuple[str, str]]) -> None:
    """Each service by its own ticket. One that does not answer is left: it ends sessions by itself in time."""
    with requests.Session() as session:
        session.trust_env = False
        for service, ticket in visits:
            form = {"logoutRequest": answers.logout_request(ticket, utc_now())}
            with contextlib.suppress(requests.RequestException):
                session.post(service, data=form, timeout=PATIENCE, allow_redirects=False)


def _read(query: str) -> Said | None:
    """The first value of each name; None when it is no form at all."""
    try:
        return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True, max_num_fields=20).items()}
    except ValueError:
        return None


def _asked(said: Said) -> Asked:
    """SAML 1.1 portals say `TARGET` for the same thing."""
    name = "service" if said.get("service") or not said.get("TARGET") else "TARGET"
    return Asked(said.get(name, ""), _flag(said, "renew"), name)


def _flag(said: Said, name: str) -> bool:
    return said.get(name, "").lower() not in {"", "false"}


def _with_ticket(asked: Asked, ticket: str) -> str:
    name = "ticket" if asked.name == "service" else "SAMLart"
    return f"{asked.service}{'&' if '?' in asked.service else '?'}{name}={ticket}"
