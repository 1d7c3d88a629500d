"""The registry that is read and written: how it is filled, and asked once.

Read next: arena.py.
"""

from collections.abc import Callable
from pathlib import Path

import bulk
import grpc
from calls import CREATE, Method
from generator import NotVerified, run_slice

from clientela_lab.servers.local_server import LocalServer

PURCHASES_OF_A_REGULAR = 50  # as many as a page of ListPurchases holds
AT_ONCE = 10_000
ANSWERS_WITHIN_S = 10.0


def customers(count: int) -> list[str]:
    """Return the names of those who are read and who buy; each has one purchase."""
    return [f"customers/c{number:07d}" for number in range(count)]


def regulars(count: int) -> list[str]:
    """Return the names of those whose purchases are listed, beside `count` others: one for every hundred."""
    return [f"customers/r{number:07d}" for number in range(max(8, count // 100))]


def fill(server: LocalServer, count: int, folder: Path, progress: Callable[[str], None]) -> None:
    """Register `count` customers with a purchase each, and the regulars with theirs."""
    everybody = customers(count) + regulars(count)
    progress(f"registration of {len(everybody):,} customers")
    for start in range(0, len(everybody), AT_ONCE):
        calls = CREATE.calls(everybody[start : start + AT_ONCE], server.token)
        run_slice(server.address, server.pid, calls, 64, len(calls.requests), folder)
    progress("import of their purchases")
    file, few = folder / "purchases-of-all.csv", len(regulars(count))
    bulk.write_purchases(file, (count, count, "c"), (few * PURCHASES_OF_A_REGULAR, few, "r"))
    bulk.finish_import(bulk.import_file(server, "purchases", file))


def answer(server: LocalServer, method: Method, customer: str) -> bytes:
    """Return what the server answers, encoded."""
    with grpc.insecure_channel(server.address) as channel:
        ask = channel.unary_unary(method.path)
        try:
            encoded: bytes = ask(
                method.request(customer).SerializeToString(),
                metadata=(("authorization", f"Bearer {server.token}"),),
                timeout=ANSWERS_WITHIN_S,
            )
        except grpc.RpcError as error:
            raise NotVerified(
                f"{method.path} of {customer}: {error.code().name}: {error.details()}"
            ) from error
    return encoded
