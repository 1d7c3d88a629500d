"""What time it is, for the one line of a recording that says when it began."""

from datetime import UTC, datetime


def utc_now() -> str:
    """Tell the time as RFC 3339: "2026-11-22T09:30:00.123456Z"."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
