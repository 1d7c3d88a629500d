"""Response size limit: a byte budget for pages, or one record that alone exceeds it.

Clients take 4 MiB in one message where nobody told them otherwise, and one that gets more fails for ever. So
pages, messages of a stream and batches end by bytes, well below. A record is sent as it is kept, so that its
size is known before it is read.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, takewhile
from typing import TypeVar

T = TypeVar("T")

ANSWER_BYTES = 1024 * 1024
# Beside the records there are counts and the token of the next page.
RECORDS_BYTES = ANSWER_BYTES - 8 * 1024
# At most so many bytes are added to a record: its tag and length, and what was refunded of it.
RECORD_OVERHEAD = 64


def count_fitting(sizes: Sequence[int]) -> int:
    """Return how many leading records fit into one response: at least one, however large."""
    if sum(sizes) <= RECORDS_BYTES:
        return len(sizes)
    ends = accumulate(sizes)
    return max(1, sum(1 for _ in takewhile(lambda end: end <= RECORDS_BYTES, ends)))


def take_fitting(made: Iterable[T], size: Callable[[T], int]) -> list[T]:
    """Return the leading items that fit into one response, at least one; later items are not computed."""
    taken: list[T] = []
    left = RECORDS_BYTES
    for each in made:
        left -= size(each)
        if left < 0 and taken:
            break
        taken.append(each)
    return taken
