"""The rules in force; thread-safe.

Read next: rule.py (a decision), rule_script.py (the syntax); proxy/rule_engine.py, which applies them.
"""

from clientela_lab.clock import Monotonic, monotonic
from clientela_lab.wire.faults.rule import Rule
from clientela_lab.wire.faults.rule_script import parse_rule


class Rules:
    """The rules in force, which any thread may change while the proxy runs; each sees every piece.

    clock: of the spans of time in which rules act.
    """

    def __init__(self, *rules: Rule | str, seed: int = 0, clock: Monotonic = monotonic) -> None:
        self.now: tuple[Rule, ...] = ()
        self._seed = seed
        self._clock = clock
        self._added = 0
        for rule in rules:
            self.add(rule)

    def add(self, rule: Rule | str) -> Rule:
        """Add and start a rule, given as an object or as text ("drop-reply RecordPurchase 1"); return it."""
        made = parse_rule(rule) if isinstance(rule, str) else rule
        self._added += 1
        made.begin(f"{self._seed}/{self._added}", self._clock)
        self.now = (*self.now, made)
        return made

    def remove(self, rule: Rule) -> None:
        """Remove a rule."""
        self.now = tuple(one for one in self.now if one is not rule)

    def clear(self) -> None:
        """Remove all rules: traffic flows again, except what was cut or lost."""
        self.now = ()
