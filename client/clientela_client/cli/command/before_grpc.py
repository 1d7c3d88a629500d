"""Environment variables that gRPC reads when it is imported; those that the user has set stay.

The server does the same (clientela_server/before_grpc.py); neither imports the other.
"""

import os
from importlib.util import find_spec
from pathlib import Path


def set_grpc_defaults() -> None:
    """Silence gRPC's own log, and select the event poller that was the default before 1.80.

    1.80 gave Python a poller of its own, which takes a third more CPU time; later releases have no other,
    and warn when the experiment is named.
    """
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    if _is_1_80():
        os.environ.setdefault("GRPC_EXPERIMENTS", "-event_engine_poller_for_python")


def _is_1_80() -> bool:
    """Return whether grpcio 1.80 is installed; importlib.metadata would dominate the start-up time."""
    found = find_spec("grpc")
    return bool(found and found.origin and any(Path(found.origin).parents[1].glob("grpcio-1.80.*.dist-info")))
