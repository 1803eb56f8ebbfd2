"""`ispbill platform` and `ispbill health`: the installation itself."""
from __future__ import annotations

import click
from flask.cli import with_appcontext

from ispbill.cli import surroundings
from ispbill.cli.commands import OperatorGroup
from ispbill.cli.printing import answer, json_option
from ispbill.platform import health as platform_health
from ispbill.tenancy import installing, revising


@click.group(cls=OperatorGroup)
def platform() -> None:
    """Install, and bring the platform's own tables to this release."""


@platform.command()
def migrate() -> None:
    """Make or upgrade the platform's own tables.

    With them come the logins and their rights. May be repeated.
    """
    installing.prepare_database(surroundings.settings())
    click.echo("The platform's tables are at this release's version: the database is ready for tenants.")


@platform.command()
@click.argument("message")
@with_appcontext
def revision(message: str) -> None:
    """Draft the next migration of the platform's own tables from what has changed in the models."""
    click.echo(f"{revising.draft_platform_revision(message)} is drafted: read it before it lives.")


@click.command(cls=OperatorGroup.command_class)
@json_option
@with_appcontext
def health() -> None:
    """Ask whether the database and Redis answer; exit code 1 where one does not."""
    found = platform_health.check()
    lines = [f"{name}: {'ok' if part['ok'] else part['problem']}" for name, part in found.parts.items()]
    answer({"status": "ok" if found.is_well else "unavailable", **found.parts}, "\n".join(lines))
    if not found.is_well:
        click.get_current_context().exit(1)
