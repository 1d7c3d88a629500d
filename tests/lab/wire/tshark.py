"""The same conversation as tshark reads it, Wireshark's command line, told as seen.py tells it.

It is asked twice: for all that it dissects, and for the exact bytes of the headers, which its first answer
cuts at a zero byte. Its numbers are named here, from RFC 9113, and not by what is tested.
"""

import json
import re
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from clientela_lab.patience import HANG_S
from tests.lab.wire.corpus import Conversation
from tests.lab.wire.pcap import write_pcap
from tests.lab.wire.seen import Seen

WITHIN_S = HANG_S
_KINDS = (
    "DATA HEADERS PRIORITY RST_STREAM SETTINGS PUSH_PROMISE PING GOAWAY WINDOW_UPDATE CONTINUATION".split()
)
_FLAGS = {
    "DATA": {0x1: "END_STREAM", 0x8: "PADDED"},
    "HEADERS": {0x1: "END_STREAM", 0x4: "END_HEADERS", 0x8: "PADDED", 0x20: "PRIORITY"},
    "SETTINGS": {0x1: "ACK"},
    "PING": {0x1: "ACK"},
    "CONTINUATION": {0x4: "END_HEADERS"},
}
_SETTINGS = [
    *"HEADER_TABLE_SIZE ENABLE_PUSH MAX_CONCURRENT_STREAMS".split(),
    *"INITIAL_WINDOW_SIZE MAX_FRAME_SIZE MAX_HEADER_LIST_SIZE".split(),
]
_ERRORS = [
    *"NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT".split(),
    *"STREAM_CLOSED FRAME_SIZE_ERROR REFUSED_STREAM CANCEL".split(),
]
_TYPES = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in vars(FieldDescriptor).items()
    if name.startswith("TYPE_")
}
_EMPTY: Seen = {"flags": set(), "stream": 0, "headers": [], "carried": {}}
_ENUM = re.compile(r" = (\S+)\(-?\d+\) \(enum\)$")
_MAP_ENTRY = re.compile(r"\.(\w+)MapEntry$")


class Pairs(list[Any]):
    """A JSON object of which a key may come several times: a list of key and value."""

    def all(self, key: str) -> list[Any]:
        """Return the values of a key."""
        return [value for name, value in self if name == key]

    def get(self, key: str) -> Any:
        """Return the last value of a key, or None."""
        return next(reversed(self.all(key)), None)


def seen_by_tshark(conversation: Conversation, protos: Path, folder: Path) -> list[Seen]:
    """Write a conversation as a capture, and have tshark read it. protos: a tree of .proto files."""
    capture = folder / "capture.pcap"
    write_pcap([conversation], capture)
    frames = [frame for layers in _dissect(capture, conversation.port, protos) for frame in _frames(layers)]
    exact = _dissect(capture, conversation.port, protos, "-x", "-Y", "http2.header.name")
    lists = [headers for layers in exact for headers in _header_lists(layers)]
    for frame, headers in zip((one for one in frames if one["headers"]), lists, strict=True):
        frame["headers"] = headers
    return _whole_blocks(frames)


def _whole_blocks(frames: list[Seen]) -> list[Seen]:
    """Tell the headers of a block that goes on in CONTINUATIONs where it ends."""
    begun: list[tuple[str, str]] = []
    for frame in frames:
        if frame["kind"] in {"HEADERS", "CONTINUATION"}:
            begun, frame["headers"] = begun + frame["headers"], []
            if "END_HEADERS" in frame["flags"]:
                begun, frame["headers"] = [], begun
    return frames


def _dissect(capture: Path, port: int, protos: Path, *more: str) -> Iterator[Pairs]:
    command = ["tshark", "-r", str(capture), "-d", f"tcp.port=={port},http2"]
    command += ["-o", "protobuf.preload_protos:TRUE"]
    command += ["-o", f'uat:protobuf_search_paths:"{protos}","TRUE"']
    command += ["-T", "json", "-J", "http2 grpc protobuf", *more]
    done = subprocess.run(command, capture_output=True, timeout=WITHIN_S, check=True)
    assert b"Error" not in done.stderr, done.stderr.decode()
    for packet in json.loads(done.stdout, object_pairs_hook=Pairs):
        yield packet.get("_source").get("layers")


def _frames(layers: Pairs) -> Iterator[Seen]:
    """Tell the frames of a packet; messages come in layers of their own, behind the frame that ends them."""
    found = [_frame(stream) for http2 in layers.all("http2") for stream in http2.all("http2.stream")]
    for name, layer in layers:
        if name == "grpc":
            found[-1]["messages"].append(_message(layer))
        elif name == "protobuf":
            found[-1]["messages"][-1].update(_content(layer))
    yield from found


def _frame(stream: Pairs) -> Seen:
    if stream.get("http2.magic"):
        return {**_EMPTY, "kind": "PREFACE", "length": 24, "messages": []}
    number, flags = int(stream.get("http2.type")), int(stream.get("http2.flags"), 16)
    kind = _KINDS[number] if number < len(_KINDS) else f"0x{number:02x}"
    return {
        "kind": kind,
        "flags": {name for bit, name in _FLAGS.get(kind, {}).items() if flags & bit},
        "stream": int(stream.get("http2.streamid")),
        "length": int(stream.get("http2.length")),
        "headers": stream.all("http2.header"),
        "carried": _carried(kind, stream),
        "messages": [],
    }


def _carried(kind: str, stream: Pairs) -> dict[str, Any]:
    if kind == "DATA":
        with_padding = _hex(stream.get("http2.data.data") or "")
        return {"data": with_padding[: len(with_padding) - 2 * int(stream.get("http2.pad_length"))]}
    if kind == "SETTINGS":
        acknowledges = int(stream.get("http2.flags"), 16) & 1
        return {} if acknowledges else {"settings": dict(map(_setting, stream.all("http2.settings")))}
    if kind == "WINDOW_UPDATE":
        return {"increment": int(stream.get("http2.window_update.window_size_increment"))}
    if kind == "PING":
        return {"ping": _hex(stream.get("http2.ping") or stream.get("http2.pong"))}
    if kind == "RST_STREAM":
        return {"error_code": _ERRORS[int(stream.get("http2.rst_stream.error"))]}
    if kind == "GOAWAY":
        return {
            "error_code": _ERRORS[int(stream.get("http2.goaway.error"))],
            "last_stream": int(stream.get("http2.goaway.last_stream_id")),
            "debug": bytes.fromhex(_hex(stream.get("http2.goaway.addata") or "")).decode(),
        }
    return {}


def _setting(setting: Pairs) -> tuple[str, int]:
    number = int(setting.get("http2.settings.id"))
    name = _SETTINGS[number - 1] if number <= len(_SETTINGS) else f"0x{number:x}"
    return name, int(next(value for key, value in setting if key != "http2.settings.id"))


def _header_lists(layers: Pairs) -> Iterator[list[tuple[str, str]]]:
    for http2 in layers.all("http2"):
        for stream in http2.all("http2.stream"):
            if headers := stream.all("http2.header"):
                yield [_header(one) for one in headers]


def _header(header: Pairs) -> tuple[str, str]:
    exact = (header.get(f"http2.header.{key}_raw") or [""] for key in ("name", "value"))  # none of no bytes
    name, value = (bytes.fromhex(one[0]) for one in exact)
    if name.endswith(b"-bin") and value[:1] == b"\0":
        return name.decode(), b64encode(value[1:]).decode()
    return name.decode(), value.decode()


def _message(grpc: Pairs) -> Seen:
    return {
        "compressed": grpc.get("grpc.compressed_flag") == "1",
        "length": int(grpc.get("grpc.message_length")),
        "type": None,
        "fields": [],
    }


def _content(protobuf: Pairs) -> Seen:
    [message] = [value for key, value in protobuf if key.startswith("Message")]
    name = message.get("protobuf.message.name")
    return {"type": None if name.startswith("<UNKNOWN>") else name, "fields": _fields(message)}


def _fields(message: Pairs) -> list[tuple[Any, ...]]:
    return [_field(label, field) for label, field in message if label.startswith("Field(")]


def _field(label: str, field: Pairs) -> tuple[Any, ...]:
    name, kind = field.get("protobuf.field.name"), field.get("protobuf.field.type")
    nested = [value for key, value in field if key.startswith("Message")]
    known = kind is not None
    return (
        int(field.get("protobuf.field.number")),
        name if known else None,
        _MAP_ENTRY.sub(_entry, nested[0].get("protobuf.message.name"))
        if nested
        else _TYPES[int(kind)]
        if known
        else None,
        int(field.get("protobuf.field.wiretype")),
        _hex(field.get("protobuf.field.value")),
        None if nested or not known else _value(label, field),
        _fields(nested[0]) if nested else [],
    )


def _entry(found: re.Match[str]) -> str:
    """Name a map's entry as protoc does: the name is not in the proto, and tshark has one of its own."""
    return f".{found[1].title().replace('_', '')}Entry"


def _value(label: str, field: Pairs) -> Any:
    if (enum := _ENUM.search(label)) is not None:
        return enum[1]
    if (elements := field.get("protobuf.field.value.repeated_tree")) is not None:
        return [value for _, value in elements]
    tree = field.get("protobuf.field.value_tree")
    return tree[-1][1] if tree else None


def _hex(text: str) -> str:
    return text.replace(":", "")
