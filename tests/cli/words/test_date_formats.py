"""Dates are read by the formats that are named, and by nothing else."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela_client.cli.imports.files.csv_file import CsvFile
from clientela_client.cli.imports.purchase_columns import PurchaseImportOptions
from clientela_client.cli.imports.purchase_rows import PurchaseRows
from clientela_client.cli.words.date_formats import date_reader
from clientela_client.cli.words.times import NotATime
from clientela_client.messages import ImportItem
from tests.cli.running import Cli

FORMATS = ("%d.%m.%Y", "%m/%d/%Y", "%Y%m%d", "%d %b %Y", "%d-%m-%Y", "%Y-%j", "%G-W%V-%u", "iso")


def read(text: str, *formats: str) -> datetime:
    seconds, nanos = date_reader(formats)(text)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=nanos // 1000)


@given(day=st.dates(date(1900, 3, 1), date(2199, 12, 31)), form=st.sampled_from(FORMATS))
def test_a_day_is_read_as_it_was_written(day: date, form: str) -> None:
    text = day.isoformat() if form == "iso" else day.strftime(form)
    assert read(text, form) == datetime(day.year, day.month, day.day, tzinfo=UTC)
    excel = (day - date(1899, 12, 30)).days
    assert read(str(excel), form, "excel") == datetime(day.year, day.month, day.day, tzinfo=UTC) or form in (
        "%Y%m%d",
        "%Y-%j",
    )


@pytest.mark.parametrize(
    ("text", "formats", "moment"),
    [
        ("12/1/2010 8:26", ("%m/%d/%Y", "%m/%d/%Y %H:%M"), datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("12/1/2010 8:26", ("%d/%m/%Y %H:%M",), datetime(2010, 1, 12, 8, 26, tzinfo=UTC)),
        ("1.3.26", ("%d.%m.%y",), datetime(2026, 3, 1, tzinfo=UTC)),
        ("45306", ("excel",), datetime(2024, 1, 15, tzinfo=UTC)),
        ("40513.3513888889", ("excel",), datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("40513,3513888889", ("excel",), datetime(2010, 12, 1, 8, 26, tzinfo=UTC)),
        ("01.03.2026 10:00 +0100", ("%d.%m.%Y %H:%M %z",), datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("2026-03-02", ("%Y-%d-%m", "iso"), datetime(2026, 2, 3, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_by_the_first_format_that_fits(
    text: str, formats: tuple[str, ...], moment: datetime
) -> None:
    assert read(text, *formats) == moment


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("2026-03-01", ("%d.%m.%Y",)),
        ("13/13/2026", ("%m/%d/%Y", "%d/%m/%Y")),
        ("31.02.2026", ("%d.%m.%Y",)),
        ("01.03.1850", ("%d.%m.%Y",)),
        ("60", ("excel",)),
        ("1/3", ("excel",)),
        ("3e6", ("excel",)),
        ("1_0000", ("excel",)),
        ("\u0660\u0661.03.2026", ("%d.%m.%Y",)),
        ("", ("%d.%m.%Y", "excel", "iso")),
    ],
)
def test_what_no_format_fits_is_refused(text: str, formats: tuple[str, ...]) -> None:
    with pytest.raises(NotATime, match=r"--date-format|is before 1900"):
        read(text, *formats)


def test_without_a_format_the_way_out_is_named() -> None:
    for text in ("01.03.2026", "3/1/2026", "45306"):
        with pytest.raises(NotATime, match="--date-format"):
            read(text)


def test_a_file_of_such_dates_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('customer_id,date,amount,note\n7,01.03.2026,1,"a\nb"\n7,02.03.2026 10:30,2,\n7,x,3,\n')
    options = PurchaseImportOptions(
        {}, "EUR", "PURCHASE_SOURCE_IMPORT", date_formats=("%d.%m.%Y", "%d.%m.%Y %H:%M")
    )
    found = [item for _, item in PurchaseRows(CsvFile.open(path), options)]
    times = [each.purchase.purchase_time.ToJsonString() for each in found if isinstance(each, ImportItem)]
    assert times == ["2026-03-01T00:00:00Z", "2026-03-02T10:30:00Z"]


@pytest.mark.parametrize("form", ["DD.MM.YYYY", "%d.%m", "%H:%M", "", "%Q"])
def test_what_tells_no_day_is_no_format(bare: Cli, tmp_path: Path, form: str) -> None:
    ended = bare("purchases", "import", str(tmp_path / "f.csv"), "--date-format", form)
    assert ended.exit_code == 2
    assert "tells no day" in ended.stderr
