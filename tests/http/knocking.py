"""Every address that is not open to all, the forms that its pages hold, and a reader who tries them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from xml.etree.ElementTree import Element

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.access import Policy
from portal.access import Rule as AccessRule
from portal.web.gate import OPEN
from tests.http.administering import FIRST, HERE, portal_of
from tests.http.coming_in import SESSION
from tests.http.two_schools import SENT, VALUE, of_school, sample
from tests.page_client import Page, PageClient

ANSWER = "Une raison, en une phrase."
LOOKS = ("", "?q=lycee", "?voir=demandes", "?voir=termines")  # some forms stand beside what is found
ANSWERS = {"hidden": "", "date": "2030-01-15", "numeric": "1", "url": "https://exemple.example"}  # by what is to be typed
MADE_ANEW = "cle"
# Nobody takes part in the treatment of their own request: it is tried on another one of the same school.
NOT_OF_ONES_OWN = {"requests.talk_within": {"number": str(of_school(FIRST, SENT))}}
Sent = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Route:
    """A method at an address, and the permission that it asks for."""

    method: str
    rule: Rule
    permission: str

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}"

    @property
    def names(self) -> list[str]:
        return sorted(self.rule.arguments)

    def address(self, app: Flask, values: Mapping[str, str]) -> str:
        return str(app.url_map.bind("localhost").build(self.rule.endpoint, dict(values), method=self.method))

    def own(self, app: Flask) -> str:
        return self.address(app, {name: sample(name).own for name in self.names} | NOT_OF_ONES_OWN.get(self.rule.endpoint, {}))

    def strangers(self, app: Flask, other: str) -> Iterator[tuple[str, str]]:
        """Addresses of which a part at least is others', each with the one where nobody has that part."""
        held = [(name, sample(name, other)) for name in self.names]
        for picked in product((True, False), repeat=len(held)):
            if all(picked):
                continue
            theirs = {name: one.own if is_own else one.theirs for (name, one), is_own in zip(held, picked, strict=True)}
            missing = {name: one.own if is_own else one.missing for (name, one), is_own in zip(held, picked, strict=True)}
            yield self.address(app, theirs), self.address(app, missing)


def closed(app: Flask) -> list[Route]:
    """Found in the application itself: a new route is tried as soon as it stands there."""
    return sorted(
        (
            Route(method, rule, str(getattr(app.view_functions[rule.endpoint], "access", "")))  # type: ignore[attr-defined]
            for rule in app.url_map.iter_rules()
            if rule.endpoint not in app.extensions[OPEN]
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        ),
        key=str,
    )


def rule_by(app: Flask, rules: Mapping[str, AccessRule]) -> None:
    """The portal goes on under other rules; the gate keeps what it found open at the start."""
    joined, policy = portal_of(app), Policy(rules)
    app.extensions["logitheque"] = replace(joined, policy=policy, desk=replace(joined.desk, policy=policy))


class Reader:
    """Somebody who is signed in, by a browser for pages and by a token for programs."""

    def __init__(self, app: Flask) -> None:
        client = app.test_client()
        assert isinstance(client, PageClient)
        self.app, self.client = app, client
        client.set_cookie(SESSION, VALUE)

    def asks(self, method: str, path: str, sent: Sent = ()) -> TestResponse:
        typed: dict[str, list[str]] = {}
        for name, value in sent:
            typed.setdefault(name, []).append(value)
        headers = {**HERE, **self.shown(path)}
        return self.client.open(
            path, method=method, data=typed or None, headers=headers, buffered=True
        )  # a file is read, and closed

    def shown(self, path: str) -> dict[str, str]:
        """A program shows its token."""
        return {"Authorization": f"Bearer {VALUE}"} if path.startswith("/api/") else {}

    def forms(self) -> list["Form"]:
        """What the pages that they open ask to be sent, to addresses that are not open to all."""
        found = []
        for route, query in product(closed(self.app), LOOKS):
            if route.method == "GET":
                answered = self.asks("GET", route.own(self.app) + query)
                if answered.status_code == 200 and answered.mimetype == "text/html":
                    found += list(_forms(Page(answered.text, answered.headers), route.own(self.app), route.permission))
        posted = {route.rule.endpoint for route in closed(self.app) if route.method == "POST"}
        return [form for form in {form.alike: form for form in found}.values() if self.endpoint(form.action) in posted]

    def endpoint(self, path: str) -> str:
        endpoint, _values = self.app.url_map.bind("localhost").match(path.partition("?")[0], method="POST")
        return str(endpoint)

    def filled(self) -> dict[str, Sent]:
        """By endpoint, what its form sends."""
        return {self.endpoint(form.action): form.sent for form in self.forms()}


@dataclass(frozen=True)
class Form:
    """Where it is sent, with what, as somebody fills it in; `offered`: the values of each field that is chosen in a list.

    `page`: the permission by which the page where it stands is opened.
    """

    page: str
    action: str
    sent: Sent
    offered: tuple[tuple[str, frozenset[str]], ...]

    @property
    def alike(self) -> object:
        """What tells it from another form: not the key that a page makes anew each time for what is not kept yet."""
        return replace(self, sent=tuple(one for one in self.sent if one[0] != MADE_ANEW or one[1] == sample("key").own))


def _forms(page: Page, here: str, opened_by: str) -> Iterator[Form]:
    for form in page.all("form"):
        if form.get("method", "get").lower() != "post":
            continue
        controls = [one for one in page.elements if _form_of(page, one) is form]
        plain, offered = [one for control in controls for one in _typed(control)], _offered(controls)
        plain += [(name, min(values)) for name, values in offered.items() if name not in dict(plain)]
        buttons = [one for one in controls if one.tag == "button" and one.get("name")]
        for button in buttons or [None]:
            said = [(button.get("name", ""), button.get("value", ""))] if button is not None else []
            yield Form(opened_by, form.get("action", "").partition("#")[0] or here, (*plain, *said), tuple(sorted(offered.items())))


def _form_of(page: Page, control: Element) -> Element | None:
    if control.tag not in {"input", "select", "textarea", "button"}:
        return None
    if named := control.get("form"):
        return next((one for one in page.all("form") if one.get("id") == named), None)
    return next((one for one in page.lineage(control) if one.tag == "form"), None)


def _typed(control: Element) -> Iterable[tuple[str, str]]:
    name, kind = control.get("name", ""), control.get("type", "text")
    if not name or control.tag == "button" or kind in {"submit", "button"}:
        return []
    if control.tag == "select":
        values = [one.get("value", "") for one in control.iter("option") if one.get("value")]
        chosen = [one.get("value", "") for one in control.iter("option") if one.get("selected") is not None and one.get("value")]
        known = [value for value in values if value in {sample("person").own, sample("code").own}]
        return [(name, value) for value in (known or chosen or values)[:1]]
    if control.tag == "textarea":
        return [(name, (control.text or "").strip() or ANSWER)]
    if kind == "radio" and control.get("checked") is None:
        return []
    return [(name, control.get("value", "") or ANSWERS.get(control.get("inputmode", kind), ANSWER))]


def _offered(controls: list[Element]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in controls:
        name = one.get("name", "")
        if one.tag == "select":
            found.setdefault(name, set()).update(option.get("value", "") for option in one.iter("option"))
        elif one.get("type") in {"checkbox", "radio"}:
            found.setdefault(name, set()).add(one.get("value", "on"))
    return {name: frozenset(values) for name, values in found.items()}
