"""The calls of a recording, with their decoded requests and answers.

Messages are reassembled from the bytes of their frames and parsed by the packaged contract; unknown types are
left out. Only answers that the proxy forwarded count: a swallowed reply never reached the client.
Read next: history_extractor.py and journal.py, which use it.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message

import clientela.v1.customers_pb2
import clientela.v1.economics_pb2
import clientela.v1.feed_pb2
import clientela.v1.purchases_pb2
import clientela.v1.segments_pb2
import clientela.v1.spends_pb2
import clientela.v1.standing_pb2  # noqa: F401  registers them in the pool
from clientela_lab.checking.notes import Event

_PREFIX = 5


@dataclass
class RecordedCall:
    """One call. method: as in the journal ("PurchaseService.RecordPurchase").

    requests, answers: messages, each with its event's number; only answers that were forwarded.
    status: as the client received it, None where it received none. ended: the number of that event.
    """

    number: int
    method: str
    _: KW_ONLY
    requests: list[tuple[int, Message]] = field(default_factory=list)
    answers: list[tuple[int, Message]] = field(default_factory=list)
    status: str | None = None
    ended: int = 0
    trailers: dict[str, str] = field(default_factory=dict)

    @property
    def revision(self) -> int | None:
        """The journal's revision that the answer reflects; None where it names none."""
        told = self.trailers.get("clientela-revision", "")
        return int(told) if told.isdecimal() else None


def calls(events: Iterable[Event]) -> list[RecordedCall]:
    """Return the calls of a recording, in the order in which they began."""
    frames: dict[int, bytes] = {}
    found: dict[int, RecordedCall] = {}
    for event in events:
        match event["event"]:
            case "frame" if event["kind"] == "DATA":
                frames[event["n"]] = b64decode(event["raw"])
            case "call_begin":
                method = event["method"].rpartition(".")[2].replace("/", ".")
                found[event["call"]] = RecordedCall(event["call"], method)
            case "message":
                _take_message(found[event["call"]], event, frames)
            case "call_end" if event["passed"] and event["by"] == "server":
                call = found[event["call"]]
                call.status, call.ended = event["status"], event["n"]
                call.trailers = dict(event["trailers"])
    return list(found.values())


def _take_message(call: RecordedCall, event: Event, frames: dict[int, bytes]) -> None:
    message = _message(event, frames)
    if message is None:
        return
    if event["type"].endswith("Request"):
        call.requests.append((event["n"], message))
    elif event["passed"]:
        call.answers.append((event["n"], message))


def _message(event: Event, frames: dict[int, bytes]) -> Message | None:
    if event["compressed"] or not event["type"]:
        return None
    parts = ((frames[part["frame"]], part["at"]) for part in event["parts"])
    data = b"".join(raw[begin:end] for raw, (begin, end) in parts)[_PREFIX:]
    try:
        pool: Any = descriptor_pool.Default()
        return message_factory.GetMessageClass(pool.FindMessageTypeByName(event["type"])).FromString(data)
    except (KeyError, DecodeError):
        return None
