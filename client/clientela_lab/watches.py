"""A watch on a bare gRPC channel: the loop that resumes, as any client in any language would write it.

Rule: the bookmark is what one has read up to, so it moves on only when what came with it is handed out; and
whatever ends the stream but a refusal, the next one begins there.
Read next: client/clientela_client/_async/watch.py, where the SDK does the same.
"""

from collections.abc import Callable, Iterator

import grpc

from clientela.v1.feed_pb2 import Change, WatchRequest
from clientela.v1.feed_pb2_grpc import FeedServiceStub

_RESUMED = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED)
Credentials = tuple[tuple[str, str], ...]


def resuming(
    channel: grpc.Channel, credentials: Credentials, tell: Callable[[str], None]
) -> Iterator[Change]:
    """Yield every change from the first on, without end; call `tell` with the reason each stream ended."""
    stub, after = FeedServiceStub(channel), 0
    while True:
        try:
            request = WatchRequest(after_revision=after)
            for message in stub.Watch(request, metadata=credentials, wait_for_ready=True):
                yield from message.changes
                after = message.bookmark_revision
        except grpc.RpcError as error:
            if error.code() not in _RESUMED:
                raise
            tell(f"the watch ended ({error.code().name}: {error.details()}); on from revision {after}")
