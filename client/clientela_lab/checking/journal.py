"""The journal as events of a recording: each entry with its call and the record before and after.

An entry is matched to a call by the request id, else by the revision in the answer, else by the resource's
name. Of several matching calls the first that was not refused wrote it: an entry is written once. The server
writes some entries by itself: stages that change as time passes, memberships of segments.
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

# RESOURCE_EXHAUSTED: this server refuses by size or rate before it handles the call.
_REFUSED = PROOFS_OF_REFUSAL | {"RESOURCE_EXHAUSTED"}


def entries(changes: Iterable[Change], calls: Iterable[RecordedCall]) -> Iterator[Event]:
    """Yield the event of each change, in order."""
    index = _Index(calls)
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
            "call": index.call_of(change),
        }
        if is_record:
            latest[change.name] = after


def _plain(change: Change, field: str | None) -> Any:
    return MessageToDict(getattr(change, field), preserving_proto_field_name=True) if field else None


class _Index:
    """Matches entries to calls."""

    def __init__(self, calls: Iterable[RecordedCall]) -> None:
        self._by_request_id: dict[str, int] = {}
        self._by_answer: dict[tuple[str, int], int] = {}
        self._by_name: dict[tuple[str, str], list[int]] = {}
        self._taken: set[int | None] = set()
        for call in sorted(calls, key=lambda call: call.status in _REFUSED):
            for _, request in call.requests:
                self._take_request(call, request)
            for _, answer in call.answers:
                self._take_answer(call, answer)

    def _take_request(self, call: RecordedCall, request: Any) -> None:
        for each in (request, *getattr(request, "items", ())):
            if request_id := getattr(each, "request_id", ""):
                self._by_request_id.setdefault(request_id.lower(), call.number)
        for name in _names(request):
            self._by_name.setdefault((call.method, name), []).append(call.number)

    def _take_answer(self, call: RecordedCall, answer: Any) -> None:
        if revision := getattr(answer, "revision", 0):
            self._by_answer.setdefault((call.method, revision), call.number)

    def call_of(self, change: Change) -> int | None:
        """Return the number of the call that wrote an entry; None where no recorded call did."""
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
    """Yield the names that a request refers to: the resource, or its parent."""
    yield from filter(None, (getattr(request, "name", ""), getattr(request, "parent", "")))
    if hasattr(request, "policy"):
        yield "policy"
    for kind in ("customer", "segment", "spend"):
        record = getattr(request, kind, None)
        if record is not None:
            yield record.name or f"{kind}s/{getattr(request, f'{kind}_id', '')}"
