"""The page of a block: what is asked of whoever owes it, as it was filled."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.support.badges import Badge
from portal.text import Sentence, french
from portal.web.language import day, say
from portal.web.language import gettext as _
from workflows.requests.badges import BLOCKS, block_badge
from workflows.requests.blocks import QUESTIONS, Filling, Question
from workflows.requests.models import Block


@dataclass(frozen=True)
class Asked:
    """One question, its answer as it stands or as it was typed, what a colleague wrote meanwhile, what is wrong with it."""

    key: str
    label: str
    hint: str
    choices: list[tuple[str, str]]
    required: bool
    value: str
    said: str
    theirs: str
    error: str


@dataclass(frozen=True)
class BlockPage:
    """What `requests/block.html` shows. `questions` are a form for whoever may fill it, else a text."""

    number: int
    name: str
    url: str
    label: str
    state: Badge
    filled_by: str
    filled_on: str
    until: str
    reason: str
    version: int
    may_fill: bool
    is_not_needed: bool
    questions: list[Asked]


def block_page(
    block: Block, *, may_fill: bool, typed: Filling | None = None, wrong: Mapping[str, Sentence] | None = None, is_stale: bool = False
) -> BlockPage:  # fmt: skip
    answers = typed.answers if typed else block.answers
    return BlockPage(
        number=block.request_id,
        name=block.request.title_name,
        url=f"/demandes/{block.request_id}/volets/{block.kind.value}",
        label=say(BLOCKS[block.kind]),
        state=block_badge(block.state),
        filled_by=french(block.filled_as),
        filled_on=day(block.filled_at.isoformat()) if block.filled_at else "",
        until=_("pour le %(day)s", day=day(block.due_on)) if block.due_on else french(block.due_doubt),
        reason=typed.reason if typed else block.reason,
        version=block.version,
        may_fill=may_fill,
        is_not_needed=not typed.is_needed if typed else bool(block.reason),
        questions=[
            Asked(
                one.key, say(one.label), say(one.hint), [(code, say(word)) for code, word in one.choices], one.required,
                answers.get(one.key, ""), _said(block, one),
                _said(block, one) or _("(vide)") if is_stale and answers.get(one.key, "") != block.answers.get(one.key, "") else "", say((wrong or {}).get(one.key, "")),
            )
            for one in QUESTIONS[block.kind]
        ],
    )  # fmt: skip


def _said(block: Block, question: Question) -> str:
    """An answer in words."""
    answer = block.answers.get(question.key, "")
    return say(dict(question.choices).get(answer, french(answer)))
