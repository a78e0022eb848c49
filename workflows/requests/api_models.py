"""What programs are told of requests, and what they write: the shapes that the document describes."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from catalogue.browse.api_titles import UAI
from portal.web.api import Answered, Asked, Page, Paged
from portal.web.bodies import Given
from workflows.requests.blocks import LONGEST_ANSWER
from workflows.requests.drafting import LONGEST_TYPED
from workflows.requests.lists import MOST_TYPED
from workflows.requests.models import BlockKind, BlockState, RequestKind, RequestStatus
from workflows.requests.moving import LONGEST_REASON
from workflows.requests.school_page import MOST

ONE = "/requests/<int:number>"
NO_SUCH = {404: "Cette demande n’existe pas, ou ne vous est pas ouverte."}
LARGEST = 2**31 - 1  # number of a row
Number = Annotated[int, Field(ge=1, le=LARGEST)]
VERSION = "La version que l’on a lue : si elle a changé depuis, rien n’est fait (409). Sans elle, on agit sur ce qui est là."
READERS = "null pour qui peut seulement savoir que la demande existe."


class Named(Answered):
    """Une personne."""

    id: int
    name: str


class TitleAsked(Answered):
    """Ce qui est demandé."""

    slug: str | None = Field(description="L’adresse du titre ; null si le catalogue ne le connaît pas.")
    name: str


class SchoolAsking(Answered):
    """L’établissement qui demande."""

    uai: str
    name: str
    city: str


class MoveShown(Answered):
    """Une étape que l’on peut faire d’ici."""

    name: str
    label: str
    allowed: bool
    reasons: list[str] = Field(description="Ce qui la retient, quand elle n’est pas permise.")
    needs_reason: bool
    asks: list[str] = Field(description="Les champs qu’il faut envoyer en plus : into, le numéro d’une autre demande.")


class Happened(Answered):
    """Ce qui s’est passé, quand, et par quelle fonction."""

    at: str
    move: str
    label: str
    by: str
    reason: str
    was: str | None
    now: str | None
    details: dict[str, Any] = Field(description="Selon l’étape : le volet (block), l’autre demande (other) ou le rang (rank).")


class RequestShown(Answered):
    """Une demande, comme les listes la donnent."""

    id: int
    url: str = Field(description="Sa page.")
    kind: RequestKind
    kind_label: str
    status: RequestStatus
    status_label: str
    title: TitleAsked
    school: SchoolAsking
    requester: Named | None = Field(description=f"Qui parle pour elle ; {READERS}")
    own: bool = Field(description="Vrai si c’est à vous.")
    holder: str | None = Field(description="Qui l’a entre les mains ; null quand elle n’attend plus personne.")
    since: str = Field(description="Depuis quand.")
    due_on: str | None = Field(description="Jusqu’à quand, ce jour compris ; null quand on ne le sait pas.")
    due_doubt: str | None = Field(description="Pourquoi on ne le sait pas.")
    late: bool
    rank: int | None = Field(
        description="Le rang que lui donne l’établissement ; null s’il n’en a pas donné, ou pour qui ne la lit pas."
    )
    merged_into: int | None = Field(description="La demande qui continue pour elle.")
    version: int = Field(description="À renvoyer avec une étape, pour n’agir que sur ce que l’on a lu.")
    moves: list[MoveShown] = Field(description="Les étapes que vous pouvez faire d’ici, avec ce qui les retient.")
    timeline: list[Happened] | None = Field(description=f"Du plus récent au plus ancien ; {READERS}")


class Requests(Page):
    """Une page de demandes."""

    items: list[RequestShown]


class Answers(Answered):
    """Les réponses, sous les noms que l’on envoie. D’un brouillon : ce qui y est écrit jusqu’ici."""

    website: str
    wanted_version: str
    list: str | None = Field(description="La liste souhaitée, par son adresse.")
    discipline: str | None = Field(description="La discipline, par son adresse.")
    audience: str
    pupils: int | None
    need: str
    exam: str
    places: str
    workstations: int | None
    needed_on: str | None
    considered: str


class BlockShown(Answered):
    """Un volet, et qui le doit."""

    kind: BlockKind
    label: str
    state: BlockState
    owner: str | None = Field(description="Qui doit le compléter ; null quand c’est fait ou que la demande est close.")
    due_on: str | None
    due_doubt: str | None
    answers: dict[str, str] = Field(description="Par question.")
    questions: dict[str, str] = Field(description="Ce que demande chaque question.")
    reason: str = Field(description="Pourquoi il est sans objet.")
    filled_at: str | None
    filled_by: str | None = Field(description="La fonction qui l’a complété.")
    version: int
    allowed: bool = Field(description="Vrai si c’est à vous de le compléter.")


class EnclosureShown(Answered):
    """Une pièce jointe."""

    id: int
    name: str
    size: int = Field(description="En octets.")
    media_type: str
    url: str = Field(description="Où la télécharger, avec le jeton.")


class OwnSupport(Answered):
    """Ce que vous avez signé."""

    school: str
    audience: str
    pupils: int
    weeks: int
    note: str


class SupportersShown(Answered):
    """Qui la soutient, une fois par personne : les personnes qui demandent comptent aussi."""

    people: int
    schools: int
    pupils: int
    mine: OwnSupport | None
    allowed: bool = Field(description="Vrai si vous pouvez la soutenir.")


class WholeRequest(RequestShown):
    """Une demande et son dossier."""

    supporters: SupportersShown
    merged: list[int] = Field(description="Les demandes pour lesquelles elle continue.")
    question: str | None = Field(description=f"La question qui attend sa réponse ; {READERS}")
    answers: Answers | None = Field(description=f"Les réponses ; {READERS}")
    blocks: list[BlockShown] | None = Field(description=f"Les volets que d’autres complètent ; {READERS}")
    enclosures: list[EnclosureShown] | None = Field(description=f"Les pièces jointes ; {READERS}")
    receipt: str | None = Field(description="La mention légale de l’accusé de réception, pour qui demande.")


class Colleagues(Answered):
    """À qui la demande peut être confiée."""

    items: list[Named]


class Order(Answered):
    """L’ordre dans lequel un établissement veut ses demandes."""

    order: list[int]


class RequestsAsked(Paged):
    """`GET /requests`."""

    view: Literal["all", "mine", "waiting", "drafts", "supported"] = Field(
        "all", description="Toutes celles que l’on peut lire, les siennes, celles qui attendent qui demande, ses brouillons, celles qu’il soutient."
    )  # fmt: skip
    q: str = Field("", max_length=MOST_TYPED, description="Des mots du nom du logiciel.", examples=["freecad"])
    status: tuple[RequestStatus, ...] = Field((), max_length=len(RequestStatus), description="États.", examples=[["visa"]])
    kind: tuple[RequestKind, ...] = Field(
        (), max_length=len(RequestKind), description="Ce qui est demandé.", examples=[["new-title"]]
    )
    school: str = Field("", pattern=rf"{UAI}|^$", description="UAI de l’établissement qui demande.", examples=["0261505V"])


class PieceNamed(Asked):
    """`POST /requests/<number>/attachments`."""

    name: str = Field(
        min_length=1, max_length=200, description="Le nom du fichier, dont la fin dit le type.", examples=["devis.pdf"]
    )


def _said(says: str, most: int = LONGEST_TYPED, **more: Any) -> Any:
    return Field("", max_length=most, description=says, **more)


class Asking(Given):
    """Une demande : les mêmes réponses que sur la page, jugées de même."""

    school: str = _said("UAI de l’établissement ; nécessaire quand on en a plusieurs.", 20, examples=["0261505V"])
    kind: RequestKind = Field(RequestKind.NEW_TITLE, description="Ce qui est demandé.")
    title: str = _said("Le titre, par son adresse, si le catalogue le connaît.", 80, examples=["freecad"])
    title_name: str = _said("Le nom du logiciel, si le catalogue ne le connaît pas.")
    website: str = _said("L’adresse de son site.")
    wanted_version: str = _said("La version souhaitée, pour new-version.")
    list: str = _said("La liste souhaitée, par son adresse, pour list-change.", 80, examples=["socle"])
    discipline: str = _said("La discipline, par son adresse.", 80, examples=["mathematiques"])
    audience: str = _said("Les classes.")
    pupils: int | None = Field(None, ge=1, le=5000, description="Combien d’élèves.")
    need: str = _said("Ce que les élèves en feront.")
    exam: str = _said("L’épreuve d’examen qui le demande.")
    places: str = _said("Les salles.")
    workstations: int | None = Field(None, ge=1, le=5000, description="Sur combien de postes.")
    needed_on: date | None = Field(None, description="Le jour où il le faut.", examples=["2027-09-01"])
    considered: str = _said("Ce qui a déjà été regardé, et pourquoi cela ne suffit pas.")


class NewRequest(Asking):
    """Une nouvelle demande."""

    draft: bool = Field(default=False, description="true : la garder en brouillon, sans l’envoyer ni la juger.")


class MoveMade(Given):
    """Ce qu’une étape demande."""

    reason: str = _said("La raison, la question ou la réponse, selon l’étape : elle sera lue.", LONGEST_REASON)
    into: int | None = Field(None, ge=1, le=LARGEST, description="Pour réunir : le numéro de la demande qui continue.")
    version: int | None = Field(None, ge=1, le=LARGEST, description=VERSION)


class SupportGiven(Given):
    """Un soutien ; envoyé à nouveau, il corrige le premier."""

    school: str = _said("UAI de l’établissement pour lequel on soutient.", 20, examples=["0261505V"])
    audience: str = _said("Les classes.")
    pupils: int | None = Field(None, ge=1, le=5000, description="Combien d’élèves.")
    weeks: int | None = Field(None, ge=1, le=52, description="Combien de semaines par an.")
    note: str = _said("Un mot.")


class BlockFilled(Given):
    """Un volet, complété ou dit sans objet."""

    answers: dict[str, str] = Field(default_factory=dict, description="Par question, la réponse.")
    needed: bool = Field(default=True, description="false : il est sans objet, et reason dit pourquoi.")
    reason: str = _said("Pourquoi il est sans objet.", LONGEST_ANSWER)
    version: int | None = Field(None, ge=1, le=LARGEST, description="La version du volet que l’on a lue. " + VERSION)


class HandedOver(Given):
    """À qui la demande est confiée."""

    person: int = Field(ge=1, le=LARGEST, description="Un numéro de …/colleagues.")
    reason: str = _said("Pourquoi.", 1000)


class Ranking(Given):
    """Les demandes de l’établissement, la plus attendue d’abord ; celles qui n’y sont pas n’ont plus de rang."""

    order: tuple[Number, ...] = Field(max_length=MOST, description="Les numéros des demandes.")
    read: tuple[Number, ...] | None = Field(
        None, max_length=MOST, description="L’ordre que l’on a lu : s’il a changé depuis, rien n’est fait (409)."
    )
