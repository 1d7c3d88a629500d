"""Segments: groups of clients by a saved filter, with what we do for them.

Who is in a segment follows from the filter alone; the strategy is text for people.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from clientela_server.domain.errors import Aborted, InvalidArgument
from clientela_server.domain.names import require_visible
from clientela_server.domain.writing import composed

# So many customers in one published change, at most.
BATCH_SIZE = 500


@dataclass(frozen=True, slots=True)
class Segment:
    """A saved filter. Times in microseconds; `revision` is that of the last change, and makes the etag."""

    id: str
    display_name: str
    filter: str
    strategy: str = ""
    _: KW_ONLY
    create_us: int = 0
    update_us: int = 0
    revision: int = 0

    @property
    def name(self) -> str:
        """The resource name."""
        return f"segments/{self.id}"

    @property
    def etag(self) -> str:
        """The tag of this state, quoted as RFC 9110 has it."""
        return f'"{self.revision}"'


@dataclass(frozen=True, slots=True)
class MembershipChange:
    """Who came into a segment, and who left it, by ids; `revision` is that of the segment then."""

    segment_id: str
    joined: Sequence[str]
    left: Sequence[str]
    revision: int = 0

    @property
    def name(self) -> str:
        """The resource name of the segment."""
        return f"segments/{self.segment_id}"


def settled(segment: Segment, now_us: int, revision: int) -> Segment:
    """Return a segment's next state; refuse one without a name or a filter."""
    for name in ("display_name", "filter"):
        if not getattr(segment, name).strip():
            raise InvalidArgument.of_field("FIELD_MISSING", f"segment.{name}", "required")
    require_visible([("segment.display_name", segment.display_name)])
    return replace(
        segment,
        display_name=composed(segment.display_name),
        strategy=composed(segment.strategy),
        create_us=segment.create_us or now_us,
        update_us=now_us,
        revision=revision,
    )


def match_etag(current: Segment, etag: str) -> None:
    """Raise Aborted if the etag is not current (AIP-154); an empty one matches anything."""
    if etag and etag != current.etag:
        raise Aborted(
            "ETAG_MISMATCH", resource=current.name, name=current.name, etag=etag, current_etag=current.etag
        )


def membership_changes(
    segment: Segment, joined: Sequence[str], left: Sequence[str]
) -> Iterator[MembershipChange]:
    """Yield a difference in membership as changes of at most BATCH_SIZE customers."""
    changes = [(each, True) for each in joined] + [(each, False) for each in left]
    for at in range(0, len(changes), BATCH_SIZE):
        part = changes[at : at + BATCH_SIZE]
        yield MembershipChange(
            segment.id,
            [each for each, came in part if came],
            [each for each, came in part if not came],
            segment.revision,
        )


def unpublished(change: MembershipChange, published: Collection[str]) -> MembershipChange | None:
    """Return what of a change is not published yet, None if nothing; `published`: the members by then."""
    joined = [each for each in change.joined if each not in published]
    left = [each for each in change.left if each in published]
    return replace(change, joined=joined, left=left) if joined or left else None
