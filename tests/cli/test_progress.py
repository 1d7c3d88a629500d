"""The progress bar counts the rows that the server has acknowledged, not those read or sent."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import Cli, new_id


class Bar:
    """A bar that notes how far it is said to be; look: what to look at then."""

    def __init__(self, look: Callable[[], int]) -> None:
        self._look = look
        self.total = 0
        self.reached: list[tuple[int, int]] = []

    def of(self, total: int, _label: str, **_: bool) -> "Bar":
        self.total = total
        return self

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def reach(self, count: int) -> None:
        self.reached.append((count, self._look()))


def shown_on(bar: Bar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clientela_client.cli.command.command_context.CommandContext.shows_progress", True)
    monkeypatch.setattr("clientela_client.cli.output.terminal.progress_bar", bar.of)


def written(folder: Path, form: str, customer: str, rows: int) -> Path:
    """A file of so many purchases of one customer."""
    file = folder / f"purchases.{form}"
    if form == "csv":
        lines = ["customer_id,date,amount,currency"]
        lines += [f"{customer},1997-01-01,{number},EUR" for number in range(1, rows + 1)]
    else:
        of_customer = f'"name": "customers/{customer}/purchases'
        paid = '"purchaseTime": "1997-01-01T00:00:00Z", "amount": {"currencyCode": "EUR", "units": "5"}'
        lines = [f'{{{of_customer}/{number}", {paid}}}' for number in range(1, rows + 1)]
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_what_is_sent_and_not_answered_is_not_counted(
    bare: Cli, black_hole: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = Bar(lambda: 0)
    shown_on(bar, monkeypatch)
    file = written(tmp_path, form, "anna", 1_200)
    words = ("--batch", "x") if form == "csv" else ()
    ended = bare("purchases", "import", str(file), *words, "--timeout", "0.3", "--server", black_hole)
    assert ended.exit_code == 8
    assert bar.total == 1_200 and all(count == 0 for count, _ in bar.reached)


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_the_bar_is_never_ahead_of_the_ledger_and_gets_to_its_end(
    cli: Cli, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = new_id("anna")
    bar = Bar(lambda: len(cli.done("purchases", "list", anna, "-o", "name").stdout.splitlines()))
    shown_on(bar, monkeypatch)
    monkeypatch.setattr("clientela_client.bulk.MESSAGE_ITEMS_MAX", 10)
    monkeypatch.setattr("clientela_client.bulk.STREAM_MESSAGES_MAX", 2)
    monkeypatch.setattr("clientela_client.cli.imports.purchase_import._STEP", 10, raising=False)
    cli.done("purchases", "import", str(written(tmp_path, form, anna, 60)))
    assert [count for count, _ in bar.reached][-1] == 60
    assert any(0 < count < 60 for count, _ in bar.reached), "it moves"
    assert all(count <= in_ledger for count, in_ledger in bar.reached), bar.reached
