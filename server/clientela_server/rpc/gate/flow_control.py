"""Send the messages of a stream at the client's pace: each when the client has taken the one before.

A client that reads nothing keeps its slots of `concurrency_limit` until what it asked for was written, or it
could make the server buffer any number of messages. Read next: `grpc_adapter`, whose `send` waits.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from clientela_server.domain.errors import ResourceExhausted
from clientela_server.rpc.gate.call_context import CallContext, Handler
from clientela_server.rpc.gate.concurrency_limit import ConcurrencyLimit
from clientela_server.rpc.gate.encoded import Answer

# Returns when the client has room for another message.
Send = Callable[[Answer], Awaitable[None]]


def sending(handler: Handler, send: Send, unread_s: float) -> Handler:
    """Return a handler that sends each message of a stream's handler, and has no response of its own.

    It raises ResourceExhausted if the client takes nothing for `unread_s` seconds.
    """

    async def send_all(request: Any, call: CallContext) -> None:
        async for message in handler(request, call):
            await _send(message, call, send, unread_s)

    return send_all


async def _send(message: Answer, call: CallContext, send: Send, unread_s: float) -> None:
    call.unsent = being_sent = asyncio.ensure_future(send(message))
    sent, _ = await asyncio.wait([being_sent], timeout=unread_s)
    if not sent:
        raise ResourceExhausted("READER_TOO_SLOW", resume_after_revision=call.resume_after)
    call.unsent = None
    await being_sent


def release_when_sent(limit: ConcurrencyLimit, call: CallContext, sender: asyncio.Task[Any] | None) -> None:
    """Free a call's slot, but only after its last message, or its one large one, was written.

    sender: the task that sends the one response, where the transport has one for each call.
    """
    sending = sender if call.unsent is None and call.rpc.may_be_large else call.unsent
    if sending is None:
        limit.release(call.caller, call.rpc)
    else:
        sending.add_done_callback(lambda _: limit.release(call.caller, call.rpc))
