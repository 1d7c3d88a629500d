"""The page in a browser: what a reader sees, clicks and types."""

import pytest
from playwright.sync_api import Page

from tests.lab.page import samples
from tests.lab.page.conftest import Open


def lit(page: Page) -> bytes:
    """The bytes that are marked, as numbers."""
    return bytes.fromhex("".join(page.locator(".numbers i.on").all_text_contents()))


def row(page: Page, words: str) -> None:
    page.locator("[role=option]", has_text=words).first.click()


def field(page: Page, name: str, number: int = 0) -> None:
    page.locator(".node", has=page.locator(f".name:text-is('{name}')")).nth(number).hover()


def test_a_page_opens_from_disk_and_asks_for_nothing(opened: Open) -> None:
    page = opened(samples.lost_reply())
    assert page.locator("h1").text_content() == "A reply is lost. Is the customer charged twice?"
    assert page.locator("[role=option]").count() > 10


def test_belief_and_truth_stand_side_by_side_and_red_where_they_differ(opened: Open) -> None:
    page = opened(samples.lost_reply())
    rows = page.locator("#ledger-lines tr")
    assert [row.get_attribute("class") for row in rows.all()] == ["red", None]
    assert rows.nth(0).locator("td").nth(0).text_content() == "till: done: 240.00"
    assert rows.nth(0).locator("td").nth(1).text_content() == "server: recorded 480.00"


def test_who_is_in_doubt_is_red(opened: Open) -> None:
    page = opened(samples.in_doubt())
    row = page.locator("#ledger-lines tr.red")
    assert row.locator("td").nth(0).text_content() == "till: in doubt"
    assert row.locator("td").nth(1).text_content() == "server: recorded 240.00"


def test_the_verdict_and_the_checks_are_reported(opened: Open) -> None:
    page = opened(samples.lost_reply(protected=True))
    assert "kept" in page.locator("#verdict").text_content()
    assert page.locator("#check-lines li.good").count() == 2
    page = opened(samples.lost_reply())
    assert "broken" in page.locator("#verdict").text_content()
    assert page.locator("#check-lines li.red .got").first.text_content() == "got 2"


def test_what_was_swallowed_ends_in_the_middle(opened: Open) -> None:
    page = opened(samples.lost_reply())
    lost = page.locator(".is-message.red").first
    shaft, mark = lost.locator(".shaft").bounding_box(), lost.locator(".ended").bounding_box()
    server = page.locator(".life.server").first.bounding_box()
    assert shaft and mark and server
    assert shaft["x"] > 300
    assert abs(mark["x"] + mark["width"] / 2 - shaft["x"]) < 3
    assert abs(shaft["x"] + shaft["width"] - server["x"]) < 3


def test_a_click_opens_the_message_down_to_its_bytes(opened: Open) -> None:
    page = opened(samples.lost_reply())
    row(page, "RecordPurchaseRequest")
    assert page.locator("#panel-title").text_content() == "RecordPurchaseRequest"
    asked = samples.paid("two bags of beans").SerializeToString()
    shown = bytes.fromhex("".join(page.locator(".numbers i").all_text_contents()))
    assert shown[9:] == b"\0" + len(asked).to_bytes(4, "big") + asked


def test_a_field_lights_up_its_bytes(opened: Open) -> None:
    page = opened(samples.lost_reply())
    row(page, "RecordPurchaseRequest")
    asked = samples.paid("two bags of beans")
    for name, bytes_ in [
        ("parent", b"\x0a\x13customers/blue-door"),
        ("amount", b"\x1a\x08" + asked.purchase.amount.SerializeToString()),
        ("units", b"\x10\xf0\x01"),
        ("note", b"\x42\x11two bags of beans"),
        ("gRPC prefix", b"\0\0\0\0\x34"),
        ("stream", b"\0\0\0\x01"),
    ]:
        field(page, name)
        assert lit(page) == bytes_, name


def test_a_byte_lights_up_its_field_and_what_it_is_within(opened: Open) -> None:
    page = opened(samples.lost_reply())
    row(page, "RecordPurchaseRequest")
    page.locator(".numbers i:text-is('f0')").hover()
    assert page.locator(".node.on").text_content() == "units240"
    assert page.locator(".node.within .name").all_text_contents() == [
        "RecordPurchaseRequest",
        "purchase",
        "amount",
    ]
    assert "wire type 0" in page.locator(".caption").text_content()


def test_a_message_in_two_frames_is_one_to_its_fields(opened: Open) -> None:
    page = opened(samples.lost_reply())
    row(page, "ListPurchasesResponse")
    assert page.locator(".block").count() == 2
    field(page, "purchases")
    assert lit(page)[2:] == samples.recorded(1, "two bags of beans").SerializeToString()


def test_the_fields_of_a_compressed_message_lie_in_what_it_is_unpacked_to(opened: Open) -> None:
    page = opened(samples.streams())
    page.locator(".is-message", has=page.locator(".label b:text-is('Customer')")).click()
    assert page.locator(".block h4").nth(1).text_content() == "unpacked · 44 bytes"
    field(page, "display_name")
    assert lit(page)[2:] == "Blue Door Café & Bar".encode()
    field(page, "compressed")
    assert lit(page) == b"\1"


def test_a_large_message_opens_with_its_first_bytes_and_a_way_to_the_rest(opened: Open) -> None:
    page = opened(samples.large())
    row(page, "ImportPurchasesRequest")
    assert "60 frames more" in page.locator(".group.head").last.text_content()
    cells, nodes = page.locator(".numbers i"), page.locator(".node")
    assert cells.count() == 2048
    assert nodes.count() <= 500
    page.locator(".more").first.click()
    assert cells.count() == 2048 + 8192
    field(page, "length", 3)
    assert len(lit(page)) == 4
    field(page, "length", 2)
    assert "not shown yet" in page.locator(".caption").text_content()


def test_a_call_shows_what_it_made_true(opened: Open) -> None:
    page = opened(samples.lost_reply())
    row(page, "RecordPurchaseRequest")
    assert page.locator(".revision").text_content() == "revision 7"
    assert page.locator(".record tr.changed").count() == 3


def test_only_what_changed_is_marked(opened: Open) -> None:
    page = opened(samples.streams())
    row(page, "UpdateCustomerRequest")
    changed = page.locator(".record tr.changed")
    assert [cells.text_content() for cells in changed.locator("th").all()] == [
        "display_name (changed)",
        "etag (changed)",
    ]
    assert changed.nth(0).locator("td").all_text_contents() == ["Blue Door Café", "Blue Door Café & Bar"]


def test_the_entry_stands_between_request_and_reply(opened: Open) -> None:
    page = opened(samples.lost_reply())
    kinds = [
        words or ""
        for words in page.locator("[role=option]").evaluate_all(
            "rows => rows.sort((a, b) => a.offsetTop - b.offsetTop).map((row) => row.textContent)"
        )
    ]
    at = next(at for at, words in enumerate(kinds) if "revision 7" in words)
    assert "RecordPurchaseRequest" in kinds[at - 1]
    assert "drop-reply" in kinds[at + 1]


def test_frames_are_shown_when_asked_for(opened: Open) -> None:
    page = opened(samples.lost_reply())
    assert page.locator(".of-frame").count() == 0
    page.locator("#frames").check()
    assert page.locator(".of-frame", has_text="WINDOW_UPDATE").count() == 2
    row(page, "SETTINGS")
    field(page, "INITIAL_WINDOW_SIZE")
    assert lit(page) == b"\0\x04\0\x40\0\0"


def test_the_filter_leaves_what_fits(opened: Open) -> None:
    page = opened(samples.streams())
    page.locator("#text").fill("café & bar")
    assert page.locator("[role=option]").count() == 3
    assert "left out" in page.locator("#left-out").text_content()
    page.locator("#clear").click()
    page.locator("#connection").select_option("3")
    assert page.locator(".label", has_text="UpdateCustomer").count() == 0
    assert page.locator(".label", has_text="NOT_FOUND").count() == 1
    page.locator("#connection").select_option("")
    page.locator("#method").select_option("/clientela.v1.FeedService/Watch")
    assert page.locator(".is-call_begin").count() == 1


def test_a_page_can_be_walked_with_the_keyboard_alone(opened: Open) -> None:
    page = opened(samples.lost_reply())
    focused = "document.activeElement.id"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate(focused) == "rows":
            break
    assert page.evaluate(focused) == "rows"
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    active = page.locator(".row.active")
    assert page.locator("#rows").get_attribute("aria-activedescendant") == active.get_attribute("id")
    assert "RecordPurchaseRequest" in (active.get_attribute("aria-label") or "")
    page.keyboard.press("Enter")
    assert page.locator("#panel").is_visible()
    page.locator(".tree [tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    assert lit(page) == b"\0\0\x39"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.locator(".numbers i.cursor").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_hidden()
    assert page.evaluate(focused) == "rows"


def test_n_goes_to_what_is_red_round_and_round(opened: Open) -> None:
    page = opened(samples.lost_reply())
    reds = int(page.locator("#red-count").text_content() or "0")
    seen = []
    for _ in range(reds + 1):
        page.keyboard.press("n")
        seen.append(page.locator(".row.active").get_attribute("id"))
    assert page.locator(".row.active.red").count() == 1
    assert len(set(seen)) == reds
    assert seen[0] == seen[-1]


def test_an_address_opens_its_row(opened: Open) -> None:
    events = samples.lost_reply()
    page = opened(events, at=f"#n={events[samples.place(events, 'message')]['n']}")
    assert page.locator("#panel-title").text_content() == "RecordPurchaseRequest"


def test_texts_of_strangers_stay_texts(opened: Open) -> None:
    page = opened(samples.hostile())
    page.locator("#frames").check()
    for at in range(page.locator("[role=option]").count()):
        page.locator("[role=option]").nth(at).click(position={"x": 5, "y": 5})
        assert page.locator("#panel").is_visible()
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 2
    assert page.title().startswith("</script>")
    assert page.locator("h1").text_content() == samples.HOSTILE


@pytest.mark.parametrize("events", [[], samples.lost_reply()[:1]])
def test_an_empty_recording_says_so(opened: Open, events: list[samples.Event]) -> None:
    page = opened(events)
    assert "empty" in page.locator("#notices").text_content()
    assert page.locator("#rows").is_hidden()


def test_a_recording_that_is_cut_off_says_so(opened: Open) -> None:
    events = samples.lost_reply()
    page = opened(events[: samples.place(events, "message") + 1], torn=True)
    assert page.locator(".notice").all_text_contents() == [
        "This recording is cut off: its last line is not whole, and what came after it is not here.",
        "This recording ends before a call does: how that ended is not in it.",
    ]
    assert page.locator(".label", has_text="RecordPurchaseRequest").count() == 1


def test_a_recording_without_its_beginning_says_so(opened: Open) -> None:
    events = samples.lost_reply()
    page = opened(events[samples.place(events, "close") :])
    assert "no beginning" in page.locator("#notices").text_content()
    assert page.locator("[role=option]").count() > 5


def test_on_paper_are_all_rows(opened: Open) -> None:
    page = opened(samples.many(1000))
    assert page.locator("[role=option]").count() < 100
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("[role=option]").count() > 400
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("[role=option]").count() < 100


def test_what_the_tap_delivers_itself_begins_in_the_middle(opened: Open) -> None:
    page = opened(samples.second_delivery())
    first, copy = (shaft.bounding_box() for shaft in page.locator(".is-call_begin .shaft").all())
    assert first
    assert copy
    assert abs(copy["x"] - (first["x"] + first["width"] / 2)) < 20
    assert page.locator(".conn-words", has_text="the tap · connection 2").count() == 2
    assert page.locator(".red", has_text="answered").count() == 0


def test_a_command_and_what_it_prints_are_shown_as_on_a_terminal(opened: Open) -> None:
    page = opened(samples.second_delivery())
    assert page.locator(".printed .typed").text_content() == "$ clientela purchases record blue-door 240 EUR"
    printed = page.locator(".printed").nth(1).locator("span").all_text_contents()
    assert printed == ["Name    customers/blue-door/purchases/1", "Amount  240.00 EUR"]


def test_a_connection_that_came_to_nothing_is_one_row(opened: Open) -> None:
    page = opened(samples.second_delivery())
    assert page.locator(".conn-words", has_text="connection 3").all_text_contents() == [
        "connection 3 opened, and closed by the tap · the server was not reached"
    ]
