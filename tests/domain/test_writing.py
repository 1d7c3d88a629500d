"""Texts, telephone numbers and e-mail addresses are normalized to one form."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_server.domain.customers import Address, Customer, Organization, Preferences, registered
from clientela_server.domain.purchases import Draft, Line, Money, Purchase, differences, settle
from clientela_server.domain.writing import all_composed, composed, e164, email_key, phone_as_kept

CAFE, CAFE_TYPED_OTHERWISE = "Caf\u00e9", "Cafe\u0301"
apart = st.text(st.sampled_from(" ().-/\u00a0\u2007\u202f\u200e\u2011\u2013\t"), max_size=3)


@given(st.text(max_size=30))
def test_both_forms_of_a_text_are_one(text: str) -> None:
    forms = {composed(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")}

    assert len(forms) == 1
    assert unicodedata.is_normalized("NFC", forms.pop())


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+48221234567", "+48221234567"),
        ("+48 22 123-45-67", "+48221234567"),
        ("+48.22.123.45.67", "+48221234567"),
        ("(+48) 22 123 45 67", "+48221234567"),
        ("+48\u00a022\u00a0123\u202f45\u201167", "+48221234567"),
        ("\u202a+48 22 123 45 67\u202c", "+48221234567"),
        ("0048 22 123 45 67", "+48221234567"),
        ("+1 (212) 555-0100", "+12125550100"),
        ("+4900123", "+4900123"),
    ],
)
def test_a_number_is_kept_in_e164(written: str, kept: str) -> None:
    assert e164(written) == phone_as_kept(written) == kept


@given(st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True), st.lists(apart, min_size=17, max_size=17))
def test_what_stands_between_the_digits_makes_no_other_number(digits: str, between: list[str]) -> None:
    written = "".join(left + right for left, right in zip(between, "+" + digits, strict=False))

    assert e164(written) == "+" + digits
    assert e164(written.replace("+", "00")) == "+" + digits


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ann@Example.com", "ann@example.COM", True),
        ("ann@b\u00fccher.example", "ann@xn--bcher-kva.example", True),
        ("ann@BU\u0308CHER.example", "ann@xn--bcher-kva.example", True),
        ("\u017b\u00f3\u0142w@a.example", "\u017cO\u0301\u0141W@a.example", True),
        ("ann@stra\u00dfe.example", "ann@strasse.example", False),
        ("ann@a.example", "ann@b.example", False),
        ("\u00e1nn@a.example", "ann@a.example", False),
    ],
)
def test_two_writings_of_one_address_are_one(one: str, other: str, same: bool) -> None:
    assert (email_key(one) == email_key(other)) == same


def test_every_text_of_a_customer_is_in_one_form() -> None:
    def stated(text: str) -> Customer:
        return Customer(
            "a",
            display_name=text,
            party=Organization(text, text),
            emails=(f"{text}@{text}.example",),
            addresses=(Address(locality=text, address_lines=(text,), recipients=(text,)),),
            preferences=Preferences(categories=(text,)),
            patron=text,
            labels={"tier": text},
        )

    made = registered(stated(CAFE_TYPED_OTHERWISE), "a", "u", 1, 1)

    assert made == registered(stated(CAFE), "a", "u", 1, 1)


def test_what_is_there_twice_then_is_kept_once() -> None:
    stated = Customer(
        "a",
        display_name="A",
        phones=("+48 22 1234567", "0048221234567", "+37052123456"),
        preferences=Preferences(categories=(CAFE, CAFE_TYPED_OTHERWISE)),
    )

    made = registered(stated, "a", "u", 1, 1)

    assert made.phones == ("+48221234567", "+37052123456")
    assert made.preferences.categories == (CAFE,)


def test_every_text_of_a_purchase_is_in_one_form_and_an_older_one_is_known_by_it() -> None:
    def stated(text: str) -> Draft:
        line = Line(text, text, text, "1", Money("EUR", 1_000_000_000))
        return Draft((line,), Money("EUR", 1_000_000_000), 1, purpose=0, sales_path=0, source=0, note=text)

    settled = settle(stated(CAFE_TYPED_OTHERWISE), 1)
    assert settled == settle(stated(CAFE), 1)

    older = stated(CAFE_TYPED_OTHERWISE)
    assert older.amount is not None
    kept = Purchase(
        customer_id="a",
        purchase_id="1",
        lines=older.lines,
        amount=older.amount,
        purchase_us=1,
        purpose=0,
        sales_path=0,
        source=0,
        note=older.note,
        refund_of=None,
        recorded_by="x",
        create_us=1,
        revision=1,
    )
    assert differences(kept, older, settled) == []
    assert differences(kept._replace(note="other"), older, settled) == ["note"]


def test_what_is_in_one_form_already_is_given_back_as_it_is() -> None:
    made = Customer("a", display_name=CAFE, labels={"a": CAFE}, preferences=Preferences(categories=(CAFE,)))

    assert all_composed(made) is made
