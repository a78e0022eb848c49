"""Who may do what with titles."""

from enum import StrEnum

import sqlalchemy as sa

from portal.access import Rule, everyone, granted


class May(StrEnum):
    """Permissions of this noun, `noun:verb`."""

    READ = "title:read"
    EDIT = "title:edit"


RULES: dict[str, Rule] = {
    May.READ: everyone,
    # A title belongs to no territory: only an accreditation that holds everywhere edits it.
    May.EDIT: granted(May.EDIT, scope=lambda _title: "*", where=lambda _scopes: sa.false()),
}
