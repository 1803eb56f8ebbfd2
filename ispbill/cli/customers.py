"""`ispbill customers`: bring in a company's subscribers from a file."""
from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext

from ispbill.cli.commands import OperatorGroup
from ispbill.cli.printing import answer, json_option, progress, table
from ispbill.cli.surroundings import operator
from ispbill.core.current import bound
from ispbill.core.money import format_money
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions.imports import service as imports
from ispbill.subscriptions.imports.policy import FORMATS
from ispbill.subscriptions.imports.service import ImportReport
from ispbill.tenancy import registry

_ERRORS_SHOWN = 50


@click.group(cls=OperatorGroup)
def customers() -> None:
    """Bring in a company's subscribers."""


@customers.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--tenant", "subdomain", required=True, metavar="S", help="The company they belong to.")
@click.option("--format", "file_format", type=click.Choice(sorted(FORMATS)), help="Recognised where not given.")
@click.option("--start-on", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
              help="First day that is billed; the first of next month where not given.")
@click.option("--dry-run", is_flag=True, help="Only check the file and say what would come in.")
@json_option
@with_appcontext
def import_file(
    file: Path, subdomain: str, file_format: str | None, start_on: datetime | None, dry_run: bool
) -> None:
    """Bring in FILE: all of it, or nothing where a row is wrong. A second time changes nothing."""
    ref = registry.named(subdomain)
    with bound(ref, operator()), progress(file.name) as told, unit_of_work():
        report = imports.run(
            file, file_name=file.name, format=file_format, start_on=_day(start_on), dry_run=dry_run, progress=told
        )
    data = {"tenant": subdomain, "file": file.name, "dry_run": dry_run, **asdict(report)}
    answer(data, _text(report, currency=ref.currency, dry_run=dry_run))
    if report.errors:
        click.get_current_context().exit(1)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _text(report: ImportReport, *, currency: str, dry_run: bool) -> str:
    if report.errors:
        rows = [[error.line, error.column, error.value, error.problem, error.hint] for error in report.errors]
        more = f"\n… and {len(rows) - _ERRORS_SHOWN} more." if len(rows) > _ERRORS_SHOWN else ""
        errors = table(["LINE", "COLUMN", "VALUE", "PROBLEM", "WHAT TO DO"], rows[:_ERRORS_SHOWN])
        return f"{errors}{more}\n\nNothing was imported: {len(rows)} cells of {report.rows} rows are wrong."
    would = "would be" if dry_run else "are"
    return (
        f"{report.created} customers {would} new, {report.unchanged} were there already; {report.plans} plans, "
        f"{report.subscriptions} subscriptions, billed from {report.start_on}: "
        f"{format_money(report.monthly_total_minor, currency)} a month."
    )
