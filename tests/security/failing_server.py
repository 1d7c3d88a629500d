"""The server with a fault that nobody catches: python -m tests.security.failing_server, as the server itself.

CLIENTELA_TEST_FAULT names which of the functions here plants it.
"""

import os
import sys
from typing import Any, NoReturn

from clientela_server import app
from clientela_server.__main__ import main
from clientela_server.rpc.gate import authorization

WORDS = "zq7words7qz"


def a_method_is_missing() -> None:
    """Fail as where a service lacks a method."""

    def lacking(*_: Any) -> NoReturn:
        raise AttributeError(f"nobody wrote {WORDS}")

    app.GrpcAdapter.register = lacking


def a_rule_is_missing() -> None:
    """Have an RPC that nobody has thought about."""
    del authorization._RULES["clientela.v1.CustomerService.EraseCustomer"]


def a_record_is_none() -> None:
    """Fail at what the ledger holds, which callers said once."""

    def failing(*_: Any) -> NoReturn:
        raise ValueError(f"no record: {WORDS}")

    app.make_missing = failing


def the_end_fails() -> None:
    """Fail when requests were taken, in the words of one of them."""
    original = app.Server.stop

    async def failing(self: app.Server) -> NoReturn:
        await original(self)
        raise ValueError(f"can't forget {WORDS}")

    app.Server.stop = failing


if __name__ == "__main__":
    plant = {
        each.__name__: each
        for each in (a_method_is_missing, a_rule_is_missing, a_record_is_none, the_end_fails)
    }
    plant[os.environ["CLIENTELA_TEST_FAULT"]]()
    sys.exit(main())
