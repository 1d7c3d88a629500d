"""A browser that is a phone, a server with a web port, and the lossy line between the two."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from clientela_lab.phone.lossy_line import LossyLine
from clientela_lab.phone.ui_driver import UiDriver
from clientela_lab.servers.local_server import LocalServer
from tests.phone.books import Books


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    """A server of the test's own, so it may be killed."""
    with LocalServer(folder=tmp_path, web="127.0.0.1:0") as running:
        yield running


@pytest.fixture
def books(server: LocalServer) -> Books:
    """Its ledger, with one customer."""
    books = Books(server)
    books.open_door()
    return books


@pytest.fixture
def line(server: LocalServer, books: Books) -> Iterator[LossyLine]:
    """The line that a phone's calls go over."""
    with LossyLine(server.url) as running:
        yield running


@pytest.fixture
def phone(browser: Browser, line: LossyLine, books: Books) -> Iterator[UiDriver]:
    """A phone with a clerk signed in. A script of the app that fails is a failure of the test."""
    hand = UiDriver(browser, line.url)
    hand.sign_in(books.clerk("till-1"))
    yield hand
    hand.close()
    assert not hand.faults


@pytest.fixture
def phones(browser: Browser, line: LossyLine) -> Iterator[Callable[[], UiDriver]]:
    """More phones."""
    made: list[UiDriver] = []

    def another() -> UiDriver:
        made.append(UiDriver(browser, line.url))
        return made[-1]

    yield another
    for hand in made:
        hand.close()
