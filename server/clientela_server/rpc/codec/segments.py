"""Convert segments and changes of their membership."""

from clientela.v1 import segments_pb2 as pb
from clientela_server.domain.segments import MembershipChange, Segment
from clientela_server.rpc.codec.values import from_time, revision_of, to_time


def to_segment(segment: Segment) -> pb.Segment:
    """Return the message of a segment; only the name if it was deleted."""
    if not segment.filter:
        return pb.Segment(name=segment.name)
    return pb.Segment(
        name=segment.name,
        display_name=segment.display_name,
        filter=segment.filter,
        strategy=segment.strategy or None,
        create_time=to_time(segment.create_us),
        update_time=to_time(segment.update_us),
        etag=segment.etag,
    )


def from_segment(message: pb.Segment) -> Segment:
    """Return a segment, stored or stated by a caller."""
    return Segment(
        id=message.name.partition("/")[2],
        display_name=message.display_name,
        filter=message.filter,
        strategy=message.strategy,
        create_us=from_time(message.create_time),
        update_us=from_time(message.update_time),
        revision=revision_of(message.etag),
    )


def segment_draft(message: pb.Segment) -> Segment:
    """Return a segment as the caller stated it, without output-only fields."""
    return Segment("", message.display_name, message.filter, message.strategy)


def to_membership_change(change: MembershipChange) -> pb.MembershipChange:
    """Return the message of a membership change."""
    return pb.MembershipChange(
        segment=f"segments/{change.segment_id}",
        joined_customers=[f"customers/{each}" for each in change.joined],
        left_customers=[f"customers/{each}" for each in change.left],
    )


def from_membership_change(message: pb.MembershipChange) -> MembershipChange:
    """Return a membership change."""
    return MembershipChange(
        message.segment.partition("/")[2],
        [each.partition("/")[2] for each in message.joined_customers],
        [each.partition("/")[2] for each in message.left_customers],
    )
