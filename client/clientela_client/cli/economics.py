"""`clientela economics ...`: what winning and keeping clients costs, and what they are worth.

Read next: spends.py.
"""

from __future__ import annotations

import click

from clientela_client.cli.options import Group
from clientela_client.cli.spends import delete_spend, get_spend, spend, spends


@click.group(cls=Group)
def economics() -> None:
    """What winning and keeping clients costs, and what they are worth."""


for command in (spend, spends, get_spend, delete_spend):
    economics.add_command(command)
