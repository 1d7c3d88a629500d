"""The options of `clientela lab watch`, validated: errors are reported before anything starts.

Read next: watch_command.py.
"""

import asyncio
import os
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import grpc

from clientela_client.connection import tls_probe
from clientela_client.connection.settings import Token
from clientela_client.connection.tls import ChannelFactory
from clientela_client.connection.tls_config import SYSTEM, TlsConfig
from clientela_client.connection.tls_config import Tls as ClientTls
from clientela_client.errors import Facts, SettingsError, Unavailable
from clientela_client.failure import Failure
from clientela_lab.wire.decode.descriptors import (
    Descriptors,
    NoDescriptors,
    Unreached,
    from_file,
    from_server,
    packaged,
)
from clientela_lab.wire.faults.rule_script import BadRule
from clientela_lab.wire.faults.rules import Rules
from clientela_lab.wire.faults.server_process import ServerProcess
from clientela_lab.wire.proxy.proxy import bind_socket
from clientela_lab.wire.proxy.upstream import ProxyTls, Upstream


@dataclass(frozen=True, kw_only=True)
class WatchOptions:
    """The command's options; see its help."""

    upstream: str
    listen: str
    tls: tuple[Path, Path] | None
    upstream_ca: Path | str | None
    upstream_cert: tuple[Path, Path] | None
    upstream_name: str | None
    descriptors: Path | None
    reflection: bool
    token: str
    faults: tuple[str, ...]
    seed: int
    server_pid: int | None
    record: Path | None
    page: Path | None
    frames: bool
    color: bool

    def read_tls(self) -> ProxyTls:
        """Read certificates and keys. Raises SettingsError, which names the file that cannot be used."""
        certificate, key = self.tls or (None, None)
        return ProxyTls.of_files(
            certificate=certificate,
            key=key,
            upstream_ca=self.upstream_ca,
            upstream_pair=self.upstream_cert,
            upstream_name=self.upstream_name,
        )

    def read_rules(self) -> Rules:
        """Parse the faults. Raises SettingsError, which names the wrong word."""
        try:
            rules = Rules(*self.faults, seed=self.seed)
        except BadRule as error:
            raise SettingsError(str(error)) from None
        of_process = [rule.what for rule in rules.now if rule.what in {"kill", "freeze"}]
        if of_process and self.server_pid is None:
            why = "is about the server's process: say which by --server-pid"
            raise SettingsError(f"fault {of_process[0]} {why}")
        return rules

    def process(self) -> ServerProcess:
        """Return the server's process, unknown where no pid was given."""
        return ServerProcess(_Pid(self.server_pid) if self.server_pid else None)

    def find_descriptors(self) -> Descriptors:
        """Return descriptors from the file, by reflection, or packaged. Raises SettingsError, Unavailable."""
        try:
            if self.descriptors:
                return from_file(self.descriptors)
            if self.reflection:
                return self._reflect()
        except NoDescriptors as error:
            raise SettingsError(str(error)) from None
        return packaged()

    def _reflect(self) -> Descriptors:
        """Fetch descriptors by reflection. Raises Unavailable, NoDescriptors."""
        channel_factory = ChannelFactory(self.upstream, TlsConfig(self.upstream, self._client_tls()))
        token = self.token or Token(self.upstream).find() or ""
        try:
            with channel_factory.channel(grpc) as channel:
                return from_server(channel, token=token)
        except Unreached as error:
            failure = channel_factory.explain(Failure("UNAVAILABLE", error.details))
            sentence = f"{self.upstream} can't be asked to describe itself: {failure.details}"
            raise _unavailable(sentence) from None

    def check_client_certificate(self) -> None:
        """Raise Unavailable where the server closes TLS after our (missing) client certificate."""
        if not self._client_tls() or self.upstream_name:
            return
        if tls_probe.rejects_client_certificate(self.upstream, *(self.upstream_cert or (None, None))):
            which = "does not take the certificate of" if self.upstream_cert else "wants a certificate:"
            raise _unavailable(f"{self.upstream} {which} --upstream-cert CERT,KEY")

    def _client_tls(self) -> ClientTls | Literal[False]:
        if not (self.upstream_ca or self.upstream_cert or self.upstream_name):
            return False
        certificate, key = self.upstream_cert or (None, None)
        return ClientTls(
            self.upstream_ca or SYSTEM, certificate=certificate, key=key, name=self.upstream_name
        )

    def bind(self) -> socket.socket:
        """Bind the listening socket. Raises OSError, with the address as its file name."""
        try:
            return bind_socket(self.listen)
        except OSError as error:
            raise OSError(error.errno, _why(error), self.listen) from None


class _Pid:
    """A process of which only the pid is known."""

    def __init__(self, pid: int) -> None:
        self.pid = pid


async def check_reachable(upstream: Upstream) -> None:
    """Connect once. Raises Unavailable."""
    try:
        probe = await upstream.connect(_Probe)
    except OSError as error:
        why = upstream.explain(error) if isinstance(error, ssl.SSLError) else _why(error)
        raise _unavailable(f"{upstream.address} was not reached: {why}") from None
    await probe.hang_up()


def _unavailable(sentence: str) -> Unavailable:
    facts = Facts("UNAVAILABLE", sentence, reason="UPSTREAM_UNREACHED")
    return Unavailable.before_any_call(facts)


class _Probe(asyncio.Protocol):
    """A connection that carries nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)
        self._gone = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        """Report the closed socket to hang_up()."""
        self._gone.set_result(None)

    async def hang_up(self) -> None:
        """Abort: waiting for TLS's close_notify would outlast the event loop."""
        self._transport.abort()
        await self._gone


def _why(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    # asyncio puts the address in place of the reason; errors of name resolution are below 0.
    told = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
    return (told or str(error)).lower()
