"""The lossy proxy refuses connections until it is opened."""

import pytest

from clientela_client import RetryPolicy, Unavailable, connect
from clientela_lab.servers.local_server import LocalServer
from tests.faults.proxy import Proxy


def test_a_line_that_is_shut_is_refused_until_it_is_opened() -> None:
    now = RetryPolicy(wait_for_server=False)
    with LocalServer() as server, Proxy(server.address, shut=True) as line:
        with connect(line.address, token=server.token, policy=now) as client, pytest.raises(Unavailable):
            client.customers.list_page()
        assert line.connects == []
        line.open()
        with connect(line.address, token=server.token) as client:
            assert list(client.customers.list_page().customers) == []
