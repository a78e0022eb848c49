"""The dates of a school that come near, from its calendar and from its lists."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import joinedload
from sqlmodel import Session, col, select

from catalogue.browse.place import home_place, known
from catalogue.lists.models import SEATED, Edition, EditionStatus, Entry, SoftwareList
from portal.access import Actor
from portal.calendars.queries import read_calendar
from portal.db import related
from portal.people.places import Place
from portal.territories.models import School, Territory
from portal.text import french
from portal.web.kit import Portal
from portal.web.language import day
from portal.web.language import gettext as _
from portal.web.panels import Line, Panel

NEAR = timedelta(days=60)


def dates_panel(lines: list[Line]) -> Panel:
    """Whatever brings dates puts them here."""
    return Panel(_("Dates qui approchent"), _("Aucune date connue dans les deux mois qui viennent."), lines)


def coming_dates(session: Session, _joined: Portal, _actor: Actor, place: Place, now: datetime) -> Iterator[Panel]:
    """Freezes that reach the school, and titles that leave the lists that serve it."""
    if place.territory_id is None:
        return
    today = now.astimezone(ZoneInfo(place.zone)).date()
    uai = place.scope.removeprefix("school:")
    yield dates_panel([*_freezes(session, place, uai, today), *_exits(session, uai, today)])


def _freezes(session: Session, place: Place, uai: str, today: date) -> Iterator[Line]:
    territory = session.get_one(Territory, place.territory_id)
    school = session.exec(select(School).where(School.uai == uai)).one()
    for one in read_calendar(session, territory, today, today + NEAR, school=school).freezes:
        begun = one.span.first <= today
        yield Line(
            what=_("Gel : %(name)s", name=french(one.name)),
            quote=french(one.reason),
            since=day(one.span.first),
            until=day(one.span.last),
            due=one.span.last if begun else one.span.first,
        )


def _exits(session: Session, uai: str, today: date) -> Iterator[Line]:
    school = known(home_place().volume, uai)
    lists = sorted(school.lists) if school else []
    found = session.exec(
        select(Entry)
        .join(Edition, col(Edition.id) == Entry.edition_id)
        .join(SoftwareList, col(SoftwareList.id) == Edition.list_id)
        .where(
            col(SoftwareList.slug).in_(lists),
            Edition.status == EditionStatus.CURRENT,
            col(Entry.status).in_(SEATED),
            col(Entry.ends_on).between(today, today + NEAR),
        )
        .options(joinedload(related(Entry.title)))
        .order_by(col(Entry.ends_on), col(Entry.id))
    )
    for one in found:
        yield Line(
            what=_("Dernier jour de prise en charge : %(name)s", name=one.title.name),
            url=f"/catalogue/{one.title.slug}",
            quote=french(one.exit_reason),
            until=day(one.ends_on),
            due=one.ends_on,
        )
