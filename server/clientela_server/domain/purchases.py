"""The rules of the ledger: what is a purchase, what is a refund, and when either is refused.

An entry is never changed. A refund is an entry of its own that names the purchase, and all refunds of a
purchase never come to more than was paid.
"""

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from decimal import Context, Decimal
from typing import NamedTuple

from clientela_server.domain.errors import FailedPrecondition, InvalidArgument
from clientela_server.domain.money import (
    NANOS_PER_UNIT,
    Money,
    add,
    coin_nanos,
    is_in_coins,
    require_coins,
    too_fine,
)
from clientela_server.domain.names import require_visible
from clientela_server.domain.writing import all_composed

# Clocks differ: a client's may be a little ahead of ours without anybody lying.
CLOCK_SKEW_US = 60 * 1_000_000
# Digits enough for the longest quantity times the highest price, so that a line is rounded once only.
_EXACT = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `quantity` as written on the wire (None is one), `unit_price` where it is known."""

    sku: str | None
    description: str | None
    category: str | None
    quantity: str | None
    unit_price: Money | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A purchase as a caller states it, before it is settled; enums are the numbers of the contract."""

    lines: tuple[Line, ...]
    amount: Money | None
    purchase_us: int | None
    _: KW_ONLY
    purpose: int
    sales_path: int
    source: int
    note: str | None


class Purchase(NamedTuple):
    """One entry of the ledger. `refund_of` is the name of a purchase where this is a refund."""

    customer_id: str
    purchase_id: str
    lines: tuple[Line, ...]
    amount: Money
    purchase_us: int
    purpose: int
    sales_path: int
    source: int
    note: str | None
    refund_of: str | None
    recorded_by: str
    create_us: int
    revision: int

    @property
    def name(self) -> str:
        """The resource name."""
        return f"customers/{self.customer_id}/purchases/{self.purchase_id}"


class SettledPurchase(NamedTuple):
    """A draft, its texts composed, with the amount and the time that hold."""

    draft: Draft
    amount: Money
    purchase_us: int


def settle(draft: Draft, now_us: int, path: str = "purchase") -> SettledPurchase:
    """Return the draft with amount and time settled; raise InvalidArgument for what does not add up.

    path: the prefix of field paths in errors.
    """
    if draft.lines or draft.note:
        if not all(map(str.isascii, _texts(draft))):
            draft = all_composed(draft)
        require_visible(_names(draft, path))
    return SettledPurchase(
        draft, _settled_amount(draft, path), _settled_time(draft.purchase_us, now_us, path)
    )


def _texts(draft: Draft) -> Iterator[str]:
    """Return the free texts of a draft."""
    yield draft.note or ""
    for line in draft.lines:
        yield line.sku or ""
        yield line.description or ""
        yield line.category or ""


def _names(draft: Draft, path: str) -> Iterator[tuple[str, str | None]]:
    """Return the names in lines (SKUs and categories), by field path."""
    for index, line in enumerate(draft.lines):
        yield f"{path}.lines[{index}].sku", line.sku
        yield f"{path}.lines[{index}].category", line.category


def require_payable(settled: SettledPurchase, path: str = "purchase") -> None:
    """Raise InvalidArgument if the amount, stated or summed up, is finer than the currency's coin.

    A price may be finer, as one for a litre is, where what was paid is stated or comes to whole coins.
    """
    if is_in_coins(settled.amount):
        return
    if settled.draft.amount is not None:
        require_coins(settled.draft.amount, f"{path}.amount")
    for index, (line, price) in enumerate(_priced(settled.draft.lines)):
        if not is_in_coins(Money(price.currency, line_nanos(line.quantity, price))):
            raise too_fine(
                price,
                f"{path}.lines[{index}].unit_price",
                f"comes to {settled.amount.exact} in all, finer than a coin: state the amount that was paid",
            )


def _settled_time(purchase_us: int | None, now_us: int, path: str) -> int:
    if purchase_us is None:
        return now_us
    if purchase_us > now_us + CLOCK_SKEW_US:
        raise InvalidArgument.of_field(
            "PURCHASE_IN_FUTURE",
            f"{path}.purchase_time",
            "must not be in the future",
            ahead_s=str((purchase_us - now_us) // 1_000_000),
        )
    return purchase_us


def _settled_amount(draft: Draft, path: str) -> Money:
    priced = _priced(draft.lines)
    if len(priced) < len(draft.lines) or not priced:
        if draft.amount is None:
            raise InvalidArgument.of_field(
                "AMOUNT_MISSING", f"{path}.amount", "required, unless every line has a unit_price"
            )
        return draft.amount
    total = _sum_of_lines(priced, path)
    if draft.amount is None:
        return total
    _check_amount(draft.amount, total, len(draft.lines), path)
    return draft.amount


def _priced(lines: tuple[Line, ...]) -> list[tuple[Line, Money]]:
    """Return the lines that have a unit price, each with it."""
    return [(line, line.unit_price) for line in lines if line.unit_price is not None]


def _sum_of_lines(priced: list[tuple[Line, Money]], path: str) -> Money:
    currency = priced[0][1].currency
    total = 0
    for index, (line, price) in enumerate(priced):
        if price.currency != currency:
            raise InvalidArgument.of_field(
                "CURRENCY_MIXED",
                f"{path}.lines[{index}].unit_price.currency_code",
                f"must be {currency}, as on the first line",
                currency_code=price.currency,
                expected=currency,
            )
        total = add(currency, total, line_nanos(line.quantity, price))
    return Money(currency, total)


def line_nanos(quantity: str | None, price: Money) -> int:
    """Return what a line comes to, rounded half up to the currency's smallest coin, in nanos."""
    exact = _EXACT.multiply(Decimal(quantity or "1"), price.nanos)
    coin = min(coin_nanos(price.currency), _finest(price.nanos))
    return int(_EXACT.divide(exact, coin).to_integral_value("ROUND_HALF_UP")) * coin


def _finest(nanos: int) -> int:
    """Return the power of ten that the price is written in: a price finer than a coin stays exact."""
    step = NANOS_PER_UNIT
    while step > 1 and nanos % step:
        step //= 10
    return step


def _check_amount(stated: Money, total: Money, lines: int, path: str) -> None:
    if stated.currency != total.currency:
        raise InvalidArgument.of_field(
            "CURRENCY_MIXED",
            f"{path}.amount.currency_code",
            f"must be {total.currency}, as on the lines",
            currency_code=stated.currency,
            expected=total.currency,
        )
    # Each line may have been rounded the other way: half a coin a line is no contradiction.
    if abs(stated.nanos - total.nanos) * 2 > coin_nanos(stated.currency) * lines:
        raise InvalidArgument.of_field(
            "AMOUNT_MISMATCH",
            f"{path}.amount",
            "is not the sum of the lines",
            amount=stated.exact,
            sum_of_lines=total.exact,
        )


def differences(kept: Purchase, stated: Draft, settled: SettledPurchase) -> list[str]:
    """List the fields in which an entry differs from a draft; the recording client is ignored."""
    said = settled.draft
    pairs = {
        "lines": (all_composed(kept.lines), said.lines),
        "amount": (kept.amount, settled.amount),
        "purchase_time": (kept.purchase_us, stated.purchase_us or kept.purchase_us),
        "purpose": (kept.purpose, said.purpose),
        "sales_path": (kept.sales_path, said.sales_path),
        "note": (all_composed(kept.note), said.note),
        "refund_of": (kept.refund_of, None),
    }
    return [field for field, (one, other) in pairs.items() if one != other]


def refundable(paid: Money, refunded: int, wanted: Money | None, name: str) -> Money:
    """Return the amount to refund: `wanted`, or all that is left; raise FailedPrecondition for more."""
    left = paid.nanos - refunded
    if not left:
        raise FailedPrecondition("REFUNDED_WHOLLY", resource=name, name=name, refunded=paid.exact)
    if wanted is None:
        wanted = Money(paid.currency, left)
    if wanted.currency != paid.currency:
        raise InvalidArgument.of_field(
            "CURRENCY_MIXED",
            "amount.currency_code",
            f"must be {paid.currency}, as was paid",
            currency_code=wanted.currency,
            expected=paid.currency,
        )
    if wanted.nanos > left:
        raise FailedPrecondition(
            "REFUND_EXCEEDS_PURCHASE",
            resource=name,
            name=name,
            refundable=Money(paid.currency, left).exact,
            requested=wanted.exact,
        )
    if wanted.nanos == 0:
        raise InvalidArgument.of_field("REFUND_ZERO", "amount", "must be more than zero")
    return wanted


def require_payable_refund(back: Money, paid: Money, refunded: int) -> None:
    """Raise InvalidArgument if a refund is finer than a coin, unless it is all that is left."""
    if back.nanos != paid.nanos - refunded:
        require_coins(back, "amount")
