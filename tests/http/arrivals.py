"""Many browsers come in at once to a portal that runs, through the demonstration's ENT; each then says whose account it reads."""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import requests

from portal.db import Database
from portal.demo.ent import Ent
from portal.demo.people_file import Person, read_people
from portal.settings import Settings
from portal.signin.loading import declare_demonstration
from tests.data.serving import PATIENCE
from tests.http.coming_in import DOOR, PUBLIC, SESSION, own

TURNED_AWAY = {"National_ELV", "National_TUT"}
HEADER = re.compile(r'<a class="reader-name"[^>]*><span[^>]*>([^<]*)</span>')
ACCOUNT = re.compile(r"<main.*?</main>", re.DOTALL)


def adults() -> list[Person]:
    """Whom the demonstration's ENT knows and the portal lets in."""
    return [person for person in read_people().values() if set(person.profiles) - TURNED_AWAY]


def newcomers(number: int) -> list[Person]:
    """Teachers whom the portal has never seen, and whom only the ENT of `running_ent` knows."""
    return [
        Person(
            login=f"nouvelle{one}",
            given_name=f"Nouvelle {one}",
            family_name="(rentrée)",
            purpose="arrive à la rentrée",
            subject=f"DEMO-9{one:03}",
            profiles=("National_ENS",),
            schools=("0261505V",),
        )
        for one in range(number)
    ]


@contextmanager
def running_ent(settings: Settings, people: Sequence[Person]) -> Iterator[str]:
    """The demonstration's ENT, joined by these people; the portal of these settings knows it. Its CAS address."""
    ent = Ent(0, PUBLIC)
    ent.people |= {person.login: person for person in people}
    serving = threading.Thread(target=ent.serve_forever, kwargs={"poll_interval": 0.02})
    serving.start()
    address = f"http://127.0.0.1:{ent.server_port}/cas"
    database = Database(settings.database_url.get_secret_value())
    try:
        database.write(lambda session: declare_demonstration(session, address))
        yield address
    finally:
        database.close()
        ent.shutdown()
        ent.server_close()
        serving.join()


class Arrival:
    """Somebody's browser before a portal on this port. `trouble`: why it was lost, empty when it came in."""

    def __init__(self, port: int, ent: str, person: Person) -> None:
        self.portal, self.ent, self.person = f"http://127.0.0.1:{port}", ent, person
        self.trouble, self.shown, self.account = "", "", ""
        self._browser = requests.Session()
        self._browser.trust_env = False

    @property
    def cookie(self) -> str:
        return str(self._browser.cookies.get(SESSION, ""))

    @property
    def is_itself(self) -> bool:
        """The page's header and the account itself say this person: a name, an address and an identifier of nobody else."""
        said = (self.person.name, self.person.email, self.person.subject)
        return self.shown == self.person.name and all(f">{one}<" in self.account for one in said)

    def come_in(self) -> None:
        """The door, the ENT, and the way back with a ticket; where that leads then is the browser's business."""
        try:
            at_ent = _sent(self._browser.get(f"{self.portal}{DOOR}", allow_redirects=False, timeout=PATIENCE), 303)
            form = {"username": self.person.login, "service": dict(parse_qsl(urlsplit(at_ent).query))["service"]}
            back = _sent(self._browser.post(f"{self.ent}/login", form, allow_redirects=False, timeout=PATIENCE), 302)
            arrived = _sent(self._browser.get(f"{self.portal}{own(back)}", allow_redirects=False, timeout=PATIENCE), 303)
            assert self.cookie, arrived
        except (AssertionError, requests.RequestException) as lost:
            self.trouble = f"{self.person.login}: {lost}"

    def read_account(self) -> None:
        page = self._browser.get(f"{self.portal}/mon-compte", allow_redirects=False, timeout=PATIENCE)
        if header := HEADER.search(page.text):
            self.shown, self.account = unescape(header[1]), unescape("".join(ACCOUNT.findall(page.text)))

    def close(self) -> None:
        self._browser.close()


def come_in_together(arrivals: Sequence[Arrival]) -> float:
    """All at the same moment, then all read their account; the seconds that coming in took."""
    ready = threading.Barrier(len(arrivals) + 1)

    def start(arrival: Arrival) -> None:
        ready.wait(PATIENCE)
        arrival.come_in()

    with ThreadPoolExecutor(len(arrivals)) as pool:
        coming = [pool.submit(start, arrival) for arrival in arrivals]
        ready.wait(PATIENCE)
        began = time.monotonic()
        for one in coming:
            one.result()
        took = time.monotonic() - began
        list(pool.map(Arrival.read_account, arrivals))
    for arrival in arrivals:
        arrival.close()
    return took


def _sent(answer: requests.Response, status: int) -> str:
    """Where a browser is sent on to."""
    where = answer.headers.get("Location", "")
    assert answer.status_code == status, f"{answer.request.url} answers {answer.status_code}"
    assert "/echec" not in where, where
    return where
