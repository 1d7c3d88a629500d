"""The server, with as long for a call as a test waits: python -m tests.rpc.unhurried, and else as the server.

Its own limits, 30 s for most calls, are tried in test_deadlines.py. On a loaded machine a first report, for
which numpy and scipy are loaded, may take longer.
"""

import sys

from clientela_lab.patience import HANG_S
from clientela_server.__main__ import main
from clientela_server.rpc.gate import gate
from clientela_server.rpc.gate.call_context import Rpc
from clientela_server.rpc.gate.call_metadata import CallMetadata

limit_s_of = gate.limit_s_of


def unhurried_limit_s(rpc: Rpc, incoming: CallMetadata) -> float | None:
    """Give longer, where there is a limit."""
    return None if limit_s_of(rpc, incoming) is None else HANG_S


if __name__ == "__main__":
    gate.limit_s_of = unhurried_limit_s
    sys.exit(main())
