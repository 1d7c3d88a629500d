"""Exceptions in the log: type, numeric codes and traceback, never the message.

The rule: the log holds nothing that a caller said. The words of an exception quote what it failed on, be it a
number that is none or a row that a database refused; those of a library's log do too. So of an exception the
kinds, the numbers that say more, and the lines of code are told; of a library's line who said it and where.
Only what fails `with_messages` is told with them: at the start, where nothing that a caller said is at hand.
"""

import logging
import sys
import threading
import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TextIO

import structlog

from clientela_server.harmless import harmless

_log = structlog.get_logger("server")
# The numbers of the system, of SQLite and of PostgreSQL.
_NUMBERS = ("errno", "extendedresult", "sqlstate")
_CHAIN_MAX = 10
# What an exception may carry: its words, or what is to be done where the kind alone says it.
_WORDS = ("words_at_start", "to_do")


def formatted(error: BaseException) -> str:
    """Format an exception with its causes, the outermost first."""
    return "\n".join(_lines(error))


def _lines(error: BaseException) -> Iterator[str]:
    each: BaseException | None = error
    for _ in range(_CHAIN_MAX):
        if each is None:
            return
        yield _named(each)
        for frame in traceback.extract_tb(each.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        if isinstance(each, BaseExceptionGroup):
            for part in each.exceptions:
                yield from _lines(part)
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def _named(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    numbers = [f"{each}={number}" for each in _NUMBERS if (number := getattr(error, each, None)) is not None]
    words = [*numbers, *(getattr(error, each) for each in _WORDS if hasattr(error, each))]
    return f"{name}: {', '.join(map(str, words))}" if words else name


@contextmanager
def with_messages() -> Iterator[None]:
    """Log exceptions raised in this block with their messages: no caller's data exists yet at start."""
    try:
        yield
    except Exception as error:
        vars(error)["words_at_start"] = harmless(str(error))
        raise


def render_exception(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Render `exc_info` of a log event; the last but one structlog processor."""
    given = line.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line["exception"] = formatted(error)
    return line


def write_exception(
    stream: TextIO,
    given: tuple[type[BaseException], BaseException, TracebackType | None],
) -> None:
    """Write an exception for a person who reads the log as it comes."""
    stream.write("\n" + formatted(given[1]))


class MessageRedactor(logging.Filter):
    """Replaces the message of a library's log record by its logger, function and line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; it is always written."""
        record.msg = f"{record.name} logs, in {record.module}.{record.funcName}:{record.lineno}"
        record.args = None
        return True


def install_hooks() -> None:
    """Install hooks that log uncaught exceptions and warnings without their messages."""
    sys.excepthook = lambda _, error, __: _log.error("not caught", exc_info=error)
    threading.excepthook = _thread_ended
    logging.captureWarnings(capture=True)
    sys.unraisablehook = lambda given: _log.error("not raised", exc_info=given.exc_value)


def _thread_ended(given: Any) -> None:
    _log.error("a thread ended", exc_info=given.exc_value)
