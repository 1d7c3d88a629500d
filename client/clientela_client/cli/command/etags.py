"""The `--etag` flag: optimistic concurrency, a write only if the resource is unchanged (AIP-154)."""

from __future__ import annotations

import click


def _quoted(_ctx: click.Context, _param: click.Parameter, etag: str | None) -> str | None:
    # An etag is quoted (RFC 9110), and a shell removes the quotes.
    return f'"{etag}"' if etag and not etag.endswith('"') else etag


etag_flag = click.option(
    "--etag", callback=_quoted, help="Only if nobody changed it since: the etag that was read."
)
