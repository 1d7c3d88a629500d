"""The rules of what is recorded once and never changed, for nouns that have no stricter ones."""

from clientela_server.domain.errors import InvalidArgument
from clientela_server.domain.purchases import CLOCK_SKEW_US


def settled_time(stated_us: int | None, now_us: int, path: str) -> int:
    """Return a time as stated, else now; InvalidArgument if it is to come. path: of its field."""
    if stated_us is None:
        return now_us
    if stated_us > now_us + CLOCK_SKEW_US:
        raise InvalidArgument.of_field(
            "TIME_IN_FUTURE",
            path,
            "must not be in the future",
            ahead_s=str((stated_us - now_us) // 1_000_000),
        )
    return stated_us
