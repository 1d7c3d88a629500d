"""Waiting for what another process does in its own time: asked again until it is so, with a deadline."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from clientela_lab.patience import HANG_S

T = TypeVar("T")


def wait_for(ask: Callable[[], T], within_s: float = HANG_S) -> T:
    """Call until the result is truthy, and return it; raise AssertionError after `within_s` seconds."""
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while not (answer := ask()):
        assert time.monotonic() < deadline, "it did not become so in time"
        pause.wait(0.01)
    return answer
