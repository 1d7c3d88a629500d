"""Recordings made by hand: bytes of real frames, read by the lab's own readers, at times of our choosing.

Read next: samples.py, which tells stories with it.
"""

import gzip
from itertools import count
from typing import Any

from google.protobuf.message import Message
from hpack import Encoder
from hyperframe import frame as http2

from clientela_lab.wire.decode.calls import Calls
from clientela_lab.wire.decode.descriptors import packaged
from clientela_lab.wire.decode.events import frame_event
from clientela_lab.wire.decode.frame_decoder import both_directions

Event = dict[str, Any]
Pairs = list[tuple[str, str]]
ANSWER = [(":status", "200"), ("content-type", "application/grpc"), ("grpc-encoding", "gzip")]


class Tape:
    """The events of a recording, in order; `at(ms)` moves the time on."""

    def __init__(self, title: str = "", began: str = "2026-11-22T09:15:00.000Z") -> None:
        self.events: list[Event] = []
        self.ms = 0.0
        self.calls = count(1)
        self.descriptors = packaged()
        places = {"upstream": "127.0.0.1:50051", "listen": "127.0.0.1:50052"}
        self.put("recording", version=1, began=began, title=title, **places)

    def at(self, ms: float) -> "Tape":
        self.ms += ms
        return self

    def put(self, event: str, **facts: Any) -> Event:
        made = {"event": event, "n": len(self.events) + 1, "t": round(self.ms / 1000, 6), **facts}
        self.events.append(made)
        return made

    def say(self, text: str, who: str | None = None) -> None:
        self.put("say", text=text, **({"who": who} if who else {}))


class Connection:
    """One connection of a tape."""

    def __init__(self, tape: Tape, conn: int, tls: bool = False, peer: str = "") -> None:
        self.tape, self.conn = tape, conn
        self.stream = -1
        up, down = both_directions()
        self._readers = {"client": up, "server": down}
        self._encoders = {"client": Encoder(), "server": Encoder()}
        self._calls = Calls(tape.descriptors, conn, tape.calls)
        tape.put("open", conn=conn, peer=peer or f"127.0.0.1:{40000 + conn}", tls=tls)
        self._hello()

    def _hello(self) -> None:
        """Send the preface, and both sides' settings."""
        self._bytes("client", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        self.frame("client", http2.SettingsFrame(0, settings={2: 0, 4: 4194304, 6: 16384}))
        self.frame("server", http2.SettingsFrame(0, settings={3: 100}))
        self.frame("server", http2.SettingsFrame(0, flags=["ACK"]))
        self.frame("client", http2.SettingsFrame(0, flags=["ACK"]))
        self.frame("client", http2.WindowUpdateFrame(0, window_increment=983041))

    def begin(self, method: str) -> "Exchange":
        """Send the headers of a request."""
        self.stream += 2
        pairs = [(":method", "POST"), (":scheme", "http"), (":path", method), ("te", "trailers")]
        pairs += [("content-type", "application/grpc"), ("grpc-encoding", "gzip"), ("grpc-timeout", "5S")]
        pairs += [("authorization", "Bearer clt_1"), ("user-agent", "clientela-python/0.1.0")]
        self.headers("client", self.stream, pairs)
        return Exchange(self, self.stream)

    def headers(
        self, sender: str, stream: int, pairs: Pairs, *, end: bool = False, passed: bool = True
    ) -> None:
        flags = ["END_HEADERS", *(["END_STREAM"] if end else [])]
        block = self._encoders[sender].encode(pairs)
        self.frame(sender, http2.HeadersFrame(stream, block, flags=flags), passed)

    def frame(self, sender: str, frame: http2.Frame, passed: bool = True) -> None:
        self._bytes(sender, frame.serialize(), passed)

    def _bytes(self, sender: str, data: bytes, passed: bool = True) -> None:
        for frame in self._readers[sender].feed(data):
            made = self.tape.put(**frame_event(frame, self.conn, passed=passed))
            t = self.tape.ms / 1000
            for event in self._calls.feed(frame, made["n"], t, passed=passed):
                self.tape.put(**event)

    def close(self, by: str, why: str) -> None:
        """End the connection, and with it what has not ended."""
        for event in self._calls.cut(self.tape.ms / 1000):
            self.tape.put(**event)
        self.tape.put("close", conn=self.conn, by=by, why=why)


class Exchange:
    """One call of a line."""

    def __init__(self, line: Connection, stream: int) -> None:
        self.line, self.stream = line, stream
        self.call: int = line.tape.events[-1]["call"]

    def message(
        self,
        sender: str,
        message: Message,
        *,
        end: bool = False,
        passed: bool = True,
        split: int | None = None,
        packed: bool = False,
    ) -> None:
        """Send a message, `split` bytes to a DATA frame; packed: by gzip."""
        data = message.SerializeToString()
        data = gzip.compress(data, mtime=0) if packed else data
        sent = bytes([packed]) + len(data).to_bytes(4, "big") + data
        step = split or len(sent)
        pieces = [sent[at : at + step] for at in range(0, len(sent), step)]
        for piece in pieces:
            flags = ["END_STREAM"] if end and piece is pieces[-1] else []
            self.line.frame(sender, http2.DataFrame(self.stream, piece, flags=flags), passed)

    def answered(self, passed: bool = True) -> None:
        """Send the headers of the answer."""
        self.line.headers("server", self.stream, ANSWER, passed=passed)

    def end(self, status: int = 0, text: str = "", *, passed: bool = True) -> None:
        """Send the trailers."""
        trailers = [("grpc-status", str(status)), ("grpc-message", text), ("clientela-revision", "7")]
        self.line.headers("server", self.stream, trailers, end=True, passed=passed)
