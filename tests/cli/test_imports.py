"""Files are imported exactly once however often they are sent; what is refused is listed with its reason."""

import csv
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from clientela_lab import cdnow
from clientela_lab.local_server import LocalServer
from tests.cli.running import TIMEOUT_S, Cli, command, new_id, run_process

ROWS = 15_000


def purchases_file(path: Path, customer: str, *rows: str, header: str = "customer_id,date,amount") -> Path:
    lines = [header, *(f"{customer},{row}" for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def imported(cli: Cli, path: Path, *options: str, exit_code: int = 0) -> dict[str, str]:
    ended = cli("purchases", "import", str(path), "--currency", "EUR", *options)
    assert ended.exit_code == exit_code, ended.stderr
    return ended.facts


def figures(facts: dict[str, str]) -> tuple[int, int, int, int]:
    return tuple(int(facts[key]) for key in ("imported", "duplicates", "rejected", "customers_created"))  # type: ignore[return-value]


def test_a_file_sent_again_adds_nothing(cli: Cli, tmp_path: Path) -> None:
    anna = new_id("anna")
    path = purchases_file(tmp_path / "f.csv", anna, "1997-01-01,1", "1997-01-01,1", "1997-01-02,2.5")
    assert figures(imported(cli, path)) == (3, 0, 0, 1)
    assert figures(imported(cli, path)) == (0, 3, 0, 0)
    copy = tmp_path / "copy.csv"
    copy.write_bytes(path.read_bytes())
    assert figures(imported(cli, copy)) == (0, 3, 0, 0), "it is the content that counts, not the name"
    assert cli.done("customers", "get", anna).facts["totals.EUR.amount"] == "4.50"


def test_lines_of_one_purchase_come_together(cli: Cli, tmp_path: Path) -> None:
    anna = new_id("anna")
    path = purchases_file(
        tmp_path / "f.csv",
        anna,
        "p-1,1997-01-01,2,9.95,19.90,ab-1",
        "p-1,1997-01-01,1,0.10,0.10,x",
        "p-2,1997-01-02,3,,30,y",
        header="customer_id,purchase_id,date,quantity,unit_price,amount,sku",
    )
    assert figures(imported(cli, path)) == (2, 0, 0, 1)
    purchase = cli.done("purchases", "get", f"{anna}/p-1", "-o", "json").json
    assert [line["sku"] for line in purchase["lines"]] == ["ab-1", "x"]
    assert cli.done("purchases", "get", f"{anna}/p-1").facts["amount"] == "20.00"
    assert cli.done("purchases", "get", f"{anna}/p-2").facts["amount"] == "30.00"


def test_refused_rows_are_listed_with_line_and_reason_and_the_rest_stands(cli: Cli, tmp_path: Path) -> None:
    anna = new_id("anna")
    rows = ("1997-01-01,1", "1997-13-01,1", "1997-01-01,-1", "2999-01-01,1", "1997-01-01", "1997-01-01,7")
    path = purchases_file(tmp_path / "f.csv", anna, *rows)
    ended = cli("purchases", "import", str(path), "--currency", "EUR", "--rejects", str(tmp_path / "no.csv"))
    assert ended.exit_code == 6
    assert figures(ended.facts) == (2, 0, 4, 1)
    assert [line.partition(":")[0] for line in ended.stderr.splitlines()[:4]] == [
        "line 3, date",
        "line 4, amount",
        "line 5, date",
        "line 6",
    ]
    with (tmp_path / "no.csv").open(encoding="utf-8", newline="") as file:
        refused = list(csv.DictReader(file))
    assert [row["rejected_line"] for row in refused] == ["3", "4", "5", "6"]
    assert [row["rejected_column"] for row in refused] == ["date", "amount", "date", ""]
    assert refused[0]["date"] == "1997-13-01" and "neither a date" in refused[0]["rejected_reason"]
    assert "future" in refused[2]["rejected_reason"]


def test_refused_rows_can_be_mended_and_imported_as_they_are(cli: Cli, tmp_path: Path) -> None:
    anna = new_id("anna")
    path, refused = (
        purchases_file(tmp_path / "f.csv", anna, "1997-01-01,x", "1997-01-01,1"),
        tmp_path / "no.csv",
    )
    imported(cli, path, "--rejects", str(refused), exit_code=6)
    refused.write_text(refused.read_text().replace(",x,", ",41,", 1))
    assert figures(imported(cli, refused)) == (1, 0, 0, 0)
    assert cli.done("customers", "get", anna).facts["totals.EUR.amount"] == "42.00"


def test_only_the_first_refused_rows_are_shown(cli: Cli, tmp_path: Path) -> None:
    path = purchases_file(tmp_path / "f.csv", new_id("anna"), *["1997-01-01,x"] * 30)
    ended = cli("purchases", "import", str(path), "--currency", "EUR")
    assert ended.stderr.count("not an amount") == 20
    assert "... and 10 more rows were refused; --rejects FILE lists all" in ended.stderr


def test_customers_that_do_not_exist_can_be_refused(cli: Cli, tmp_path: Path) -> None:
    path = purchases_file(tmp_path / "f.csv", new_id("nobody"), "1997-01-01,1")
    ended = cli("purchases", "import", str(path), "--currency", "EUR", "--no-create")
    assert figures(ended.facts) == (0, 0, 1, 0)
    assert "line 2, customer_id: There is no customers/nobody" in ended.stderr


def test_the_rejects_may_not_replace_the_file(cli: Cli, tmp_path: Path) -> None:
    path = purchases_file(tmp_path / "f.csv", "x", "1997-01-01,1")
    before = path.read_bytes()
    refused = cli("purchases", "import", str(path), "--currency", "EUR", "--rejects", str(path))
    assert refused.exit_code == 2
    assert path.read_bytes() == before


@pytest.mark.parametrize("form", ["json", "csv", "yaml", "ndjson", "table"])
def test_the_figures_come_in_every_form(cli: Cli, tmp_path: Path, form: str) -> None:
    path = purchases_file(tmp_path / "f.csv", new_id("anna"), "1997-01-01,1")
    ended = cli.done("purchases", "import", str(path), "--currency", "EUR", "-o", form)
    assert "imported" in ended.stdout.lower()
    assert cli("purchases", "import", str(path), "--currency", "EUR", "-o", "name").exit_code == 2


def test_an_export_is_imported_by_another_server_as_it_is(cli: Cli, tmp_path: Path) -> None:
    anna = new_id("anna")
    imported(cli, purchases_file(tmp_path / "f.csv", anna, "1997-01-01,1", "1997-02-01T08:26:00Z,2.34"))
    exported = cli.done("purchases", "export", anna, "-o", "csv").stdout
    (tmp_path / "export.csv").write_text(exported, encoding="utf-8")
    with LocalServer() as other:
        env = other.env | {"CLIENTELA_SERVER": other.address}
        assert run_process(env, "purchases", "import", str(tmp_path / "export.csv")).exit_code == 0
        there = run_process(env, "purchases", "export", anna, "-o", "csv").stdout
    kept = ("customer_id", "purchase_id", "date", "amount", "currency")
    one, two = (
        [[row[key] for key in kept] for row in csv.DictReader(t.splitlines())] for t in (exported, there)
    )
    assert one == two


def test_customers_are_registered_once_and_left_alone_then(cli: Cli, tmp_path: Path) -> None:
    one, two, three = new_id("c"), new_id("c"), new_id("c")
    cli.done("customers", "create", "--id", two, "--name", "There before")
    path = tmp_path / "c.csv"
    path.write_text(
        "id,display_name,given_name,family_name,email,phones,marketing_consent,channel,label.tier,categories\n"
        f"{one},,Anna,Nowak,{one}@example.org,+48221234567;+48221234568,yes,referral,gold,tea; books\n"
        f"{two},New name,,,,,,,,\n"
        f"{three},Bad phone,,,,123,,,,\n"
        "A B,Bad id,,,,,,,,\n"
        f"{three},Bad word,,,,,perhaps,,,\n",
        encoding="utf-8",
    )
    words = (
        "customers",
        "import",
        str(path),
        "--map",
        "id=customer_id",
        "--rejects",
        str(tmp_path / "no.csv"),
    )
    for created, there in ((1, 1), (0, 2)):
        ended = cli(*words)
        assert ended.exit_code == 6
        assert figures(ended.facts) == (created, there, 3, created), ended.stderr
    anna = cli.done("customers", "get", one).facts
    assert (anna["display_name"], anna["phones"]) == ("Anna Nowak", "+48221234567;+48221234568")
    assert (anna["preferences.categories"], anna["labels"]) == ("tea;books", "tier=gold")
    assert cli.done("customers", "get", two).facts["display_name"] == "There before"
    with (tmp_path / "no.csv").open(encoding="utf-8", newline="") as file:
        refused = list(csv.DictReader(file))
    assert [(row["rejected_line"], row["rejected_column"]) for row in refused] == [
        ("4", "phones"),
        ("5", "id"),
        ("6", "marketing_consent"),
    ]


def test_however_many_are_missing_each_is_registered(cli: Cli, tmp_path: Path) -> None:
    """A refusal names no more than some of a thousand that are not there."""
    stem = new_id("many")
    there = [f"{stem}-{number:03}" for number in range(300)]
    cli.done("customers", "create", "--id", there[150], "--name", stem)
    path = tmp_path / "c.csv"
    path.write_text("\n".join(["id,display_name", *(f"{each},{stem}" for each in there)]), encoding="utf-8")
    words = ("customers", "import", str(path), "--map", "id=customer_id")
    assert figures(cli.done(*words).facts) == (299, 1, 0, 299)
    assert figures(cli.done(*words).facts) == (0, 300, 0, 0)
    listed = cli.done(
        "customers", "list", "--filter", f'display_name = "{stem}"', "-o", "name"
    ).stdout.split()
    assert sorted(listed) == [f"customers/{each}" for each in there]


@pytest.fixture
def own_server() -> Iterator[LocalServer]:
    with LocalServer() as server:
        yield server


def test_an_import_outlives_a_server_that_is_killed(own_server: LocalServer, tmp_path: Path) -> None:
    """Whatever is cut, every row is there once in the end, by itself or by sending the file again."""
    path = tmp_path / "big.csv"
    purchases_file(path, "anna", *(f"1997-01-01,{n}.01" for n in range(ROWS)))
    env = own_server.env | {"CLIENTELA_SERVER": own_server.address}
    words = ("purchases", "import", str(path), "--currency", "EUR", "-o", "json")
    with subprocess.Popen(command(*words), env=env, stdout=subprocess.PIPE, text=True) as importing:
        run_process(env, "watch", "--after", "0", "--limit", "500", "-o", "name")
        own_server.kill()
        own_server.start()
        importing.communicate(timeout=TIMEOUT_S * 2)
    assert importing.returncode in (0, 7, 8)
    again = run_process(env, *words)
    assert again.exit_code == 0, again.stderr
    assert again.json["imported"] + again.json["duplicates"] == ROWS
    customer = run_process(env, "customers", "get", "anna").facts
    assert customer["totals.EUR.purchase_count"] == str(ROWS)
    assert customer["totals.EUR.amount"] == f"{ROWS * (ROWS - 1) // 2 + ROWS // 100}.00"
    third = run_process(env, *words)
    assert (third.json["imported"], third.json["duplicates"]) == (0, ROWS)


def test_the_sample_adds_up_to_what_is_published(own_server: LocalServer, tmp_path: Path) -> None:
    cdnow.write_csv(tmp_path / "cdnow.csv")
    env = own_server.env | {"CLIENTELA_SERVER": own_server.address}
    words = ("purchases", "import", str(tmp_path / "cdnow.csv"), "--currency", cdnow.CURRENCY)
    first, second = run_process(env, *words), run_process(env, *words)
    assert figures(first.facts) == (cdnow.PURCHASES, 0, 0, cdnow.CUSTOMERS)
    assert figures(second.facts) == (0, cdnow.PURCHASES, 0, 0)
    top = run_process(env, "customers", "get", cdnow.TOP_CUSTOMER).facts
    assert top["totals.USD.purchase_count"] == str(cdnow.TOP_PURCHASES)
    assert top["totals.USD.amount"] == str(cdnow.TOP_AMOUNT)
