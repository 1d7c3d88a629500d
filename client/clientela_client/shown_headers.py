"""Which headers and metadata may be shown: what is known to hold no secret. Of others, that they are there.

Rule: a secret may be called anything, so what is not known to be harmless is hidden. `--wire` of the command
line and all that the lab shows and keeps as text go through here; the bytes themselves do not.
"""

HIDDEN = "…"
_OF_HTTP = """
:method :scheme :path :authority :status accept accept-charset accept-encoding accept-language accept-ranges
age allow alt-svc cache-control connection content-encoding content-language content-length content-type date
etag expect expires host if-match if-none-match keep-alive last-modified origin pragma range retry-after
server te trailer transfer-encoding upgrade user-agent vary via x-content-type-options x-user-agent
access-control-allow-headers access-control-allow-methods access-control-allow-origin
access-control-expose-headers access-control-max-age access-control-request-headers
access-control-request-method
"""
_OF_RPC = """
grpc-accept-encoding grpc-encoding grpc-message grpc-message-type grpc-previous-rpc-attempts
grpc-retry-pushback-ms grpc-status grpc-status-details-bin grpc-timeout x-grpc-web
connect-accept-encoding connect-content-encoding connect-protocol-version connect-timeout-ms
clientela-call-id clientela-revision
"""
HARMLESS = frozenset((_OF_HTTP + _OF_RPC).split())
# Connect sends trailers among the headers, under names of their own.
_TRAILER = "trailer-"
_SCHEMES = frozenset({"basic", "bearer", "digest", "negotiate", "ntlm"})


def is_harmless(name: str) -> bool:
    """Return whether a header's value may be shown."""
    name = name.lower()
    return name in HARMLESS or name.removeprefix(_TRAILER) in HARMLESS


def shown(name: str, value: str) -> str:
    """Return what may be shown of a header's value: of a path no query, of a credential its scheme."""
    if not is_harmless(name):
        return _scheme_only(value)
    return without_query(value) if name == ":path" else value


def without_query(path: str) -> str:
    """Return a path that may be shown: a query may hold anything."""
    before, question, _ = path.partition("?")
    return f"{before}?{HIDDEN}" if question else path


def _scheme_only(value: str) -> str:
    scheme, _, secret = value.partition(" ")
    return f"{scheme} {HIDDEN}" if secret and scheme.lower() in _SCHEMES else HIDDEN
