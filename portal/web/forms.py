"""The base of every form: its values are cleaned, its errors say what is wrong, then what to do."""

from typing import Any

from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Length

from portal.text import clean
from portal.web.language import lazy


class Form(PlainForm):
    """French messages come from our validators, never from the library's own words."""

    class Meta:
        """How WTForms behaves here."""

        locales = ("fr",)

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Clean what was typed before any validator sees it."""
            return unbound_field.bind(form=form, **{**options, "filters": [_cleaned]})


def _cleaned(value: Any) -> Any:
    return clean(value) if isinstance(value, str) else value


def required(thing: str) -> InputRequired:
    """`thing` begins with its article: « le nom du logiciel »."""
    return InputRequired(lazy("Il manque %(thing)s. Écrivez-le ici.", thing=thing))


def at_most(length: int, thing: str) -> Length:
    return Length(max=length, message=lazy("%(thing)s dépasse %(n)s caractères. Raccourcissez-le.", thing=thing, n=length))
