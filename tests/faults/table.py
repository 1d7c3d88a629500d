"""The torture table: one row for each fault, and whether every promise was kept under it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from clientela_lab.checking.checker import Kind, Violation

HEADERS = (
    "fault",
    "tries",
    "acknowledged",
    "lost",
    "doubled",
    "refused yet written",
    "other",
    "slowest restart",
)
SERVES_AGAIN_WITHIN_S = 5.0


@dataclass
class Result:
    """What came of one fault. `note` holds the figure that is this fault's own, such as connects a second.

    acknowledged: writes that a client was told are done. slowest_restart_s: None where nothing was restarted.
    broken: what else was promised and not kept, each in a sentence. late: what took longer than is promised.
    """

    fault: str
    tries: int
    acknowledged: int
    violations: Sequence[Violation] = ()
    slowest_restart_s: float | None = None
    broken: list[str] = field(default_factory=list)
    note: str = ""
    late: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        """Whether every promise about the data was kept."""
        return not self.violations and not self.broken

    @property
    def slow(self) -> bool:
        """Whether anything took longer than is promised: to be judged where nothing else runs."""
        return bool(self.late) or self._restart_is_slow

    @property
    def _restart_is_slow(self) -> bool:
        return (self.slowest_restart_s or 0.0) > SERVES_AGAIN_WITHIN_S

    def complaints(self) -> list[str]:
        """Return the broken promises, a line each."""
        late = [f"it served again only after {self.slowest_restart_s:.1f} s"] if self._restart_is_slow else []
        return [*map(str, self.violations), *self.broken, *self.late, *late]


def table(results: Iterable[Result]) -> str:
    """Draw the table in Markdown, to be read as it is and to be put into a document."""
    cells = [[*HEADERS, ""], *(_cells(result) for result in results)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = ["| " + " | ".join(_padded(line, widths)) + " |" for line in cells]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _cells(result: Result) -> list[str]:
    kinds = Counter(violation.kind for violation in result.violations)
    named = (Kind.LOST, Kind.DOUBLED, Kind.REFUSED_YET_WRITTEN)
    other = sum(kinds.values()) - sum(kinds[kind] for kind in named) + len(result.broken)
    counts = [result.tries, result.acknowledged, *(kinds[kind] for kind in named), other]
    restart = "" if result.slowest_restart_s is None else f"{result.slowest_restart_s:.2f} s"
    return [result.fault, *(f"{count:,}" for count in counts), restart, result.note]


def _padded(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Words to the left, figures to the right."""
    last = len(cells) - 1
    return [
        cell.ljust(width) if column in {0, last} else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
