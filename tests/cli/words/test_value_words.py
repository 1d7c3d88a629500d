"""`--map` translates a file's values into enum values, in the columns that have them."""

from pathlib import Path

import click
import pytest

from clientela_client.cli.imports.customer_rows import CustomerRows
from clientela_client.cli.imports.files.csv_file import CsvFile
from clientela_client.cli.imports.purchase_columns import PurchaseImportOptions
from clientela_client.cli.imports.purchase_rows import PurchaseRows
from clientela_client.messages import Customer, ImportItem
from tests.cli.running import Cli, new_id


def customers(path: Path, text: str, **mapping: str) -> list[Customer]:
    path.write_text(text)
    found = [each for _, each in CustomerRows(CsvFile.open(path), mapping)]
    return [each for each in found if isinstance(each, Customer)]


def test_a_value_stands_for_our_word_however_it_is_written(tmp_path: Path) -> None:
    text = "customer_id,display_name,channel\n" + "".join(
        f"c{n},x,{word}\n" for n, word in enumerate(["Online", "ONLINE", "referral", "tv", "n/a"])
    )
    mapping = {"online": "ADVERTISING", "channel:TV": "acquisition-channel-organic", "channel:n/a": ""}
    found = customers(tmp_path / "f.csv", text, **mapping)
    assert [each.acquisition.channel for each in found] == [1, 1, 4, 5, 0]


def test_yes_and_no_and_lists_of_words_have_theirs_too(tmp_path: Path) -> None:
    text = "customer_id,display_name,marketing_consent,contact_channels\nc1,x,tak,mail;komórka\nc2,x,nie,\n"
    mapping = {"tak": "yes", "nie": "no", "mail": "email", "contact_channels:komórka": "sms"}
    one, two = customers(tmp_path / "f.csv", text, **mapping)
    assert (one.preferences.marketing_consent, two.preferences.marketing_consent) == (True, False)
    assert two.preferences.HasField("marketing_consent")
    assert list(one.preferences.contact_channels) == [1, 3]


def test_of_purchases_also_a_currency(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("customer_id,date,amount,Waehrung,purpose,sales_path\n7,2026-03-01,1,€,shop,agent\n")
    mapping = {
        "Waehrung": "currency",
        "Waehrung:€": "EUR",
        "shop": "resale",
        "sales_path:agent": "through_partner",
    }
    ((_, item),) = PurchaseRows(
        CsvFile.open(path), PurchaseImportOptions(mapping, None, "PURCHASE_SOURCE_IMPORT")
    )
    assert isinstance(item, ImportItem)
    assert (item.purchase.amount.currency_code, item.purchase.purpose, item.purchase.sales_path) == (
        "EUR",
        2,
        2,
    )


def test_a_column_of_that_name_is_a_column(tmp_path: Path) -> None:
    (found,) = customers(
        tmp_path / "f.csv", "customer_id,mail,n\nc1,a@b.example,x\n", mail="email", n="display_name"
    )
    assert list(found.emails) == ["a@b.example"]


@pytest.mark.parametrize(
    ("theirs", "ours", "fact"),
    [
        ("online", "advertising", 'no column "online", and none that takes "advertising"'),
        ("nothing", "display_name", 'no column "nothing"'),
        ("nothing:x", "advertising", 'no column "nothing"'),
        ("channel:online", "tv", '"tv" is none of advertising'),
    ],
)
def test_a_mapping_that_means_nothing_is_refused(tmp_path: Path, theirs: str, ours: str, fact: str) -> None:
    head = "customer_id,display_name" + (",channel" if "channel" in theirs else "")
    with pytest.raises(click.UsageError, match=fact):
        customers(tmp_path / "f.csv", f"{head}\n", **{theirs: ours})


def test_a_word_that_nobody_knows_is_refused_with_the_way_out(cli: Cli, tmp_path: Path) -> None:
    ann, path = new_id("ann"), tmp_path / "f.csv"
    path.write_text(f"customer_id,display_name,channel,shoe size\n{ann},Ann,online,38\n")
    words = ("customers", "import", str(path), "--ignore-others")
    ended = cli(*words)
    assert ended.exit_code == 6
    assert '--map "online=WORD"' in ended.stderr
    cli.done(*words, "--map", "online=ADVERTISING")
    assert cli.done("customers", "get", ann).facts["acquisition.channel"] == "advertising"
