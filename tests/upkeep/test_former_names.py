"""The calls that InsightService had until it was split: a retry from before is still recognized."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from clientela.v1 import feed_pb2, segments_pb2, spends_pb2, standing_pb2
from clientela_lab.servers.local_server import LocalServer
from clientela_server.rpc.services.journal_writer import FIRST_NAMES
from tests.faults.ledger import read_entries
from tests.rpc.callers import Caller
from tests.rpc.making import day, money
from tests.upkeep.commands import Command
from tests.upkeep.release_fixture import FIXTURES
from tests.upkeep.test_upgrades import taken_over


def request_id(number: int) -> str:
    return f"00000000-0000-4000-8000-00000000000{number}"


def requests() -> dict[str, Any]:
    """The writes that the fixture's ledger was filled with, by an older server, in this order."""
    spend = spends_pb2.Spend(
        channel="ACQUISITION_CHANNEL_MARKETING", start_date=day("2026-03-01"), amount=money(500), purpose=2
    )
    lost = segments_pb2.Segment(display_name="Lost", filter='stage = "LOST"')
    return {
        "StandingService.UpdatePolicy": standing_pb2.UpdatePolicyRequest(
            policy=standing_pb2.Policy(new_days=60),
            update_mask=FieldMask(paths=["new_days"]),
            request_id=request_id(1),
        ),
        "SegmentService.CreateSegment": segments_pb2.CreateSegmentRequest(
            segment=lost, segment_id="lost", request_id=request_id(2)
        ),
        "SegmentService.UpdateSegment": segments_pb2.UpdateSegmentRequest(
            segment=segments_pb2.Segment(name="segments/lost", strategy="call"), request_id=request_id(3)
        ),
        "SegmentService.DeleteSegment": segments_pb2.DeleteSegmentRequest(
            name="segments/lost", request_id=request_id(4)
        ),
        "SpendService.RecordSpend": spends_pb2.RecordSpendRequest(
            spend=spend, spend_id="fair", request_id=request_id(5)
        ),
        "SpendService.DeleteSpend": spends_pb2.DeleteSpendRequest(
            name="spends/fair", request_id=request_id(6)
        ),
    }


def rpc_of(caller: Caller, name: str) -> Any:
    service, _, rpc = name.partition(".")
    noun = {"StandingService": "standing", "SegmentService": "segments", "SpendService": "spends"}[service]
    return getattr(getattr(caller, noun), rpc)


def test_a_retry_of_a_request_from_before_the_rename_is_recognized(tmp_path: Path, command: Command) -> None:
    ledger = taken_over(FIXTURES / "insight.db.gz", tmp_path)
    command.done("migrate", "--database", ledger)
    before = read_entries(ledger)
    with LocalServer(folder=tmp_path) as server, grpc.insecure_channel(server.address) as channel:
        admin = Caller(channel, server.token)
        answers = {name: rpc_of(admin, name)(request) for name, request in requests().items()}
        other = requests()["SpendService.RecordSpend"]
        other.spend.amount.units = 501
        with pytest.raises(grpc.RpcError, match="other request"):
            admin.spends.RecordSpend(other)
        told = admin.feed.ListHistory(feed_pb2.ListHistoryRequest(name="spends/fair")).changes
    assert answers["StandingService.UpdatePolicy"].etag == '"1"'
    assert answers["SegmentService.UpdateSegment"].strategy == "call"
    assert answers["SpendService.RecordSpend"].purpose == spends_pb2.SPEND_PURPOSE_RETENTION
    assert [each.method for each in told] == ["InsightService.RecordSpend", "InsightService.DeleteSpend"]
    assert read_entries(ledger) == before
    command.done("verify", "--database", ledger)


def test_every_renamed_write_is_among_these_requests() -> None:
    assert set(FIRST_NAMES) == set(requests())
