"""Words that look like operators of AIP-160 and are none are refused, with what to write instead."""

import pytest

from clientela.v1 import customers_pb2 as cpb
from clientela.v1 import purchases_pb2 as ppb
from clientela.v1 import segments_pb2, spends_pb2, standing_pb2
from clientela_server.domain.errors import InvalidArgument
from clientela_server.store.filters.filter_grammar import parse
from tests.rpc.callers import Caller, fresh
from tests.rpc.making import new_customer, new_segment
from tests.rpc.refusals import Refused, refusal


@pytest.mark.parametrize(
    ("text", "word", "column", "write"),
    [
        ("stage = LOST or kinds : BUYER", "or", "14", "OR"),
        ("stage = LOST Or kinds : BUYER", "Or", "14", "OR"),
        ("ann and bob", "and", "5", "AND"),
        ("not stage = LOST", "not", "1", "NOT"),
        ("not(stage = LOST)", "not", "1", "NOT"),
        ("a = 1 AND Not b = 2", "Not", "11", "NOT"),
        ("a = 1 && b = 2", "&&", "7", "AND"),
        ("a=1&&b=2", "&&", "4", "AND"),
        ("a = 1 || b = 2", "||", "7", "OR"),
        ("ann||bob", "||", "4", "OR"),
        ("a = 1 & b = 2", "&", "7", "AND"),
        ("a = 1 | b = 2", "|", "7", "OR"),
        ("a = 1; b = 2", ";", "6", "AND"),
        ("a =~ 1", "~", "4", ":"),
        ("a = 1 or", "or", "7", "OR"),
        ("or", "or", "1", "OR"),
        ("(a and (b))", "and", "4", "AND"),
        ("-and", "and", "2", "AND"),
    ],
)
def test_a_word_for_an_operator_is_refused_with_what_to_write(
    text: str, word: str, column: str, write: str
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        parse(text)

    assert (caught.value.reason, caught.value.facts) == (
        "FILTER_WORD",
        {"field": "filter", "word": word, "column": column, "write": write},
    )


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        ("!a = 1", "1", "for ! write NOT"),
        ("a = 1 AND !(b = 2)", "11", "for ! write NOT"),
        ("a == 1", "4", "for == write ="),
        ("a <> 1", "4", "for <> write !="),
        ("a => 1", "4", "for => write >="),
        ("a =< 1", "4", "for =< write <="),
    ],
)
def test_a_sign_that_others_have_is_refused_with_what_to_write(text: str, column: str, hint: str) -> None:
    with pytest.raises(InvalidArgument, match="FILTER_MALFORMED") as caught:
        parse(text)

    assert caught.value.facts["column"] == column
    assert caught.value.faults[0].description.endswith(hint)


@pytest.mark.parametrize("text", ["patron", "labels.tier", "NOT delete_time", "preferences.categories"])
def test_the_name_of_a_field_alone_is_no_word(admin: Caller, text: str) -> None:
    refused = refusal(admin.customers.ListCustomers, cpb.ListCustomersRequest(filter=text))

    assert (refused.reason, refused.facts["word"]) == ("FILTER_WORD", text.rsplit(maxsplit=1)[-1])


@pytest.mark.parametrize(
    ("text", "write"),
    [
        ("patron = null", "NOT patron:*"),
        ("labels.tier = NULL", "NOT labels.tier:*"),
        ("acquisition.campaign != null", "acquisition.campaign:*"),
        ("delete_time = null", "NOT delete_time:*"),
    ],
)
def test_null_is_no_value(admin: Caller, text: str, write: str) -> None:
    refused = refusal(admin.customers.ListCustomers, cpb.ListCustomersRequest(filter=text))

    assert (refused.reason, refused.facts["write"]) == ("FILTER_WORD", write)
    quoted = cpb.ListCustomersRequest(filter='patron = "null"')
    assert not admin.customers.ListCustomers(quoted).customers


def lists(caller: Caller, text: str) -> list[Refused]:
    """Ask every list with a filter that is refused."""
    asked = [
        (caller.customers.ListCustomers, cpb.ListCustomersRequest(filter=text)),
        (caller.purchases.ListPurchases, ppb.ListPurchasesRequest(parent="customers/-", filter=text)),
        (caller.standing.ListStandings, standing_pb2.ListStandingsRequest(filter=text)),
        (caller.segments.ListSegments, segments_pb2.ListSegmentsRequest(filter=text)),
        (caller.spends.ListSpends, spends_pb2.ListSpendsRequest(filter=text)),
    ]
    return [refusal(method, request) for method, request in asked]


def test_every_list_refuses_them(admin: Caller) -> None:
    found = lists(admin, 'create_time > "2026-01-01" or create_time < "2025-01-01"')

    assert {(each.reason, *each.faults, each.facts.get("column")) for each in found[:2] + found[3:]} == {
        ("FILTER_WORD", "filter", "28")
    }
    assert found[2].reason == "FILTER_WORD"


def test_a_segment_is_not_saved_with_them(clerk: Caller) -> None:
    segment = segments_pb2.Segment(display_name="x", filter="stage = LOST or kinds : BUYER")
    made = refusal(clerk.segments.CreateSegment, segments_pb2.CreateSegmentRequest(segment=segment))
    saved = new_segment(clerk, fresh("s"))
    patch = segments_pb2.Segment(name=saved.name, filter="stage = LOST && kinds : BUYER")
    changed = refusal(clerk.segments.UpdateSegment, segments_pb2.UpdateSegmentRequest(segment=patch))

    for refused, word in ((made, "or"), (changed, "&&")):
        assert (refused.reason, [*refused.faults], refused.facts["word"]) == (
            "FILTER_WORD",
            ["segment.filter"],
            word,
        )


def test_in_quotes_they_are_words(admin: Caller) -> None:
    tag = fresh("t")
    name = new_customer(admin, display_name=f"Marks && Spencer or {tag}").name

    for text in (f'"or" {tag}', f"'&&' {tag}", f"display_name : or AND {tag}", f'"Marks && Spencer" {tag}'):
        found = admin.customers.ListCustomers(cpb.ListCustomersRequest(filter=text)).customers
        assert [each.name for each in found] == [name], text
