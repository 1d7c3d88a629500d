"""Detects foreign protocols: by their first bytes where it is not HTTP/2, by the headers where not gRPC.

Rule: no secret is shown: a path is named without its query. Read next: frame_decoder.py.
"""

import re

from clientela_client.shown_headers import without_query
from clientela_lab.wire.decode.headers import Headers

NAMED_BY_MAX = 4096
_ASKS = re.compile(rb"([A-Z]{3,20}) (\S{1,2000}) (HTTP/[01]\.[0-9])\r?\n")
_ANSWERS = re.compile(rb"(HTTP/[01]\.[0-9]) ([0-9]{3}[^\r\n]{0,80})\r?\n")
_TLS = re.compile(rb"[\x14-\x17]\x03[\x00-\x04]", re.DOTALL)
_ALERT, _HANDSHAKE = 0x15, 0x16
_ALERTS = {
    0: "it says goodbye",
    10: "unexpected message: does the other side speak TLS?",
    40: "handshake failure",
    42: "bad certificate",
    46: "certificate unknown",
    48: "unknown authority",
    50: "decode error: does the other side speak TLS?",
    70: "protocol version: does the other side speak TLS?",
    112: "unrecognized name",
    116: "it wants a certificate of the client",
    120: "no common protocol",
}
# By first bytes, of clients and of servers that speak first.
_OTHERS = (
    (rb"SSH-[0-9.]+-", "SSH"),
    (rb"PROXY (TCP|UNKNOWN)", "the PROXY protocol before what it is about"),
    (rb"\r\n\r\n\x00\r\nQUIT\n", "the PROXY protocol before what it is about"),
    (rb"\x00\x00\x00.(\x00\x03\x00\x00|\x04\xd2\x16[\x2e\x2f\x30])", "PostgreSQL"),
    (rb".\x00\x00\x00\x0a[0-9]+\.[0-9]+[^\x00]*\x00", "MySQL"),
    (rb"\*[0-9]+\r\n\$[0-9]+\r\n|-ERR |\+PONG\r\n|PING\r\n", "Redis"),
    (rb"AMQP[\x00-\x03]", "AMQP"),
    (rb"\x10.{1,4}\x00[\x04\x06]MQ(TT|Isdp)", "MQTT"),
    (rb"220[ -]|(EHLO|HELO|USER) \S+\r\n", "SMTP or FTP"),
    (rb"\+OK ", "POP3"),
    (rb"\* OK ", "IMAP"),
    (rb"RFB [0-9.]+\n", "VNC"),
    (rb"\x05[\x01-\x09][\x00-\x09]", "SOCKS"),
    (rb"[\x80\x82][\x01\x21]\x00[\x01-\x04]", "Thrift"),
)
_PATTERNS = tuple((re.compile(pattern, re.DOTALL), name) for pattern, name in _OTHERS)


def not_http2(began: bytes) -> str | None:
    """Name the protocol of these first bytes, "HTTP/1.1 GET /hello: not HTTP/2"; None where it is unknown."""
    name = _http1(began) or _tls(began) or next((name for one, name in _PATTERNS if one.match(began)), None)
    return name and f"{name}: not HTTP/2"


def not_grpc(headers: Headers) -> str | None:
    """Name a request that is not gRPC, "HTTP/2 GET /hello: not gRPC"; None for one that is."""
    found = dict(headers)
    kind = found.get("content-type", "")
    if kind.startswith("application/grpc") or ":method" not in found:
        return None
    of = f" of {kind}" if kind else ""
    return f"HTTP/2 {found[':method']} {without_query(found.get(':path', ''))}{of}: not gRPC"


def _http1(began: bytes) -> str | None:
    if asks := _ASKS.match(began):
        method, path, version = (part.decode("ascii", "backslashreplace") for part in asks.groups())
        return f"{version} {method} {without_query(path)}"
    if answers := _ANSWERS.match(began):
        return b" ".join(answers.groups()).decode("ascii", "backslashreplace")
    return None


def _tls(began: bytes) -> str | None:
    if not _TLS.match(began):
        return None
    if began[0] == _ALERT and len(began) == 7:
        return f"a TLS alert ({_ALERTS.get(began[6], began[6])})"
    if began[0] == _HANDSHAKE:
        return "TLS, which is read only where the tap has the server's certificate (--tls)"
    return "TLS"
