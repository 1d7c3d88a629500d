"""All attacks on the connection, for the tests and for the table of `make torture`."""

from tests.attacks import (
    floods,
    giants,
    idle,
    many_streams,
    metadata,
    rapid_reset,
    slow_readers,
)

ATTACKS = [
    *idle.ATTACKS,
    *rapid_reset.ATTACKS,
    *floods.ATTACKS,
    *giants.ATTACKS,
    *metadata.ATTACKS,
    *many_streams.ATTACKS,
    *slow_readers.ATTACKS,
]
