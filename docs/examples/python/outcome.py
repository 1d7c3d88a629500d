"""What an answer says beside itself, and what an error proves."""

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc import StatusCode

# These codes prove that nothing was done; any other leaves a write in doubt.
REFUSALS = {
    StatusCode.INVALID_ARGUMENT,
    StatusCode.UNAUTHENTICATED,
    StatusCode.PERMISSION_DENIED,
    StatusCode.NOT_FOUND,
    StatusCode.ALREADY_EXISTS,
    StatusCode.FAILED_PRECONDITION,
    StatusCode.OUT_OF_RANGE,
    StatusCode.UNIMPLEMENTED,
    StatusCode.ABORTED,
}


def revision_of(call: grpc.Call) -> str:
    """Return the revision that an answer reflects."""
    return dict(call.trailing_metadata())["clientela-revision"]


def info_of(error: grpc.RpcError) -> ErrorInfo:
    """Return the reason and the facts, empty where the server did not send any."""
    info = ErrorInfo()
    packed = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
    for detail in Status.FromString(packed).details:
        detail.Unpack(info)  # leaves it as it is where the detail is another
    return info


def explain(error: grpc.RpcError, sent: str) -> str:
    """Say what became of a call; `sent` is the request id of a write."""
    doubt = f"in doubt, ask again with {sent}" if sent else "no answer"
    outcome = "not done" if error.code() in REFUSALS else doubt
    info = info_of(error)
    return f"{outcome}: {error.code().name} {info.reason} {dict(info.metadata)}"
