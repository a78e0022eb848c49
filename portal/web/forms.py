"""The base of every form: its values are cleaned, its errors say what is wrong, then what to do."""

from collections.abc import Iterable
from typing import Any

from flask_babel.speaklater import LazyString
from wtforms import Form as PlainForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from portal.text import clean, clean_lines
from portal.web.language import gettext, lazy, say


class OwnWords:
    """What a field says by itself, before any validator of ours: the library's English sentence becomes ours."""

    def gettext(self, _message: str) -> str:
        return gettext("Cette valeur ne convient pas. Choisissez-en ou écrivez-en une autre.")

    def ngettext(self, one: str, _many: str, _number: int) -> str:
        return self.gettext(one)


class Form(PlainForm):
    """French messages come from our validators, never from the library's own words."""

    class Meta:
        """How WTForms behaves here."""

        def get_translations(self, form: Any) -> OwnWords:  # noqa: ARG002  # so the library calls it
            """The same for every form; the language is the visitor's, read when the sentence is said."""
            return OwnWords()

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Clean what was typed before any validator sees it."""
            filters = [_cleaned_lines if issubclass(unbound_field.field_class, TextAreaField) else _cleaned]
            return unbound_field.bind(form=form, **{**options, "filters": filters})

    def process(self, formdata: Any = None, obj: Any = None, data: Any = None, extra_filters: Any = None, **kwargs: Any) -> None:
        """A number or a day that cannot be read is shown again as it was typed: without what no page can hold."""
        super().process(formdata, obj, data, extra_filters, **kwargs)
        for field in self:
            field.raw_data = [_cleaned(one) for one in field.raw_data or ()] if field.raw_data else field.raw_data

    def refuse(self, reasons: Iterable[str]) -> None:
        """Faults of the whole, shown above the fields."""
        self.form_errors = [*self.form_errors, *(say(one) for one in reasons)]


def _cleaned_lines(value: Any) -> Any:
    return clean_lines(value) if isinstance(value, str) else value


def _cleaned(value: Any) -> Any:
    return clean(value) if isinstance(value, str) else value


class Written(InputRequired):
    """Spaces alone are nothing."""

    def __call__(self, form: Any, field: Any) -> None:
        field.raw_data = [one for one in field.raw_data or () if not isinstance(one, str) or clean(one)]
        super().__call__(form, field)


def required(thing: LazyString) -> InputRequired:
    """`thing` begins with its article: « le nom du logiciel »."""
    return Written(lazy("Il manque %(thing)s. Complétez cette case.", thing=thing))


def at_most(length: int, thing: LazyString) -> Length:
    return Length(max=length, message=lazy("%(thing)s dépasse %(n)s caractères. Raccourcissez-le.", thing=thing, n=length))


def number(typed: str | None) -> int:
    """A number that a page holds; 0 for what somebody made up, which no row has."""
    return int(typed) if typed and typed.isascii() and typed.isdecimal() and len(typed) <= 9 else 0
