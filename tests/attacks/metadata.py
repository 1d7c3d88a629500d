"""Calls with too much in front of the message: CVE-2023-32731 and CVE-2023-33953 were of this kind.

20 KB of metadata, a thousand headers, binary headers that are none.

What stops it: metadata has at most 8 KiB, from 16 KiB on with certainty (`grpc.max_metadata_size` and
`grpc.absolute_max_metadata_size`); between the two gRPC refuses some calls and lets others through, so
that no client can rely on it. What is not base64 in a header named -bin ends the call.
"""

from hpack import Decoder
from hyperframe.frame import GoAwayFrame, HeadersFrame, RstStreamFrame

from tests.attacks.siege import Attack, Target
from tests.attacks.wire import Headers, Wire, headers_frame, message_frame, request_headers

GET = "/clientela.v1.CustomerService/GetCustomer"
RESOURCE_EXHAUSTED, INTERNAL, UNAUTHENTICATED = "8", "13", "16"
AT_A_TIME = 50
LONG: Headers = [("x-long", 20_000 * "l")]
MANY: Headers = [(f"x-many-{place}", "m") for place in range(1000)]


def long_metadata(target: Target, calls: int) -> None:
    """20 KB in one header."""
    _all_refused(target, calls, LONG, {RESOURCE_EXHAUSTED})


def many_headers(target: Target, calls: int) -> None:
    """A thousand headers, of 43 bytes each as HTTP/2 counts them."""
    _all_refused(target, calls, MANY, {RESOURCE_EXHAUSTED})


def broken_binary_headers(target: Target, calls: int) -> None:
    """A header of bytes that is not base64."""
    _all_refused(target, calls, [("x-bytes-bin", "!not base64!")], {INTERNAL, UNAUTHENTICATED})


def _all_refused(target: Target, calls: int, extra: Headers, statuses: set[str]) -> None:
    """Make calls, a few at a time; each is refused, or its connection ended."""
    for first in range(0, calls, AT_A_TIME):
        with Wire.open(target.address) as wire:
            for place in range(min(AT_A_TIME, calls - first)):
                headers = request_headers(GET, target.token, extra)
                wire.send(headers_frame(2 * place + 1, headers) + message_frame(2 * place + 1, b""))
            _read_refusals(wire, min(AT_A_TIME, calls - first), statuses)


def _read_refusals(wire: Wire, wanted: int, statuses: set[str]) -> None:
    decoder = Decoder()
    for _ in range(wanted):
        seen = wire.read_until(lambda seen: isinstance(seen, HeadersFrame | RstStreamFrame | GoAwayFrame))
        assert seen or wire.closed, "a call was not answered"
        if not isinstance(seen, HeadersFrame):
            continue
        answer = dict(decoder.decode(seen.data))
        assert answer.get("grpc-status") in statuses, answer


ATTACKS = [
    Attack("20 KB of metadata", long_metadata, 50, 2000),
    Attack("a thousand headers", many_headers, 50, 500),
    Attack("binary headers that are none", broken_binary_headers, 50, 2000),
]
