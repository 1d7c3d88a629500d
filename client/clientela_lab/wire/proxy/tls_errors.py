"""TLS errors in words that say what to change: towards the server, and towards clients.

Rule: OpenSSL's own reason is part of each text.
"""

import ssl

from clientela_client.connection.tls_probe import OTHER_NAME

_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "UNKNOWN_PROTOCOL")
_EXPIRED = (9, 10)
# Alerts by which a server refuses a client without a certificate, or with one that it does not accept.
_WANTED = ("CERTIFICATE_REQUIRED",)
_REFUSED = (
    "UNKNOWN_CA",
    "BAD_CERTIFICATE",
    "CERTIFICATE_UNKNOWN",
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_REVOKED",
)


def of_server(error: Exception, *, certified: bool) -> str:
    """Explain why the server was not reached, or closed. certified: whether a client certificate was sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate verify failed: {error.verify_message.rstrip('.')}{_advice(error.verify_code)}"
    reason = error.reason or "" if isinstance(error, ssl.SSLError) else ""
    if _is_one_of(_NO_TLS, reason):
        return f"it answers without TLS ({_said(reason)}): leave out --upstream-ca and its like"
    if _is_one_of(_WANTED, reason) or ("HANDSHAKE_FAILURE" in reason and not certified):
        return f"it wants a certificate of its clients ({_said(reason)}): --upstream-cert CERT,KEY"
    if _is_one_of(_REFUSED, reason):
        return f"it does not take the certificate of --upstream-cert ({_said(reason)})"
    if "NO_APPLICATION_PROTOCOL" in reason:
        return f"it speaks no HTTP/2 over TLS ({_said(reason)})"
    if "UNRECOGNIZED_NAME" in reason:
        return f"it does not know the name that it is asked by ({_said(reason)}): --upstream-name"
    return _said(reason) if reason else str(error)


def of_client(error: Exception) -> str:
    """Explain why the handshake with a client of the proxy failed."""
    reason = error.reason or "" if isinstance(error, ssl.SSLError) else ""
    if reason == "HTTP_REQUEST":
        return f"HTTP/1.1 without TLS ({_said(reason)}), where the tap is served with --tls"
    if _is_one_of(_NO_TLS, reason):
        return f"the client speaks without TLS ({_said(reason)}), where the tap is served with --tls"
    if _is_one_of(_REFUSED, reason):
        return f"the client does not trust the certificate of --tls ({_said(reason)})"
    if isinstance(error, TimeoutError) or "timed out" in str(error) or "longer than" in str(error):
        return "no handshake of TLS came in time, where the tap is served with --tls"
    return f"no TLS with the client: {_said(reason) if reason else str(error) or 'it hung up'}"


def _advice(code: int) -> str:
    if code in OTHER_NAME:
        return ": --upstream-name says what name it is for"
    return "" if code in _EXPIRED else ": --upstream-ca says whom to trust"


def _is_one_of(signs: tuple[str, ...], reason: str) -> bool:
    return any(sign in reason for sign in signs)


def _said(reason: str) -> str:
    return reason.lower().replace("_", " ")
