"""The pages of the blocks of a request: read by its parties, filled by whoever owes them."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, redirect, request
from sqlmodel import Session

from portal.errors import OutOfDate, Refused
from portal.text import clean, clean_lines
from portal.web.forms import number
from portal.web.kit import access, close_session, portal, private_page, session
from portal.web.language import say
from portal.web.reading import actor
from workflows.requests.access import FILLS, May
from workflows.requests.block_page import block_page
from workflows.requests.blocks import QUESTIONS, Filling, faults, fill
from workflows.requests.guards import OPEN
from workflows.requests.models import Block
from workflows.requests.queries import find_block

bp = Blueprint("request_blocks", __name__)
BLOCK = "/demandes/<int:number>/volets/<block>"


@bp.get(BLOCK)
@access(May.READ)
def read(number: int, block: str) -> Response:
    return _shown(_held(number, block))


@bp.post(BLOCK)
@access(May.READ)
def write(number: int, block: str) -> Any:
    held = _held(number, block)
    given, now = _given(held), portal().clock.now()
    portal().policy.demand(actor(), FILLS[held.kind], held.request)
    try:
        portal().database.write(lambda writing: _filled(writing, number, block, given, now))
    except (OutOfDate, Refused) as refused:
        close_session()
        return _shown(_held(number, block), typed=given, refused=refused, status=409 if isinstance(refused, OutOfDate) else 422)
    return redirect(f"/demandes/{number}#volets", 303)


def _filled(writing: Session, number: int, kind: str, given: Filling, now: datetime) -> None:
    policy, who = portal().policy, actor()
    fill(writing, policy, who, find_block(writing, policy, who, number, kind), given, at=now)


def _held(number: int, kind: str) -> Block:
    held = find_block(session(), portal().policy, actor(), number, kind)
    g.zone = held.request.territory.zone
    return held


def _given(held: Block) -> Filling:
    read, reason = request.form.get("lu", ""), clean(request.form.get("raison", ""))
    answers = {one.key: clean_lines(request.form.get(one.key, "")) for one in QUESTIONS[held.kind]}
    is_needed = request.form.get("faire", "") != "sans-objet"
    return Filling(number(read), answers, "" if is_needed else reason, is_needed=is_needed)


def _shown(held: Block, *, typed: Filling | None = None, refused: Any = None, status: int = 200) -> Response:
    may_fill = held.request.status in OPEN and portal().policy.may(actor(), FILLS[held.kind], held.request)
    wrong = faults(held.kind, typed) if typed and isinstance(refused, Refused) else {}
    said = [say(one) for one in refused.reasons] if refused else []
    return private_page(
        "requests/block.html",
        status=status,
        block=block_page(held, may_fill=may_fill, typed=typed, wrong=wrong, is_stale=status == 409),
        refused=said,
    )
