"""Splits the customers of a file into runs, each of which is written at once: what depends on what.

Read next: customer_registration.py.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from clientela_client.bulk import MESSAGE_BYTES_MAX

if TYPE_CHECKING:
    from clientela_client.messages import Customer

K = TypeVar("K")


class Told(NamedTuple, Generic[K]):
    """A customer as the file tells of it, with its place in the batch and its row."""

    place: int
    row: K
    customer: Customer

    @property
    def name(self) -> str:
        """Its resource name."""
        return self.customer.name

    @property
    def is_streamed(self) -> bool:
        """Whether it can be sent with others: it is not to be deleted, and does not fill a message alone."""
        return not self.customer.HasField("delete_time") and self.customer.ByteSize() < MESSAGE_BYTES_MAX


def split_runs(told: list[Told[K]], known: Container[str]) -> Iterator[list[Told[K]]]:
    """Split customers where one depends on an earlier one that is not part of the same stream.

    The result equals that of sequential import: a referrer keeps its order relative to the referred, and of
    two customers with one e-mail address the first has it.
    """
    run: list[Told[K]] = []
    before, alone = _Written(), _Written()
    for each in told:
        is_alone = not each.is_streamed or each.name in known
        if each.name in before.names or (before if is_alone else alone).touches(each.customer):
            yield run
            run, before, alone = [], _Written(), _Written()
        run.append(each)
        before.add(each.customer)
        if is_alone:
            alone.add(each.customer)
    yield run


class _Written:
    """Customers that are written, and whom they refer to."""

    def __init__(self) -> None:
        self.names = set[str]()
        self._referrers = set[str]()
        self._emails = set[str]()

    def touches(self, customer: Customer) -> bool:
        """Return whether what comes of a customer may depend on these, or of these on it."""
        names = {customer.name, customer.acquisition.referrer}
        return not (
            self.names.isdisjoint(names)
            and customer.name not in self._referrers
            and self._emails.isdisjoint(map(str.casefold, customer.emails))
        )

    def add(self, customer: Customer) -> None:
        """Add one."""
        self.names.add(customer.name)
        self._emails.update(map(str.casefold, customer.emails))
        if customer.acquisition.referrer:
            self._referrers.add(customer.acquisition.referrer)
