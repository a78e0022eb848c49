"""For whom the API answers: the installation's territory, or the school that the address names. Never a cookie's."""

from catalogue.browse.place import Place, here
from catalogue.browse.standpoint import Standpoint, standpoint_of
from catalogue.search.shelf import Volume
from portal.errors import Refused
from portal.territories.queries import find_school
from portal.territories.uai import SHAPE, as_written, expected_letter, is_possible
from portal.text import Sentence, clean
from portal.web.kit import portal, session


def standing(uai: str = "") -> Place:
    """One address, one answer, whoever asks."""
    volume = here().volume
    codes, home = volume.meta["territories"], portal().settings.home_territory
    territory = home if home in codes else next(iter(codes))
    if not uai:
        return Place(volume, territory)
    school = known(volume, as_written(uai))
    if school is None:
        raise Refused([nobody(as_written(uai))])
    return Place(volume, school.territory or territory, school)


def known(volume: Volume, uai: str) -> Standpoint | None:
    """Looked up once per index, as pages do."""
    return volume.kept(("standpoint", uai), lambda: _looked_up(volume, uai)) if is_possible(uai) else None


def nobody(uai: str) -> Sentence:
    if SHAPE.fullmatch(uai) and not is_possible(uai):
        return Sentence(
            "La lettre de contrôle de %(code)s devrait être %(letter)s. Vérifiez le code, ou cherchez l’établissement : "
            "/api/v1/schools?q=…",
            code=uai,
            letter=expected_letter(uai[:7]),
        )
    return Sentence(
        "Aucun établissement ne porte le code %(uai)s. Cherchez-le par son nom ou sa ville : /api/v1/schools?q=…",
        uai=clean(uai),
    )


def _looked_up(volume: Volume, uai: str) -> Standpoint | None:
    school = find_school(session(), uai)
    return standpoint_of(school, volume.meta) if school else None
