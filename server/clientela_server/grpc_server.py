"""The gRPC server: its transport limits, and its port with or without TLS.

Connections, headers and message sizes are limited here; calls are limited by the gate
(`rpc/gate/concurrency_limit`). docs/security.md has the table of both.
"""

from typing import Any

import grpc

from clientela_server.config import Address, Config, ConfigError

ANSWER_MAX = 4 * 1024 * 1024
OPTIONS: tuple[tuple[str, Any], ...] = (
    ("grpc.so_reuseport", 0),  # or a second server would share the port without anybody noticing
    ("grpc.max_receive_message_length", 1024 * 1024),
    # What clients take where nobody told them otherwise; answers end well below, see `answer_size`.
    ("grpc.max_send_message_length", ANSWER_MAX),
    # Packed messages are not taken: gRPC unpacks them whole before it looks at the limit.
    ("grpc.compression_enabled_algorithms_bitset", 1),
    ("grpc.max_metadata_size", 8 * 1024),
    ("grpc.absolute_max_metadata_size", 16 * 1024),
    ("grpc.max_concurrent_streams", 100),
    ("grpc.server_handshake_timeout_ms", 5_000),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.http2.ping_timeout_ms", 20_000),  # so long an answer is waited for; 60 s by itself
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.max_connection_idle_ms", 300_000),
    ("grpc.max_connection_age_ms", 1_800_000),
    # A watch resumes and may be cut; an export can't be resumed, and takes minutes where it is long.
    ("grpc.max_connection_age_grace_ms", 300_000),
)


def new_grpc_server(connections: int) -> grpc.aio.Server:
    """Create the gRPC server with its limits; connections beyond the maximum are closed at once."""
    return grpc.aio.server(options=(*OPTIONS, ("grpc.max_allowed_incoming_connections", connections)))


def open_port(server: grpc.aio.Server, config: Config, credentials: grpc.ServerCredentials | None) -> Address:
    """Bind the port; return the address with the bound port. ConfigError if it can't be bound."""
    listen = config.listen
    try:
        if credentials is None:
            port = server.add_insecure_port(str(listen))
        else:
            port = server.add_secure_port(str(listen), credentials)
    except RuntimeError:
        raise ConfigError(
            f"--listen {listen}: the port is in use, or the address is not of this machine; give another, "
            "or port 0 for any that is free"
        ) from None
    return Address(listen.host, port)
