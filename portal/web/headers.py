"""What every answer carries, and what every unsafe request must prove."""

from functools import partial

from flask import Flask, Response, abort, request

from portal.web import bearer

# No inline script or style anywhere, so no nonce; JSON-LD is data, which the policy does not run.
POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
    "img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SAFE = {"GET", "HEAD", "OPTIONS"}


def refuse_other_sites(signed: str) -> None:
    """A form on another site must not act here: the browser says where a request comes from.

    `signed`: the name of the session's cookie.
    """
    if request.method in SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            abort(403)
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        abort(403)
    if origin is None and signed in request.cookies and not bearer.is_program():  # where a cookie opens nothing
        abort(403)  # every browser of these years says one or the other: what says neither does not act for a person


def start(app: Flask, *, https: bool, session_cookie: str) -> None:
    always = {**HEADERS, **({"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if https else {})}

    def add_headers(response: Response) -> Response:
        response.headers.extend({name: value for name, value in always.items() if name not in response.headers})
        return response

    app.before_request(partial(refuse_other_sites, session_cookie))
    app.after_request(add_headers)
