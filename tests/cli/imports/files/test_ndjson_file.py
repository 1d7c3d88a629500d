"""An invalid line of NDJSON is reported with the field, the problem and the position."""

import pytest

from clientela_client.cli.imports.files.ndjson_file import LineProblem, NdjsonLine, message_of
from clientela_client.messages import Purchase


@pytest.mark.parametrize(
    ("text", "field", "says"),
    [
        ('{"amount":{"units":19.9}}', "amount.units", "19.9"),
        ('{"purchaseTime":"yesterday"}', "purchaseTime", "timestamp"),
        ('{"lines":[{"unit_price":{"units":"x"}}]}', "lines.unit_price.units", "x"),
        (
            '{"purchaseTime":"2024-01-01T00:00:00Z","purchase_time":"2025-01-01T00:00:00Z"}',
            "purchase_time",
            "is there twice, under both of its names",
        ),
        (
            '{"amount":{"currency_code":"EUR","currencyCode":"USD","units":"1"}}',
            "amount.currency_code",
            "is there twice, under both of its names",
        ),
        (
            '{"lines":[{"unit_price":{}},{"unit_price":{},"unitPrice":{}}]}',
            "lines.unit_price",
            "is there twice, under both of its names",
        ),
    ],
)
def test_what_is_wrong_with_a_line_is_reported_with_its_field(text: str, field: str, says: str) -> None:
    with pytest.raises(LineProblem) as refused:
        message_of(NdjsonLine(0, 1, text), Purchase)
    assert refused.value.field == field
    assert says in str(refused.value)
    assert "field: " not in str(refused.value)


def test_both_spellings_are_read() -> None:
    for text in ('{"purchase_time":"2024-01-01T00:00:00Z"}', '{"purchaseTime":"2024-01-01T00:00:00Z"}'):
        assert message_of(NdjsonLine(0, 1, text), Purchase).purchase_time.seconds == 1_704_067_200
