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

    def check_all(self, contract: Contract) -> None:
        """Check every element that the rule is about."""
        for element in self.over(contract):
            self.check(element)


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
        cases = [
            pytest.param(rule, element, id=f"{rule.name}-{element}")
            for rule in self._rules
            for element in rule.over(contract())
        ]

        @pytest.mark.parametrize(("rule", "element"), cases)
        def keeps(rule: Rule, element: object) -> None:
            rule.check(element)

        @pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in self._rules])
        def sees(rule: Rule) -> None:
            assert list(rule.over(contract())), "the rule is about nothing"
            copy = contract().copy()
            rule.planted(copy)
            with pytest.raises(AssertionError):
                rule.check_all(Contract(copy.descriptors))

        return keeps, sees
