"""How a run ended, in words or as JSON on stderr, by the table in exits.py.

Rules: whatever went wrong is one clear sentence, the fields and facts, and a step that helps; never a
traceback. A write without an answer is "in doubt", never "failed": the line to ask again with, under the same
request id, is shown.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    WRITE_EFFECTS,
)
from clientela_client.cli.command.options import RunOptions
from clientela_client.cli.imports.csv_file import FileChanged
from clientela_client.cli.words.enum_choices import comma_separated
from clientela_client.cli.words.mistyped import UnknownCommand
from clientela_client.harmless import escaped, escaped_json, one_line

if TYPE_CHECKING:
    from clientela_client.errors import CallError, InDoubt

# A command that is to be sent again may hold a text of several lines; that must stay the same text.
_IN_A_COMMAND = "\n\r\t"
_COPY = "import a copy that nobody writes to"


@dataclass(frozen=True)
class ErrorReport:
    """How a run ended, to be printed in words or as JSON. fields: (path, what is wrong)."""

    exit_code: int
    sentence: str
    code: str = ""
    reason: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    facts: Mapping[str, str] = field(default_factory=dict)
    next_step: str = ""
    request_id: str = ""
    call_id: str = ""

    @property
    def word(self) -> str:
        """Return what it is in a word: "Not found"."""
        return OUTCOME_WORDS[self.exit_code]

    def as_text(self) -> str:
        """Return what follows the word, for people: the sentence, what it is about, and the next step."""
        lines = self.sentence.split("\n")
        lines += [f"  {path}: {wrong}" for path, wrong in self.fields if wrong not in self.sentence]
        said = "\n".join(lines)
        lines += [f"  {key}: {fact}" for key, fact in self.facts.items() if fact and fact not in said]
        text = "\n".join(one_line(line) for line in lines)
        return f"{text}\nTry: {escaped(self.next_step, keep=_IN_A_COMMAND)}" if self.next_step else text

    def as_json(self) -> str:
        """Return it for programs, on one line."""
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
    """Print on stderr how the run ended, and returns its exit code."""
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
    # Where a line could not be read to its end, neither were its options: then its words are looked at.
    words = ["", *options.argv]
    said = (word for before, word in itertools.pairwise(words) if before in ("-o", "--output"))
    output_format = options.output or next(said, None) or os.environ.get("CLIENTELA_OUTPUT")
    return output_format in ("json", "ndjson")


def error_report_of(error: BaseException, options: RunOptions) -> ErrorReport:
    """Return what an exception means to the caller of the command."""
    from clientela_client.errors import CallError, InDoubt, Interrupted

    if isinstance(error, Interrupted):
        return _in_doubt_report(error.in_doubt, options, INTERRUPTED)
    if isinstance(error, InDoubt):
        return _in_doubt_report(error, options, IN_DOUBT)
    if isinstance(error, CallError):
        return _call_error_report(error, options)
    return _local_error_report(error)


def _local_error_report(error: BaseException) -> ErrorReport:
    """Return what it means that something went wrong on this side, before or after the call."""
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


# The time that is over is the server's own, and not what was waited here.
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
    effect = WRITE_EFFECTS.get(error.method, "it was done")
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
    """Return the very command to ask again with, and why that is safe."""
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
    """Return the words quoted for a shell, a token replaced by the variable that may hold it."""
    words = [shlex.quote(word) for word in argv]
    for at, word in enumerate(argv):
        if word == "--token" and at + 1 < len(argv):
            words[at + 1] = '"$CLIENTELA_TOKEN"'
        elif word.startswith("--token="):
            words[at] = '--token="$CLIENTELA_TOKEN"'
    return words
