"""For whom the API answers: the installation's territory, or the school that the address names. Never a cookie's."""

from catalogue.browse.place import Place, home_place, known
from portal.errors import Refused
from portal.territories.uai import SHAPE, as_written, expected_letter, is_possible
from portal.text import Sentence, clean


def standing(uai: str = "") -> Place:
    """One address, one answer, whoever asks."""
    home = home_place()
    if not uai:
        return home
    school = known(home.volume, as_written(uai))
    if school is None:
        raise Refused([nobody(as_written(uai))])
    return Place(home.volume, school.territory or home.territory, school)


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
