"""Finds requests that are wrong in a new way, and keeps them.

    python -m tests.attacks.fuzz SECONDS [SEED [RPC ...]]

It begins with good requests and those found before (corpus/), changes a few bytes, and reads the result
as the server would. What is refused for another reason, by another rule or in another field than all
before is kept, a line in the corpus: `hex  reason rule field`. Whatever is raised but a refusal ends the
search, for it is a bug. Read next: test_fuzz.py, which plays the corpus to a server.
"""

import random
import re
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from clientela_server.domain.errors import Refusal
from clientela_server.rpc.gate.validation import check, read
from tests.attacks.surface import PATHS, VALID
from tests.rpc.rows import filled

CORPUS = Path(__file__).with_name("corpus")
SHORT = 300
BYTES = [
    b"\x00",
    b"\xff",
    b"\x80",
    b"\x0b",
    b"\x0c",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"-",
    b"/",
]
BYTES += [
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\x80\x80\x80\x80\x08",
    b"\x08\x00",
    b"\x0a\x00",
    b"0",
    b"A",
]
NAMES = SimpleNamespace(
    ann="customers/ann",
    gone="customers/gone",
    new="customers/new",
    bought="customers/ann/purchases/p-1",
    new_purchase="customers/ann/purchases/p-2",
    segment="segments/lost",
    new_segment="segments/regular",
    spend="spends/fair",
    new_spend="spends/leaflets",
    back="customers/ben",
    id="7d444840-9dc0-11d1-b245-5ffdce74fad2",
)


def seeds(rpc: str) -> list[bytes]:
    """A good request, and one in which every field of every message is set to nothing."""
    kind = GetMessageClass(PATHS[rpc].input_type)
    good: Any = filled(VALID[rpc], NAMES)  # type: ignore[arg-type]
    return [kind(**good).SerializeToString(), _everything(kind()).SerializeToString()]


def _everything(message: Message, depth: int = 0) -> Message:
    for field in message.DESCRIPTOR.fields:
        if not field.message_type or field.message_type.GetOptions().map_entry or depth > 4:
            continue
        inner = getattr(message, field.name)
        _everything(inner.add() if field.is_repeated else inner, depth + 1)
        if not field.is_repeated:
            inner.SetInParent()
    return message


def changed(data: bytes, chance: random.Random) -> bytes:
    """Change a few bytes: flip, cut, repeat, insert."""
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(data) + 1)
        until = min(len(data), place + chance.randint(0, 8))
        middle = chance.choice(
            [
                b"",
                data[place:until] * 2,
                chance.choice(BYTES),
                bytes([chance.randrange(256)]),
                chance.randbytes(3),
            ]
        )
        data = data[:place] + middle + data[until:]
    return data


def outcome(rpc: str, data: bytes) -> str:
    """How the server would answer, before it looks anything up."""
    try:
        check(read(GetMessageClass(PATHS[rpc].input_type), data))
    except Refusal as refusal:
        path = re.sub(r"\[[^]]*\]", "[]", refusal.faults[0].path if refusal.faults else "")
        return f"{refusal.reason} {refusal.facts.get('rule', '-')} {path or '-'}"
    return "- - -"


def kept(rpc: str) -> dict[str, bytes]:
    """The corpus of an RPC: the shortest request found for each outcome."""
    file = CORPUS / f"{rpc}.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    return {why: bytes.fromhex(data) for data, why in (line.split("  ", 1) for line in lines)}


def search(rpc: str, seconds: float, chance: random.Random) -> None:
    """Look for new outcomes of an RPC for a time, and write the corpus anew."""
    found = {outcome(rpc, data): data for data in seeds(rpc)} | kept(rpc)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = changed(chance.choice([*found.values(), *seeds(rpc)]), chance)[:SHORT]
        why = outcome(rpc, data)
        if why not in found or len(data) < len(found[why]):
            found[why] = data
    lines = sorted(f"{data.hex()}  {why}\n" for why, data in found.items())
    (CORPUS / f"{rpc}.txt").write_text("".join(lines))
    print(f"{rpc}: {len(found)}")


if __name__ == "__main__":
    CORPUS.mkdir(exist_ok=True)
    seconds, seed, rpcs = float(sys.argv[1]), sys.argv[2:3], sys.argv[3:] or [*PATHS]
    for rpc in rpcs:
        search(rpc, seconds / len(rpcs), random.Random(*map(int, seed)))
