"""The attacks at full size, and a table of them: python -m tests.attacks.torture, a part of `make torture`.

Each goes on for some seconds, so that its figures mean something, and is compared with a quiet time just
before.
"""

import sys

from tests.attacks.attacks import ATTACKS
from tests.attacks.siege import Attack, Outcome, Siege, siege

HEADERS = ("attack", "tries", "healthy errors", "p99 quiet", "p99 attacked", "memory growth", "")
QUIET_S = 5.0
AT_LEAST_S = 3.0


def main(*wanted: str) -> int:
    """Make all attacks, or those whose name begins with one of the words; return the exit code."""
    chosen = [attack for attack in ATTACKS if not wanted or attack.name.startswith(wanted)]
    print("| " + " | ".join(HEADERS) + " |\n|" + len(HEADERS) * "---|", flush=True)
    with siege() as under:
        harmed = [attack for attack in chosen if not _withstood(under, attack)]
    return 1 if harmed else 0


def _withstood(under: Siege, attack: Attack) -> bool:
    try:
        outcome = under.suffer(attack, attack.big, quiet_s=QUIET_S, at_least_s=AT_LEAST_S)
        harm = [*outcome.harm(), *outcome.delay()]
    except AssertionError as error:
        outcome, harm = Outcome(attack.name, attack.big), [str(error)]
    print(_row(outcome, harm), flush=True)
    return not harm


def _row(outcome: Outcome, harm: list[str]) -> str:
    figures = (
        outcome.attack,
        f"{outcome.tries:,}",
        str(len(outcome.errors)),
        f"{outcome.quiet_p99_ms:.1f} ms",
        f"{outcome.attacked_p99_ms:.1f} ms",
        f"{outcome.grown_mib:+.1f} MiB",
        "; ".join(harm) or "withstood",
    )
    return "| " + " | ".join(figures) + " |"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
