"""A port that is free: for programs that must be told one, as our own need not be (port 0)."""

import socket


def free_port() -> int:
    """Ask the system for a port of the loopback that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
