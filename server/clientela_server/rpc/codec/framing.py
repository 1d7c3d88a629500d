"""Records put into an answer as they are kept: nothing is parsed, and nothing encoded again.

Two rules of protobuf's wire format (https://protobuf.dev/programming-guides/encoding) allow it. A field that
holds a message is a tag, the length, and the message's bytes. Messages put one behind the other are one
message. So a list is its records, each framed, and behind them an ordinary message with all other fields.
"""

from collections.abc import Iterable
from functools import lru_cache

from google.protobuf.message import Message

from clientela_server.rpc.gate.encoded import Encoded

_LENGTH_DELIMITED = 2


def listed(rest: Message, field: str, records: Iterable[bytes]) -> Encoded:
    """Return a message with serialized messages in one of its fields.

    Args:
        rest: the message without them.
        field: the name of the field; a repeated one, if there may be several records.
        records: the serialized messages.
    """
    number = number_of(rest, field)
    parts: list[bytes] = []
    for record in records:
        parts += prefix(number, len(record)), record
    parts.append(rest.SerializeToString())
    return Encoded(b"".join(parts))


def number_of(message: type[Message] | Message, field: str) -> int:
    """Return the number of a message's field."""
    return int(message.DESCRIPTOR.fields_by_name[field].number)


def text_field(number: int, text: str) -> bytes:
    """Return a text in the field of a number; nothing of an empty one, which is the default."""
    data = text.encode()
    return prefix(number, len(data)) + data if data else b""


# The lengths of records are few and alike: most prefixes are known.
@lru_cache(maxsize=4096)
def prefix(number: int, length: int) -> bytes:
    """Return what stands before a message or a text in the field of a number: tag and length."""
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(length)


def _varint(value: int) -> bytes:
    """Return a number in base 128, its lowest seven bits first; the high bit: another byte follows."""
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)
