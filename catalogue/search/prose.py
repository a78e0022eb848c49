"""Sentences that people wrote in the data, set as French is: what is stored was typed with plain spaces."""

from collections.abc import Mapping
from typing import Any

from portal.text import french

SENTENCES = frozenset(
    [
        "purpose",
        "reason",
        "exit_reason",
        "audience",
        "what_would_change",
        "ask_again",
        "paid_by",
        "who",
        "delay",
        "payer",
        "effect",
        "notice",
    ]
)


def prose(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The same record with its sentences set; names, codes and versions keep their own spelling."""
    return {name: french(value) if name in SENTENCES and value else value for name, value in stored.items()}
