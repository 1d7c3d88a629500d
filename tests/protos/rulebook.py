"""Rules over the contract, and the two tests that each of them gets.

A rule is a function of one element (an RPC, a message, a field, ...) that asserts. It names the elements
that it is about, and a planted bug: an edit of a copy of the contract after which the rule must fail.
Read next: test_lists.py, a short rulebook.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from tests.protos.description import Contract, contract

Check = TypeVar("Check", bound=Callable[[Any], None])


@dataclass(frozen=True)
class Rule:
    """A check, its elements, and the edit that breaks it."""

    name: str
    check: Callable[[Any], None]
    over: Callable[[Contract], Iterable[Any]]
    planted: Callable[[Contract], object]

    def broken(self, contract: Contract) -> dict[str, str]:
        """Check every element that the rule is about; return what is wrong with each that breaks it."""
        found = {}
        for element in self.over(contract):
            try:
                self.check(element)
            except AssertionError as error:
                found[str(element)] = str(error)
        return found


class Rulebook:
    """The rules of one test file."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def rule(
        self,
        source: str,
        over: Callable[[Contract], Iterable[Any]],
        planted: Callable[[Contract], object],
    ) -> Callable[[Check], Check]:
        """Add a rule; `source` says where it is from: "AIP-158", "contract"."""

        def add(check: Check) -> Check:
            self._rules.append(Rule(f"{source}-{check.__name__}", check, over, planted))
            return check

        return add

    def tests(self) -> tuple[Callable[..., None], Callable[..., None]]:
        """Make the tests: the contract keeps every rule; every rule sees its planted bug."""
        each_rule = pytest.mark.parametrize("rule", self._rules, ids=lambda rule: rule.name)

        @each_rule
        def keeps(rule: Rule) -> None:
            broken = rule.broken(contract())
            assert not broken, "\n".join(f"{element}: {wrong}" for element, wrong in broken.items())

        @each_rule
        def sees(rule: Rule) -> None:
            assert list(rule.over(contract())), "the rule is about nothing"
            copy = contract().copy()
            rule.planted(copy)
            assert rule.broken(Contract(copy.descriptors))

        return keeps, sees
