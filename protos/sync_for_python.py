"""The Python SDK's blocking half, from the async one: the same text without `async` and `await`, renamed.

    python protos/sync_for_python.py client/clientela_client/_async client/clientela_client/_sync

A table of replacements, as httpcore has one (scripts/unasync.py there). They work on text, not on tokens, so
that docstrings speak of the blocking client too.
"""

import re
import sys
from pathlib import Path

from nouns_for_python import formatted, write

#: What is replaced, in this order.
SUBSTITUTIONS = (
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAwaitable, ", ""),
    (r"\bAwaitable\[(\w+)\]", r"\1"),
    (r"\bAio(Client|Items|(Grpc)?Transport)\b", r"\1"),
    (r"\b(_?)Aio(?=[A-Z])", r"\1Sync"),
    (r"\b_async\b", "_sync"),
    (r"\btransport_aio\b", "transport_grpc"),
    (r"\b(connect|sleep)_aio\b", r"\1"),
    (r"\b__a(enter|exit|iter|next)__\b", r"__\1__"),
    (r"\bStopAsyncIteration\b", "StopIteration"),
)
HEAD = "# Made from {source} by protos/sync_for_python.py: edit that, and run make sdk.\n"
_MADE = re.compile(r"^# Made from (?P<source>\S+) .*\n")


def main() -> None:
    """Write the blocking half of a folder into another."""
    written, to = map(Path, sys.argv[1:3])
    for name, source in blocking(written).items():
        write(to / name, source)


def blocking(folder: Path) -> dict[str, str]:
    """Return the blocking source of each module of a folder, by its path there."""
    paths = sorted(folder.rglob("*.py"))
    return formatted({str(path.relative_to(folder)): translated(path, folder) for path in paths})


def translated(path: Path, folder: Path) -> str:
    """Return the blocking source of a module, unformatted; its head names what is written by hand."""
    source = path.read_text()
    made = _MADE.match(source)
    written = made["source"] if made else f"_async/{path.relative_to(folder)}"
    source = _MADE.sub("", source)
    for pattern, replacement in SUBSTITUTIONS:
        source = re.sub(pattern, replacement, source)
    return HEAD.format(source=written) + source


if __name__ == "__main__":
    main()
