"""A CAS server of tests while it runs, and a person before its login form."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests

PROGRAM = Path(__file__).with_name("django_cas.py")
PERSON = {
    "user": "agathe.oriol",
    "password": "a password of tests",
    "attributes": {
        "uid": "DEMO-3141592",
        "sn": "ORIOL–LEFÈVRE",
        "givenName": "Agathe & Zoë <Éloïse>",
        "ENTPersonStructRattachRNE": ["0999901Z", "0999902A", "0999903B"],
        "ENTPersonProfils": "National_ENS",
    },
}
PATIENCE = 30
FIELD = re.compile(r"<input[^>]*>")
PART = re.compile(r'\b(name|value)="([^"]*)"')


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Its base address, as a provider declares it. Its database is in the folder."""
    log = folder / "cas.log"
    with log.open("wb") as errors:
        # Killed with the tests, even by kill -9: the kernel sees to it.
        command = ["setpriv", "--pdeathsig=KILL", sys.executable, str(PROGRAM), str(folder), json.dumps(PERSON)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=folder)
    with process:
        try:
            if not (address := (process.stdout.readline() if process.stdout else "").strip()):
                raise RuntimeError(f"django-cas-server did not start: {log.read_text(encoding='utf-8')}")
            yield address
        finally:
            process.kill()


class Browser:
    """Follows the login of CAS up to the address of the service, which it does not open."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.was_asked = False

    def ticket(self, login_url: str) -> str:
        """Signs in where that is asked, and says with which ticket one is sent back."""
        answer = self._get(login_url)
        self.was_asked = answer.status_code == 200
        if self.was_asked:
            fields = [dict(PART.findall(said)) for said in FIELD.findall(answer.text)]
            form = {field["name"]: field.get("value", "") for field in fields if "name" in field}
            form = {name: value.replace("&amp;", "&") for name, value in form.items() if name != "warn"}
            form |= {"username": str(PERSON["user"]), "password": str(PERSON["password"])}
            answer = self.session.post(login_url, data=form, allow_redirects=False, timeout=PATIENCE)
        [ticket] = parse_qs(urlsplit(answer.headers["Location"]).query)["ticket"]
        return ticket

    def sign_out(self, logout_url: str) -> str:
        """Where one is sent next."""
        return self._get(logout_url).headers["Location"]

    def close(self) -> None:
        self.session.close()

    def _get(self, url: str) -> requests.Response:
        return self.session.get(url, allow_redirects=False, timeout=PATIENCE)
