"""Environment settings for gRPC, before it is imported; an operator's own settings win.

The client's command line does the same (clientela_client/cli/command/before_grpc.py).
"""

import os
from importlib.util import find_spec
from pathlib import Path


def configure_grpc() -> None:
    """Silence gRPC's own log, and select the event poller from before 1.80.

    1.80 gave Python pollers of their own, which take a third more processor time; releases later than that
    know no other way, and complain when asked.
    """
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    if _is_1_80():
        os.environ.setdefault("GRPC_EXPERIMENTS", "-event_engine_poller_for_python")


def _is_1_80() -> bool:
    """Look at what is installed; to ask importlib.metadata takes longer than all else at the start."""
    found = find_spec("grpc")
    return bool(found and found.origin and any(Path(found.origin).parents[1].glob("grpcio-1.80.*.dist-info")))
