"""Logs for operators: one JSON line an event, each with the id of the request that a reader can quote."""

import logging
import secrets
import sys
import time

from flask import Flask, Response, g, has_request_context, request
from pythonjsonlogger.json import JsonFormatter

log = logging.getLogger("logitheque.request")


class RequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = g.get("request_id", "-") if has_request_context() else "-"
        return True


def begin() -> None:
    g.request_id = secrets.token_hex(8)
    g.began = time.perf_counter()


def end(response: Response) -> Response:
    """No query string: what people search for is theirs."""
    response.headers["X-Request-Id"] = g.request_id
    if response.status_code >= 400 or log.isEnabledFor(logging.DEBUG):
        log.info(
            "answered",
            extra={
                "method": request.method,
                "path": request.path[:200],
                "status": response.status_code,
                "milliseconds": round((time.perf_counter() - g.began) * 1000, 1),
            },
        )
    return response


def start(app: Flask, *, as_json: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RequestId())
    plain = logging.Formatter("%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s")
    handler.setFormatter(
        JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s", json_ensure_ascii=False)
        if as_json
        else plain
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    app.before_request(begin)
    app.after_request(end)
