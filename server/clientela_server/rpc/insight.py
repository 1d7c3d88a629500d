"""InsightService: all of its calls together.

Read next: `standing_calls`, `segment_calls`, `spend_calls`, `economics_calls`, `report_calls`.
"""

from clientela_server.rpc.economics_calls import EconomicsCalls
from clientela_server.rpc.report_calls import ReportCalls
from clientela_server.rpc.segment_calls import SegmentCalls
from clientela_server.rpc.spend_calls import SpendCalls
from clientela_server.rpc.standing_calls import StandingCalls


class InsightService(StandingCalls, SegmentCalls, SpendCalls, EconomicsCalls, ReportCalls):
    """The calls about what clients are to us."""
