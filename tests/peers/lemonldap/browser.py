"""Somebody at LemonLDAP's window: a browser without JavaScript, which fills its forms in."""

from html.parser import HTMLParser
from typing import Self
from urllib.parse import urljoin

import requests

from tests.peers.lemonldap.configuration import PEOPLE
from tests.peers.lemonldap.serving import LemonLDAP

PATIENCE = 30
STEPS = 12  # a password that is asked again takes eight


class Browser:
    """`uid` is who sits before it; one browser keeps its cookies, hence its session, from a visit to the next."""

    def __init__(self, lemonldap: LemonLDAP, uid: str) -> None:
        self.lemonldap = lemonldap
        self.uid = uid
        self.asked = 0  # how many times the password was asked
        self._web = requests.Session()
        self._web.trust_env = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._web.close()

    def visit(self, address: str) -> str:
        """Follow from an address of LemonLDAP to the first one elsewhere, which is not called."""
        answer = self.read(address)
        for _ in range(STEPS):
            if answer.is_redirect:
                address = urljoin(answer.url, answer.headers["Location"])
                if not address.startswith(f"{self.lemonldap.address}/"):
                    return address
                answer = self.read(address)
            else:
                answer = self._fill_in(answer)
        raise AssertionError(f"LemonLDAP still turns round after {STEPS} pages.")

    def read(self, address: str) -> requests.Response:
        return self._web.get(address, allow_redirects=False, timeout=PATIENCE)

    def _fill_in(self, page: requests.Response) -> requests.Response:
        form = Form()
        form.feed(page.text)
        if form.action is None:
            raise AssertionError(f"LemonLDAP shows a page without a form: {' '.join(form.said)}")
        said = dict(form.fields)
        if "password" in said:
            self.asked += 1
            said |= {"user": self.uid, "password": PEOPLE[self.uid]["password"]}
        return self._web.post(urljoin(page.url, form.action), data=said, allow_redirects=False, timeout=PATIENCE)


class Form(HTMLParser):
    """The only form of a page; what it says is kept for whoever has to understand why there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form":
            self.action = said.get("action") or ""
        elif tag == "input" and (name := said.get("name")):
            self.fields[name] = said.get("value") or ""
        elif message := said.get("trspan"):  # its sentences are put in by JavaScript, from these names
            self.said.append(message)
