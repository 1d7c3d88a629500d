"""What time it is: for the recording, which says when it began, and for clients who go by their own clock."""

from datetime import UTC, date, datetime


def utc_now() -> str:
    """Return the time as RFC 3339: "2026-11-22T09:30:00.123456Z"."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def today() -> date:
    """Return the current day in UTC."""
    return datetime.now(UTC).date()
