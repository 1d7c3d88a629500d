"""`--update`: the changes of an existing customer, limited to the columns of the file.

Rules: an empty cell changes nothing; only the labels that the file names are changed; equal values are not
sent. Read next: customer_import.py, customer_fields.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple
from unicodedata import normalize

from clientela_client.cli.words.customer_fields import FIELDS

if TYPE_CHECKING:
    from clientela_client.messages import Customer

_LABEL = "label."


class CustomerUpdate(NamedTuple):
    """A customer with its changed fields, and their update mask."""

    customer: Customer
    mask: list[str]


class CustomerUpdates:
    """Compares a file's customers with the registered ones. columns: our columns in the file."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._paths = [*_paths(columns)]

    def of(self, told: Customer, there: Customer) -> CustomerUpdate | None:
        """Return the update from `there`, as registered, to `told`, as in the file; None if they agree."""
        from clientela_client.messages import Customer

        changed = Customer(name=there.name, etag=there.etag)
        mask = [path for path in self._paths if _take(path, told, there, changed)]
        return CustomerUpdate(changed, mask) if mask else None


def _paths(columns: Iterable[str]) -> Iterator[str]:
    """Yield the paths of the fields that columns set, each once."""
    found = [FIELDS.get(each, each) for each in columns if not each.startswith(_LABEL)]
    yield from (path for path in found if path in (*FIELDS.values(), "addresses"))
    if "labels" not in found and any(each.startswith(_LABEL) for each in columns):
        yield "labels"


def _take(path: str, told: Any, there: Any, changed: Any) -> bool:
    """Set a field as in the file; return whether it is given and differs from the registered one."""
    *parents, field = path.split(".")
    for parent in parents:
        if not told.HasField(parent):
            return False
        told, there, changed = (getattr(each, parent) for each in (told, there, changed))
    value = getattr(told, field)
    if field == "labels":
        value = {**there.labels, **value}
    if not _is_told(told, field) or _kept(field, value) == getattr(there, field):
        return False
    _set(changed, field, value)
    return True


def _kept(field: str, value: Any) -> Any:
    """Return a value as the server normalizes it: texts in NFC, telephone numbers as E.164."""
    if field == "phones":
        return [re.sub(r"^00", "+", re.sub(r"[^+0-9]", "", each)) for each in value]
    if isinstance(value, str):
        return normalize("NFC", value)
    if field in ("emails", "categories"):
        return [normalize("NFC", each) for each in value]
    return value


def _is_told(message: Any, field: str) -> bool:
    """Return whether a field is set: by presence if it has any, else if it is not empty."""
    if message.DESCRIPTOR.fields_by_name[field].has_presence:
        return bool(message.HasField(field))
    return bool(getattr(message, field))


def _set(message: Any, field: str, value: Any) -> None:
    if field == "labels":
        message.labels.update(value)
    elif message.DESCRIPTOR.fields_by_name[field].is_repeated:
        getattr(message, field).extend(value)
    else:
        setattr(message, field, value)
