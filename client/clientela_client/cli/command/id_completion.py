"""Shell completion of resource ids, by list requests to the server.

Completion prints no error and has a deadline of a second: without a response in time nothing is offered.
Read next: completion.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from itertools import islice
from typing import TYPE_CHECKING, Any

from clientela_client.cli.command.command_context import open_client
from clientela_client.cli.command.options import RunOptions
from clientela_client.cli.words.names import short_name
from clientela_client.harmless import one_line

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

    from clientela_client import Client

TIMEOUT_S = 1.0
_OFFERED_MAX = 50
_IDS = re.compile(r"[A-Za-z0-9._~/-]*", re.ASCII)
Found = Iterable[tuple[str, str]]


def customer_ids(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete customers' ids, with their display names."""
    return _offered(ctx, incomplete, _customers)


def purchase_ids(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete purchases' ids as CUSTOMER/ID."""
    return _offered(ctx, incomplete, _purchases)


def segment_ids(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete segments' ids, with their display names."""
    return _offered(ctx, incomplete, _segments)


def spend_ids(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete spends' ids, with their campaigns."""
    return _offered(ctx, incomplete, _spends)


def _offered(
    ctx: click.Context, incomplete: str, find: Callable[[Client, str], Found]
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    options = ctx.find_object(RunOptions) or RunOptions()
    if not _IDS.fullmatch(incomplete):
        return []
    try:
        with ExitStack() as exit_stack:
            client = open_client(exit_stack, options, wait_for_server=False, timeout_s=TIMEOUT_S)
            found = list(islice(find(client, incomplete), _OFFERED_MAX))
    except Exception:  # noqa: BLE001  completion prints no errors
        return []
    return [CompletionItem(text, help=one_line(said)) for text, said in found if text.startswith(incomplete)]


def _customers(client: Client, begin: str) -> Found:
    found = client.customers.list(**_beginning("customers/", begin))
    return ((_as_begun(each.name, begin, "customers/"), each.display_name) for each in found)


def _purchases(client: Client, begin: str) -> Found:
    customer, slash, rest = begin.removeprefix("customers/").partition("/")
    name = f"{customer}/purchases/{rest.removeprefix('purchases/')}" if slash else customer
    parent = f"customers/{customer}" if slash else "customers/-"
    found = client.purchases.list(parent, **_beginning("customers/", name))
    full = begin.startswith("customers/")
    return ((each.name if full else short_name(each.name), each.note) for each in found)


def _segments(client: Client, begin: str) -> Found:
    found = client.segments.list(**_beginning("segments/", begin))
    return ((_as_begun(each.name, begin, "segments/"), each.display_name) for each in found)


def _spends(client: Client, begin: str) -> Found:
    found = client.spends.list(**_beginning("spends/", begin))
    return ((_as_begun(each.name, begin, "spends/"), each.campaign) for each in found)


def _beginning(collection: str, begin: str) -> dict[str, Any]:
    """Return the arguments of a list request for names with this prefix."""
    name = collection + begin.removeprefix(collection)
    return {"filter": f'name = "{name}*"', "page_size": _OFFERED_MAX}


def _as_begun(name: str, begin: str, collection: str) -> str:
    """Return the full name if the full name was begun, else the id."""
    return name if begin.startswith(collection) else name.removeprefix(collection)
