"""An action that a program asks for under a key of its own is done once, however often it is asked for.

After draft-ietf-httpapi-idempotency-key-header: the same key and the same request give the same answer again; the same key
and another request are refused (422); while the first is under way, the second is told to wait (409).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

from flask import Response, current_app, request
from sqlmodel import Session

from portal.retries.keeping import Answer, Keyed
from portal.retries.keeping import once as kept_once
from portal.signin.secrets import digest
from portal.text import Sentence
from portal.web.api import IDEMPOTENCY_KEY, JSON, REPLAYED
from portal.web.bodies import unreadable
from portal.web.kit import portal
from portal.web.reading import reader

SHAPE = re.compile(r"[\x21-\x7e]{1,255}")
BAD_KEY = Sentence("La clé Idempotency-Key compte de 1 à 255 lettres, chiffres ou signes, sans espace : un UUID, par exemple.")


@dataclass(frozen=True)
class Made:
    """What was done, as it is told. `location`: of what was created."""

    body: Mapping[str, Any]
    status: int = 200
    location: str = ""


def key() -> str:
    """As the program sent it, between quotes or not; empty when it sent none."""
    sent = request.headers.get(IDEMPOTENCY_KEY)
    if sent is None:
        return ""
    told = sent[1:-1] if len(sent) > 1 and sent[0] == sent[-1] == '"' else sent
    if not SHAPE.fullmatch(told):
        unreadable(400, BAD_KEY)
    return told


def once(work: Callable[[Session], Made]) -> Response:
    """Do it in one unit of work, which keeps its answer too when the program gave a key."""
    joined, told = portal(), key()
    done: Callable[[Session], Answer] = partial(_done, work)
    if told:
        keyed, now = Keyed(reader().person_id, digest(told), _fingerprint()), joined.clock.now()
        answer = joined.database.write(lambda writing: kept_once(writing, keyed, done, now))
    else:
        answer = joined.database.write(done)
    response = Response(answer.body, answer.status, mimetype=JSON)
    if answer.location:
        response.headers["Location"] = answer.location
    if answer.is_again:
        response.headers[REPLAYED] = "true"
    return response


def _done(work: Callable[[Session], Made], writing: Session) -> Answer:
    made = work(writing)
    return Answer(made.status, current_app.json.dumps(made.body) + "\n", made.location)


def _fingerprint() -> str:
    """What was asked, and what the token allows: an answer says no more to another token than to the one that got it."""
    asked = f"{request.method} {request.full_path} {sorted(reader().actor.only or ())}".encode()
    return sha256(b"%d " % len(asked) + asked + request.get_data()).hexdigest()
