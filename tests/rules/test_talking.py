"""Talking about a request, on plain objects: when it is over, and what roles open of it."""

import tomllib

import pytest

from portal.people.loading import ROLES
from workflows.requests.access import FILLS, May
from workflows.requests.models import RequestStatus, SoftwareRequest
from workflows.requests.parties import DOES
from workflows.requests.talking import GIVEN_UP, NOT_SENT, TALKED_ABOUT, closed

R = RequestStatus
ABOVE = {"everywhere", "territory", "committee"}


@pytest.mark.parametrize("status", R)
def test_one_talks_about_what_can_still_change(status: RequestStatus) -> None:
    request = SoftwareRequest(status=status, merged_into_id=12 if status is R.MERGED else None)
    why = closed(request)
    assert (why is None) == (status in TALKED_ABOUT)
    if status is R.MERGED:
        assert why is not None
        assert "n° 12" in why
    else:
        assert why in {None, NOT_SENT, GIVEN_UP}


def test_what_is_said_within_is_opened_by_no_role_of_a_school() -> None:
    roles = tomllib.loads(ROLES.read_text(encoding="utf-8"))["roles"]
    opening = {one["code"]: one["scope"] for one in roles if May.DISCUSS_INTERNALLY in one["permissions"]}
    assert set(opening.values()) <= ABOVE
    treating = {May.INSTRUCT, *FILLS.values()} - {May.FILL_SCHOOL}
    assert set(opening) >= {one["code"] for one in roles if treating & set(one["permissions"])}


def test_whoever_has_something_to_do_may_be_called() -> None:
    assert {May.RELAY, May.ENDORSE, May.INSTRUCT, *FILLS.values()} == DOES
