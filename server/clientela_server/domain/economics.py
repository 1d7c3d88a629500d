"""Unit economics: acquisition cost and lifetime value by acquisition channel.

    CAC            acquisition spend of the period / clients whose first purchase is in the period
    LTV, realized  what these clients brought until now, less refunds, * gross margin, per client
    LTV, predicted the same and the predicted value of them * gross margin, per client
    verdict        PROFITABLE where LTV as realized >= CAC, PAYS_LATER where as predicted, else UNPROFITABLE

Where nobody was won there is no CAC: it is neither 0 nor without end. Nor is there one where nothing was
recorded of what winning clients cost; that it cost nothing is recorded as 0. All is by one currency, first
purchases too, as in cohorts. Fractions of a nano are kept all the way, and `told` alone rounds, once for each
figure, half to even.
Read next: `spends` (a day's share), docs/business.md (where the rule is from).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from enum import IntEnum
from fractions import Fraction

from clientela_server.domain import money
from clientela_server.domain.money import Money
from clientela_server.domain.spends import RETENTION, Spend, share

# The channel of clients of whom it is not known how they came.
UNKNOWN_CHANNEL = 0
# What came in from a client in one currency: day and nanos, by day.
Days = Sequence[tuple[int, int]]


class Verdict(IntEnum):
    """Numbers of the contract's enum."""

    NONE = 0
    PROFITABLE = 1
    PAYS_LATER = 2
    UNPROFITABLE = 3


@dataclass(frozen=True, slots=True)
class Period:
    """An inclusive range of days; purchases after `as_of` do not count."""

    first: int
    last: int
    as_of: int


@dataclass(slots=True)
class Acquired:
    """Clients of a channel acquired in a period; revenue and predicted value in nanos."""

    clients: int = 0
    revenue: int = 0
    predicted: Fraction | None = None

    def add(self, more: "Acquired") -> None:
        """Add another count."""
        self.clients += more.clients
        self.revenue += more.revenue
        if more.predicted is not None:
            self.predicted = (self.predicted or Fraction(0)) + more.predicted


@dataclass(slots=True)
class Tally:
    """Acquired clients by channel, and the number retained: purchases in the period and before it."""

    won: dict[int, Acquired] = field(default_factory=dict)
    retained: int = 0

    def add(self, more: "Tally") -> None:
        """Add another count."""
        for channel, won in more.won.items():
            self.won.setdefault(channel, Acquired()).add(won)
        self.retained += more.retained


@dataclass(frozen=True, slots=True)
class ChannelEconomics:
    """The figures of one channel or of all; exact nanos. `cac` is None without acquired clients or spend.

    recorded: whether acquisition spend was recorded; for the total, for every channel with acquired clients.
    """

    channel: int
    _: KW_ONLY
    spend: Fraction
    won: int
    cac: Fraction | None
    realized: Fraction | None
    predicted: Fraction | None
    verdict: Verdict
    recorded: bool = True

    @property
    def ratio(self) -> Fraction | None:
        """Realized LTV / CAC."""
        return self.realized / self.cac if self.cac and self.realized is not None else None

    @property
    def ratio_predicted(self) -> Fraction | None:
        """Predicted LTV / CAC."""
        return self.predicted / self.cac if self.cac and self.predicted is not None else None


@dataclass(frozen=True, slots=True)
class Retention:
    """Retention spend; exact nanos."""

    spend: Fraction
    retained: int
    cac: Fraction | None

    @property
    def cost(self) -> Fraction | None:
        """The retention cost per retained client."""
        return self.spend / self.retained if self.retained else None

    @property
    def acquisition_ratio(self) -> Fraction | None:
        """Acquisition cost / retention cost, per client."""
        return self.cac / self.cost if self.cac and self.cost else None


@dataclass(frozen=True, slots=True)
class Economics:
    """All channels, the unknown one first; the total; and retention."""

    channels: Sequence[ChannelEconomics]
    total: ChannelEconomics
    retention: Retention


def tally(clients: Iterable[tuple[int, Days]], period: Period) -> Tally:
    """Tally clients, given as (channel, days)."""
    found = Tally()
    for channel, days in clients:
        until = [(day, nanos) for day, nanos in days if day <= period.as_of]
        if not until or until[0][0] > period.last:
            continue
        if until[0][0] >= period.first:
            won = Acquired(1, sum(nanos for _, nanos in until))
            found.won.setdefault(channel, Acquired()).add(won)
        elif any(period.first <= day <= period.last for day, _ in until):
            found.retained += 1
    return found


def combined(tallies: Iterable[Tally]) -> Tally:
    """Sum partial tallies."""
    found = Tally()
    for each in tallies:
        found.add(each)
    return found


def margin_of(share_left: float) -> Fraction:
    """Read a margin as it is written: 0.4 is two fifths, and not the next number that a float can hold."""
    return Fraction(repr(share_left))


def economics_of(spends: Sequence[Spend], found: Tally, margin: Fraction, period: Period) -> Economics:
    """Compute unit economics from spends and a tally."""
    acquisition = _by_channel([each for each in spends if each.purpose != RETENTION], period)
    retention = sum(_by_channel([each for each in spends if each.purpose == RETENTION], period).values())
    everybody = Acquired()
    for won in found.won.values():
        everybody.add(won)
    known = sorted((acquisition.keys() | found.won.keys()) - {UNKNOWN_CHANNEL})
    channels = [
        _channel(each, acquisition.get(each), found.won.get(each, Acquired()), margin)
        for each in (UNKNOWN_CHANNEL, *known)
    ]
    spent = sum(acquisition.values(), Fraction(0)) if acquisition else None
    whole = all(each.recorded for each in channels)
    total = _judged(UNKNOWN_CHANNEL, spent, everybody, margin, whole=whole)
    return Economics(channels, total, Retention(Fraction(retention), found.retained, total.cac))


def _by_channel(spends: Sequence[Spend], period: Period) -> Mapping[int, Fraction]:
    found: dict[int, Fraction] = {}
    for spend in spends:
        if spend.start_day <= period.last and spend.end_day >= period.first:
            nanos = share(spend, period.first, period.last)
            found[spend.channel] = found.get(spend.channel, Fraction(0)) + nanos
    return found


def _channel(channel: int, spend: Fraction | None, won: Acquired, margin: Fraction) -> ChannelEconomics:
    """Compute one channel; the unknown channel has no verdict."""
    if channel != UNKNOWN_CHANNEL:
        return _judged(channel, spend, won, margin)
    realized, predicted = _values(won, margin)
    return ChannelEconomics(
        channel,
        spend=spend or Fraction(0),
        won=won.clients,
        cac=None,
        realized=realized,
        predicted=predicted,
        verdict=Verdict.NONE,
    )


def _judged(
    channel: int, spend: Fraction | None, won: Acquired, margin: Fraction, *, whole: bool = True
) -> ChannelEconomics:
    """Compute figures and verdict; with incomplete spend only UNPROFITABLE is certain."""
    realized, predicted = _values(won, margin)
    cac = spend / won.clients if won.clients and spend is not None else None
    verdict = verdict_of(cac, realized, predicted)
    if not whole and verdict is not Verdict.UNPROFITABLE:
        verdict = Verdict.NONE
    recorded = whole and (spend is not None or not won.clients)
    return ChannelEconomics(
        channel,
        spend=spend or Fraction(0),
        won=won.clients,
        cac=cac,
        realized=realized,
        predicted=predicted,
        verdict=verdict,
        recorded=recorded,
    )


def _values(won: Acquired, margin: Fraction) -> tuple[Fraction | None, Fraction | None]:
    """Return LTV as realized and as predicted."""
    if not won.clients:
        return None, None
    realized = won.revenue * margin / won.clients
    if won.predicted is None:
        return realized, None
    return realized, realized + won.predicted * margin / won.clients


def verdict_of(cac: Fraction | None, realized: Fraction | None, predicted: Fraction | None) -> Verdict:
    """Compare LTV with CAC."""
    if cac is None or realized is None:
        return Verdict.NONE
    if realized >= cac:
        return Verdict.PROFITABLE
    return Verdict.PAYS_LATER if predicted is not None and predicted >= cac else Verdict.UNPROFITABLE


def rounded(currency: str, nanos: Fraction) -> Money:
    """Round to a whole nano, half to even; OUT_OF_RANGE where it doesn't fit into the units on the wire."""
    return Money(currency, money.add(currency, round(nanos)))
