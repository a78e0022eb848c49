"""A mail server that keeps what it receives, and a page that shows it: real SMTP, no letter leaves the machine."""

import email
import html
import logging
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

MOST_KEPT = 500
PAGE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Courrier de la démonstration</title>
<link rel="icon" href="{portal}/favicon.ico"></head>
<body><main><h1>Courrier de la démonstration</h1><p>{intro}</p>{letters}</main></body></html>"""


@dataclass
class Box:
    """The letters received, newest first."""

    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Called by aiosmtpd for each message."""
        message = email.message_from_bytes(envelope.content, policy=default)
        self.letters.insert(0, message)
        del self.letters[MOST_KEPT:]
        return "250 OK"

    def page(self, portal: str) -> str:
        """Letters are shown as text: nothing in them is ever run."""
        shown = "".join(
            f"<article><h2>{html.escape(str(letter['Subject']))}</h2><p>À : {html.escape(str(letter['To']))} · "
            f"{html.escape(str(letter['Date']))}</p><pre>{html.escape(_text(letter))}</pre></article>"
            for letter in self.letters
        )
        intro = f"Lettres reçues : {len(self.letters)}." if shown else "Aucune lettre pour l’instant."
        return PAGE.format(portal=html.escape(portal), intro=intro, letters=shown)


def _text(letter: EmailMessage) -> str:
    """What a program that shows no HTML would show."""
    part = letter.get_body(("plain",))
    return str(part.get_content()) if part else ""


def serve(smtp_port: int, web_port: int, portal: str) -> None:
    """Receive and show, until the process ends."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # it would write addresses in the log
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=smtp_port)
    controller.start()

    class Handler(BaseHTTPRequestHandler):
        """One page at any address."""

        def do_GET(self) -> None:
            body = box.page(portal).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", "default-src 'none'; img-src http://127.0.0.1:*")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing: letters are not the operator's business."""

    try:
        ThreadingHTTPServer(("127.0.0.1", web_port), Handler).serve_forever()
    finally:
        controller.stop()
