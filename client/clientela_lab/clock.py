"""What time it is: for the recording, which says when it began, and for clients who go by their own clock."""

from datetime import UTC, date, datetime


def utc_now() -> str:
    """Tell the time as RFC 3339: "2026-11-22T09:30:00.123456Z"."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def today() -> date:
    """Tell the day, of UTC."""
    return datetime.now(UTC).date()
