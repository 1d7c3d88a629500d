"""The registry and the ledger equal a model of some forty lines after any sequence of calls.

After every step each customer reads as the model has it, and a refusal is the one that the model gives.
"""

from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import money, to_create, to_record
from tests.rpc.refusals import Refused

IDS = ["a", "b", "c"]
EMAILS = ["", "x", "y"]
ids = st.sampled_from(IDS)
emails = st.sampled_from(EMAILS)


@dataclass
class Somebody:
    """What the model knows of a customer."""

    email: str
    patron: str = ""
    deleted: bool = False
    erased: bool = False
    count: int = 0
    total: int = 0
    paid: list[list[int]] = field(default_factory=list)  # of each purchase: the amount, and what was refunded


class Registry(RuleBasedStateMachine):
    """Does to the server and to the model the same."""

    admin: Caller  # set by the test

    def __init__(self) -> None:
        super().__init__()
        self.prefix = fresh()
        self.model: dict[str, Somebody] = {}
        self.etags: dict[str, str] = {}
        self.names: dict[tuple[str, int], str] = {}

    # ---- the calls

    @initialize(units=st.integers(0, 5))
    def begin_with_a_purchase(self, units: int) -> None:
        self.create("a", "x")
        self.record("a", units)

    @rule(who=ids, email=emails)
    def create(self, who: str, email: str) -> None:
        expected = "CUSTOMER_EXISTS" if who in self.model else self._email_refusal(who, email)
        request = to_create(self._id(who), emails=self._emails(email))
        if self._does(self.admin.customers.CreateCustomer, request, expected):
            self.model[who] = Somebody(email)

    @rule(
        who=ids,
        email=emails,
        patron=st.sampled_from(["Jan", "Eve"]),
        etag=st.sampled_from(["", "good", "stale"]),
    )
    def update(self, who: str, email: str, patron: str, etag: str) -> None:
        expected = self._missing(who) or ("ETAG_MISMATCH" if etag == "stale" else None)
        expected = expected or self._dead(who) or self._email_refusal(who, email)
        customer = cpb.Customer(name=self._name(who), patron=patron, emails=self._emails(email))
        customer.etag = {"": "", "good": self.etags.get(who, ""), "stale": '"0"'}[etag]
        request = cpb.UpdateCustomerRequest(customer=customer)
        request.update_mask.paths.extend(["patron", "emails"])
        if self._does(self.admin.customers.UpdateCustomer, request, expected):
            self.model[who].patron, self.model[who].email = patron, email

    @rule(who=ids)
    def delete(self, who: str) -> None:
        request = cpb.DeleteCustomerRequest(name=self._name(who))
        if self._does(self.admin.customers.DeleteCustomer, request, self._missing(who) or self._dead(who)):
            self.model[who].deleted = True

    @rule(who=ids)
    def undelete(self, who: str) -> None:
        somebody = self.model.get(who)
        expected = self._missing(who)
        if somebody is not None:
            if somebody.erased:
                expected = "CUSTOMER_ERASED"
            elif not somebody.deleted:
                expected = "CUSTOMER_NOT_DELETED"
            else:
                expected = self._email_refusal(who, somebody.email)
        request = cpb.UndeleteCustomerRequest(name=self._name(who))
        if self._does(self.admin.customers.UndeleteCustomer, request, expected):
            self.model[who].deleted = False

    @rule(who=ids)
    def erase(self, who: str) -> None:
        expected = self._missing(who) or ("CUSTOMER_ERASED" if self.model[who].erased else None)
        request = cpb.EraseCustomerRequest(name=self._name(who))
        if self._does(self.admin.customers.EraseCustomer, request, expected):
            somebody = self.model[who]
            somebody.email, somebody.patron = "", ""
            somebody.deleted = somebody.erased = True

    @rule(who=ids, units=st.integers(0, 5))
    def record(self, who: str, units: int) -> None:
        request = to_record(self._name(who), units)
        recorded = self._does(
            self.admin.purchases.RecordPurchase, request, self._missing(who) or self._dead(who)
        )
        if recorded:
            somebody = self.model[who]
            self.names[who, len(somebody.paid)] = recorded.name
            somebody.paid.append([units, 0])
            somebody.count, somebody.total = somebody.count + 1, somebody.total + units

    @precondition(lambda self: self.names)
    @rule(place=st.integers(0, 9), units=st.integers(0, 3))
    def refund(self, place: int, units: int) -> None:
        who, which = sorted(self.names)[place % len(self.names)]
        paid = self.model[who].paid[which]
        left = paid[0] - paid[1]
        expected = "REFUNDED_WHOLLY" if not left else "REFUND_EXCEEDS_PURCHASE" if units > left else None
        expected = expected or ("REFUND_ZERO" if not units else None)
        request = ppb.RefundPurchaseRequest(name=self.names[who, which], amount=money(units), reason="x")
        if self._does(self.admin.purchases.RefundPurchase, request, expected):
            paid[1] += units
            self.model[who].total -= units

    # ---- what must hold after each

    @invariant()
    def every_customer_reads_as_the_model_has_it(self) -> None:
        names = [self._name(who) for who in sorted(self.model)]
        if not names:
            return
        found = self.admin.customers.BatchGetCustomers(cpb.BatchGetCustomersRequest(names=names)).customers
        for who, customer in zip(sorted(self.model), found, strict=True):
            somebody = self.model[who]
            self.etags[who] = customer.etag
            assert (customer.patron, list(customer.emails)) == (somebody.patron, self._emails(somebody.email))
            assert customer.HasField("delete_time") == somebody.deleted
            assert customer.HasField("erase_time") == somebody.erased
            assert [(each.purchase_count, each.amount.units) for each in customer.totals] == (
                [(somebody.count, somebody.total)] if somebody.count else []
            )

    # ---- how it is said

    def _id(self, who: str) -> str:
        return f"{self.prefix}-{who}"

    def _name(self, who: str) -> str:
        return f"customers/{self._id(who)}"

    def _emails(self, email: str) -> list[str]:
        return [f"{email}@{self.prefix}.example.com"] if email else []

    def _missing(self, who: str) -> str | None:
        return None if who in self.model else "CUSTOMER_NOT_FOUND"

    def _dead(self, who: str) -> str | None:
        if self.model[who].erased:
            return "CUSTOMER_ERASED"
        return "CUSTOMER_DELETED" if self.model[who].deleted else None

    def _email_refusal(self, who: str, email: str) -> str | None:
        """Return whether a living customer has the address."""
        holders = [each for each, one in self.model.items() if one.email == email and not one.deleted]
        return "EMAIL_TAKEN" if email and set(holders) - {who} else None

    def _does(self, method: Any, request: Any, expected: str | None) -> Any:
        """Make the call; return its answer, or None where it was refused as expected."""
        if expected is None:
            return method(request)
        with pytest.raises(grpc.RpcError) as caught:
            method(request)
        assert Refused.of(caught.value).reason == expected
        return None


def machine(caller: Any) -> type[Registry]:
    """The machine, for somebody to run."""
    return type("Machine", (Registry,), {"admin": caller})


def test_any_sequence_of_calls_does_what_the_model_says(admin: Caller) -> None:
    examples = settings(max_examples=settings.default.max_examples // 2, stateful_step_count=25)
    run_state_machine_as_test(machine(admin), settings=examples)


@pytest.mark.parametrize("forgotten", ["DeleteCustomer", "UpdateCustomer", "RefundPurchase"])
def test_a_server_that_forgets_to_write_is_found(
    admin: Caller, channel: grpc.Channel, forgotten: str
) -> None:
    liar = Caller(channel, admin.token)
    for service in (liar.customers, liar.purchases):
        if hasattr(service, forgotten):
            setattr(service, forgotten, lambda request: request)
    quick = settings(
        max_examples=50, stateful_step_count=25, phases=[Phase.generate], derandomize=True, database=None
    )

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        run_state_machine_as_test(machine(liar), settings=quick)
