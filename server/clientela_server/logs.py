"""The log: one line for each call, and few others, on stderr.

JSON where a program reads it, colours where a person does. What libraries log by `logging` goes the same way.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TextIO

import orjson
import structlog

from clientela_server import faults
from clientela_server.clock import now_us
from clientela_server.harmless import harmless

_HELD_S = 0.05
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


_Event = MutableMapping[str, Any]
_encode: Callable[..., Any] = structlog.processors.JSONRenderer(orjson.dumps)


class _Lines:
    """Buffers log events: to format and write each at once would cost more than reading a customer.

    is_taking: whether the log is written for programs, and so by lines of JSON.
    """

    def __init__(self) -> None:
        self.is_taking = False
        self._waiting: list[_Event] = []

    def msg(self, event: _Event) -> None:
        """Take an event; it is written within a moment, without an event loop at once."""
        self._waiting.append(event)
        if len(self._waiting) > 1:
            return
        try:
            asyncio.get_running_loop().call_later(_HELD_S, self.flush)
        except RuntimeError:
            self.flush()

    debug = info = warning = error = critical = msg

    def flush(self) -> None:
        """Write the buffered lines; errors on stderr do not stop the server."""
        events, self._waiting = self._waiting, []
        if events:
            with suppress(OSError):
                sys.stderr.buffer.write(b"".join(map(_line, events)))
                sys.stderr.buffer.flush()


_lines = _Lines()


def info(event: str, facts: _Event) -> None:
    """Log an event of every call; structlog's processors would cost more than formatting it does."""
    if not _lines.is_taking:
        structlog.get_logger().info(event, **facts)
        return
    facts["event"], facts["level"], facts["timestamp"] = event, "info", now_us()
    _lines.msg(facts)


def _stamp(_logger: Any, _method: str, event: _Event) -> _Event:
    """Keep the time of an event; `_line` writes it."""
    event["timestamp"] = now_us()
    return event


def _hand_over(_logger: Any, _method: str, event: _Event) -> tuple[tuple[_Event], dict[str, Any]]:
    """Give the event itself to `_Lines`, as the last structlog processor."""
    return (event,), {}


def _line(event: _Event) -> bytes:
    at = _EPOCH + timedelta(microseconds=event["timestamp"])
    event["timestamp"] = at.isoformat().replace("+00:00", "Z")
    try:
        return b"%b\n" % _encode(None, "", event)
    except TypeError:
        encodable = {_encodable(key): _encodable(value) for key, value in event.items()}
        return b"%b\n" % _encode(None, "", encodable)


def _encodable(value: Any) -> Any:
    """Return a value that JSON can hold, or the name of its type in its place."""
    try:
        _encode(None, "", {"value": value})
    except TypeError:
        return f"unencodable {type(value).__name__}"
    return value


def flush() -> None:
    """Flush the log before the process exits."""
    _lines.flush()
    try:
        sys.stderr.flush()
    except OSError:
        _let_go(sys.stderr)


def print_line(line: str) -> None:
    """Print a line on stdout; a full disk or a closed pipe behind it does not stop the server."""
    try:
        print(line, flush=True)
    except OSError:
        _let_go(sys.stdout)


def _let_go(stream: TextIO) -> None:
    """Let go what a stream could not write, or the interpreter would fail on it at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def open_closed_streams() -> None:
    """Put the null device in the place of a standard stream that is closed.

    Or the next file to be opened would take its number, and get what is meant for the log.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


def escape_event(_logger: Any, _method: str, event: _Event) -> _Event:
    """Escape control characters in keys and values of a log event, before colours are added."""
    return {harmless(str(key)): _cleaned(value) for key, value in event.items()}


def _cleaned(value: Any) -> Any:
    # What is no text holds none, or is a fault, of which no text is written.
    if value is None or isinstance(value, bool | int | float | BaseException | tuple):
        return value
    return harmless(value if isinstance(value, str) else repr(value))


def console() -> structlog.dev.ConsoleRenderer:
    """Return what writes for people: in colours; faults without their words, as in the log of programs."""
    return structlog.dev.ConsoleRenderer(exception_formatter=faults.write_exception)


def configure() -> None:
    """Set up the log of the process."""
    person = sys.stderr.isatty()
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if person:
        structlog.configure(
            processors=[
                *shared,
                escape_event,
                console(),
            ],
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
            cache_logger_on_first_use=True,
        )
    else:
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                _stamp,
                faults.render_exception,
                _hand_over,
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
            logger_factory=lambda *_: _lines,
            cache_logger_on_first_use=True,
        )
    _lines.is_taking = not person
    _take_over_stdlib(shared, person)
    faults.install_hooks()


def _take_over_stdlib(shared: list[Any], person: bool) -> None:
    renderer = console() if person else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(faults.MessageRedactor())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([escape_event] if person else [faults.render_exception]),
                renderer,
            ],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
