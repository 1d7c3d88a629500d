"""A web port in use: in trial runs another port is taken, otherwise it is an error."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from structlog.testing import capture_logs

from clientela.v1.customers_pb2 import ListCustomersRequest
from clientela_lab.patience import HANG_S
from clientela_server.__main__ import _config, _parser
from clientela_server.config import Address, Config, ConfigError
from tests.rpc.running import running


@pytest.fixture
def taken() -> Iterator[Address]:
    """An address at which somebody serves."""
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        yield Address("127.0.0.1", somebody.getsockname()[1])


def status_of(url: str) -> int:
    with urlopen(url, timeout=HANG_S) as answer:
        return int(answer.status)


def config_of(*arguments: str) -> Config:
    return _config(_parser().parse_args(arguments))


async def test_dev_with_its_web_port_taken_says_so_and_serves(
    tmp_path: Path, taken: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clientela_server.__main__.WEB", str(taken))
    told = config_of("--dev")
    assert told.web == taken

    async with running(tmp_path, web=told.web, dev=told.dev, web_elsewhere=told.web_elsewhere) as live:
        with capture_logs() as logged:
            url = await live.server.start_web()
        status = await asyncio.to_thread(status_of, url)
        assert (await live.admin.customers.ListCustomers(ListCustomersRequest())).customers == []

    assert status == 200
    assert url.removeprefix("http://") != str(taken)
    assert [each["event"] for each in logged] == [
        f"the web port {taken} is taken: it is {url} now; --web says where else"
    ]


@pytest.mark.parametrize("dev", [["--dev"], []])
async def test_a_web_port_that_was_asked_for_and_is_taken_is_an_error(
    tmp_path: Path, taken: Address, dev: list[str]
) -> None:
    told = config_of("--web", str(taken), *dev)

    async with running(tmp_path, web=told.web, dev=told.dev, web_elsewhere=told.web_elsewhere) as live:
        with pytest.raises(ConfigError, match=rf"--web {taken}: Address already in use; give another"):
            await live.server.start_web()


def test_only_who_tries_things_out_is_moved() -> None:
    assert config_of("--dev").web_elsewhere
    assert not config_of().web_elsewhere
    assert config_of("--web", "off", "--dev").web is None
