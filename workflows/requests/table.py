"""How a request goes from its author to the territory: read this table, there is nothing else."""

from portal.moves import Move, Moved, Procedure
from portal.text import Sentence
from workflows.requests.access import May
from workflows.requests.facts import held, standing_for, twin
from workflows.requests.guards import (
    OPEN,
    goes_on_with_another,
    is_about_a_title_of_the_catalogue,
    is_asked_once_in_the_school,
    is_for_a_day_to_come,
    leaves_the_school_one_request,
    names_the_list,
    names_the_version,
    stands_for_no_other,
)
from workflows.requests.letters import tell_holder, tell_owners, tell_requester, tell_supporters
from workflows.requests.models import RequestStatus, SoftwareRequest


def _date_the_sending(request: SoftwareRequest, moved: Moved[SoftwareRequest]) -> None:
    request.sent_at, request.typed = moved.at, {}


def _go_on_with(request: SoftwareRequest, moved: Moved[SoftwareRequest]) -> None:
    request.merged_into_id = moved.given["into"].key


def _go_on_alone(request: SoftwareRequest, moved: Moved[SoftwareRequest]) -> None:
    moved.given["was_into"], request.merged_into_id = request.merged_into_id, None


R = RequestStatus
IS_WELL_SAID = (
    is_about_a_title_of_the_catalogue, names_the_version, names_the_list, is_for_a_day_to_come, is_asked_once_in_the_school,
)  # fmt: skip
INTO = {"into": Sentence("Il manque le numéro de la demande à laquelle réunir celle-ci. Écrivez-le.")}
ASK, ANSWER = Sentence("Poser une question"), Sentence("Répondre à la question")
# fmt: off
REQUESTS: Procedure[SoftwareRequest] = Procedure("request", R, (
    Move("submit",      Sentence("Envoyer la demande"),         {R.DRAFT},                R.RELAY,                May.WRITE, IS_WELL_SAID, twin, _date_the_sending, letters=(tell_requester, tell_holder, tell_owners)),
    Move("relay",       Sentence("Relayer la demande"),         {R.RELAY},                R.VISA,                 May.RELAY, facts=held, letters=(tell_holder, tell_requester)),
    Move("pass_relay",  Sentence("Passer l’étape du relais"),   {R.RELAY},                R.VISA,                 May.PASS, facts=held, needs_reason=True, letters=(tell_holder,)),
    Move("ask",         ASK,                                    {R.RELAY},                R.RELAY_QUESTION,       May.RELAY, facts=held, needs_reason=True, letters=(tell_requester,)),
    Move("answer",      ANSWER,                                 {R.RELAY_QUESTION},       R.RELAY,                May.WRITE, facts=held, needs_reason=True, letters=(tell_holder,)),
    Move("endorse",     Sentence("Viser la demande"),           {R.VISA},                 R.INSTRUCTION,          May.ENDORSE, facts=held, letters=(tell_holder, tell_requester, tell_supporters)),
    Move("pass_visa",   Sentence("Passer l’étape du visa"),     {R.VISA},                 R.INSTRUCTION,          May.PASS, facts=held, needs_reason=True, letters=(tell_holder,)),
    Move("ask_before_visa",    ASK,                             {R.VISA},                 R.VISA_QUESTION,        May.ENDORSE, facts=held, needs_reason=True, letters=(tell_requester,)),
    Move("answer_before_visa", ANSWER,                          {R.VISA_QUESTION},        R.VISA,                 May.WRITE, facts=held, needs_reason=True, letters=(tell_holder,)),
    Move("decline",     Sentence("Décliner la demande"),        {R.VISA},                 R.DECLINED,             May.ENDORSE, facts=held, needs_reason=True, letters=(tell_requester, tell_supporters)),
    Move("reconsider",  Sentence("Demander un nouvel examen"),  {R.DECLINED},             R.VISA,                 May.WRITE, (is_asked_once_in_the_school,), twin, needs_reason=True, letters=(tell_holder, tell_owners)),
    Move("ask_in_instruction",    ASK,                          {R.INSTRUCTION},          R.INSTRUCTION_QUESTION, May.INSTRUCT, facts=held, needs_reason=True, letters=(tell_requester,)),
    Move("answer_in_instruction", ANSWER,                       {R.INSTRUCTION_QUESTION}, R.INSTRUCTION,          May.WRITE, facts=held, needs_reason=True, letters=(tell_holder,)),
    Move("merge",       Sentence("Réunir à une autre demande"), {R.INSTRUCTION},          R.MERGED,               May.INSTRUCT, (stands_for_no_other, goes_on_with_another), standing_for, _go_on_with, needs_reason=True, asks=INTO, letters=(tell_requester, tell_supporters)),
    Move("separate",    Sentence("Séparer de l’autre demande"), {R.MERGED},               R.INSTRUCTION,          May.INSTRUCT, (leaves_the_school_one_request,), twin, _go_on_alone, needs_reason=True, letters=(tell_requester, tell_holder, tell_owners)),
    Move("give_up",     Sentence("Renoncer à la demande"),      OPEN,                     R.GIVEN_UP,             May.WRITE, (stands_for_no_other,), standing_for, letters=(tell_supporters,)),
))
# fmt: on
