"""Errors on stderr, as text or as JSON, by the table in exits.py.

Rules: an error is one clear sentence, its fields and facts, and a next step; never a traceback. A write whose
response was lost is "in doubt", never "failed": the command to retry with the same request id is shown.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

import click

from clientela_client.cli.command.exits import (
    EXIT_CODES_BY_STATUS,
    IN_DOUBT,
    INTERRUPTED,
    NEXT_STEPS,
    OTHER,
    OUTCOME_WORDS,
    UNAVAILABLE,
    USAGE,
    write_effect,
)
from clientela_client.cli.command.options import RunOptions
from clientela_client.cli.imports.files.csv_file import FileChanged
from clientela_client.cli.words.enum_choices import comma_separated
from clientela_client.cli.words.mistyped import UnknownCommand
from clientela_client.harmless import escaped, escaped_json, one_line

if TYPE_CHECKING:
    from clientela_client.errors import CallError, InDoubt

# A command to retry may contain a text of several lines, which must not be escaped.
_IN_A_COMMAND = "\n\r\t"
_COPY = "import a copy that nobody writes to"


@dataclass(frozen=True)
class ErrorReport:
    """One error, to be printed as text or as JSON. fields: (field path, description)."""

    exit_code: int
    sentence: str
    _: KW_ONLY
    code: str = ""
    reason: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    facts: Mapping[str, str] = field(default_factory=dict)
    next_step: str = ""
    request_id: str = ""
    call_id: str = ""

    @property
    def word(self) -> str:
        """Return the outcome's name: "Not found"."""
        return OUTCOME_WORDS[self.exit_code]

    def as_text(self) -> str:
        """Return the text after the outcome's name: sentence, fields, facts and next step."""
        lines = self.sentence.split("\n")
        lines += [f"  {path}: {wrong}" for path, wrong in self.fields if wrong not in self.sentence]
        said = "\n".join(lines)
        lines += [f"  {key}: {fact}" for key, fact in self.facts.items() if fact and fact not in said]
        text = "\n".join(one_line(line) for line in lines)
        return f"{text}\nTry: {escaped(self.next_step, keep=_IN_A_COMMAND)}" if self.next_step else text

    def as_json(self) -> str:
        """Return the error as a line of JSON."""
        outcome = self.word.lower().replace(" ", "_")
        error: dict[str, Any] = {"outcome": outcome, "exit_code": self.exit_code, "message": self.sentence}
        rest: dict[str, Any] = {
            "code": self.code,
            "reason": self.reason,
            "fields": [{"field": path, "description": wrong} for path, wrong in self.fields],
            "metadata": dict(self.facts),
            "try": self.next_step,
            "request_id": self.request_id,
            "call_id": self.call_id,
        }
        error |= {key: value for key, value in rest.items() if value}
        return json.dumps({"error": error}, ensure_ascii=False)


def report_error(error: BaseException, options: RunOptions) -> int:
    """Print the error on stderr and return its exit code."""
    error_report = error_report_of(error, options)
    with contextlib.suppress(BrokenPipeError):
        if _for_programs(options):
            text = error_report.as_json()
            click.echo(escaped_json(text) if sys.stderr.isatty() else text, err=True)
        else:
            click.secho(
                error_report.word,
                err=True,
                nl=False,
                fg="red",
                bold=True,
                color=options.colors_on(sys.stderr),
            )
            click.echo(f": {error_report.as_text()}", err=True)
    return error_report.exit_code


def _for_programs(options: RunOptions) -> bool:
    # A command line that failed to parse has not set its options: look for them in argv.
    words = ["", *options.argv]
    said = (word for before, word in itertools.pairwise(words) if before in ("-o", "--output"))
    output_format = options.output or next(said, None) or os.environ.get("CLIENTELA_OUTPUT")
    return output_format in ("json", "ndjson")


def error_report_of(error: BaseException, options: RunOptions) -> ErrorReport:
    """Return the error report of an exception."""
    from clientela_client.errors import CallError, InDoubt, Interrupted

    if isinstance(error, Interrupted):
        return _in_doubt_report(error.in_doubt, options, INTERRUPTED)
    if isinstance(error, InDoubt):
        return _in_doubt_report(error, options, IN_DOUBT)
    if isinstance(error, CallError):
        return _call_error_report(error, options)
    return _local_error_report(error)


def _local_error_report(error: BaseException) -> ErrorReport:
    """Return the report of an error on the client's side, before or after the call."""
    from clientela_client.errors import SettingsError

    match error:
        case click.exceptions.NoArgsIsHelpError():
            return ErrorReport(
                USAGE, f"a command is missing{_subcommands(error)}.", next_step=_usage_step(error)
            )
        case click.UsageError():
            return ErrorReport(USAGE, error.format_message(), next_step=_usage_step(error))
        case SettingsError():
            return ErrorReport(USAGE, str(error))
        case KeyboardInterrupt() | click.Abort():
            return ErrorReport(INTERRUPTED, "stopped by the keyboard.")
        case OSError():
            return ErrorReport(OTHER, f"{error.filename}: {error.strerror}" if error.filename else str(error))
        case FileChanged():
            return ErrorReport(OTHER, f"{error}; what was recorded of it stays.", next_step=_COPY)
    return ErrorReport(OTHER, f"a fault of this program, {type(error).__name__}: {error}")


def _subcommands(error: click.UsageError) -> str:
    if error.ctx is None or not isinstance(error.ctx.command, click.Group):
        return ""
    return f": {comma_separated(error.ctx.command.list_commands(error.ctx))}"


def _usage_step(error: click.UsageError) -> str:
    if isinstance(error, UnknownCommand) and error.meant:
        return error.meant
    if "Try: " in error.format_message():
        return ""
    return f"{error.ctx.command_path if error.ctx else 'clientela'} --help"


def _call_error_report(error: CallError, options: RunOptions) -> ErrorReport:
    from clientela_client.errors import Refused

    unreached = not isinstance(error, Refused) and error.attempts == 0
    exit_code = EXIT_CODES_BY_STATUS.get(error.code, OTHER) if isinstance(error, Refused) else UNAVAILABLE
    keys = [error.reason or "UNREACHED"] if unreached else [error.reason, error.code]
    return ErrorReport(
        exit_code,
        _sentence(error, options, exit_code),
        code=error.code,
        reason=error.reason,
        fields=[(violation.path, violation.description) for violation in error.violations],
        facts=error.metadata,
        next_step=next(filter(None, (_next_step(key, error.metadata) for key in keys)), ""),
        call_id=error.call_id,
    )


# The server's own time limit was reached, not the client's deadline.
_SERVERS_LIMITS = {"REPORT_BEING_MADE", "SERVER_TIME_LIMIT"}


def _sentence(error: CallError, options: RunOptions, exit_code: int) -> str:
    if error.reason in _SERVERS_LIMITS:
        return error.localized_message or error.message
    if exit_code == UNAVAILABLE and error.code == "DEADLINE_EXCEEDED":
        return f"no answer came in time{_timeout_words(options)}; nothing was changed."
    if exit_code == UNAVAILABLE:
        return f"{error.message}; nothing was changed."
    return error.localized_message or error.message


def _timeout_words(options: RunOptions) -> str:
    return f" ({options.timeout:g} s)" if options.timeout else ""


def _next_step(key: str, facts: Mapping[str, str]) -> str:
    words = {name: shlex.quote(fact) for name, fact in facts.items()}
    if "name" in words:
        words["get"] = _get(words["name"])
    try:
        return NEXT_STEPS.get(key, "").format_map(words)
    except KeyError:
        return ""


def _get(name: str) -> str:
    """Return the command that shows a resource: "customers get customers/42"."""
    if "/" not in name:
        return f"{name} get"
    noun = "purchases" if "/purchases/" in name else name.partition("/")[0]
    return f"{noun} get {name}"


def _in_doubt_report(error: InDoubt, options: RunOptions, exit_code: int) -> ErrorReport:
    effect = write_effect(error.method)
    why = (
        "stopped while waiting for the answer"
        if exit_code == INTERRUPTED
        else f"no answer came{_timeout_words(options)}"
    )
    return ErrorReport(
        exit_code,
        f"{why}: it isn't known whether {effect}.",
        code=error.code,
        reason=error.reason,
        facts=error.metadata,
        next_step=_retry_command(error.request_id, options),
        request_id=error.request_id or "",
        call_id=error.call_id,
    )


def _retry_command(request_id: str | None, options: RunOptions) -> str:
    """Return the command that retries safely, and why it is safe."""
    command = " ".join(["clientela", *_masked(_without_request_id(options.argv))])
    if options.rerun_is_safe or not request_id:
        return f"{command}\n     The same file again is safe: rows that were recorded are not recorded twice."
    return (
        f"{command} --request-id {request_id}\n"
        "     Under the same request id it is done once: if it was done already, its answer comes again."
    )


def _without_request_id(argv: Sequence[str]) -> list[str]:
    kept = [word for word in argv if not word.startswith("--request-id=")]
    while "--request-id" in kept:
        at = kept.index("--request-id")
        del kept[at : at + 2]
    return kept


def _masked(argv: Sequence[str]) -> list[str]:
    """Return argv quoted for a shell, with a token replaced by its environment variable."""
    words = [shlex.quote(word) for word in argv]
    for at, word in enumerate(argv):
        if word == "--token" and at + 1 < len(argv):
            words[at + 1] = '"$CLIENTELA_TOKEN"'
        elif word.startswith("--token="):
            words[at] = '--token="$CLIENTELA_TOKEN"'
    return words
