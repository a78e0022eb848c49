"""The rules of a request, each the sentence that explains its refusal."""

from typing import Any

from portal.access import Actor
from portal.text import Sentence
from workflows.requests.models import RequestKind, RequestStatus, SoftwareRequest

Given = dict[str, Any]
ABOUT_A_KNOWN_TITLE = frozenset(RequestKind) - {RequestKind.NEW_TITLE}
IN_INSTRUCTION = {RequestStatus.INSTRUCTION, RequestStatus.INSTRUCTION_QUESTION}
OPEN = frozenset(RequestStatus) - {RequestStatus.DRAFT, RequestStatus.DECLINED, RequestStatus.GIVEN_UP, RequestStatus.MERGED}


def is_about_a_title_of_the_catalogue(request: SoftwareRequest, _actor: Actor, _given: Given) -> Sentence | None:
    if request.title_id is not None or request.kind not in ABOUT_A_KNOWN_TITLE:
        return None
    return Sentence(
        "Cette demande porte sur un logiciel que le catalogue connaît. Choisissez-le parmi ceux qui sont proposés, "
        "ou demandez un nouveau logiciel."
    )


def names_the_version(request: SoftwareRequest, _actor: Actor, _given: Given) -> Sentence | None:
    if request.kind is not RequestKind.NEW_VERSION or request.wanted_version:
        return None
    return Sentence("Quelle version vous faut-il ? Écrivez-la, par exemple « 24.8 » ou « la dernière ».")


def names_the_list(request: SoftwareRequest, _actor: Actor, _given: Given) -> Sentence | None:
    if request.kind is not RequestKind.LIST_CHANGE or request.list_id is not None:
        return None
    return Sentence("Sur quelle liste ce logiciel doit-il être ? Choisissez-la.")


def is_for_a_day_to_come(request: SoftwareRequest, _actor: Actor, given: Given) -> Sentence | None:
    if request.needed_on is None or request.needed_on >= given["today"]:
        return None
    return Sentence("Le jour où il vous le faut est passé. Choisissez-en un à venir.")


def is_asked_once_in_the_school(_request: SoftwareRequest, _actor: Actor, given: Given) -> Sentence | None:
    """`twin`: the number of an open request of the same school for the same thing, read while holding the school's."""
    if not given["twin"]:
        return None
    return Sentence(
        "Votre établissement le demande déjà : c’est la demande n° %(number)s. Soutenez-la, elle comptera vos classes avec les siennes.",
        number=given["twin"],
    )


def leaves_the_school_one_request(_request: SoftwareRequest, _actor: Actor, given: Given) -> Sentence | None:
    """`twin`: what the school has sent since for the same thing."""
    if not given["twin"]:
        return None
    return Sentence(
        "L’établissement a depuis une autre demande ouverte pour la même chose, la n° %(number)s : réunissez-les plutôt.",
        number=given["twin"],
    )


def goes_on_with_another(request: SoftwareRequest, _actor: Actor, given: Given) -> Sentence | None:
    """`into`: the request that will go on for both, locked; not asked yet on a page that only offers the move."""
    into: SoftwareRequest | None = given.get("into")
    if into is None:
        return None
    if into.id == request.id or into.within != request.within:
        return Sentence("Une demande se réunit à une autre, du même territoire. Vérifiez le numéro.")
    if into.status not in IN_INSTRUCTION:
        return Sentence(
            "La demande n° %(number)s n’est pas en instruction : réunissez celle-ci à une autre, ou attendez qu’elle y soit.",
            number=into.key,
        )
    return None


def stands_for_no_other(_request: SoftwareRequest, _actor: Actor, given: Given) -> Sentence | None:
    """Chains would hide who supports what. `stands_for`: how many were merged into this one."""
    if not given["stands_for"]:
        return None
    return Sentence("D’autres demandes ont été réunies à celle-ci, qui parle pour elles. La collectivité doit d’abord les séparer.")
