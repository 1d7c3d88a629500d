"""Files are imported exactly once however often they are sent; what is refused is listed with its reason."""

import csv
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from clientela_client import connect
from clientela_client.cli.imports.earlier_imports import PositionalRowIds
from clientela_client.cli.imports.files.csv_file import CsvFile
from clientela_client.cli.imports.purchase_columns import PurchaseImportOptions
from clientela_client.cli.imports.purchase_rows import PurchaseRows
from clientela_client.messages import ImportItem
from clientela_lab import cdnow
from clientela_lab.servers.local_server import LocalServer
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


def test_a_file_that_grew_adds_what_is_new(cli: Cli, tmp_path: Path) -> None:
    anna, path = new_id("anna"), tmp_path / "f.csv"
    rows = [f"1997-01-{day:02},1" for day in range(1, 11)]
    assert figures(imported(cli, purchases_file(path, anna, *rows))) == (10, 0, 0, 1)
    assert figures(imported(cli, purchases_file(path, anna, *rows, "1997-01-01,1"))) == (1, 10, 0, 0)
    mixed = [*reversed(rows), "1997-01-01,1", "1997-01-11,5"]
    assert figures(imported(cli, purchases_file(path, anna, *mixed))) == (1, 11, 0, 0)
    assert cli.done("customers", "get", anna).facts["totals.EUR.amount"] == "16.00"


IDS = "customer_id,purchase_id,date,amount,note"


def test_a_purchase_that_is_there_is_told_from_one_that_says_something_else(cli: Cli, tmp_path: Path) -> None:
    anna, path = new_id("anna"), tmp_path / "f.csv"
    rows = ["o-1,1997-01-01,1,", "o-2,1997-01-01,2,hi"]
    assert figures(imported(cli, purchases_file(path, anna, *rows, header=IDS))) == (2, 0, 0, 1)
    cli.done("purchases", "record", anna, "3", "EUR", "--id", "o-3", "--time", "1997-01-01")
    grown = [*rows, "o-3,1997-01-01,3.00,", "o-4,1997-01-01,4,"]
    assert figures(imported(cli, purchases_file(path, anna, *grown, header=IDS))) == (1, 3, 0, 0)
    other = ["o-1,1997-01-01,1,", "o-2,1997-01-02,2.50,ho", "o-4,1997-01-01,4,"]
    purchases_file(path, anna, *other, header=IDS)
    ended = cli("purchases", "import", str(path), "--currency", "EUR")
    assert figures(ended.facts) == (0, 2, 1, 0)
    assert (
        f"line 3, purchase_id: customers/{anna}/purchases/o-2 is in the ledger already, "
        "with another amount, purchase_time, note" in ended.stderr
    )
    assert cli.done("customers", "get", anna).facts["totals.EUR.amount"] == "10.00"


def test_an_id_that_comes_back_later_is_one_purchase(cli: Cli, tmp_path: Path) -> None:
    anna, path = new_id("anna"), tmp_path / "f.csv"
    purchases_file(
        path,
        anna,
        "o-1,2026-03-01,1,10.00,a",
        "o-2,2026-03-01,1,5.00,b",
        "o-1,2026-03-01,2,3.00,c",
        header="customer_id,purchase_id,date,quantity,unit_price,sku",
    )
    for expected in ((2, 0, 0, 1), (0, 2, 0, 0)):
        assert figures(imported(cli, path)) == expected
    assert cli.done("purchases", "get", f"{anna}/o-1").facts["amount"] == "16.00"
    assert cli.done("customers", "get", anna).facts["totals.EUR.amount"] == "21.00"


def test_the_same_rows_read_otherwise_are_not_recorded_twice(cli: Cli, tmp_path: Path) -> None:
    anna, path = new_id("anna"), tmp_path / "f.csv"
    purchases_file(path, anna, "2026-03-01,119,100", header="customer_id,date,amount,net")
    assert figures(imported(cli, path, "--map", "net=")) == (1, 0, 0, 1)
    for terms in (
        ("--currency", "USD", "--map", "net="),
        ("--currency", "EUR", "--map", "amount=", "--map", "net=amount"),
    ):
        ended = cli("purchases", "import", str(path), *terms)
        assert figures(ended.facts) == (0, 0, 1, 0)
        assert "line 2: the row is in the ledger already, and was read as another purchase" in ended.stderr
    assert cli.done("customers", "get", anna).facts["totals.EUR.amount"] == "119.00"


def test_equal_rows_of_two_files_are_two_purchases_where_the_batch_says_so(cli: Cli, tmp_path: Path) -> None:
    anna, path = new_id("anna"), tmp_path / "f.csv"
    purchases_file(path, anna, "2026-03-01,5")
    assert figures(imported(cli, path)) == (1, 0, 0, 1)
    for expected in ((1, 0, 0, 0), (0, 1, 0, 0)):
        assert figures(imported(cli, path, "--batch", "the other shop")) == expected
    assert figures(imported(cli, path)) == (0, 1, 0, 0)


def test_a_file_that_may_be_there_in_other_words_is_not_guessed_at(cli: Cli, tmp_path: Path) -> None:
    anna, path = new_id("anna"), tmp_path / "f.csv"
    imported(cli, purchases_file(path, anna, "2026-03-01,5", "2026-03-02,6"))
    purchases_file(path, anna, "2026-03-01,5.00", "2026-03-02,6.00", "2026-03-03,7.00")
    ended = cli("purchases", "import", str(path), "--currency", "EUR")
    assert ended.exit_code == 2
    assert "line 2 is in the ledger already" in ended.stderr and "--batch NAME" in ended.stderr
    assert cli.done("customers", "get", anna).facts["totals.EUR.amount"] == "11.00"
    assert figures(imported(cli, path, "--batch", "others")) == (3, 0, 0, 0)


def test_a_file_of_an_earlier_version_is_known_by_its_ids_of_then(cli: Cli, tmp_path: Path) -> None:
    anna, path = new_id("anna"), tmp_path / "f.csv"
    rows = [f"2026-03-0{day},{day}" for day in range(1, 6)]
    purchases_file(path, anna, *rows)
    file = CsvFile.open(path)
    rows_of_then = PurchaseRows(file, PurchaseImportOptions({}, "EUR", "PURCHASE_SOURCE_IMPORT"))
    rows_of_then.known_by = PositionalRowIds(file.digest)
    with connect() as client:
        client.purchases.import_([item for _, item in rows_of_then if isinstance(item, ImportItem)][:3])
    for expected in ((2, 3, 0, 0), (0, 5, 0, 0)):
        assert figures(imported(cli, path)) == expected
    purchases_file(path, anna, *rows, "2026-03-06,6")
    assert cli("purchases", "import", str(path), "--currency", "EUR").exit_code == 2
    assert cli.done("customers", "get", anna).facts["totals.EUR.amount"] == "15.00"


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


def test_a_purchase_of_a_thousand_lines_is_imported_whole(cli: Cli, tmp_path: Path) -> None:
    anna = new_id("anna")
    rows = [f"p-1,2010-12-01,1,1.25,sku-{number}" for number in range(1114)]
    path = purchases_file(
        tmp_path / "f.csv", anna, *rows, header="customer_id,purchase_id,date,quantity,unit_price,sku"
    )
    for expected in ((1, 0, 0, 1), (0, 1, 0, 0)):
        assert figures(imported(cli, path)) == expected
    purchase = cli.done("purchases", "get", f"{anna}/p-1", "-o", "json").json
    assert [line["sku"] for line in purchase["lines"]] == [f"sku-{number}" for number in range(1114)]
    assert cli.done("customers", "get", anna).facts["totals.EUR.amount"] == "1392.50"


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
    refused.touch(0o644)
    imported(cli, path, "--rejects", str(refused), exit_code=6)
    assert stat.S_IMODE(refused.stat().st_mode) == 0o600
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


@pytest.mark.long
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


def test_columns_that_are_one_field_are_not_both_taken(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    for one, other in (("email", "emails"), ("phones", "phone")):
        path.write_text(f"customer_id,display_name,{one},{other}\nem-9,A,x,y\n")
        ended = cli("customers", "import", str(path))
        assert ended.exit_code == 2
        assert f'"{one}" and "{other}"' in ended.stderr
    path.write_text("customer_id,display_name,mail,emails\nem-9,A,x,y\n")
    assert cli("customers", "import", str(path), "--map", "mail=email").exit_code == 2
    assert cli("customers", "get", "em-9").exit_code != 0


def test_a_customer_who_stands_twice_with_other_values_is_refused_there(cli: Cli, tmp_path: Path) -> None:
    anna, path, no = new_id("anna"), tmp_path / "c.csv", tmp_path / "no.csv"
    path.write_text(f"customer_id,display_name\n{anna},Anna\n{anna},Anna\n{anna},Hanna\n")
    for expected in ((1, 1, 1, 1), (0, 2, 1, 0)):
        ended = cli("customers", "import", str(path), "--rejects", str(no))
        assert figures(ended.facts) == expected
        assert "line 4, customer_id: the customer is in line 2 too, with other values" in ended.stderr
    assert no.read_text().splitlines()[1].startswith(f"{anna},Hanna,4,")
    assert [int(ended.facts[key]) for key in ("read", "rows_read", "rows_rejected")] == [3, 3, 1]


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


@pytest.mark.long
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


@pytest.mark.long
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
