"""`clientela economics` on real servers: the published sample, a shop of several currencies, an empty one."""

import json
import os
import pty
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from clientela_lab import cdnow
from clientela_lab.servers.local_server import LocalServer
from tests.cli.running import TIMEOUT_S, Cli, command
from tests.cli.sample_shop import LAST_DAY, Shop, stock
from tests.docs.copied import ROOT
from tests.docs.walkthrough import Command, agrees, steps
from tests.rpc.running import UNHURRIED
from tests.stores import database_in

# How answers look is tested without a server in test_economics_report.py.
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("sample")
    with LocalServer(folder=folder, database=database_in(folder), module=UNHURRIED) as server:
        shop = Shop(server)
        stock(shop, folder)
        yield shop


@pytest.fixture
def empty() -> Iterator[Shop]:
    with LocalServer(module=UNHURRIED) as server:
        yield Shop(server)


def test_channels_are_shown_with_what_follows(sample: Shop) -> None:
    ended = sample.done("economics", "show", "--margin", "40%", *LAST_DAY, "-o", "table")
    text = " ".join(ended.stdout.split())
    assert "Unit economics in USD, 1997-01-01 to 1998-06-30" in text
    assert "all that there is: nobody was won in the last twelve months" in text
    assert "Gross margin 40 %." in text
    rows = {line.split("  ")[0].strip(): line for line in ended.stdout.splitlines()}
    assert rows["advertising"].split()[1:3] == ["25,000.00", "884"]
    assert rows["not known"].split()[2:4] == ["0.00", "294"]
    ends = {name: row.split("  ")[-1].strip() for name, row in rows.items()}
    assert [ends[each] for each in ("referral", "marketing")] == ["profitable", "pays later"]
    assert ends["public relations"] == "UNPROFITABLE"
    assert "% too low" in text and "Retention: " in text
    assert "█" not in ended.stdout, "no chart in a pipe"


def test_the_same_for_programs(sample: Shop) -> None:
    words = ("economics", "show", "--margin", "0.4", *LAST_DAY)
    answer = sample.done(*words, "-o", "json").json
    assert answer["gross_margin"] == 0.4
    assert answer["total"]["acquired_count"] == "2357"
    plain = {row[0]: row for row in sample.done(*words).rows}
    assert plain["advertising"][2:4] == ["25000.00", "884"]
    header, *lines = sample.done(*words, "-o", "csv").stdout.splitlines()
    assert header.startswith("channel,currency,spend,acquired_count,cac") and len(lines) == len(plain)
    lines = sample.done(*words, "-o", "ndjson").stdout.splitlines()
    assert [json.loads(line) for line in lines] == answer["channels"]
    assert sample.done(*words, "-o", "yaml").stdout.startswith("start:\n")
    assert sample(*words, "-o", "name").exit_code == 2


def test_a_terminal_gets_a_chart(sample: Shop) -> None:
    """Played in a real one: the bars are drawn there, and plain where blocks are not to be had."""
    words = ("economics", "show", "--margin", "40%", *LAST_DAY, "--no-color")
    assert "█" in shown_on_a_terminal(sample, "xterm", *words)
    assert "####" in shown_on_a_terminal(sample, "dumb", *words)


def shown_on_a_terminal(shop: Shop, kind: str, *words: str) -> str:
    ours, theirs = pty.openpty()
    env = shop.env | {"TERM": kind, "COLUMNS": "110", "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(command(*words), env=env, stdout=theirs, stdin=theirs) as running:
        os.close(theirs)
        seen = b""
        try:
            while some := os.read(ours, 65_536):
                seen += some
        except OSError:
            pass  # how Linux says that nobody writes any more
        assert running.wait(TIMEOUT_S) == 0
    os.close(ours)
    return seen.decode()


def test_the_document_shows_what_a_terminal_does(sample: Shop) -> None:
    document = (ROOT / "docs/economics.md").read_text("utf-8")
    blocks = re.findall(r"^```\n(\$ .*?)^```$", document, re.MULTILINE | re.DOTALL)
    shown = [
        each for block in blocks for each in steps(f"```console\n{block}```\n") if isinstance(each, Command)
    ]
    assert len(shown) == 3
    for each in shown:
        printed = shown_on_a_terminal(sample, "xterm", *each.line.split()[1:], "--no-color")
        assert agrees(each.output, printed.replace("\r", "")), printed


def test_scores_are_counted(sample: Shop) -> None:
    assert sum(int(row[3]) for row in sample.done("economics", "rfm", *LAST_DAY).rows) == cdnow.CUSTOMERS
    table = sample.done("economics", "rfm", *LAST_DAY, "-o", "table").stdout
    assert "2,357 clients who bought in USD until 1998-06-30, scored by quintile" in table
    assert "What a score means" in table
    ntile = sample.done("economics", "rfm", *LAST_DAY, "--scoring", "ntile", "-o", "json").json
    assert ntile["scoring"] == "RFM_SCORING_NTILE" and "cutpoints" not in ntile


def test_who_came_back_is_reported_by_month(sample: Shop) -> None:
    text = sample.done("economics", "cohorts", *LAST_DAY, "-o", "table").stdout
    assert "6,919 times until 1998-06-30, for 244,091.94 USD" in " ".join(text.split())
    rows = sample.done("economics", "cohorts", *LAST_DAY).rows
    assert rows[0] == ["1997-01", "781", "0", "781"]
    assert len(rows) == 18 + 17 + 16


def test_what_clients_will_bring_is_predicted(sample: Shop) -> None:
    text = sample.done("economics", "ltv", *LAST_DAY, "-o", "table").stdout
    assert "2,357 clients will bring" in text and "... and 2,307 more (--all)" in text
    assert "BG/NBD: r = 0.25" in text and "% too low" in " ".join(text.split())
    rows = sample.done("economics", "ltv", *LAST_DAY, "--all", "-o", "csv").stdout.splitlines()
    assert len(rows) == 1 + cdnow.CUSTOMERS
    values = [float(row.split(",")[2]) for row in rows[1:]]
    assert values == sorted(values, reverse=True)
    names = sample.done("economics", "ltv", *LAST_DAY, "-o", "name").stdout.splitlines()
    assert len(names) == 50 and names[0].startswith("customers/")


def test_one_client_is_explained(sample: Shop) -> None:
    text = sample.done(
        "economics", "ltv", cdnow.TOP_CUSTOMER, *LAST_DAY, "--horizon", "90", "-o", "table"
    ).stdout
    assert "in 90 days" in text and "Has bought" in text and "Still a client" in text
    sample.done("customers", "create", "--id", "looked-in", "--name", "Looked in")
    text = sample.done("economics", "ltv", "looked-in", *LAST_DAY, "-o", "table").stdout
    assert "This client bought nothing until then, so nothing is predicted." in text
    unknown = sample("economics", "ltv", "nobody", *LAST_DAY)
    assert unknown.exit_code == 3 and "There is no customers/nobody" in unknown.stderr


def test_the_page_is_written(sample: Shop, tmp_path: Path) -> None:
    file = tmp_path / "economics.html"
    file.touch(0o644)
    ended = sample.done("economics", "page", str(file), "--margin", "40%", *LAST_DAY)
    assert f"Written: {file}" in ended.stderr and ended.stdout == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    page = file.read_text(encoding="utf-8")
    assert "UNPROFITABLE" in page and "&lt;b&gt;spring&lt;/b&gt;" in page and "<b>spring" not in page
    assert sample("economics", "page", str(tmp_path / "no" / "where.html"), *LAST_DAY).exit_code == 1


@pytest.mark.parametrize(
    ("words", "exit_code", "sentence"),
    [
        ("show --margin 40", 2, '"40" is more than all: 40% or a number from 0 to 1'),
        ("show --margin much", 2, '"much" is no share: 40% or 0.4'),
        ("show --margin 140%", 2, "Invalid value for '--margin': 140% is not more than 0% and at most 100%"),
        ("show --margin 0", 2, "Invalid value for '--margin': 0 is not more than 0% and at most 100%"),
        ("show --margin -5%", 2, "Invalid value for '--margin': -5% is not more than 0%"),
        ("ltv --discount 1001%", 2, "Invalid value for '--discount': 1001% is not from 0% to 1000%"),
        ("show --from 1998-02-30", 2, '"1998-02-30" is no day: 1998-02 has the days 01 to 28'),
        ("show --from yesterday", 2, '"yesterday" is no day: write one as in 1997-01-31'),
        ("show --from 1998-01-02 --to 1998-01-01", 6, "1998-01-01, before the start, 1998-01-02"),
        ("show --as-of 2999-01-01", 6, "2999-01-01"),
        ("show --currency dollars", 2, '"dollars" is no currency'),
        ("show --horizon -1", 2, "-1 is not from 0 to 3650"),
        ("show --dry-run", 2, "has no --dry-run"),
        ("rfm --scoring sextile", 2, "is not one of"),
        ("ltv --horizon 0", 6, "horizon_days"),
        ("ltv 42 --all", 2, "either a NAME or --all"),
    ],
)
def test_what_is_wrong_is_said(sample: Shop, words: str, exit_code: int, sentence: str) -> None:
    ended = sample("economics", *words.split())
    assert ended.exit_code == exit_code, ended.stderr
    assert sentence in ended.stderr


def test_a_currency_that_nobody_paid_in_is_empty_not_wrong(sample: Shop) -> None:
    text = sample.done("economics", "show", "--currency", "XTS", "-o", "table").stdout
    assert "Nothing was spent in XTS, and nobody was won by it" in text
    assert (
        "Nobody bought in XTS"
        in sample.done("economics", "cohorts", "--currency", "XTS", "-o", "table").stdout
    )
    assert "0 clients" in sample.done("economics", "rfm", "--currency", "XTS", "-o", "table").stdout


def test_an_empty_ledger_asks_for_a_currency_and_shows_what_there_is(empty: Shop, tmp_path: Path) -> None:
    for verb in ("show", "rfm", "cohorts", "ltv"):
        ended = empty("economics", verb)
        assert ended.exit_code == 2
        assert "nothing was bought yet that would tell the currency: --currency EUR" in ended.stderr
    assert "Predicted: nothing." in empty.done("economics", "show", "--currency", "EUR", "-o", "table").stdout
    file = tmp_path / "empty.html"
    empty.done("economics", "page", str(file), "--currency", "EUR")
    assert "Nothing is predicted." in file.read_text(encoding="utf-8")


def test_of_several_currencies_none_is_picked_and_little_history_predicts_nothing(empty: Shop) -> None:
    for currency in ("EUR", "USD", "PLN"):
        empty.done(
            "customers", "create", "--id", currency.lower(), "--name", currency, "--channel", "organic"
        )
        empty.done("purchases", "record", currency.lower(), "19.90", currency)
    refused = empty("economics", "show")
    assert refused.exit_code == 2
    assert "there are purchases in EUR, PLN, USD: say which, --currency" in refused.stderr
    text = empty.done("economics", "show", "--currency", "PLN", "-o", "table").stdout
    assert "Gross margin 100 %, as none was given" in " ".join(text.split())
    assert "organic" in text and "19.90" in text and "Predicted: nothing." in text
    little = empty("economics", "ltv", "--currency", "PLN")
    assert little.exit_code == 6


def test_without_the_models_the_server_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy/__init__.py").write_text("raise ModuleNotFoundError('none here')\n", encoding="utf-8")
    server = LocalServer(module=UNHURRIED)
    server.env["PYTHONPATH"] = os.pathsep.join([str(tmp_path), server.env.get("PYTHONPATH", "")])
    with server:
        shop = Shop(server)
        shop.env = server.env | {"CLIENTELA_SERVER": server.address}
        shop.done("customers", "create", "--id", "anna", "--name", "Anna")
        shop.done("purchases", "record", "anna", "19.90", "EUR")
        for verb in ("rfm", "cohorts", "ltv"):
            ended = shop("economics", verb)
            assert ended.exit_code == 6
            assert "clientela[economics]" in ended.stderr
        text = " ".join(shop.done("economics", "show", "-o", "table").stdout.split())
        assert "19.90" in text and "Predicted: nothing. Reports need numpy and scipy" in text
        shop.done("economics", "page", str(tmp_path / "page.html"))
        assert "Reports need numpy and scipy" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_each_command_shows_the_wire(cli: Cli) -> None:
    ended = cli("economics", "rfm", "--currency", "EUR", "--wire")
    assert ended.exit_code == 0
    assert "EconomicsService/GetRfm" in ended.stderr
