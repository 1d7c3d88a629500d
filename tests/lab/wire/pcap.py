"""A capture file of a conversation: its bytes in TCP segments over IP, as if caught on a network.

Format: libpcap's classic one, link type RAW, one record a segment. Checksums are left out: nobody asks.
"""

import struct
from collections.abc import Iterable
from pathlib import Path

from tests.lab.wire.corpus import Conversation, Piece

_MAGIC, _RAW_IP = 0xA1B2C3D4, 101
_ACK, _PSH_ACK, _SYN = 0x10, 0x18, 0x02
_CLIENT_PORT, _ADDRESS = 40_000, bytes([127, 0, 0, 1])
_SEGMENT_BYTES = 16_000


def write_pcap(conversations: Iterable[Conversation], file: Path) -> None:
    """Write conversations, each as a TCP connection from its first handshake on."""
    packets = [
        packet
        for number, conversation in enumerate(conversations)
        for packet in _packets(conversation, _CLIENT_PORT + number)
    ]
    with file.open("wb") as out:
        out.write(struct.pack("<IHHiIII", _MAGIC, 2, 4, 0, 0, 1 << 18, _RAW_IP))
        for microseconds, packet in enumerate(packets):
            out.write(struct.pack("<IIII", 0, microseconds, len(packet), len(packet)) + packet)


def _packets(conversation: Conversation, client_port: int) -> Iterable[bytes]:
    ports = {True: client_port, False: conversation.port}
    sent = {True: 1, False: 1}

    def packet(from_client: bool, flags: int, data: bytes = b"", back: int = 0) -> bytes:
        numbers = (sent[from_client] - back, sent[not from_client])
        head = struct.pack(
            ">HHIIBBHHH", ports[from_client], ports[not from_client], *numbers, 5 << 4, flags, 65_535, 0, 0
        )
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(data), 0, 0, 64, 6, 0) + _ADDRESS + _ADDRESS
        return ip + head + data

    yield packet(True, _SYN, back=1)
    yield packet(False, _SYN | _ACK, back=1)
    yield packet(True, _ACK)
    for piece in conversation.pieces:
        for data in _segments(piece):
            yield packet(piece.from_client, _PSH_ACK, data)
            sent[piece.from_client] += len(data)


def _segments(piece: Piece) -> Iterable[bytes]:
    return (piece.data[at : at + _SEGMENT_BYTES] for at in range(0, len(piece.data), _SEGMENT_BYTES))
