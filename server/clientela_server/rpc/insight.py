"""InsightService: all of its calls together.

Read next: `standing_calls`, `segment_calls`.
"""

from clientela_server.rpc.segment_calls import SegmentCalls
from clientela_server.rpc.standing_calls import StandingCalls


class InsightService(StandingCalls, SegmentCalls):
    """The calls about what clients are to us."""
