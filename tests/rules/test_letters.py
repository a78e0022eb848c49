"""Words of letters, when they leave, and how far reminders go: pure rules."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.calendars.rules import Area, Calendar, Span
from portal.letters.models import Kind, Pace
from portal.letters.pacing import next_post
from portal.letters.words import LONGEST_TEXT, Words
from portal.text import Sentence, french
from workflows.editions.letters import WORDS as EDITION_WORDS
from workflows.requests.letter_words import ALL, VALUES
from workflows.requests.models import Reminder
from workflows.requests.reminding import stage
from workflows.requests.steps import Steps
from workflows.requests.table import REQUESTS

PARIS, NOUMEA = "Europe/Paris", "Pacific/Noumea"
FRIDAY = datetime(2026, 11, 27, 10, tzinfo=UTC)
WORDS = Words(
    "test.move.whom",
    Kind.OWN,
    Sentence("Une chose arrive"),
    "{logiciel} : reçu",
    "Votre demande de {logiciel} est reçue.\n\n« {raison} »\n\nMerci.",
    {"logiciel": Sentence("le logiciel"), "raison": Sentence("la raison")},
)


def test_values_take_their_place_and_french_spaces_are_put_in() -> None:
    subject, text = WORDS.say({"logiciel": "GIMP", "raison": "Pour la photo !"})
    assert subject == "GIMP\u00a0: reçu"
    assert text == french("Votre demande de GIMP est reçue.\n\n« Pour la photo ! »\n\nMerci.")


def test_a_paragraph_without_anything_to_say_is_left_out() -> None:
    assert WORDS.say({"logiciel": "GIMP", "raison": ""})[1] == "Votre demande de GIMP est reçue.\n\nMerci."


def test_what_a_person_wrote_between_braces_is_not_read_as_a_place() -> None:
    assert "{raison}" in WORDS.say({"logiciel": "{raison}", "raison": "secret"})[0]


def test_a_subject_is_one_line_whatever_a_value_holds() -> None:
    """A header with a line break in it cannot be sent, or would say more than it should."""
    assert "\n" not in WORDS.say({"logiciel": "GIMP\nBcc: tous@exemple.org", "raison": ""})[0]


@given(st.text(), st.text())
def test_any_value_can_be_said(name: str, reason: str) -> None:
    WORDS.say({"logiciel": name, "raison": reason})


@pytest.mark.parametrize(
    ("subject", "text", "said"),
    [
        ("", "Texte", "Il manque l’objet"),
        ("  ", "Texte", "Il manque l’objet"),
        ("Objet", "\n", "Il manque le texte"),
        ("Objet", "x" * (LONGEST_TEXT + 1), "dépasse 3000"),
        ("Objet {logicel}", "Texte", "{logicel}"),
        ("Objet", "Bonjour {}", "{}"),
    ],
)
def test_words_that_cannot_be_sent_are_refused_with_why(subject: str, text: str, said: str) -> None:
    (fault,) = WORDS.instead(subject, text).faults()
    assert said in fault


def test_an_unknown_place_is_refused_with_those_that_are_known() -> None:
    (fault,) = WORDS.instead("{qui}", "Texte").faults()
    assert "{logiciel}, {raison}" in fault


@pytest.mark.parametrize("words", [*ALL, *EDITION_WORDS], ids=lambda words: words.code)
def test_the_words_of_the_portal_obey_their_own_rules(words: Words) -> None:
    assert words.faults() == []
    subject, text = words.say(dict.fromkeys(words.values, "x"))
    assert subject
    assert text
    assert "{" not in subject + text


def test_each_letter_has_one_code() -> None:
    codes = [one.code for one in (*ALL, *EDITION_WORDS)]
    assert len(codes) == len(set(codes))
    assert set(VALUES) >= {name for one in ALL for name in one.values}


def test_every_move_that_gives_a_request_to_somebody_tells_them() -> None:
    """Who has a request must hear of it: no move is silent."""
    assert [move.name for move in REQUESTS.moves if not move.letters] == []


def test_each_news_at_once_leaves_at_once_and_never_never() -> None:
    assert next_post(Pace.EACH, FRIDAY, PARIS) == FRIDAY
    assert next_post(Pace.NEVER, FRIDAY, PARIS) is None


@pytest.mark.parametrize(
    ("pace", "at", "leaves"),
    [
        (Pace.DAILY, datetime(2026, 11, 26, 10, tzinfo=UTC), datetime(2026, 11, 27, 6, tzinfo=UTC)),
        (Pace.DAILY, datetime(2026, 11, 26, 5, 59, tzinfo=UTC), datetime(2026, 11, 26, 6, tzinfo=UTC)),
        (Pace.DAILY, datetime(2026, 11, 26, 6, tzinfo=UTC), datetime(2026, 11, 27, 6, tzinfo=UTC)),
        (Pace.DAILY, FRIDAY, datetime(2026, 11, 30, 6, tzinfo=UTC)),  # nobody is written to at the week-end
        (Pace.WEEKLY, FRIDAY, datetime(2026, 11, 30, 6, tzinfo=UTC)),
        (Pace.WEEKLY, datetime(2026, 11, 30, 6, tzinfo=UTC), datetime(2026, 12, 7, 6, tzinfo=UTC)),
        (Pace.WEEKLY, datetime(2027, 3, 26, 9, tzinfo=UTC), datetime(2027, 3, 29, 5, tzinfo=UTC)),  # summer time began
        (Pace.DAILY, datetime(2026, 10, 23, 9, tzinfo=UTC), datetime(2026, 10, 26, 6, tzinfo=UTC)),  # winter time began
    ],
)
def test_a_digest_leaves_on_a_working_morning_of_the_place(pace: Pace, at: datetime, leaves: datetime) -> None:
    assert next_post(pace, at, PARIS) == leaves


def test_a_morning_is_that_of_the_territory() -> None:
    assert next_post(Pace.DAILY, datetime(2026, 11, 25, 12, tzinfo=UTC), NOUMEA) == datetime(2026, 11, 25, 20, tzinfo=UTC)


KNOWN = Span(date(2026, 9, 1), date(2027, 8, 31))
CALENDAR = Calendar(
    period=KNOWN,
    areas=(Area(zone="A", part="metropole", holidays_known=(KNOWN,), public_holidays_known=(KNOWN,)),),
    closed_weekdays=frozenset(),
)
TODAY = date(2026, 11, 25)  # a Wednesday
STEPS = Steps(remind_days=2, escalate_days=3)


@pytest.mark.parametrize(
    ("due_on", "reached"),
    [
        (None, Reminder.NONE),
        (date(2026, 12, 1), Reminder.NONE),
        (date(2026, 11, 30), Reminder.NONE),
        (date(2026, 11, 27), Reminder.SOON),
        (TODAY, Reminder.SOON),
        (date(2026, 11, 24), Reminder.LATE),
        (date(2026, 11, 20), Reminder.LATE),  # three working days later is this very day, which is not over
        (date(2026, 11, 19), Reminder.ESCALATED),
        (date(2026, 9, 2), Reminder.ESCALATED),
    ],
)
def test_reminders_go_as_far_as_the_working_days_say(due_on: date | None, reached: Reminder) -> None:
    assert stage(due_on, TODAY, CALENDAR, STEPS) is reached


def test_a_territory_that_wants_no_reminder_hears_of_lateness_alone() -> None:
    quiet = Steps()
    assert [stage(day, TODAY, CALENDAR, quiet) for day in (TODAY, date(2026, 9, 2))] == [Reminder.NONE, Reminder.LATE]


def test_an_unknown_calendar_guesses_no_day() -> None:
    """That a date has passed needs no calendar; that it is near, or long past, does."""
    unknown = Calendar(period=KNOWN, areas=(Area(),))
    assert [stage(day, TODAY, unknown, STEPS) for day in (TODAY, date(2026, 9, 2))] == [Reminder.NONE, Reminder.LATE]
