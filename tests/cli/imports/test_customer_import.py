"""Customers are written many at a time, and what comes of a file is what comes of it row by row."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.cli.imports import customer_registration
from clientela_client.cli.imports.customer_registration import CustomerRegistration
from clientela_client.cli.imports.customer_rows import CustomerRows
from clientela_client.cli.imports.files.csv_file import CsvFile
from clientela_client.errors import Facts, Refused
from clientela_client.messages import (
    BatchGetCustomersResponse,
    Customer,
    CustomerItem,
    CustomerItemStatus,
    ImportCustomersResponse,
)
from tests.cli.running import Cli, new_id


def refused(reason: str, field: str = "") -> Refused:
    facts = Facts(code="NOT_FOUND", message=reason, reason=reason, metadata={"field": field})
    return Refused(facts, method="CreateCustomer", request_id=None, attempts=1)


class Registry:
    """A registry in memory, with the rules that make one row depend on another."""

    def __init__(self) -> None:
        self.customers = self
        self.there: dict[str, Customer] = {}

    def batch_get(self, names: list[str]) -> BatchGetCustomersResponse:
        return BatchGetCustomersResponse(customers=[self.there[name] for name in names if name in self.there])

    def create(self, customer: Customer, *, customer_id: str, request_id: str) -> Customer:
        assert customer.name == f"customers/{customer_id}" and request_id
        if customer.name in self.there:
            raise refused("CUSTOMER_EXISTS")
        if customer.acquisition.referrer and customer.acquisition.referrer not in self.there:
            raise refused("REFERRER_NOT_FOUND", "customer.acquisition.referrer")
        if any(set(customer.emails) & set(each.emails) for each in [*self.there.values()]):
            raise refused("EMAIL_TAKEN", "customer.emails[0]")
        self.there[customer.name] = customer
        return customer

    def import_(self, items: Iterable[CustomerItem], *, timeout_s: float) -> ImportCustomersResponse:
        assert timeout_s
        answer = ImportCustomersResponse()
        for index, item in enumerate(items):
            try:
                self.create(item.customer, customer_id=item.customer_id, request_id=item.request_id)
                answer.imported_count += 1
            except Refused as no:
                status = CustomerItemStatus(reason=no.reason, message=no.message, metadata=no.metadata)
                answer.rejected.add(index=index, request_id=item.request_id, status=status)
        return answer

    def get(self, name: str) -> Customer:
        return self.there[name]

    def delete(self, name: str, *, request_id: str) -> Customer:
        """Delete one, whose e-mail addresses are free then."""
        assert request_id
        del self.there[name].emails[:]
        return self.there[name]


people = st.lists(
    st.tuples(
        st.sampled_from("abcdefgh"),
        st.sampled_from(["", *"abcdefgh"]),
        st.sampled_from(["", *"xyz"]),
        st.sampled_from([False, False, True]),
    ),
    max_size=25,
)


@given(rows=people)
def test_what_comes_of_a_file_is_what_comes_of_it_row_by_row(rows: list[tuple[str, str, str, bool]]) -> None:
    outcomes = [registered(rows, size) for size in (1, len(rows) or 1)]
    assert outcomes[0] == outcomes[1]


def test_customers_that_depend_on_others_and_are_sent_with_them_are_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(customer_registration, "split_runs", lambda told, _: [told])
    rows = [("a", "", "x", True), ("b", "", "x", False)]
    assert registered(rows, 1) != registered(rows, 2)


def registered(rows: list[tuple[str, str, str, bool]], size: int) -> object:
    """Register rows in batches of a size; return what came of them."""
    made = [Customer(name=f"customers/{who}", emails=[mail] if mail else []) for who, _, mail, _ in rows]
    for customer, (_, referrer, _, is_deleted) in zip(made, rows, strict=True):
        if referrer:
            customer.acquisition.referrer = f"customers/{referrer}"
        if is_deleted:
            customer.delete_time.seconds = 1
    registry, refusals = Registry(), []
    registering = CustomerRegistration(  # type: ignore[var-annotated]
        registry,  # type: ignore[arg-type]
        b"",
        lambda row, field, reason: (row.index, field, reason),
        refusals.append,
    )
    batch = [(Place(index), customer) for index, customer in enumerate(made)]
    for first in range(0, len(batch), size):
        registering.take(batch[first : first + size])  # type: ignore[arg-type]
    return sorted(registry.there), refusals, registering.created, registering.unchanged


class Place:
    """The place of a row."""

    def __init__(self, index: int) -> None:
        self.index = index


def test_refusals_are_in_the_order_of_the_file_and_who_refers_comes_after(cli: Cli, tmp_path: Path) -> None:
    stem, path, no = new_id("r"), tmp_path / "c.csv", tmp_path / "no.csv"
    rows = [f"{stem}-0,A,,{stem}@example.org"]
    rows += [f"{stem}-{number},B,{stem}-{number - 1}," for number in range(1, 6)]
    rows += [f"{stem}-bad-{number},,,{stem}@example.org" for number in range(40)]
    path.write_text("\n".join(["customer_id,display_name,referrer,emails", *rows]) + "\n")
    for created, there in ((6, 0), (0, 6)):
        ended = cli("customers", "import", str(path), "--rejects", str(no))
        assert [ended.facts[key] for key in ("imported", "duplicates", "rejected", "rows_read")] == [
            str(created),
            str(there),
            "40",
            "46",
        ]
    assert [line.partition(",")[0] for line in no.read_text().splitlines()[1:]] == [
        f"{stem}-bad-{number}" for number in range(40)
    ]
    assert cli.done("customers", "get", f"{stem}-5").facts["acquisition.referrer"].endswith(f"{stem}-4")


def test_a_customer_without_a_name_is_called_by_that_of_the_person_or_the_firm(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("customer_id,given_name,family_name,legal_name\na,Ann,Nowak,\nb,,,Firm\n")
    registry = Registry()
    registering = CustomerRegistration(registry, b"", lambda *_: None, print)  # type: ignore[arg-type, var-annotated]
    registering.take(list(CustomerRows(CsvFile.open(path), {})))  # type: ignore[arg-type]
    assert [each.display_name for _, each in sorted(registry.there.items())] == ["Ann Nowak", "Firm"]
