"""A free port, for programs that cannot bind port 0 themselves, as our own do."""

import socket


def free_port() -> int:
    """Return a loopback port that is free at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
