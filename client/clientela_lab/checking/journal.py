"""The journal as events of a recording: what each call made true, with the record before it and after.

An entry belongs to the call that asked for it: by the request id, else by the revision that the answer told,
else by the resource's name. Where several calls asked for it, the first that was not refused did it: an entry
is written once. The server writes some by itself: a stage that time has changed, who came into a segment.
Read next: recorded_calls.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.json_format import MessageToDict

from clientela.v1.feed_pb2 import Change
from clientela_client.errors import PROOFS_OF_REFUSAL
from clientela_lab.checking.notes import Event
from clientela_lab.checking.recorded_calls import RecordedCall

# What this server refuses for its size or its limits it has not looked at.
_REFUSED = PROOFS_OF_REFUSAL | {"RESOURCE_EXHAUSTED"}


def entries(changes: Iterable[Change], calls: Iterable[RecordedCall]) -> Iterator[Event]:
    """Make an event of each change, in order."""
    asked = _Index(calls)
    latest: dict[str, Any] = {}
    for change in changes:
        after = _plain(change, change.WhichOneof("resource"))
        is_record = after is not None and not change.HasField("membership_change")
        yield {
            "event": "entry",
            "revision": change.revision,
            "commit_time": change.commit_time.ToJsonString(),
            "actor": change.actor,
            "method": change.method,
            "request_id": change.request_id,
            "name": change.name,
            "before": latest.get(change.name) if is_record else None,
            "after": after,
            "stage_change": _plain(change, "stage_change" if change.HasField("stage_change") else None),
            "call": asked.call_of(change),
        }
        if is_record:
            latest[change.name] = after


def _plain(change: Change, field: str | None) -> Any:
    return MessageToDict(getattr(change, field), preserving_proto_field_name=True) if field else None


class _Index:
    """Finds the call of an entry."""

    def __init__(self, calls: Iterable[RecordedCall]) -> None:
        self._by_request_id: dict[str, int] = {}
        self._by_answer: dict[tuple[str, int], int] = {}
        self._by_name: dict[tuple[str, str], list[int]] = {}
        self._taken: set[int | None] = set()
        for asked in sorted(calls, key=lambda asked: asked.status in _REFUSED):
            for _, request in asked.requests:
                self._take_request(asked, request)
            for _, answer in asked.answers:
                self._take_answer(asked, answer)

    def _take_request(self, asked: RecordedCall, request: Any) -> None:
        for each in (request, *getattr(request, "items", ())):
            if request_id := getattr(each, "request_id", ""):
                self._by_request_id.setdefault(request_id.lower(), asked.call)
        for name in _names(request):
            self._by_name.setdefault((asked.method, name), []).append(asked.call)

    def _take_answer(self, asked: RecordedCall, answer: Any) -> None:
        if revision := getattr(answer, "revision", 0):
            self._by_answer.setdefault((asked.method, revision), asked.call)

    def call_of(self, change: Change) -> int | None:
        """Give the call's number, None where nobody who was seen asked for it."""
        call = self._find(change)
        self._taken.add(call)
        return call

    def _find(self, change: Change) -> int | None:
        if change.request_id in self._by_request_id:
            return self._by_request_id[change.request_id]
        if (change.method, change.revision) in self._by_answer:
            return self._by_answer[change.method, change.revision]
        for name in (change.name, change.name.rpartition("/purchases/")[0]):
            for call in self._by_name.get((change.method, name), ()):
                if call not in self._taken:
                    return call
        return None


def _names(request: Any) -> Iterator[str]:
    """Name what a request is about: the resource, or the one that it is to be in."""
    yield from filter(None, (getattr(request, "name", ""), getattr(request, "parent", "")))
    if hasattr(request, "policy"):
        yield "policy"
    for kind in ("customer", "segment", "spend"):
        record = getattr(request, kind, None)
        if record is not None:
            yield record.name or f"{kind}s/{getattr(request, f'{kind}_id', '')}"
