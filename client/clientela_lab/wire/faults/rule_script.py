"""The syntax of faults, as `clientela lab watch --fault` and scenarios write them.

    delay 200ms [jitter 50ms]      throttle 64kbit      black-hole      cut-after 1234      refuse
    drop-reply      duplicate      kill [request|reply]      freeze 2s [request|reply]

followed, in any order, by its scope:

    RecordPurchase [2]     the calls of a method (PurchaseService/RecordPurchase too), or the second of them
    up | down              one direction: towards the server, or back  (delay throttle black-hole cut-after)
    connection 3           the third connection
    chance 10%             one call or connection in ten, by the seed
    from 2s until 5s       a span, counted from when the rule came into force

Rule: an error names the word that cannot be parsed, and what may stand in its place.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from clientela_lab.wire.faults.call_faults import DropReply, Duplicate, Freeze, Kill
from clientela_lab.wire.faults.fault import Fault, Scope
from clientela_lab.wire.faults.line_faults import BlackHole, CutAfter, Delay, Refuse, Throttle

_TIME = re.compile(r"(\d+(?:\.\d+)?)(ms|s|min)")
_RATE = re.compile(r"(\d+(?:\.\d+)?)(bit|kbit|mbit|gbit)(?:/s)?")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")
_METHOD = re.compile(r"/?(?:[A-Za-z_][\w.]*[./])?[A-Z]\w*")
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0}
_BITS = {"bit": 1, "kbit": 1_000, "mbit": 1_000_000, "gbit": 1_000_000_000}


class BadRule(ValueError):
    """A fault's text cannot be parsed; the message names the wrong word."""


@dataclass
class _Words:
    """The words of one text, consumed from the left."""

    text: str
    left: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left = self.text.split()

    def wrong(self, why: str) -> BadRule:
        return BadRule(f'fault "{self.text}": {why}')

    def take(self, wanted: str) -> str:
        if not self.left:
            raise self.wrong(f"it ends where {wanted} is to stand")
        return self.left.pop(0)

    def seconds(self) -> float:
        wanted = "a time, e.g. 200ms or 2s"
        number, unit = self._matched(_TIME, wanted)
        return float(number) * _SECONDS[unit]

    def bits(self) -> float:
        wanted = "a rate, e.g. 64kbit or 1mbit"
        number, unit = self._matched(_RATE, wanted)
        if not float(number):
            raise self.wrong(f'"{number}{unit}" passes nothing; say black-hole')
        return float(number) * _BITS[unit]

    def count(self, wanted: str, least: int = 1) -> int:
        word = self.take(wanted)
        if not (word.isascii() and word.isdigit()) or int(word) < least:
            raise self.wrong(f'"{word}" is not {wanted}')
        return int(word)

    def share(self) -> float:
        wanted = "a chance, e.g. 10%"
        (number,) = self._matched(_PERCENT, wanted)
        if float(number) > 100:
            raise self.wrong(f'"{number}%" is more than always')
        return float(number) / 100

    def _matched(self, pattern: re.Pattern[str], wanted: str) -> tuple[str, ...]:
        word = self.take(wanted)
        match = pattern.fullmatch(word)
        if match is None:
            raise self.wrong(f'"{word}" is not {wanted}')
        return match.groups()


_Read = Callable[[_Words, dict[str, Any]], None]


def _method(words: _Words, said: dict[str, Any]) -> None:
    said["method"] = words.take("a method")
    if words.left and words.left[0][0].isdigit():
        said["number"] = words.count("which call of the method, from 1")


# The words that may follow: each parser sets arguments of `Scope` (of the fault for jitter and moment).
_FOLLOWS: dict[str, _Read] = {
    "up": lambda _words, said: said.update(upwards=True),
    "down": lambda _words, said: said.update(upwards=False),
    "request": lambda _words, said: said.update(moment="request"),
    "reply": lambda _words, said: said.update(moment="reply"),
    "connection": lambda words, said: said.update(conn=words.count("which connection, from 1")),
    "chance": lambda words, said: said.update(chance=words.share()),
    "from": lambda words, said: said.update(from_s=words.seconds()),
    "until": lambda words, said: said.update(until_s=words.seconds()),
    "jitter": lambda words, said: said.update(jitter_s=words.seconds()),
}
_ALWAYS = ("connection", "chance", "from", "until")
_WAYS = ("METHOD", "up", "down", *_ALWAYS)
_MOMENTS = ("METHOD", "request", "reply", *_ALWAYS)


@dataclass(frozen=True)
class _Kind:
    """One fault: its first argument, the words that may follow, and its constructor."""

    make: Callable[[Scope, dict[str, Any]], Fault]
    follows: tuple[str, ...]
    first: Callable[[_Words], Any] | None = None


# Every fault by its word.
KINDS: dict[str, _Kind] = {
    "delay": _Kind(
        lambda scope, said: Delay(said["first"], said.get("jitter_s", 0.0), scope),
        ("jitter", *_WAYS),
        _Words.seconds,
    ),
    "throttle": _Kind(lambda scope, said: Throttle(said["first"], scope), _WAYS, _Words.bits),
    "black-hole": _Kind(lambda scope, _said: BlackHole(scope), _WAYS),
    "cut-after": _Kind(
        lambda scope, said: CutAfter(said["first"], scope),
        _WAYS,
        lambda words: words.count("a number of bytes", 0),
    ),
    "refuse": _Kind(lambda scope, _said: Refuse(scope), _ALWAYS),
    "drop-reply": _Kind(lambda scope, _said: DropReply(scope), ("METHOD", *_ALWAYS)),
    "duplicate": _Kind(lambda scope, _said: Duplicate(scope), ("METHOD", *_ALWAYS)),
    "kill": _Kind(lambda scope, said: Kill(said.get("moment", "reply"), scope), _MOMENTS),
    "freeze": _Kind(
        lambda scope, said: Freeze(said["first"], said.get("moment", "request"), scope),
        _MOMENTS,
        _Words.seconds,
    ),
}


def parse_rule(text: str) -> Fault:
    """Parse a fault. Raises BadRule."""
    words = _Words(text)
    name = words.take(f"a fault ({', '.join(KINDS)})")
    kind = KINDS.get(name)
    if kind is None:
        raise words.wrong(f'there is no "{name}"; there are {", ".join(KINDS)}')
    said: dict[str, Any] = {"first": kind.first(words)} if kind.first else {}
    while words.left:
        _read_next(words, kind, said)
    about = {key: value for key, value in said.items() if key not in {"first", "jitter_s", "moment"}}
    scope = Scope(**about)
    if scope.from_s >= scope.until_s:
        raise words.wrong("it ends before it begins")
    return kind.make(scope, said)


def _read_next(words: _Words, kind: _Kind, said: dict[str, Any]) -> None:
    word = words.left[0]
    name = word if word in _FOLLOWS else "METHOD" if _METHOD.fullmatch(word) else ""
    if name not in kind.follows:
        raise words.wrong(f'"{word}" has no meaning here; what may follow is {", ".join(kind.follows)}')
    if name == "METHOD":
        _method(words, said)
    else:
        words.left.pop(0)
        _FOLLOWS[name](words, said)
