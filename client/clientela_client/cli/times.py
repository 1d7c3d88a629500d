"""Times as text: dates and RFC 3339 date-times in, UTC out. A plain date is its midnight in UTC."""

from datetime import UTC, datetime
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NotATime(ValueError):
    """The text is neither a date nor a date-time."""


# A ledger has few different days: the cache turns most rows of an import into one look-up.
@lru_cache(maxsize=65_536)
def parse_time(text: str) -> tuple[int, int]:
    """Return (seconds since 1970, nanos) of "1997-01-31" or "1997-01-31T08:26:00+01:00"; raises NotATime.

    A date-time without an offset is taken as UTC.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotATime(
            f'"{text}" is neither a date (1997-01-31) nor a date-time (1997-01-31T08:26:00Z)'
        ) from None
    since = moment.replace(tzinfo=moment.tzinfo or UTC) - _EPOCH
    return since.days * 86_400 + since.seconds, since.microseconds * 1000


def pretty_time(text: str) -> str:
    """Return an RFC 3339 time for people: "1997-01-31" for midnight, else "1997-01-31 08:26:00" (UTC).

    "" stays "".
    """
    if not text:
        return ""
    day, _, clock = text.rstrip("Z").partition("T")
    return day if clock == "00:00:00" else f"{day} {clock[:8]}"
