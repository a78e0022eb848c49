"""A visitor of the demonstration: all tests of a process read the same portal, and none says who they are."""

import hashlib
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from portal.demo.ent import Ent
from portal.signin.loading import declare_demonstration
from tests.http.coming_in import PUBLIC, Browser
from tests.page_client import Leftovers, Page, PageClient, faults


@pytest.fixture(scope="session")
def portal_app(demonstration: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """On a copy: whoever follows every link also begins sign-ins, and others copy the demonstration as it was loaded."""
    app = create_app(demonstration.copy_to(tmp_path_factory.mktemp("visited") / "demonstration").settings)
    app.testing = True
    app.test_client_class = PageClient
    yield app
    app.extensions["logitheque"].database.close()


class BusyVisitor(FlaskClient):
    """The same judge as `PageClient`, for thousands of requests: a page that was read once is not read again."""

    read: ClassVar[set[bytes]] = set()

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with Leftovers() as left:
            response = super().open(*args, **kwargs)
        assert not left.found, left.found
        if response.mimetype == "text/html" and response.data and not 300 <= response.status_code < 400:
            mark = hashlib.sha256(response.data).digest()
            if mark not in self.read:
                html = response.get_data(as_text=True)
                found = faults(Page(html, response.headers, is_fragment=not html.startswith("<!doctype")))
                assert not found, f"{response.request.path}: {found}"
                self.read.add(mark)
        return response


@pytest.fixture
def busy(portal_app: Flask) -> BusyVisitor:
    return BusyVisitor(portal_app, portal_app.response_class)


@pytest.fixture
def visitor(portal_app: Flask) -> PageClient:
    """Anonymous, without a cookie."""
    client = portal_app.test_client()
    assert isinstance(client, PageClient)
    return client


@pytest.fixture
def ent(app: Flask) -> Iterator[str]:
    """The CAS address of a demonstration ENT that the portal knows."""
    server = Ent(0, PUBLIC)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/cas"
    app.extensions["logitheque"].database.write(lambda session: declare_demonstration(session, address))
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def browser(app: Flask, ent: str) -> Browser:
    return Browser(app, ent)
