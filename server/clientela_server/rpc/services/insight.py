"""InsightService: all of its handlers.

Read next: `standing`, `segments`, `spends`, `economics`, `reports`.
"""

from clientela_server.rpc.services.economics import EconomicsCalls
from clientela_server.rpc.services.reports import ReportCalls
from clientela_server.rpc.services.segments import SegmentCalls
from clientela_server.rpc.services.spends import SpendCalls
from clientela_server.rpc.services.standing import StandingCalls


class InsightService(StandingCalls, SegmentCalls, SpendCalls, EconomicsCalls, ReportCalls):
    """The handlers of InsightService."""
