"""`ispbill tenant administrators` and `restore-owner`: who may let others in at a company, and letting its owner in."""
from __future__ import annotations

from typing import Any

import click
from flask.cli import with_appcontext

from ispbill.accounts.users import queries as users
from ispbill.accounts.users import service as user_verbs
from ispbill.cli.printing import answer, json_option, table
from ispbill.cli.surroundings import operator
from ispbill.core.current import bound
from ispbill.core.unit_of_work import unit_of_work
from ispbill.tenancy import registry


@click.command()
@click.argument("subdomain", metavar="S")
@json_option
@with_appcontext
def administrators(subdomain: str) -> None:
    """List who may change users at a company: names, addresses, nothing of its customers."""
    with bound(registry.named(subdomain), operator()), unit_of_work():
        rows: list[dict[str, Any]] = [
            {"email": person.email, "full_name": person.full_name, "is_owner": person.is_owner,
             "status": users.status_of(person)} for person in users.administrators()
        ]
    answer(rows, table(["E-MAIL", "NAME", "OWNER", "STATUS"], [list(row.values()) for row in rows]))


@click.command("restore-owner")
@click.argument("subdomain", metavar="S")
@json_option
@with_appcontext
def restore_owner(subdomain: str) -> None:
    """Let an owner in again who has lost password or telephone: prints a link that sets a password, once."""
    with bound(registry.named(subdomain), operator()), unit_of_work():
        url = user_verbs.restore_owner()
    answer({"subdomain": subdomain, "url": url}, f"Pass this link on to the owner. It works once:\n{url}")
