"""A recording is read back as it was recorded; a file that is none is refused."""

import stat
import threading
from pathlib import Path

import pytest

from clientela_lab.wire.decode.events import Event, frame_event, from_line, to_line
from clientela_lab.wire.decode.frame_decoder import FrameReader
from clientela_lab.wire.record.recording import NotARecording, Recorder, read, write
from tests.lab.wire.decode.test_frame_decoder import CONVERSATION

SAY: Event = {"event": "say", "text": "the reply is lost"}


def recorder(file: Path | None = None) -> Recorder:
    return Recorder(upstream="127.0.0.1:50051", listen="127.0.0.1:0", title="a lost reply", file=file)


def test_what_was_recorded_is_read_back(tmp_path: Path) -> None:
    with recorder(tmp_path / "one.jsonl") as recording:
        for frame in FrameReader(from_client=True).feed(CONVERSATION):
            recording.record(frame_event(frame, 1))
        assert recording.record(SAY) == 13
    written = list(read(tmp_path / "one.jsonl"))
    assert [event["n"] for event in written] == list(range(1, 14))
    assert written[0]["event"] == "recording"
    write(recording.events, tmp_path / "two.jsonl")
    assert list(read(tmp_path / "two.jsonl")) == written
    assert [from_line(to_line(event)) for event in recording.events] == written


@pytest.mark.parametrize("there", [False, True])
def test_a_recording_is_its_accounts_own_also_where_a_file_of_all_was(tmp_path: Path, there: bool) -> None:
    files = [tmp_path / "as it comes.jsonl", tmp_path / "afterwards.jsonl"]
    for file in files if there else []:
        file.write_text("of yesterday")
        file.chmod(0o644)
    with recorder(files[0]) as recording:
        recording.record(SAY)
        assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    write(recording.events, files[1])
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_listener_hears_each_event_in_order_from_any_thread() -> None:
    heard: list[Event] = []
    with recorder() as recording:
        recording.listen(heard.append)
        threads = [threading.Thread(target=recording.record, args=(SAY,)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert heard == recording.events[1:]
    assert [event["n"] for event in heard] == list(range(2, 22))
    times = [event["t"] for event in heard]
    assert times == sorted(times)


def test_a_recording_whose_writer_was_killed_is_read_up_to_there(tmp_path: Path) -> None:
    file = tmp_path / "cut.jsonl"
    with recorder(file) as recording:
        recording.record(SAY)
        recording.record(SAY)
    file.write_bytes(file.read_bytes()[:-10])
    assert len(list(read(file))) == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("hello\n", "line 1"),
        ('{"event": "say", "text": "?"}\n', "not the beginning"),
        ('{"event": "recording", "version": 2}\n', "not the beginning of a recording of version 1"),
        ('{"event": "recording", "version": 1}\n{"event": "song"}\n', "line 2: not an event"),
        ('{"event": "recording", "version": 1}\n[]\n', "line 2: not an event"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "strange.jsonl"
    file.write_text(text)
    with pytest.raises(NotARecording, match=why):
        list(read(file))
