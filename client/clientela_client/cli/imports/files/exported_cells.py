"""Structured cells, JSON or lists, that our exports write and imports read.

Read next: cell_lists.py, customer_view.py and purchase_view.py, which write them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from clientela_client.cli.words.cell_lists import split_values

if TYPE_CHECKING:
    from clientela_client.messages import Customer, PostalAddress, PurchaseLine


class NotSuchACell(ValueError):
    """Raised for a cell that is invalid for its column."""


def lines_of(cell: str) -> list[PurchaseLine]:
    """Return the lines of a purchase, a JSON array of PurchaseLine; raise NotSuchACell."""
    from clientela_client.messages import PurchaseLine

    return _messages(cell, PurchaseLine)


def addresses_of(cell: str) -> list[PostalAddress]:
    """Return addresses, a JSON array of google.type.PostalAddress; raise NotSuchACell."""
    from clientela_client.messages import PostalAddress

    return _messages(cell, PostalAddress)


def labels_of(cell: str) -> dict[str, str]:
    """Return the labels of "tier=gold;area=north"; raise NotSuchACell."""
    labels: dict[str, str] = {}
    for entry in split_values(cell):
        key, equals, value = entry.partition("=")
        if not equals or not key:
            raise NotSuchACell(f'"{entry}" is not KEY=VALUE')
        if key in labels:
            raise NotSuchACell(f'the label "{key}" is there twice')
        labels[key] = value
    return labels


def set_party(customer: Customer, word: str) -> None:
    """Set the customer's party to person or organization, even without fields; raise NotSuchACell."""
    if word not in ("person", "organization"):
        raise NotSuchACell(f'"{word}" is neither person nor organization')
    held = customer.WhichOneof("party")
    if held not in (None, word):
        raise NotSuchACell(f"the customer is to be a {word}, and has fields of a {held}")
    getattr(customer, word).SetInParent()


def set_deletion(customer: Customer, time: str) -> None:
    """Set the delete_time, by which the customer is deleted after it was created; raise NotSuchACell."""
    try:
        customer.delete_time.FromJsonString(time)
    except ValueError:
        raise NotSuchACell(f'"{time}" is no time such as 2026-01-31T12:00:00Z') from None


def _messages(cell: str, kind: type[Any]) -> list[Any]:
    from clientela_client.messages import from_dict

    try:
        values = json.loads(cell)
    except (ValueError, RecursionError):
        raise NotSuchACell("the cell is no JSON") from None
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise NotSuchACell("the cell is no JSON array of objects")
    try:
        return [from_dict(kind, value) for value in values]
    except ValueError as problem:
        raise NotSuchACell(str(problem)) from None
