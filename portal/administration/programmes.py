"""What the schools of a territory declared that they teach. The portal keeps who is said to teach what, not yet when it was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from urllib.parse import urlencode

from sqlmodel import Session

from portal.territories.declared import declared
from portal.territories.models import ProgrammeKind, Teaching, Territory
from portal.text import clean, fold, french
from portal.web.forms import number
from portal.web.language import gettext as _
from portal.web.language import lazy as _l
from portal.web.pagination import Page

PATH = "/administration/formations"
PER_PAGE = 25
LONGEST, MOST_WORDS = 100, 12
KINDS = {
    ProgrammeKind.TRACK: _l("Voie"),
    ProgrammeKind.SERIES: _l("Série technologique"),
    ProgrammeKind.BAC_PRO: _l("Bac pro"),
    ProgrammeKind.CAP: _l("CAP"),
    ProgrammeKind.BTS: _l("BTS"),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what it does not know is left out."""

    q: str = ""
    kind: ProgrammeKind | None = None
    territory: str = ""
    page: int = 1

    @classmethod
    def of(cls, q: str, kind: str, territory: str, page: str) -> "Asked":
        known = ProgrammeKind(kind) if kind in set(ProgrammeKind) else None
        return cls(clean(q)[:LONGEST].strip(), known, territory, number(page) or 1)

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(fold(self.q).split()))[:MOST_WORDS]

    def query(self, **other: object) -> str:
        """As an address holds it; the first page is not named."""
        said: dict[str, object] = {
            "q": self.q,
            "type": self.kind.value if self.kind else "",
            "territoire": self.territory,
            "page": self.page,
        }
        said |= other
        return urlencode({name: value for name, value in said.items() if value and (name, value) != ("page", 1)})

    def url(self, **other: object) -> str:
        return f"{PATH}?{said}" if (said := self.query(**other)) else PATH


@dataclass(frozen=True)
class Line:
    """One declaration."""

    key: int
    school: str
    school_url: str
    type: str
    town: str
    uai: str
    programme: str
    kind: str
    source: str
    fictitious: bool
    withdraw: str


@dataclass(frozen=True)
class Programmes:
    """What `administration/programmes.html` shows. `facets`: kinds, and territories when there are several."""

    asked: Asked
    is_narrowed: bool
    total: int
    lines: list[Line]
    facets: list[SimpleNamespace]
    page: Page


def programmes(session: Session, territories: Sequence[Territory], asked: Asked) -> Programmes:
    chosen = [one for one in territories if one.code == asked.territory]
    asked = asked if chosen else Asked(asked.q, asked.kind, "", asked.page)
    found = declared(session, chosen or territories, asked.words, asked.kind, page=asked.page, per_page=PER_PAGE)
    here = Asked(asked.q, asked.kind, asked.territory, found.page)
    return Programmes(
        asked=here,
        is_narrowed=bool(asked.q or asked.kind or asked.territory),
        total=found.total,
        lines=[_line(one, here) for one in found.rows],
        facets=[_kinds(asked, found.kinds), *_territories(asked, territories)],
        page=Page(found.page, found.total, PER_PAGE, lambda number: here.url(page=number)),
    )


def _line(one: Teaching, here: Asked) -> Line:
    said, query = one.school, here.query()
    return Line(
        key=one.key,
        school=french(said.name),
        school_url=f"/etablissements/{said.uai}",
        type=said.type,
        town=said.city,
        uai=said.uai,
        programme=french(one.programme.name),
        kind=str(KINDS[one.programme.kind]),
        source=french(one.source),
        fictitious=one.fictitious,
        withdraw=f"{PATH}/{one.key}/retrait" + (f"?{query}" if query else ""),
    )


def _kinds(asked: Asked, counts: dict[ProgrammeKind, int]) -> SimpleNamespace:
    shown = [one for one in ProgrammeKind if counts.get(one) or one is asked.kind]
    options = [
        SimpleNamespace(
            value=one.value,
            label=str(KINDS[one]),
            count=counts.get(one, 0),
            active=one is asked.kind,
            url=asked.url(type="" if one is asked.kind else one.value, page=1),
        )
        for one in shown
    ]
    return SimpleNamespace(name="type", label=_("Type de formation"), folded=False, options=options)


def _territories(asked: Asked, territories: Sequence[Territory]) -> list[SimpleNamespace]:
    if len(territories) < 2:
        return []
    options = [
        SimpleNamespace(
            value=one.code,
            label=one.name,
            count="",
            active=one.code == asked.territory,
            url=asked.url(territoire="" if one.code == asked.territory else one.code, page=1),
        )
        for one in territories
    ]
    return [SimpleNamespace(name="territoire", label=_("Territoire"), folded=False, options=options)]
