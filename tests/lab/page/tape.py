"""Recordings made by hand, of real bytes: frames by hyperframe, header blocks by hpack, messages by protobuf.

Every offset is worked out from the bytes themselves, so a page that marks the wrong byte is found out.
Read next: samples.py, which tells stories with it.
"""

import base64
from typing import Any

from google.protobuf.message import Message
from google.type.money_pb2 import Money
from hpack import Encoder
from hyperframe import frame as http2

from clientela_client.cli.wire_walk import varint

Event = dict[str, Any]
WIRE = {0: "VARINT", 2: "LEN"}


class Tape:
    """The events of a recording, in order; `at(ms)` moves the time on."""

    def __init__(self, title: str = "", began: str = "2026-11-22T09:15:00.000Z") -> None:
        self.events: list[Event] = []
        self.ms = 0.0
        self.calls = 0
        self.put(
            "recording",
            version=1,
            began=began,
            upstream="127.0.0.1:50051",
            listen="127.0.0.1:50052",
            title=title,
        )

    def at(self, ms: float) -> "Tape":
        self.ms += ms
        return self

    def put(self, event: str, **facts: Any) -> Event:
        made = {"event": event, "n": len(self.events) + 1, "t": round(self.ms / 1000, 6), **facts}
        self.events.append(made)
        return made

    def say(self, text: str, who: str | None = None) -> None:
        self.put("say", text=text, **({"who": who} if who else {}))


class Line:
    """One connection of a tape."""

    def __init__(self, tape: Tape, conn: int, tls: bool = False) -> None:
        self.tape, self.conn = tape, conn
        self.encoders = {"client": Encoder(), "server": Encoder()}
        self.stream = -1
        tape.put("open", conn=conn, peer=f"127.0.0.1:{40000 + conn}", tls=tls)

    def close(self, by: str, why: str) -> None:
        self.tape.put("close", conn=self.conn, by=by, why=why)

    def hello(self) -> None:
        """Both sides' settings."""
        settings = http2.SettingsFrame(0, settings={2: 0, 4: 4194304, 6: 16384})
        self.frame("client", settings, settings={"ENABLE_PUSH": 0, "INITIAL_WINDOW_SIZE": 4194304})
        self.frame(
            "server", http2.SettingsFrame(0, settings={3: 100}), settings={"MAX_CONCURRENT_STREAMS": 100}
        )
        self.frame("server", http2.SettingsFrame(0, flags=["ACK"]), settings={})
        self.frame("client", http2.SettingsFrame(0, flags=["ACK"]), settings={})
        self.frame("client", http2.WindowUpdateFrame(0, window_increment=983041), increment=983041)

    def frame(self, sender: str, frame: http2.Frame, passed: bool = True, **facts: Any) -> Event:
        raw = frame.serialize()
        return self.tape.put(
            "frame",
            conn=self.conn,
            **{"from": sender},
            stream=frame.stream_id,
            kind=type(frame).__name__.removesuffix("Frame").upper().replace("WINDOWUPDATE", "WINDOW_UPDATE"),
            flags=sorted(frame.flags),
            length=len(raw) - 9,
            raw=base64.b64encode(raw).decode(),
            passed=passed,
            **facts,
        )

    def headers(
        self, sender: str, stream: int, pairs: list[tuple[str, str]], end: bool, passed: bool
    ) -> Event:
        block = self.encoders[sender].encode(pairs)
        flags = ["END_HEADERS", *(["END_STREAM"] if end else [])]
        frame = http2.HeadersFrame(stream, block, flags=flags)
        return self.frame(sender, frame, passed, headers=[list(pair) for pair in pairs])

    def begin(
        self, method: str, kind: str = "unary", timeout_s: float | None = 5.0, passed: bool = True
    ) -> "Exchange":
        self.stream += 2
        self.tape.calls += 1
        metadata = [
            ["authorization", "Bearer …"],
            ["user-agent", "clientela-python/0.1.0 grpc-python/1.78.0"],
        ]
        pairs = [(":method", "POST"), (":scheme", "http"), (":path", method), ("te", "trailers")]
        pairs += [("content-type", "application/grpc"), ("grpc-timeout", "5S"), *map(tuple, metadata)]
        frame = self.headers("client", self.stream, pairs, end=False, passed=passed)
        call = Exchange(self, self.tape.calls, self.stream, method)
        self.tape.put(
            "call_begin",
            call=call.call,
            conn=self.conn,
            stream=self.stream,
            method=method,
            kind=kind,
            timeout_s=timeout_s,
            metadata=metadata,
            frame=frame["n"],
        )
        return call


class Exchange:
    """One call of a line."""

    def __init__(self, line: Line, call: int, stream: int, method: str) -> None:
        self.line, self.call, self.stream, self.method = line, call, stream, method
        self.began_ms = line.tape.ms
        self.index = {"client": 0, "server": 0}

    def message(
        self, sender: str, message: Message, end: bool = False, passed: bool = True, split: int | None = None
    ) -> Event:
        """Send a message, at `split` in two DATA frames."""
        data = message.SerializeToString()
        sent = b"\0" + len(data).to_bytes(4, "big") + data
        pieces = [sent[:split], sent[split:]] if split else [sent]
        parts = []
        for at, piece in enumerate(pieces):
            flags = ["END_STREAM"] if end and at == len(pieces) - 1 else []
            frame = http2.DataFrame(self.stream, piece, flags=flags)
            event = self.line.frame(sender, frame, passed)
            parts.append({"frame": event["n"], "at": [9, 9 + len(piece)]})
        self.index[sender] += 1
        return self.line.tape.put(
            "message",
            call=self.call,
            stream=self.stream,
            **{"from": sender},
            method=self.method,
            type=message.DESCRIPTOR.full_name,
            index=self.index[sender] - 1,
            compressed=False,
            length=len(data),
            fields=fields_of(data, message.DESCRIPTOR),
            parts=parts,
            passed=passed,
        )

    def answered(self, passed: bool = True) -> None:
        pairs = [(":status", "200"), ("content-type", "application/grpc")]
        self.line.headers("server", self.stream, pairs, end=False, passed=passed)

    def end(
        self, status: str = "OK", text: str = "", by: str = "server", passed: bool = True, **more: Any
    ) -> None:
        trailers = [
            ["grpc-status", "0" if status == "OK" else "14"],
            ["clientela-call-id", f"{self.call:016x}"],
        ]
        if by == "server":
            pairs = [(name, value) for name, value in trailers]
            self.line.headers("server", self.stream, pairs, end=True, passed=passed)
        self.line.tape.put(
            "call_end",
            call=self.call,
            conn=self.line.conn,
            stream=self.stream,
            status=status,
            text=text,
            details=more.get("details", []),
            trailers=trailers if by == "server" else [],
            ms=round(self.line.tape.ms - self.began_ms, 3),
            by=by,
            passed=passed,
        )


def fields_of(data: bytes, descriptor: Any, start: int = 0, end: int | None = None) -> list[Event]:
    """Take a message apart: every field with its range, tag included."""
    at, found = start, []
    while at < (len(data) if end is None else end):
        tag, value = varint(data, at)
        field = descriptor.fields_by_number[tag >> 3]
        begin, behind = _value(data, value, tag & 7)
        made = {
            "number": field.number,
            "name": field.name,
            "type": _type(field),
            "wire": WIRE[tag & 7],
            "at": [at, behind],
        }
        if field.message_type:
            made["fields"] = fields_of(data, field.message_type, begin, behind)
            if field.message_type.name == "Money":
                said = Money.FromString(data[begin:behind])
                made["value"] = f"{said.units}.00 {said.currency_code}"
        else:
            made["value"] = _meaning(data[begin:behind], field)
        found.append(made)
        at = behind
    return found


def _value(data: bytes, at: int, wire: int) -> tuple[int, int]:
    if wire == 2:
        length, at = varint(data, at)
        return at, at + length
    return at, varint(data, at)[1]


def _type(field: Any) -> str:
    if field.message_type:
        return str(field.message_type.full_name)
    return {3: "int64", 5: "int32", 8: "bool", 9: "string", 14: "enum"}.get(field.type, "bytes")


def _meaning(raw: bytes, field: Any) -> Any:
    if field.type == 9:
        return raw.decode()
    number = varint(raw, 0)[0]
    return field.enum_type.values_by_number[number].name if field.enum_type else number
