"""The rules in force: added, removed and read from any thread.

Read next: rule.py (what one may answer), rule_script.py (their text); proxy/rule_engine.py, which asks.
"""

import time

from clientela_lab.wire.faults.rule import Rule
from clientela_lab.wire.faults.rule_script import parse_rule


class Rules:
    """The rules in force, which may be changed from any thread while the tap runs; each sees every piece."""

    def __init__(self, *rules: Rule | str, seed: int = 0) -> None:
        self.now: tuple[Rule, ...] = ()
        self._seed = seed
        self._added = 0
        for rule in rules:
            self.add(rule)

    def add(self, rule: Rule | str) -> Rule:
        """Put a rule into force, given as such or as text ("drop-reply RecordPurchase 1")."""
        made = parse_rule(rule) if isinstance(rule, str) else rule
        self._added += 1
        made.begin(f"{self._seed}/{self._added}", time.monotonic())
        self.now = (*self.now, made)
        return made

    def remove(self, rule: Rule) -> None:
        """Take a rule out of force."""
        self.now = tuple(one for one in self.now if one is not rule)

    def clear(self) -> None:
        """Take all of them out of force: the line works again, but for what was cut or lost."""
        self.now = ()
