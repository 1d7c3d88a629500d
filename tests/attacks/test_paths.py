"""Names that are paths: ../, absolute ones, encoded ones (CWE-22), in every field that is a name or an id.

What stops it: a resource name is matched whole against its pattern before anything is done with it, and
no name of a caller ever becomes the name of a file. That is seen from outside, by what the server's
process opens.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from clientela_lab.servers.local_server import LocalServer
from tests.attacks.surface import PATHS, Place, send, texts, valid
from tests.rpc.callers import Caller
from tests.rpc.rows import World, new_world
from tests.rpc.waiting import wait_for

TRAVERSALS = [
    "customers/../../../../../../etc/passwd",
    "customers/a/../../b",
    "/etc/passwd",
    "customers/%2e%2e%2fetc%2fpasswd",
    "customers/..%c0%afetc",
    "customers/a/purchases/../../../etc/shadow",
    "file:///etc/passwd",
    "~root/.ssh/id_rsa",
    "customers/\\\\host\\share",
    "customers/CON",
    "/proc/self/environ",
]
NAMES = {
    "name",
    "names",
    "parent",
    "customer",
    "customer_id",
    "purchase_id",
    "referrer",
    "refund_of",
    "page_token",
}
PLACES = [place for rpc in PATHS for place in texts(rpc) if place.fields[-1].name in NAMES]
OPENED = re.compile(r'\b(?:openat|open|creat|unlink|unlinkat|rename|mkdir)\((?:AT_FDCWD, )?"([^"]*)"')


@contextmanager
def traced(pid: int, into: Path) -> Iterator[None]:
    """Note every file that a process opens meanwhile."""
    command = ["strace", "-f", "-qq", "-e", "trace=%file", "-o", str(into), "-p", str(pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        try:
            wait_for(lambda: _is_traced(pid) or strace.poll() is not None)
            if strace.poll() is not None:
                pytest.skip("strace may not look at other processes here")
            yield
        finally:
            strace.terminate()


def _is_traced(pid: int) -> bool:
    return re.search(r"TracerPid:\t[1-9]", Path(f"/proc/{pid}/status").read_text()) is not None


def outside(trace: str, *folders: Path) -> set[str]:
    """The files of a trace that are in none of the folders."""
    return {
        path for path in OPENED.findall(trace) if not any(Path(path).is_relative_to(each) for each in folders)
    }


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_no_name_becomes_the_name_of_a_file(own_server: LocalServer, tmp_path: Path) -> None:
    with grpc.insecure_channel(own_server.address) as channel:
        caller = Caller(channel, own_server.token)
        world = new_world(caller)
        for rpc in PATHS:  # so that what is loaded late is loaded
            send(caller, rpc, valid(rpc, world, caller).SerializeToString())
            send(caller, rpc, b"\xff")

        with traced(own_server.pid, tmp_path / "trace"):
            for place in PLACES:
                attack(caller, world, place)

    trace = (tmp_path / "trace").read_text()
    assert outside(trace, own_server.folder) == set()
    assert not re.search(r"passwd|shadow|id_rsa|environ", trace)


def attack(caller: Caller, world: World, place: Place) -> None:
    for name in TRAVERSALS:
        request = valid(place.rpc, world, caller)
        place.put(request, name)
        assert send(caller, place.rpc, request.SerializeToString()).definite


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_a_file_that_is_opened_is_seen(tmp_path: Path) -> None:
    code = "import sys; sys.stdin.readline(); open('/etc/hostname').close(); sys.stdin.readline()"
    with subprocess.Popen(["python3", "-c", code], stdin=subprocess.PIPE, text=True) as opener:
        assert opener.stdin
        with traced(opener.pid, tmp_path / "trace"):
            opener.stdin.write("\n")
            opener.stdin.flush()
            wait_for(lambda: "hostname" in (tmp_path / "trace").read_text())
        opener.kill()

    assert "/etc/hostname" in outside((tmp_path / "trace").read_text(), Path(os.devnull))
