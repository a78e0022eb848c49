"""What an import would do, decided before anything is written: created, changed, kept, left alone, missing."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from portal.text import NBSP, french

Values = Mapping[str, Any]
Changes = dict[str, tuple[Any, Any]]
SHOWN = 20
NOBODY: Mapping[str, AbstractSet[str]] = {}


@dataclass(frozen=True, slots=True)
class Plan:
    """`kept`: what the file says of fields that a person edited, which an import never overwrites."""

    created: dict[str, Values]
    changed: dict[str, Changes]
    kept: dict[str, Changes]
    unchanged: tuple[str, ...]
    missing: dict[str, Changes]

    def __bool__(self) -> bool:
        """Whether anything would be written."""
        return bool(self.created or self.changed or self.missing)


def plan_import(
    stored: Mapping[str, Values],
    rows: Mapping[str, Values],
    *,
    edited: Mapping[str, AbstractSet[str]] = NOBODY,
    absent: Values | None = None,
) -> Plan:
    """Compare rows with what is stored, by key.

    `absent` is what becomes of a stored row that the file no longer has; None when the file does not speak for it.
    """
    created, changed, kept, unchanged = {}, {}, {}, []
    for key, values in rows.items():
        if key not in stored:
            created[key] = values
            continue
        differs = _differences(stored[key], values)
        protected = edited.get(key, frozenset())
        ours = {field: change for field, change in differs.items() if field in protected}
        theirs = {field: change for field, change in differs.items() if field not in protected}
        if ours:
            kept[key] = ours
        if theirs:
            changed[key] = theirs
        else:
            unchanged.append(key)
    missing = {key: _differences(values, absent) for key, values in stored.items() if key not in rows} if absent is not None else {}
    return Plan(created, changed, kept, tuple(unchanged), {key: gone for key, gone in missing.items() if gone})


def report(plan: Plan) -> str:
    """The plan in French, for a terminal."""
    counts = {
        "À créer": len(plan.created),
        "à modifier": len(plan.changed),
        "inchangés": len(plan.unchanged),
        "absents du fichier": len(plan.missing),
    }
    lines = [french(" ; ".join(f"{word} : {grouped(count)}" for word, count in counts.items()) + ".")]
    lines += _listed("À créer :", [f"  + {key}" for key in plan.created])
    lines += _listed("À modifier :", [f"  ~ {key} — {_told(changes)}" for key, changes in plan.changed.items()])
    lines += _listed(
        "Gardés tels qu’une personne les a écrits :", [f"  = {key} — {_told(changes)}" for key, changes in plan.kept.items()]
    )
    lines += _listed("Absents du fichier :", [f"  - {key}" for key in plan.missing])
    return "\n".join(lines)


def grouped(number: int) -> str:
    """13 312 rather than 13312."""
    return f"{number:,}".replace(",", NBSP)


def _differences(stored: Values, wanted: Values) -> Changes:
    return {field: (stored.get(field), value) for field, value in wanted.items() if stored.get(field) != value}


def _listed(heading: str, items: list[str]) -> list[str]:
    if not items:
        return []
    more = len(items) - SHOWN
    return [french(heading), *items[:SHOWN], *([f"  … et {grouped(more)} de plus"] if more > 0 else [])]


def _told(changes: Changes) -> str:
    return french(" ; ".join(f"{field} : {_shown(old)} → {_shown(new)}" for field, (old, new) in changes.items()))


def _shown(value: Any) -> str:
    if value in (None, "", [], {}):
        return "(vide)"
    if isinstance(value, (list, tuple)):
        return "« " + ", ".join(str(part) for part in value) + " »"
    return f"« {value} »"
