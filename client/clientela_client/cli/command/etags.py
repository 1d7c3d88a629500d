"""The flag that makes a change conditional: only if nobody was faster."""

from __future__ import annotations

import click


def _quoted(_ctx: click.Context, _param: click.Parameter, etag: str | None) -> str | None:
    # An etag is quoted (RFC 9110), and a shell takes the quotes off.
    return f'"{etag}"' if etag and not etag.endswith('"') else etag


etag_flag = click.option(
    "--etag", callback=_quoted, help="Only if nobody changed it since: the etag that was read."
)
