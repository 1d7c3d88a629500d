"""Make channels to a server, and explain failed connections.

To pin a fingerprint, the server's certificate chain is fetched, and the certificate of that fingerprint
becomes the channel's only root; no application data has been sent by then. gRPC's errors of a failed
handshake are vague, so the server is probed for the reason; at most once a second, whatever the number of
calls, so as not to overload a server that is just coming back.
Read next: tls_probe.py, transport_grpc.py.
"""

from __future__ import annotations

import math
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import grpc

from clientela_client.clock import monotonic
from clientela_client.connection import tls_probe
from clientela_client.connection.tls_config import SYSTEM, Tls, TlsConfig
from clientela_client.errors import SettingsError
from clientela_client.failure import Failure

#: Servers send messages of about 1 MiB, 4 at most; those of earlier versions have no bound.
ANSWER_MAX = 64 * 1024 * 1024
CHANNEL_OPTIONS: tuple[tuple[str, int | str], ...] = (
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),  # a connection for each client
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 2000),  # the timeout of a connection attempt
    ("grpc.max_reconnect_backoff_ms", 2000),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 10_000),  # the one that gRPC obeys, not the one above
    ("grpc.http2.max_pings_without_data", 0),  # an idle watch stays connected
    ("grpc.max_receive_message_length", ANSWER_MAX),
    ("grpc.primary_user_agent", "clientela-python"),
)
# How long a probe's result is cached, in seconds.
_PROBE_AGAIN_S = 1.0
# gRPC's details of a connection that the server closed.
_HUNG_UP = ("Socket closed", "Connection reset", "Broken pipe", "http1.x")


@dataclass(frozen=True, slots=True)
class _Keys:
    """The PEM files' contents. roots: None for gRPC's own."""

    tls: Tls
    roots: bytes | None
    certificate: bytes | None
    key: bytes | None


class ChannelFactory:
    """Makes channels to one server. All methods but `channel` may block for seconds."""

    def __init__(self, server: str, tls_config: TlsConfig) -> None:
        self._server = server
        self._tls_config = tls_config
        self.keys = _read(tls_config.find())
        self._seen: dict[Callable[..., bool], tuple[float, bool]] = {}

    @property
    def is_pin_unseen(self) -> bool:
        """Return whether the pinned certificate must be fetched before a channel can be made."""
        return self.keys is not None and self.keys.tls.fingerprint is not None and self.keys.roots is None

    def find_pin(self) -> Failure | None:
        """Fetch the pinned certificate, unless it is known; return why that failed, None if it did not."""
        if not self.is_pin_unseen:
            return None
        assert self.keys is not None
        shown = certificates_of(self._server)
        if isinstance(shown, Failure):
            return shown
        pinned = shown.get(self.keys.tls.fingerprint or "")
        if pinned is None:
            return _other_fingerprint(self._server, list(shown))
        self.keys = replace(self.keys, roots=pinned)
        return None

    def channel(self, api: Any) -> Any:
        """Return a channel. api: `grpc` or `grpc.aio`."""
        if self.keys is None:
            return api.insecure_channel(self._server, options=CHANNEL_OPTIONS)
        keys = self.keys
        name = (("grpc.ssl_target_name_override", keys.tls.name),) if keys.tls.name else ()
        credentials = grpc.ssl_channel_credentials(keys.roots, keys.key, keys.certificate)
        return api.secure_channel(self._server, credentials, options=(*CHANNEL_OPTIONS, *name))

    def explain(self, failure: Failure) -> Failure:
        """Return why no connection was made, with a reason if a retry is pointless.

        Reads the TLS settings again: `keys` change if the server has written its discovery file meanwhile.
        """
        told = self._why(failure)
        if not told.reason:
            return failure
        try:
            keys = _read(self._tls_config.find())
        except SettingsError:
            return told
        if (keys and keys.tls.fingerprint) or keys == self.keys:
            return told
        self.keys = keys
        return failure

    def _why(self, failure: Failure) -> Failure:
        details = failure.details
        hung_up = any(sign in details for sign in _HUNG_UP)
        if self.keys is None:
            return _tls_wanted(self._server) if hung_up and self._probe(tls_probe.speaks_tls) else failure
        if "WRONG_VERSION_NUMBER" in details:
            return _no_tls(self._server)
        if "CERTIFICATE_VERIFY_FAILED" in details:
            why = details.rpartition("CERTIFICATE_VERIFY_FAILED:")[2].strip()
            return untrusted(f"the certificate of the server at {self._server} can't be trusted: {why}")
        if "Hostname Verification" in details:
            return self._other_name(self.keys)
        tls = self.keys.tls
        if hung_up and self._probe(tls_probe.rejects_client_certificate, tls.certificate, tls.key):
            return _unknown(self._server, tls)
        return failure

    def _probe(self, question: Callable[..., bool], *credentials: str | Path | None) -> bool:
        """Probe the server, or return the cached result of the last second."""
        seen_at, answer = self._seen.get(question, (-math.inf, False))
        if monotonic() - seen_at >= _PROBE_AGAIN_S:
            answer = question(self._server, *credentials)
            self._seen[question] = (monotonic(), answer)
        return answer

    def _other_name(self, keys: _Keys) -> Failure:
        wanted = keys.tls.name or self._server.rpartition(":")[0]
        names = ", ".join(tls_probe.names(self._server, keys.roots)) or "others"
        return untrusted(
            f"the certificate of the server at {self._server} is for {names}, and not for {wanted}"
        )


def certificates_of(server: str) -> dict[str, bytes] | Failure:
    """Return a server's certificate chain, its own first: PEM by SHA-256; or why there is none."""
    try:
        return tls_probe.certificates(server)
    except ssl.SSLError:
        return _no_tls(server)
    except OSError as error:
        return Failure("UNAVAILABLE", f"no connection: {error}", left=False)


def _read(tls: Tls | None) -> _Keys | None:
    """Read the PEM files; SettingsError if one cannot be used."""
    if tls is None:
        return None
    certificate, key = (_content(path) if path else None for path in (tls.certificate, tls.key))
    if tls.certificate is not None and tls.key is not None:
        tls_probe.check_pair(Path(tls.certificate).expanduser(), Path(tls.key).expanduser())
    if tls.fingerprint is not None:
        return _Keys(tls, None, certificate, key)
    if tls.ca == SYSTEM:
        return _Keys(tls, tls_probe.roots_of_the_system(), certificate, key)
    assert tls.ca is not None
    roots = _content(tls.ca)
    tls_probe.check_roots(roots, tls.ca)
    return _Keys(tls, roots, certificate, key)


def _content(path: str | Path) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}") from None


def _tls_wanted(server: str) -> Failure:
    return _final("TLS_WANTED", f"the server at {server} speaks TLS, and it isn't known how to trust it")


def _no_tls(server: str) -> Failure:
    return _final("TLS_NOT_SPOKEN", f"whoever answers at {server} does not speak TLS")


def untrusted(sentence: str) -> Failure:
    """Return the failure of a server that could not be verified."""
    return _final("TLS_UNTRUSTED", sentence)


def _other_fingerprint(server: str, shown: list[str]) -> Failure:
    return untrusted(
        f"the server at {server} does not show the certificate that was pinned, but sha256:{shown[-1]}; its "
        "certificates were made anew, or somebody stands in between"
    )


def _unknown(server: str, tls: Tls) -> Failure:
    if tls.certificate is None:
        return _final("TLS_CERTIFICATE_WANTED", f"the server at {server} wants a certificate of its clients")
    return _final(
        "TLS_CERTIFICATE_REFUSED",
        f"the server at {server} does not take the certificate in {tls.certificate}",
    )


def _final(reason: str, sentence: str) -> Failure:
    return Failure("UNAVAILABLE", sentence, left=False, reason=reason)
