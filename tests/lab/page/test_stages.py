"""What the server did by itself, on the page: a stage that changed, with its evidence."""

from tests.lab.page.conftest import Open
from tests.lab.page.tape import Event, Tape

LOST = {"label": "LOST", "holds": True, "explanation": "Nothing was bought since 2026-06-26: 149 days."}
REGULAR = {"label": "REGULAR", "explanation": "149 days of silence, and up to 60 is usual."}


def story() -> list[Event]:
    tape = Tape("a client is lost")
    tape.put(
        "entry",
        revision=9,
        commit_time="2026-11-22T09:15:00.124Z",
        actor="server",
        method="server",
        request_id="",
        name="customers/blue-door",
        before=None,
        after=None,
        stage_change={"from_stage": "STAGE_REGULAR", "to_stage": "STAGE_LOST", "findings": [REGULAR, LOST]},
        call=None,
    )
    return tape.events


def test_a_stage_that_changed_is_reported_with_its_evidence(opened: Open) -> None:
    page = opened(story())
    page.locator("[role=option]", has_text="revision 9 · now LOST · customers/blue-door").click()
    assert page.locator(".made .stage p").text_content() == "stage REGULAR → LOST"
    assert page.locator(".made .stage li").all_text_contents() == [
        f"REGULAR does not hold: {REGULAR['explanation']}",
        f"LOST holds: {LOST['explanation']}",
    ]
    assert page.get_by_text("not in the recording").count() == 0
