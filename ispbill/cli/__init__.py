"""The operator's command line: each command is one call to a verb. `ispbill --help` is its table of contents."""
from __future__ import annotations

import click

from ispbill.cli import billing, customers, owners, platform, processes, routes, services, tenants, translations
from ispbill.cli.commands import OperatorGroup
from ispbill.cli.surroundings import script_info


@click.group(cls=OperatorGroup, elsewhere={"demo": "ispbill.demo.command:demo"})
@click.version_option(package_name="ispbill")
def group() -> None:
    """Run ispbill: billing and operations for many internet providers on one installation."""


for command in (owners.administrators, owners.restore_owner):
    tenants.tenant.add_command(command)
for part in (
    tenants.tenant, customers.customers, billing.billing, billing.payment, platform.platform, services.services,
    processes.web, processes.worker, processes.scheduler, routes.routes, platform.health,
    translations.translations,
):
    group.add_command(part)


def main() -> None:
    """The console script."""
    group(prog_name="ispbill", obj=script_info())
