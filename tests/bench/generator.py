"""Drives the load generator (generator.c): sends unary calls, each its own, and measures what came back.

How many in flight: at most 8 connections, the rest as streams on them (1 = 1x1, 8 = 8x1, 64 = 8x8); over
HTTP/1.1 a connection for each.
Rule: a fixed number of requests, each with the bytes that its answer must hold, so that what was answered and
written can be counted exactly; one answer with another status, or about another customer, ends the run.
Read next: generator.c, spread.py.
"""

import json
import os
import resource
import shutil
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from hpack import Encoder
from hyperframe.frame import SettingsFrame, WindowUpdateFrame

CONNECTIONS_MAX = 8
DEADLINE = "10S"  # What each call says in `grpc-timeout`.
SLICE_WITHIN_S = 120.0
PREFIX_BYTES = 5  # before each message of gRPC
_SOURCE = Path(__file__).with_suffix(".c")
_PROGRAM = Path(__file__).parents[2] / ".build" / "generator"
_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"".join(
    frame.serialize()
    for frame in (
        SettingsFrame(
            settings={SettingsFrame.HEADER_TABLE_SIZE: 0, SettingsFrame.INITIAL_WINDOW_SIZE: 2**31 - 1}
        ),
        WindowUpdateFrame(0, window_increment=2**31 - 1 - 65_535),
    )
)


class GeneratorFailed(RuntimeError):
    """There is no C compiler, or a connection broke."""


class NotVerified(RuntimeError):
    """A slice does not add up: the server refused, lost or doubled calls, or answered otherwise."""


@dataclass(frozen=True)
class Calls:
    """Unary calls of one method. path: "/package.Service/Method"; requests: the encoded messages.

    expected: what must stand in the answer to each; customers: the customer of each, where one is meant.
    """

    path: str
    requests: list[bytes]
    expected: list[bytes]
    token: str = ""
    customers: list[str] = field(default_factory=list)
    connections_max: int = CONNECTIONS_MAX

    def texts(self) -> list[bytes]:
        """Return what the generator reads: greeting, header blocks, then requests and what they expect."""
        headers = {
            ":method": "POST",
            ":scheme": "http",
            ":path": self.path,
            ":authority": "bench",
            "content-type": "application/grpc",
            "te": "trailers",
            "grpc-timeout": DEADLINE,
            **({"authorization": f"Bearer {self.token}"} if self.token else {}),
        }
        encoder = Encoder()  # The second block names what the first one said, as that of any client does.
        texts = [_GREETING, *(encoder.encode(headers.items(), huffman=False) for _ in range(2))]
        for request, expected in zip(self.requests, self.expected, strict=True):
            texts += [b"\0" + struct.pack(">I", len(request)) + request, expected]
        return texts


@dataclass(frozen=True)
class Http1Calls(Calls):
    """Calls over HTTP/1.1, one at a time on a connection; requests: all that is sent for each."""

    connections_max: int = 256

    def texts(self) -> list[bytes]:
        """Return what the generator reads: neither greeting nor header blocks, then the pairs."""
        return [b"", b"", b""] + [
            text for pair in zip(self.requests, self.expected, strict=True) for text in pair
        ]


@dataclass(frozen=True)
class Slice:
    """What one run of the generator measured. Times are seconds where not said otherwise."""

    requests: int
    seconds: float
    data_bytes: int
    p50_ms: float
    p99_ms: float
    server_cpu_s: float
    generator_cpu_s: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds

    @property
    def server_cpu_us(self) -> float:
        """The server's processor time for one request, in microseconds, all its threads together."""
        return self.server_cpu_s / self.requests * 1e6


def run_slice(
    address: str,
    server_pid: int,
    calls: Calls,
    in_flight: int,
    requests: int,
    folder: Path,
    *,
    per_second: int = 0,
) -> Slice:
    """Sends `requests` calls in their order, always `in_flight` of them open, and returns what was measured.

    folder: where the requests are kept meanwhile. per_second: no more than so many. Raises NotVerified if an
    answer is not the one expected, GeneratorFailed if a connection breaks.
    """
    file = folder / "requests.bin"
    file.write_bytes(b"".join(struct.pack(">I", len(text)) + text for text in calls.texts()))
    connections = min(calls.connections_max, in_flight)
    numbers = [connections, in_flight // connections, requests, per_second]
    command = [str(program()), *address.rsplit(":", 1), *map(str, numbers)]
    server = psutil.Process(server_pid)
    server_before, generator_before = _cpu_s(server), _children_cpu_s()
    said = json.loads(_run(command, file))
    server_cpu_s, generator_cpu_s = _cpu_s(server) - server_before, _children_cpu_s() - generator_before
    right, first_wrong = said.pop("right"), said.pop("wrong")
    if right != requests:
        raise NotVerified(f"{requests - right} of {requests} answers are wrong, the first: {first_wrong}")
    return Slice(requests, **said, server_cpu_s=server_cpu_s, generator_cpu_s=generator_cpu_s)


def available() -> bool:
    """Returns whether there is a C compiler."""
    return shutil.which("cc") is not None


def program() -> Path:
    """Returns the compiled generator, compiled anew if its source is younger."""
    if not _PROGRAM.exists() or _PROGRAM.stat().st_mtime < _SOURCE.stat().st_mtime:
        if not available():
            raise GeneratorFailed("there is no C compiler, cc (Debian packages gcc, libc6-dev)")
        _PROGRAM.parent.mkdir(exist_ok=True)
        made = _PROGRAM.with_suffix(f".{os.getpid()}")
        subprocess.run(["cc", "-O2", "-o", str(made), str(_SOURCE)], check=True)
        made.rename(_PROGRAM)
    return _PROGRAM


def _run(command: list[str], requests: Path) -> str:
    try:
        with requests.open("rb") as read:
            done = subprocess.run(
                command, stdin=read, capture_output=True, text=True, timeout=SLICE_WITHIN_S, check=True
            )
    except subprocess.CalledProcessError as error:
        raise GeneratorFailed(error.stderr.strip() or f"generator: exit code {error.returncode}") from None
    except subprocess.TimeoutExpired:
        raise GeneratorFailed(f"a slice took more than {SLICE_WITHIN_S:.0f} s") from None
    return done.stdout


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _children_cpu_s() -> float:
    """Returns the processor time of all children that have ended: of a slice, the generator's own."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
