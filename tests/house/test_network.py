"""Tests reach this machine and nothing else."""

import socket

import pytest


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "8.8.8.8"])
def test_an_address_elsewhere_is_refused_before_it_is_called(address: str) -> None:
    with socket.socket() as caller, pytest.raises(AssertionError, match=f"A test called {address}"):
        caller.connect((address, 9))


def test_an_address_here_is_called() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), timeout=5) as caller:
        assert caller.getpeername() == server.getsockname()
