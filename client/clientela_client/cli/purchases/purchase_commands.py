"""`clientela purchases ...`: the ledger, one command for each thing that can be done with it.

Read next: purchase_fields.py (how words become money and lines), purchase_import.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from clientela_client.cli.command.command_context import CommandContext, with_context
from clientela_client.cli.command.id_completion import customer_ids, purchase_ids
from clientela_client.cli.command.list_options import list_flags, page
from clientela_client.cli.command.options import Group
from clientela_client.cli.command.picked_columns import columns_flag
from clientela_client.cli.imports.import_options import import_flags, refuse_for_ndjson
from clientela_client.cli.imports.rounding import round_purchase
from clientela_client.cli.output.views import pretty_money
from clientela_client.cli.purchases.purchase_view import PURCHASE
from clientela_client.cli.words import enum_choices
from clientela_client.cli.words.amount_texts import DECIMALS
from clientela_client.cli.words.date_formats import check_format
from clientela_client.cli.words.names import customer_name, purchase_name
from clientela_client.cli.words.numbers import WholeFrom
from clientela_client.cli.words.purchase_fields import currency_type, money_of, purchase_of, set_words


@click.group(cls=Group)
def purchases() -> None:
    """The ledger: what the clients bought."""


@purchases.command()
@click.argument("customer", shell_complete=customer_ids)
@click.argument("amount", required=False)
@click.argument("currency", required=False)
@click.option("--line", "lines", multiple=True, metavar="KEY=VALUE,..", help="What was bought; repeatable.")
@click.option("--id", "purchase_id", help="The last part of the name; made by the server if left out.")
@click.option("--time", metavar="TIME", help="When it was bought, 1997-01-31 or 1997-01-31T08:26:00Z; now.")
@click.option(
    "--purpose", type=click.Choice(enum_choices.PURPOSES, case_sensitive=False), help="What it is for."
)
@click.option(
    "--sales-path", type=click.Choice(enum_choices.SALES_PATHS, case_sensitive=False), help="The way it took."
)
@click.option("--note", help="Free text.")
@click.option("--round", "rounds", is_flag=True, help="Round amounts to the smallest coin, half a coin up.")
@with_context("dry-run", "request-id")
def record(
    context: CommandContext,
    *,
    customer: str,
    amount: str | None,
    currency: str | None,
    lines: tuple[str, ...],
    purchase_id: str | None,
    time: str | None,
    purpose: str | None,
    sales_path: str | None,
    note: str | None,
    rounds: bool,
) -> None:
    """Record a purchase of CUSTOMER.

    \b
    clientela purchases record blue-door 19.90 EUR
    clientela purchases record blue-door EUR --line sku=ab-1,quantity=2,unit_price=9.95

    A line has sku, description, category, quantity and unit_price, each as you have it; where all lines
    have a price the amount may be left out.
    """
    purchase = purchase_of(amount, currency, lines, time)
    set_words(purchase, purpose, sales_path, note)
    if rounds and round_purchase(purchase):
        context.note(f"Rounded to {pretty_money(purchase.amount)}.")
    recorded = context.client.purchases.record(
        customer_name(customer),
        purchase,
        purchase_id=purchase_id,
        request_id=context.request_id,
        validate_only=context.validate_only,
    )
    context.show(recorded, PURCHASE)


@purchases.command()
@click.argument("name", shell_complete=purchase_ids)
@with_context()
def get(context: CommandContext, name: str) -> None:
    """Show one purchase (42/7)."""
    context.show(context.client.purchases.get(purchase_name(name)), PURCHASE)


@purchases.command("list")
@click.argument("customer", default="-", shell_complete=customer_ids)
@list_flags("revision, purchase_time, create_time, amount or name")
@with_context()
def list_(
    context: CommandContext,
    *,
    customer: str,
    filter: str | None,
    order_by: str | None,
    page_size: int | None,
    limit: int | None,
) -> None:
    """List the purchases of a customer, or of all.

    \b
    clientela purchases list blue-door --filter 'amount >= 100' --order-by 'amount desc'
    """
    found = context.client.purchases.list(
        customer_name(customer), filter=filter, order_by=order_by, page_size=page(page_size, limit)
    )
    context.show_all(found, PURCHASE, limit=limit)


@purchases.command()
@click.argument("name", shell_complete=purchase_ids)
@click.option("--amount", help="How much to give back; all that is left if not given.")
@click.option("--currency", type=currency_type, help="Of the amount; that of the purchase if not given.")
@click.option("--reason", required=True, help="Why.")
@with_context("request-id")
def refund(context: CommandContext, name: str, amount: str | None, currency: str | None, reason: str) -> None:
    """Give money back for a purchase (42/7): a new entry of the ledger."""
    full_name = purchase_name(name)
    money = None
    if amount is not None:
        # A purchase never changes, so its currency can be read before.
        currency = currency or context.client.purchases.get(full_name).amount.currency_code
        money = money_of(amount, currency, "--amount")
    refunded = context.client.purchases.refund(full_name, reason, amount=money, request_id=context.request_id)
    context.show(refunded, PURCHASE)


@purchases.command("export", short_help="Write all purchases as they were at one moment.")
@click.argument("customer", default="-", shell_complete=customer_ids)
@click.option("--filter", metavar="EXPRESSION", help="Only those for which it holds (AIP-160).")
@click.option("--limit", type=WholeFrom(min=0), metavar="N", help="How many at most.")
@columns_flag
@with_context()
def export(context: CommandContext, customer: str, filter: str | None, limit: int | None) -> None:
    """Write all purchases as they were at one moment, oldest entry first.

    \b
    clientela purchases export -o csv > purchases.csv

    In lists and CSV a refund's amount is below zero, so that a column adds up.
    """
    found = context.client.purchases.export(customer_name(customer), filter=filter)
    context.show_all(found, PURCHASE, limit=limit)


@purchases.command("import")
@import_flags
@click.option("--currency", type=currency_type, help="Where the file has none.")
@click.option(
    "--date-format",
    "date_formats",
    multiple=True,
    metavar="FORMAT",
    callback=check_format,
    help="How dates are written: %d.%m.%Y, excel (its numbers) or iso; repeatable.",
)
@click.option(
    "--decimal", type=click.Choice(DECIMALS), help="What stands before a fraction, where it may be two."
)
@click.option(
    "--returns",
    type=click.Choice(("refuse", "latest")),
    default="refuse",
    help="Rows below zero without refund_of: take them off the latest purchase that fits.",
)
@click.option(
    "--batch",
    metavar="NAME",
    default="",
    help="Take rows without purchase_id for others than equal rows of other files.",
)
@click.option("--ids-per-customer", is_flag=True, help="Two customers may have purchases of one purchase_id.")
@click.option("--round", "rounds", is_flag=True, help="Round amounts to the smallest coin, half a coin up.")
@click.option("--no-create", is_flag=True, help="Refuse rows of customers that are not registered.")
@click.option(
    "--source",
    type=click.Choice(enum_choices.SOURCES, case_sensitive=False),
    default="import",
    show_default=True,
    help="Which kind of program made the file.",
)
@with_context(wait_for_server=True)
def import_(
    context: CommandContext,
    *,
    file: Path,
    rejects: Path | None,
    encoding: str | None,
    no_create: bool,
    **given: Any,
) -> None:
    """Record the purchases of a CSV file with a header, or of an .ndjson file.

    Columns: customer_id, date (1997-01-31 or 1997-01-31T08:26:00Z), and amount or quantity and unit_price;
    then as you have them discount, purchase_id, refund_of, sku, description, category, currency, purpose,
    sales_path, note. All rows with one purchase_id are the lines of one purchase, which is taken whole or
    refused whole. Customers that do not exist are registered under that id.

    Cells are separated by commas, semicolons or tabs, the file is UTF-8 or UTF-16, and may be packed (gzip).
    The same file again adds nothing, and a file that grew adds what is new. A row that is refused is named,
    and kept in --rejects exactly as it was, to be mended and imported.

    What `clientela purchases export` writes with -o csv or -o ndjson is imported whole, with its lines;
    refunds are made again, as entries of today.
    """
    from clientela_client.cli.imports.files.ndjson_file import is_ndjson

    if is_ndjson(file):
        from clientela_client.cli.imports.ndjson_import import run_purchases

        refuse_for_ndjson(encoding=encoding, **given)
        rounds = given["rounds"]
        run_purchases(context, file, create_missing=not no_create, rejects=rejects, rounds=rounds)
        return
    from clientela_client.cli.imports.purchase_columns import purchase_import_options
    from clientela_client.cli.imports.purchase_import import run_import

    run_import(
        context,
        file,
        purchase_import_options(**given),
        create_missing=not no_create,
        rejects=rejects,
        encoding=encoding,
    )
