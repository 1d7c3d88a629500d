"""docs/recordings.md is true: it tells each kind of event and each key, and nothing that there is not."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_type_hints

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest

from clientela.v1.customers_pb2 import GetCustomerRequest
from clientela_client.wire_format.nodes import FieldNode
from clientela_lab.servers.local_server import LocalServer
from clientela_lab.wire.decode.events import KINDS, from_line
from tests.lab.wire.proxied import proxied

DOCUMENT = (Path(__file__).parents[4] / "docs/recordings.md").read_text("utf-8")
EVERYWHERE = {"event", "n", "t"}
Told = dict[str, set[str]]


def told(document: str) -> Told:
    """Read which keys each section tells; a section is a kind of event, named in its heading."""
    _, *sections = re.split(r"^### `(\w+)`$", document, flags=re.MULTILINE)
    return {kind: keys_of(text) for kind, text in zip(sections[::2], sections[1::2], strict=True)}


def keys_of(text: str) -> set[str]:
    """Read the keys of a table."""
    return set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))


def keys_by_type() -> Told:
    """Tell the same of the code: a message's fields stand in its section too."""
    keys = {kind: set(get_type_hints(of_kind)) - EVERYWHERE for kind, of_kind in KINDS.items()}
    keys["message"] |= set(get_type_hints(FieldNode))
    return keys


def untold(events: Iterable[Mapping[str, Any]], document: Told) -> set[str]:
    """List what events hold and a document does not tell: "kind" or "kind.key"."""
    missing = set()
    for event in events:
        keys = document.get(event["event"])
        missing |= {f"{event['event']}.{key}" for key in event.keys() - EVERYWHERE - (keys or set())}
    return missing


def test_each_kind_and_key_stands_in_the_document_and_no_other() -> None:
    assert told(DOCUMENT) == keys_by_type()


def test_the_keys_that_all_events_have_stand_at_its_top() -> None:
    assert keys_of(DOCUMENT.partition("\n## ")[0]) == EVERYWHERE


def test_its_excerpts_are_events_and_all_they_hold_is_documented() -> None:
    blocks = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    lines, request = (block.strip() for block in blocks)
    events = [from_line(line.encode()) for line in lines.split("\n")] + [json.loads(request)]
    assert {event["event"] for event in events} > {"recording", "open", "frame", "message", "call_end"}
    assert untold(events, told(DOCUMENT)) == set()


def test_a_real_recording_holds_nothing_that_is_not_told(server: LocalServer) -> None:
    with proxied(server, "delay 1ms", "drop-reply GetCustomer 1") as line:
        line.caller.health.Check(HealthCheckRequest())
        with pytest.raises(grpc.RpcError):
            line.caller.customers.GetCustomer(GetCustomerRequest(name="customers/nobody"))
        line.recorded.wait_for("close")
    events = line.proxy.events()
    assert {event["event"] for event in events} >= {"fault", "close", "call_begin", "message", "call_end"}
    assert untold(events, told(DOCUMENT)) == set()


@pytest.mark.parametrize(
    ("event", "missing"),
    [({"event": "say", "song": 1}, {"say.song"}), ({"event": "song", "text": ""}, {"song.text"})],
)
def test_what_is_not_told_is_found(event: dict[str, Any], missing: set[str]) -> None:
    assert untold([event], told(DOCUMENT)) == missing
