"""A document that is a walk: what it tells its reader to write and to run, as steps that a test can take.

    New file `PATH`:                        the block that follows is the file
    In `PATH`, after `LINE`:                the block goes behind the one line that holds this text;
                                            `before` and `instead of` are the two others
    At the end of `PATH`:                   the block goes there

A block of `console` holds commands, each with what it prints. `...` stands for any lines, or within a line
for any text. A command with `# fails` behind it is meant to. One with `&` goes on while the others run; `fg`
is to look at the last of these, and to end it with Ctrl-C.
Read next: copied.py, which takes the steps.
"""

import re
from dataclasses import dataclass

_LEAD = re.compile(r"(?:New file|In|At the end of) `([^`]+)`(?:, (after|before|instead of) `([^`]+)`)?:")
_BLOCK = re.compile(
    r"^(?:(?P<lead>[^\n]+)\n\n)?```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


class NotAStep(ValueError):
    """A block that says nothing about where it belongs."""


@dataclass(frozen=True)
class Edit:
    """Text for a file: `where` is new, end, after, before or instead of; the last three are about a line."""

    path: str
    where: str
    line: str
    text: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.path, self.where, self.line)))

    def applied(self, before: str) -> str:
        """Return the file's text after the edit; ValueError where it is not clear which line is meant."""
        if self.where in {"new", "end"}:
            return before + self.text
        lines = before.splitlines(keepends=True)
        places = [place for place, line in enumerate(lines) if self.line in line]
        if len(places) != 1:
            raise ValueError(f"{self.path} has {len(places)} lines with {self.line!r}")
        at = places[0]
        begin, end = {"after": (at + 1, at + 1), "before": (at, at), "instead of": (at, at + 1)}[self.where]
        return "".join([*lines[:begin], self.text, *lines[end:]])


@dataclass(frozen=True)
class Command:
    """A command line, whether it is meant to fail, and what it prints as the document shows it."""

    line: str
    fails: bool
    output: str

    def __str__(self) -> str:
        return f"$ {self.line}"


def steps(document: str) -> list[Edit | Command]:
    """Read a document's steps in their order; blocks of `text` are only to be looked at."""
    found: list[Edit | Command] = []
    for block in _BLOCK.finditer(document):
        if block["kind"] == "console":
            found += _commands(block["text"])
        elif block["kind"] != "text":
            found.append(_edit(block["lead"] or "", block["text"]))
    return found


def _edit(lead: str, text: str) -> Edit:
    match = _LEAD.search(lead)
    if match is None:
        raise NotAStep(f"where does this go?\n{lead}\n{text}")
    path, where, line = match.groups()
    if where is None:
        where = "new" if "New file" in match[0] else "end"
    return Edit(path, where, line or "", text)


def _commands(text: str) -> list[Command]:
    found = []
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        line, mark, _ = line.partition("# fails")
        found.append(Command(line.strip(), bool(mark), output))
    return found


# What differs from run to run, and what it is shown as on both sides of a comparison.
_CHANGING = (
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z?", "TIME"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "UUID"),
    (r"\b[0-9a-f]{12,20}\b", "ID"),
    (r"(?m)^ +\d+\.\d{3}(?=  )", "SECONDS"),
    (r"127\.0\.0\.1:\d+", "ADDRESS"),
    (r"\b\d+(\.\d+)? ?(ms|s)\b( \(\d+:\d\d:\d\d\))?", "DURATION"),
    (r"\b[\d,]+ (passed|failed|deselected|source files|errors?|warnings?|s in the future)\b", r"N \1"),
    (r"(Makefile|\.py|\.proto):\d+", r"\1:N"),
    (r"\b\d+ s in the future", "N s in the future"),
    (r"[ \t]+", " "),
)


def settled(output: str) -> list[str]:
    """Return the lines of an output without what differs from run to run."""
    for pattern, shown in _CHANGING:
        output = re.sub(pattern, shown, output)
    return [line.strip() for line in output.splitlines() if line.strip()]


def agrees(shown: str, printed: str) -> bool:
    """Return whether what was printed is what the document shows; its `...` may be any lines, or none."""
    pattern = "".join(r"(?:.*\n)*?" if line == "..." else _pattern(line) for line in settled(shown))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in settled(printed))) is not None


def _pattern(line: str) -> str:
    return ".*".join(map(re.escape, line.split("..."))) + r"\n"
