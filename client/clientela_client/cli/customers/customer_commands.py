"""`clientela customers ...`: the registry, one command for each thing that can be done to a client.

Read next: customer_fields.py (how flags become a message), customer_import.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from clientela_client.cli.command.command_context import CommandContext, with_context
from clientela_client.cli.command.etags import etag_flag
from clientela_client.cli.command.id_completion import customer_ids
from clientela_client.cli.command.list_options import list_flags, page
from clientela_client.cli.command.options import Group
from clientela_client.cli.command.picked_columns import columns_flag
from clientela_client.cli.customers.customer_view import CUSTOMER
from clientela_client.cli.imports.import_options import import_flags, refuse_for_ndjson
from clientela_client.cli.output.change_view import CHANGE
from clientela_client.cli.words.customer_fields import CLEARABLE, customer_flags, customer_of, mask_of
from clientela_client.cli.words.names import customer_name, resource_name
from clientela_client.cli.words.numbers import INT32_MAX, WholeFrom
from clientela_client.harmless import one_line


@click.group(cls=Group)
def customers() -> None:
    """The registry: who the clients are."""


@customers.command()
@click.option("--id", "customer_id", help="The last part of the name; made by the server if left out.")
@click.option("--name", "display_name", required=True, help="What people call this client.")
@customer_flags
@with_context("dry-run", "request-id")
def create(context: CommandContext, customer_id: str | None, **given: Any) -> None:
    """Register a customer."""
    customer = context.client.customers.create(
        customer_of(given),
        customer_id=customer_id,
        request_id=context.request_id,
        validate_only=context.validate_only,
    )
    context.show(customer, CUSTOMER)


@customers.command()
@click.argument("name", shell_complete=customer_ids)
@with_context()
def get(context: CommandContext, name: str) -> None:
    """Show one customer and what was bought so far."""
    context.show(context.client.customers.get(customer_name(name)), CUSTOMER)


@customers.command("list")
@list_flags("display_name, create_time, update_time or name")
@click.option("--show-deleted", is_flag=True, help="Deleted ones too.")
@with_context()
def list_(
    context: CommandContext,
    *,
    filter: str | None,
    order_by: str | None,
    page_size: int | None,
    limit: int | None,
    show_deleted: bool,
) -> None:
    """List customers.

    \b
    clientela customers list --filter 'labels.tier = "gold" AND display_name:"ann"'
    """
    found = context.client.customers.list(
        filter=filter, order_by=order_by, page_size=page(page_size, limit), show_deleted=show_deleted or None
    )
    context.show_all(found, CUSTOMER, limit=limit)


@customers.command()
@click.argument("name", shell_complete=customer_ids)
@click.option("--name", "display_name", help="What people call this client.")
@customer_flags
@click.option(
    "--clear",
    multiple=True,
    type=click.Choice(CLEARABLE),
    metavar="FIELD",
    help="Empty a field: patron, emails, acquisition.campaign and so on; repeatable.",
)
@etag_flag
@click.option("--allow-missing", is_flag=True, help="Create it if there is none.")
@with_context("dry-run", "request-id")
def update(
    context: CommandContext,
    name: str,
    clear: tuple[str, ...],
    etag: str | None,
    allow_missing: bool,
    **given: Any,
) -> None:
    """Change what is given of a customer, and nothing else.

    Flags that can be repeated replace all that was there. Of a person and an organization a customer is
    one: --clear organization --given-name Ann makes a person of an organization, whose legal name and tax id
    are then gone.
    """
    mask = mask_of(given, clear)
    if not mask:
        raise click.UsageError("nothing to change: give what is new, or --clear")
    customer = customer_of(given)
    customer.name = customer_name(name)
    customer.etag = etag or ""
    changed = context.client.customers.update(
        customer,
        update_mask=mask,
        allow_missing=allow_missing or None,
        request_id=context.request_id,
        validate_only=context.validate_only,
    )
    context.show(changed, CUSTOMER)


@customers.command()
@click.argument("name", shell_complete=customer_ids)
@etag_flag
@with_context("request-id")
def delete(context: CommandContext, name: str, etag: str | None) -> None:
    """Hide a customer; `undelete` brings it back."""
    deleted = context.client.customers.delete(customer_name(name), etag=etag, request_id=context.request_id)
    context.show(deleted, CUSTOMER)


@customers.command()
@click.argument("name", shell_complete=customer_ids)
@with_context("request-id")
def undelete(context: CommandContext, name: str) -> None:
    """Bring a deleted customer back."""
    context.show(
        context.client.customers.undelete(customer_name(name), request_id=context.request_id), CUSTOMER
    )


@customers.command(short_help="Remove personal data for good; figures stay.")
@click.argument("name", shell_complete=customer_ids)
@click.option("--yes", is_flag=True, help="Don't ask.")
@with_context("request-id")
def erase(context: CommandContext, name: str, yes: bool) -> None:
    """Remove a customer's personal data for good; the ledger's figures stay.

    It can't be undone.
    """
    full_name = customer_name(name)
    if not yes:
        click.confirm(one_line(f"Erase the personal data of {full_name} for good?"), abort=True, err=True)
    erased = context.client.customers.erase(full_name, request_id=context.request_id)
    context.show(erased, CUSTOMER)
    if erased.erasure_pending:
        context.note("The disk still holds it: an export or a backup reads it. It is gone when that ends.")


@customers.command(short_help="Show what happened to a customer or purchase.")
@click.argument("name", shell_complete=customer_ids)
@click.option(
    "--page-size", type=WholeFrom(min=0, max=INT32_MAX), metavar="N", help="How many to ask for at a time."
)
@click.option("--limit", type=WholeFrom(min=0), metavar="N", help="How many at most.")
@columns_flag
@with_context()
def history(context: CommandContext, name: str, page_size: int | None, limit: int | None) -> None:
    """Show what happened to a customer (42) or to a purchase (42/7), oldest first.

    Of segments (segments/lost), spends (spends/7) and the policy (policy) by their full names.
    """
    context.show_all(
        context.client.feed.history(resource_name(name), page_size=page(page_size, limit)),
        CHANGE,
        limit=limit,
    )


@customers.command("import")
@import_flags
@click.option("--update", is_flag=True, help="Change who is registered already, by what the columns say.")
@with_context(wait_for_server=True)
def import_(
    context: CommandContext,
    *,
    file: Path,
    mapping: tuple[str, ...],
    ignores_others: bool,
    encoding: str | None,
    rejects: Path | None,
    update: bool,
) -> None:
    """Register the customers of a CSV file with a header, or of an .ndjson file.

    Columns: customer_id and display_name, then as you have them given_name, family_name, legal_name,
    tax_id, emails, phones and categories (several separated by ;), language_code, marketing_consent,
    channel, campaign, referrer, patron, label.KEY. Who is registered already is left alone, or with --update
    is changed where a cell says something else; the same file again adds nothing.

    Cells are separated by commas, semicolons or tabs, the file is UTF-8 or UTF-16, and may be packed (gzip).
    What `clientela customers list` writes with -o csv or -o ndjson is imported whole: party, addresses,
    contact_channels and labels too, and who was deleted is deleted.
    """
    from clientela_client.cli.imports.customer_import import CustomerImportOptions
    from clientela_client.cli.imports.files.ndjson_file import is_ndjson

    options = CustomerImportOptions(mapping, encoding, ignores_others, update)
    if is_ndjson(file):
        from clientela_client.cli.imports.ndjson_import import run_customers

        refuse_for_ndjson(mapping=mapping, ignores_others=ignores_others, encoding=encoding)
        run_customers(context, file, rejects, updates=update)
        return
    from clientela_client.cli.imports.customer_import import run_import

    run_import(context, file, options, rejects)
