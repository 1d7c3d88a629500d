"""`clientela economics ...`: what acquiring and retaining clients costs, and what they are worth.

Read next: economics_questions.py (what is meant where nothing was said), economics_report.py,
spend_commands.py.
"""

from __future__ import annotations

from copy import copy
from datetime import date
from pathlib import Path

import click

from clientela_client.cli.command.command_context import CommandContext, with_context
from clientela_client.cli.command.id_completion import customer_ids
from clientela_client.cli.command.options import Group
from clientela_client.cli.spends.spend_commands import spends
from clientela_client.cli.words import enum_choices
from clientela_client.cli.words.names import customer_name
from clientela_client.cli.words.report_options import (
    as_of_option,
    currency_option,
    date_of,
    discount_option,
    horizon_option,
    question_options,
)

# A report goes over all clients, and the models are fitted on them: of a million that takes seconds.
_REPORT_S = 60.0


@click.group(cls=Group)
def economics() -> None:
    """What acquiring and retaining clients costs, and what they are worth."""


@economics.command()
@question_options
@with_context(timeout_s=_REPORT_S)
def show(
    context: CommandContext,
    *,
    start: date | None,
    end: date | None,
    currency: str | None,
    margin: float | None,
    horizon_days: int,
    discount: float | None,
    as_of: date | None,
) -> None:
    """Say for each channel what a client costs, what it brings, and whether that pays.

    \b
    clientela economics show --margin 40%
    """
    from clientela_client.cli.economics.economics_answers import get_unit_economics
    from clientela_client.cli.economics.economics_questions import question_of
    from clientela_client.cli.economics.economics_report import report_of

    question = question_of(context.client, currency, start, end, as_of)
    question = question.about(margin, horizon_days, discount)
    context.writer.write_report(report_of(get_unit_economics(context.client, question), question))


@economics.command()
@click.argument("name", required=False, shell_complete=customer_ids)
@click.option("--all", "everybody", is_flag=True, help="All clients; the first 50 otherwise.")
@horizon_option
@discount_option
@currency_option
@as_of_option
@with_context(timeout_s=_REPORT_S)
def ltv(
    context: CommandContext,
    *,
    name: str | None,
    everybody: bool,
    horizon_days: int,
    discount: float | None,
    currency: str | None,
    as_of: date | None,
) -> None:
    """Predict what clients will bring, the most valuable first; or what one will, and why.

    \b
    clientela economics ltv --as-of 1998-06-30
    clientela economics ltv blue-door --horizon 90
    """
    from clientela_client.cli.economics.economics_answers import predict_lifetime_value
    from clientela_client.cli.economics.economics_questions import currency_of
    from clientela_client.cli.economics.lifetime_view import lifetime_report

    if name and everybody:
        raise click.UsageError("either a NAME or --all")
    response = predict_lifetime_value(
        context.client,
        customer_name(name or "-"),
        horizon_days=horizon_days,
        currency=currency_of(context.client, currency),
        discount=discount,
        as_of=date_of(as_of),
        everybody=everybody,
    )
    context.writer.write_report(lifetime_report(response, horizon_days, of_one=name is not None))


@economics.command()
@click.option(
    "--scoring",
    type=click.Choice(enum_choices.RFM_SCORINGS, case_sensitive=False),
    default="quintile",
    show_default=True,
    help="Equal scores for equal values, or five parts of equal size.",
)
@currency_option
@as_of_option
@with_context(timeout_s=_REPORT_S)
def rfm(context: CommandContext, scoring: str, currency: str | None, as_of: date | None) -> None:
    """Count the clients by how recently and how often they bought.

    \b
    clientela economics rfm --as-of 1998-06-30
    """
    from clientela_client.cli.economics.economics_questions import currency_of
    from clientela_client.cli.economics.rfm_view import rfm_report
    from clientela_client.messages import RfmScoring

    response = context.client.economics.get_rfm(
        currency_of(context.client, currency),
        as_of=date_of(as_of),
        scoring=RfmScoring.Value(enum_choices.enum_name(enum_choices.RFM_SCORINGS, scoring)),
    )
    context.writer.write_report(rfm_report(response))


@economics.command()
@currency_option
@as_of_option
@with_context(timeout_s=_REPORT_S)
def cohorts(context: CommandContext, currency: str | None, as_of: date | None) -> None:
    """Say how many of the clients won in a month bought again, month by month."""
    from clientela_client.cli.economics.cohort_view import cohorts_report
    from clientela_client.cli.economics.economics_questions import currency_of

    response = context.client.economics.get_cohorts(
        currency_of(context.client, currency), as_of=date_of(as_of)
    )
    context.writer.write_report(cohorts_report(response))


@economics.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@question_options
@with_context(timeout_s=_REPORT_S)
def page(
    context: CommandContext,
    *,
    file: Path,
    start: date | None,
    end: date | None,
    currency: str | None,
    margin: float | None,
    horizon_days: int,
    discount: float | None,
    as_of: date | None,
) -> None:
    """Write all of it as one page, FILE, that opens from disk: plots, and the figures beside them.

    \b
    clientela economics page economics.html --margin 40%
    """
    from clientela_client.cli.economics.economics_questions import question_of
    from clientela_client.cli.economics.page.findings import findings_of
    from clientela_client.cli.economics.page.page import write_page

    question = question_of(context.client, currency, start, end, as_of).about(margin, horizon_days, discount)
    write_page(findings_of(context.client, question), file)
    context.note(f"Written: {file}")


# The former names of the commands of `clientela spends`, until 1.0; help leaves them out.
FORMER_NAMES = {"record": "spend", "list": "spends", "get": "get-spend", "delete": "delete-spend"}
for name, former_name in FORMER_NAMES.items():
    command = copy(spends.commands[name])
    command.hidden = True
    economics.add_command(command, former_name)
