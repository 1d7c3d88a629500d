"""Drives h2load (nghttp2): sends one unary call over and over, and measures what came back.

How many in flight: at most 8 connections, the rest as streams on them (1 = 1x1, 8 = 8x1, 64 = 8x8).
Rule: a fixed number of requests, so that what was answered and what was written can be counted exactly. HTTP
status and gRPC status differ and h2load sees only the first, so whoever asks must check the bytes of data: an
error has none.
Limits: one body for all requests of a slice, so one customer, and no request_id of its own for each.
Read next: rounds.py.
"""

import re
import resource
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psutil

CONNECTIONS_MAX = 8
DEADLINE = "10S"  # What each call says in `grpc-timeout`.
SLICE_WITHIN_S = 120.0

_COUNTS = re.compile(r"requests: (\d+) total, .* (\d+) succeeded, (\d+) failed")
_DATA = re.compile(r"traffic: .*\((\d+)\) data")


class GeneratorFailed(RuntimeError):
    """h2load is missing, or said something else than expected."""


@dataclass(frozen=True)
class Call:
    """One unary call. path: "/package.Service/Method"; request: the encoded message."""

    path: str
    request: bytes
    token: str = ""

    def body(self) -> bytes:
        """Returns the message behind its 5-byte gRPC prefix."""
        return b"\0" + struct.pack(">I", len(self.request)) + self.request


@dataclass(frozen=True)
class Slice:
    """What one run of h2load measured. Times are seconds where not said otherwise."""

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


def available() -> bool:
    """Returns whether h2load is installed."""
    return shutil.which("h2load") is not None


def run_slice(
    address: str,
    server_pid: int,
    call: Call,
    in_flight: int,
    requests: int,
    folder: Path,
    *,
    per_second: int = 0,
) -> Slice:
    """Sends `requests` equal calls, always `in_flight` of them open, and returns what was measured.

    folder: where the body and the log of the latencies are kept meanwhile. per_second: no more than so many.
    Raises GeneratorFailed if a request got no HTTP answer.
    """
    connections = min(CONNECTIONS_MAX, in_flight)
    log = folder / "h2load.tsv"
    log.unlink(missing_ok=True)
    command = _command(address, call, folder)
    command += ["-c", str(connections), "-m", str(in_flight // connections)]
    command += ["-n", str(requests), f"--log-file={log}"]
    command += [f"--rps={per_second // connections}"] if per_second else []
    server = psutil.Process(server_pid)
    server_before, generator_before = _cpu_s(server), _children_cpu_s()
    said = _run(command)
    server_cpu_s, generator_cpu_s = _cpu_s(server) - server_before, _children_cpu_s() - generator_before
    data_bytes = _data_bytes(said, requests)
    seconds, latencies_us = _read_log(log)
    if len(latencies_us) != requests:
        raise GeneratorFailed(f"h2load logged {len(latencies_us)} of {requests} requests")
    return Slice(
        requests=requests,
        seconds=seconds,
        data_bytes=data_bytes,
        p50_ms=_quantile(latencies_us, 0.50) / 1000,
        p99_ms=_quantile(latencies_us, 0.99) / 1000,
        server_cpu_s=server_cpu_s,
        generator_cpu_s=generator_cpu_s,
    )


def _command(address: str, call: Call, folder: Path) -> list[str]:
    body = folder / "h2load.body"
    body.write_bytes(call.body())
    headers = {"content-type": "application/grpc", "te": "trailers", "grpc-timeout": DEADLINE}
    if call.token:
        headers["authorization"] = f"Bearer {call.token}"
    options = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    return ["h2load", f"http://{address}{call.path}", "-d", str(body), *options]


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SLICE_WITHIN_S, check=True)
    except FileNotFoundError:
        raise GeneratorFailed("h2load is not installed (Debian package nghttp2-client)") from None
    except subprocess.CalledProcessError as error:
        raise GeneratorFailed(f"h2load ended with {error.returncode}: {error.stderr.strip()}") from None
    except subprocess.TimeoutExpired:
        raise GeneratorFailed(f"a slice took more than {SLICE_WITHIN_S:.0f} s") from None
    return done.stdout


def _data_bytes(said: str, requests: int) -> int:
    counts, data = _COUNTS.search(said), _DATA.search(said)
    if not counts or not data:
        raise GeneratorFailed(f"h2load said something unexpected:\n{said}")
    if [int(number) for number in counts.groups()] != [requests, requests, 0]:
        raise GeneratorFailed(f"h2load: {counts.group(0)}, of {requests} asked for")
    return int(data.group(1))


def _read_log(log: Path) -> tuple[float, list[int]]:
    """Returns the seconds from the first start to the last end, and the sorted latencies in us."""
    rows = [line.split("\t") for line in log.read_text(encoding="ascii").splitlines()]
    first = min(int(row[0]) for row in rows)
    last = max(int(row[0]) + int(row[2]) for row in rows)
    return (last - first) / 1e6, sorted(int(row[2]) for row in rows)


def _quantile(ordered: list[int], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _children_cpu_s() -> float:
    """Returns the processor time of all children that have ended: of a slice, h2load's own."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
