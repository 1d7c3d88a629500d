"""A recording as one HTML file that needs nothing else: no network, no library, no server.

The parts beside this module are put together, with the events as data. What a stranger may have written
can neither end the data nor become markup: each "<" in it is escaped, and the script makes text of it.
The page's policy lets only this very style and script act, by their digests, and reach nowhere.
Read next: page.html, then js/main.js.
"""

import html
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from string import Template

import orjson

from clientela_client.content_policy import content_policy
from clientela_client.private_files import write_private
from clientela_lab.wire.record.recording import read

STYLES = ("page.css", "panel.css")
# In the order in which they read; together they are one script.
SCRIPTS = (
    "dom",
    "lines",
    "recording",
    "ledger",
    "rows",
    "fields",
    "layout",
    "drawing",
    "picture",
    "anatomy",
    "bytes",
    "journal",
    "panel",
    "top",
    "controls",
    "main",
)
# Of each of these events, what its row needs before it is seen; the rest is read where somebody looks.
HEADS = {
    "frame": {"event", "n", "t", "conn", "from", "passed", "kind", "wrong"},
    "call_begin": {"event", "n", "t", "call", "conn", "method", "frame"},
    "message": {"event", "n", "t", "call", "from", "passed", "parts"},
    "body": {"event", "n", "t", "call", "from", "passed", "parts"},
    "call_end": {"event", "n", "t", "call", "conn", "by", "status", "passed"},
    "entry": {"event", "n", "t", "call"},
}
UNTITLED = "A recording of the wire"


def write_page(events: Iterable[Mapping[str, object]], path: Path, torn: bool = False) -> None:
    """Write the page of a recording, for this account only; torn: its last line was not whole."""
    write_private(path, page(events, torn))


def write_page_of(recording: Path, path: Path) -> None:
    """Write the page of a recording's file, also of one that is empty or cut off; raises NotARecording."""
    written = recording.read_bytes()
    write_page(read(recording) if written else [], path, torn=not written.endswith(b"\n"))


def page(events: Iterable[Mapping[str, object]], torn: bool = False) -> str:
    """Return the page's HTML."""
    listed = list(events)
    style = "".join(_part(name) for name in STYLES)
    script = _script()
    return Template(_part("page.html")).substitute(
        policy=content_policy(style, script),
        title=html.escape(_title(listed)),
        style=style,
        script=script,
        events=_data(listed),
        torn="yes" if torn else "no",
    )


def _part(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")


def _script() -> str:
    scripts = "\n".join(_part(f"js/{name}.js") for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n\n{scripts}}})();\n'


def _title(events: list[Mapping[str, object]]) -> str:
    names = [event.get(key) for key in ("question", "title") for event in events[:3]]
    return str(next(filter(None, names), UNTITLED))


def _data(events: list[Mapping[str, object]]) -> str:
    """One event a line, so that the script can take them one by one."""
    lines = b",\n".join(map(_line, events))
    return f"[\n{lines.decode()}\n]".replace("<", "\\u003c")


def _line(event: Mapping[str, object]) -> bytes:
    """Write an event, with a tab before what may be read later: within JSON's texts there is none."""
    head = HEADS.get(str(event["event"]))
    rest = {key: value for key, value in event.items() if key not in head} if head else {}
    if not head or not rest:
        return orjson.dumps(event)
    first = orjson.dumps({key: value for key, value in event.items() if key in head})
    return first[:-1] + b",\t" + orjson.dumps(rest)[1:]
