"""LemonLDAP::NG for tests that ask for it: one for each process of a run, started at the first of them."""

import socket
from collections.abc import Iterator

import pytest

from tests.peers.lemonldap.serving import LemonLDAP


@pytest.fixture(scope="session")
def lemonldap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LemonLDAP]:
    """A test that plays the portal listens at `lemonldap.portal`: its port is kept for it, bound and deaf."""
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        kept.bind(("127.0.0.1", 0))
        portal = f"http://127.0.0.1:{kept.getsockname()[1]}"
        with LemonLDAP(tmp_path_factory.mktemp("lemonldap"), portal) as lemonldap:
            yield lemonldap
