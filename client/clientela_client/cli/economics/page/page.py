"""What clients cost and are worth, as one HTML file that needs nothing else: no network, library or server.

The page's policy lets only this very style and script act, by their digests, and reach nowhere.
Read next: page.html, markup.py, then channels.py.
"""

from __future__ import annotations

import html
from importlib.resources import files
from pathlib import Path
from string import Template

from clientela_client.cli.economics.page.channels import channels
from clientela_client.cli.economics.page.findings import Findings
from clientela_client.cli.economics.page.heat import cohorts, rfm
from clientela_client.cli.economics.page.lifetime import lifetime
from clientela_client.cli.economics.page.markup import joined
from clientela_client.cli.economics.page.months import months
from clientela_client.cli.economics.page.spending import spending
from clientela_client.cli.economics.page.summary import notes, tiles, title
from clientela_client.content_policy import content_policy
from clientela_client.private_files import write_private


def write_page(findings: Findings, path: Path) -> None:
    """Write the page of what was found, for this account only."""
    write_private(path, page(findings))


def page(findings: Findings) -> str:
    """Return the page's HTML."""
    style, script = _part("page.css"), _part("page.js")
    parts = (channels, months, cohorts, rfm, lifetime, spending)
    return Template(_part("page.html")).substitute(
        policy=content_policy(style, script),
        title=html.escape(title(findings)),
        notes=notes(findings),
        tiles=tiles(findings),
        sections=joined(*(part(findings) for part in parts)),
        style=style,
        script=script,
    )


def _part(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")
