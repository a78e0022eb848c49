"""Who may do what with titles."""

from enum import StrEnum

import sqlalchemy as sa

from portal.access import Rule, everyone, granted
from portal.text import Sentence


class May(StrEnum):
    """Permissions of this noun, `noun:verb`."""

    READ = "title:read"
    EDIT = "title:edit"


RULES: dict[str, Rule] = {
    May.READ: everyone.to(Sentence("lire les fiches des titres")),
    # A title belongs to no territory: only an accreditation that holds everywhere edits it.
    May.EDIT: granted(May.EDIT, scope=lambda _title: "*", where=lambda _scopes: sa.false()).to(
        Sentence("corriger les fiches des titres")
    ),
}
