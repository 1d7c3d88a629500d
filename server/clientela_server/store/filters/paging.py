"""Pages: an order, where a page begins, and the token that says so.

A page begins behind the last row of the one before (keyset), so that rows which come and go in between
neither repeat nor hide others. The token holds that row's sort values, and is signed together with who
asked and what for: it can't be made up, edited, or used for another question.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.orders import read_order
from clientela_server.store.database.answer_size import RECORD_OVERHEAD, count_fitting
from clientela_server.store.database.connection import Connection, Row
from clientela_server.store.database.statements import LIMIT, NO_OFFSET, Params, render

PAGE_DEFAULT = 50
PAGE_MAX = 1000
_ORDERS_MAX = 64
_MAC_BYTES = 16


@dataclass(frozen=True, slots=True)
class SortKey:
    """One column of an order."""

    column: sa.ColumnElement[Any]
    descending: bool = False


Orders = Mapping[str, Sequence[sa.ColumnElement[Any]]]


def page_limit(page_size: int) -> int:
    """Return how many rows a page holds: 0 is the default, more than the most is the most."""
    return min(page_size or PAGE_DEFAULT, PAGE_MAX)


def compile_order(
    text: str, orders: Orders, default: str, unique: Sequence[sa.ColumnElement[Any]]
) -> list[SortKey]:
    """Read "a desc, b"; the unique columns come last, so that no two rows are alike in the order."""
    keys: list[SortKey] = []
    for name, descending in read_order(text or default, orders):
        keys += [SortKey(column, descending) for column in orders[name]]
    # Ties follow the direction of the last key: "newest first" stays so within one moment.
    keys += [SortKey(column, keys[-1].descending) for column in unique]
    return keys


class Pages:
    """The pages of a query whose rows are led by their record; each order is compiled once.

    Args:
        select: the query; it may have parameters, whose values are given with each page.
        orders, default, unique: as for `compile_order`.
    """

    def __init__(
        self,
        select: sa.Select[Any],
        orders: Orders,
        default: str,
        unique: Sequence[sa.ColumnElement[Any]],
    ) -> None:
        self.select = select
        self._order = partial(compile_order, orders=orders, default=default, unique=unique)
        self._compiled: dict[tuple[str, bool, str], tuple[str, Params, int]] = {}

    def read(
        self,
        connection: Connection,
        order_by: str,
        after: Sequence[Any] | None,
        limit: int,
        params: Params | None = None,
    ) -> tuple[list[Row], Sequence[Any] | None]:
        """Read a page, and the last one's sort values, which end each row, if there are more.

        It ends where an answer is full, if that is before the limit.
        """
        key = (order_by, after is not None, connection.dialect)
        text, fixed, width = self._compiled.get(key) or self._compile(key)
        values = {**fixed, **(params or {}), **_values(after, limit)}
        rows = connection.query_within(text, values, 0)
        shown = min(limit, count_fitting([len(row[0]) + RECORD_OVERHEAD for row in rows]))
        return rows[:shown], rows[shown - 1][-width:] if len(rows) > shown else None

    def _compile(self, key: tuple[str, bool, str]) -> tuple[str, Params, int]:
        order_by, is_next, dialect = key
        keys = self._order(order_by)
        select = _paged(self.select, keys, is_next=is_next)
        if len(self._compiled) >= _ORDERS_MAX:  # callers word orders
            self._compiled.clear()
        compiled = self._compiled[key] = (*render(select, dialect), len(keys))
        return compiled


def paged(
    select: sa.Select[Any], keys: Sequence[SortKey], after: Sequence[Any] | None, limit: int
) -> sa.Select[Any]:
    """Order a query, begin behind a row, and take one more than a page, to see whether there is a next."""
    return _paged(select, keys, is_next=after is not None).params(_values(after, limit))


def _values(after: Sequence[Any] | None, limit: int) -> dict[str, Any]:
    return {"limit": limit + 1, **{f"behind_{place}": value for place, value in enumerate(after or ())}}


def _paged(select: sa.Select[Any], keys: Sequence[SortKey], *, is_next: bool) -> sa.Select[Any]:
    if is_next:
        select = select.where(_behind(keys))
    order = [key.column.desc() if key.descending else key.column.asc() for key in keys]
    return select.add_columns(*(key.column for key in keys)).order_by(*order).limit(LIMIT).offset(NO_OFFSET)


def _behind(keys: Sequence[SortKey]) -> sa.ColumnElement[bool]:
    """(a, b, c) behind (x, y, z): a > x, or a = x and b > y, or ..."""
    row = [sa.bindparam(f"behind_{place}", type_=key.column.type) for place, key in enumerate(keys)]
    branches = []
    for place, (key, value) in enumerate(zip(keys, row, strict=True)):
        same = [earlier.column == known for earlier, known in zip(keys[:place], row[:place], strict=True)]
        branches.append(sa.and_(*same, key.column < value if key.descending else key.column > value))
    return sa.or_(*branches)


class PageTokens:
    """Signs and checks page tokens."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def make(self, asked: Sequence[str], last: Sequence[Any]) -> str:
        """Make the token for the page behind a row; `asked` is who asked for what."""
        body = json.dumps(list(last), separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(asked, body) + body).decode().rstrip("=")

    def read(self, asked: Sequence[str], token: str) -> list[Any] | None:
        """Read a token, None for the first page; InvalidArgument if it was edited or is for another call."""
        if not token:
            return None
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raise _bad_token() from None
        # Base64 has spare bits at the end: without this comparison some edits would change nothing.
        if base64.urlsafe_b64encode(raw).decode().rstrip("=") != token:
            raise _bad_token()
        mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(asked, body)):
            raise _bad_token()
        last: list[Any] = json.loads(body)
        return last

    def _mac(self, asked: Sequence[str], body: bytes) -> bytes:
        question = json.dumps(list(asked)).encode()
        return hmac.new(self._secret, question + b"\0" + body, hashlib.sha256).digest()[:_MAC_BYTES]


def _bad_token() -> InvalidArgument:
    return InvalidArgument.of_field(
        "PAGE_TOKEN_INVALID", "page_token", "is not one that this call was given; begin again without it"
    )
