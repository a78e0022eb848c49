"""How an edition lives and how entries take and leave its seats: read these tables, there is nothing else."""

from datetime import date

from catalogue.lists.models import Edition, EditionStatus, Entry, EntryStatus
from portal.moves import Move, Moved, Procedure
from portal.text import Sentence
from workflows.editions.access import May
from workflows.editions.facts import next_year, room, seats, succession, this_year
from workflows.editions.guards import (
    begins_within_its_year,
    gives_notice,
    has_a_seat,
    has_begun,
    has_ended,
    has_entries,
    is_decided,
    is_not_drafted_already,
    is_still_a_draft,
    keeps_its_cap,
)
from workflows.editions.letters import tell_territory


def _date_the_vote(edition: Edition, moved: Moved[Edition]) -> None:
    """An amendment begins with its vote at the earliest: days that are past stay as they were."""
    edition.voted_on = moved.given["today"]
    if edition.amendment and edition.starts_on < edition.voted_on < edition.ends_on:
        edition.starts_on = edition.voted_on


def _say_why_it_leaves(entry: Entry, moved: Moved[Entry]) -> None:
    entry.exit_reason = moved.reason
    entry.replacement_id = moved.given.get("replacement_id")


def _say_when_it_leaves(entry: Entry, moved: Moved[Entry]) -> None:
    last_day: date = moved.given["ends_on"]
    entry.ends_on = last_day
    _say_why_it_leaves(entry, moved)


def _forget_the_exit(entry: Entry, _moved: Moved[Entry]) -> None:
    entry.ends_on, entry.exit_reason, entry.replacement_id = None, "", None


def _change_version(entry: Entry, moved: Moved[Entry]) -> None:
    entry.version_label = moved.given["version_label"].strip()


E, N = EditionStatus, EntryStatus
DRAFT_ONLY = (is_still_a_draft,)
VERSION = {"version_label": Sentence("Il manque la version. Écrivez celle qui sera maintenue, par exemple « 24.8 ».")}
LAST_DAY = {"ends_on": Sentence("Il manque le dernier jour. Choisissez celui où le titre quittera la liste.")}
# fmt: off
EDITIONS: Procedure[Edition] = Procedure("edition", E, (
    Move("vote",    Sentence("Voter l’édition"),            {E.DRAFT},   E.VOTED,    May.VOTE, (has_entries, is_decided, keeps_its_cap), room, _date_the_vote, (tell_territory,)),
    Move("open",    Sentence("Mettre en vigueur"),          {E.VOTED},   E.CURRENT,  May.VOTE, (has_begun,)),
    Move("archive", Sentence("Archiver"),                   {E.CURRENT}, E.ARCHIVED, May.VOTE, (has_ended,), succession),
    Move("amend",   Sentence("Préparer un avenant"),        {E.CURRENT}, E.CURRENT,  May.PREPARE, (is_not_drafted_already, begins_within_its_year), this_year, needs_reason=True),
    Move("amend_ahead", Sentence("Préparer un avenant avant son premier jour"), {E.VOTED}, E.VOTED, May.PREPARE, (is_not_drafted_already, begins_within_its_year), this_year, needs_reason=True),
    Move("renew",   Sentence("Préparer l’année suivante"),  {E.CURRENT}, E.CURRENT,  May.PREPARE, (is_not_drafted_already,), next_year),
))
ENTRIES: Procedure[Entry] = Procedure("entry", N, (
    Move("admit",          Sentence("Admettre sur la liste"),  {N.PROPOSED}, N.ADMITTED,  May.PREPARE, (*DRAFT_ONLY, has_a_seat), seats),
    Move("set_aside",      Sentence("Écarter la proposition"), {N.PROPOSED}, N.SET_ASIDE, May.PREPARE, DRAFT_ONLY, seats, needs_reason=True),
    Move("update_version", Sentence("Changer de version"),     {N.ADMITTED}, N.ADMITTED,  May.PREPARE, DRAFT_ONLY, seats, _change_version, asks=VERSION),
    Move("announce_exit",  Sentence("Annoncer une sortie"),    {N.ADMITTED}, N.ADMITTED,  May.PREPARE, (*DRAFT_ONLY, gives_notice), seats, _say_when_it_leaves, needs_reason=True, asks=LAST_DAY),
    Move("propose_exit",   Sentence("Proposer la sortie"),     {N.ADMITTED}, N.LEAVING,   May.PREPARE, DRAFT_ONLY, seats, _say_why_it_leaves, needs_reason=True),
    Move("keep",           Sentence("Garder sur la liste"),    {N.LEAVING},  N.ADMITTED,  May.PREPARE, DRAFT_ONLY, seats, _forget_the_exit, needs_reason=True),
    Move("withdraw",       Sentence("Décider la sortie"),      {N.LEAVING},  N.WITHDRAWN, May.PREPARE, DRAFT_ONLY, seats),
    Move("reconsider",     Sentence("Réexaminer"), {N.SET_ASIDE, N.WITHDRAWN}, N.PROPOSED, May.PREPARE, DRAFT_ONLY, seats, _forget_the_exit, needs_reason=True),
))
# fmt: on
