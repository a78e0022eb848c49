"""What touches the rights of others: asked of whoever typed their password again less than ten minutes ago, and proved it."""

from flask import Response, request

from portal.web import paths
from portal.web.kit import portal, private_page
from portal.web.reading import signed_in


def is_fresh() -> bool:
    who = signed_in()
    return who is not None and who.is_fresh(portal().clock.now())


def stopped() -> Response | None:
    """Not proved, or too long ago: the password is asked first, and what was typed waits in the page."""
    if is_fresh():
        return None
    typed = [(name, value) for name, values in request.form.lists() for value in values]
    return private_page("account/prove.html", status=403, typed=typed, action=paths.here())
