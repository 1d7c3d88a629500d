"""A client that only listens detects a dead line by keepalive, here at a 60th of the SDK's intervals."""

import pytest

from clientela_client import Unavailable, connect
from clientela_client.connection import tls
from clientela_lab.patience import HANG_S
from clientela_lab.servers.local_server import LocalServer
from clientela_lab.wire.proxy.local_proxy import LocalProxy

SIXTIETH = tuple(
    (key, value // 60 if key.endswith(("keepalive_time_ms", "timeout_ms")) else value)
    for key, value in tls.CHANNEL_OPTIONS
    if isinstance(value, int)
)


def test_a_watch_on_a_dead_line_ends(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "CHANNEL_OPTIONS", SIXTIETH)
    with (
        LocalProxy(server.address) as proxy,
        connect(proxy.address, token=server.token, tls=False, timeout_s=1.0) as client,
    ):
        client.customers.list_page(timeout_s=HANG_S)
        watch = client.feed.watch(after_revision=0, patience_s=0)
        proxy.rules.add("black-hole down Watch")

        # On a busy machine the line is given up before the watch has begun: that is noticed as well.
        with pytest.raises(Unavailable, match=r"ping timeout|no server was reached"):
            next(watch)
