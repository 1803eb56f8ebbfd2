"""`ispbill tenant`: open, list, change, migrate and verify companies."""
from __future__ import annotations

from dataclasses import asdict
from typing import IO, Any

import click
from flask.cli import with_appcontext

from ispbill import config
from ispbill.cli.commands import OperatorGroup
from ispbill.cli.printing import answer, facts, json_option, progress, table
from ispbill.core.current import TenantRef
from ispbill.core.errors import NotFound
from ispbill.platform import queries
from ispbill.platform import service as platform
from ispbill.platform.queries import CompanyRow
from ispbill.tenancy import migrating, provisioning, registry, revising, templates, verification
from ispbill.tenancy.migrating import Outcome, Result
from ispbill.tenancy.provisioning import NewTenant

DEFAULT_TIMEZONE, DEFAULT_CURRENCY = "Asia/Manila", "PHP"
_one_tenant = click.option("--tenant", "subdomain", metavar="S", help="Only the tenant at this subdomain.")


@click.group(cls=OperatorGroup)
def tenant() -> None:
    """Open, list, change, migrate and verify tenants."""


@tenant.command()
@click.argument("name")
@click.option("--subdomain", required=True, metavar="S", help="Where it is served: S.<domain>.")
@click.option("--owner-email", required=True, metavar="E", help="The owner's e-mail address.")
@click.option("--owner-password-file", "password", type=click.File(), metavar="F|-",
              callback=lambda _ctx, _parameter, file: _password(file),
              help="A file with the owner's password (- is stdin); without it a link is printed that sets one.")
@click.option("--timezone", default=DEFAULT_TIMEZONE, show_default=True, metavar="TZ", help="IANA time zone.")
@click.option("--currency", default=DEFAULT_CURRENCY, show_default=True, metavar="CCY", help="ISO 4217 currency.")
@json_option
@with_appcontext
def create(name: str, password: str | None, **wanted: str) -> None:
    """Open a company with its owner, on trial. The same call again finishes or reports what exists."""
    opened = platform.open_company(NewTenant(name=name, **wanted), password=password)
    data = {
        "code": opened.tenant.code, "subdomain": opened.tenant.subdomain, "name": opened.tenant.name,
        "status": opened.tenant.status, "url": _url(opened.tenant.subdomain), "owner_email": opened.owner_email,
        "created": opened.created,
    }
    if opened.set_password_url:
        data["set_password_url"] = opened.set_password_url
    verb = "is open" if opened.created else "exists already"
    answer(data, f"“{opened.tenant.name}” {verb}.\n" + facts([
        ("Address", data["url"]), ("Code", opened.tenant.code), ("Owner", opened.owner_email),
        ("Set the password, once", opened.set_password_url),
    ]))


@tenant.command("list")
@json_option
@with_appcontext
def list_tenants() -> None:
    """List all companies, in whatever state they are."""
    companies = [_summary(row) for row in queries.companies()]
    shown = ("subdomain", "code", "name", "status", "owner_email", "timezone", "currency", "schema_version")
    text = table(
        ["SUBDOMAIN", "CODE", "NAME", "STATUS", "OWNER", "TIME ZONE", "CURRENCY", "VERSION"],
        [[company[name] for name in shown] for company in companies],
    )
    spares = provisioning.spare_count()
    answer(companies, f"{text}\n\nTenants: {len(companies)}. Spares ready: {spares}." if companies else
           f"There is no tenant yet; `ispbill tenant create` opens one. Spares ready: {spares}.")


@tenant.command()
@click.argument("subdomain", metavar="S")
@json_option
@with_appcontext
def show(subdomain: str) -> None:
    """Show one company: its state, what operators did to it, its last migration."""
    row = queries.company_at(subdomain)
    if row is None:
        raise NotFound(f"There is no tenant “{subdomain}”. `ispbill tenant list` shows all.")
    data = _summary(row) | {
        "status_reason": row.status_reason, "billed_on": row.billed_on, "opened_at": row.opened_at,
        "is_current": row.schema_version == templates.head_version(),
        "events": [dict(event._mapping) for event in queries.events_of(row.id)],
        "last_migration": _migration(queries.last_migration_of(row.id)),
    }
    events = [(f"{event['created_at']:%Y-%m-%d %H:%M} UTC", f"{event['event']} by {event['operator']}")
              for event in data["events"]]
    known = data | {"last_migration": _migration_text(data["last_migration"]), "events": None}
    answer(data, facts([*((name.replace("_", " "), value) for name, value in known.items()), *events]))


@tenant.command()
@click.argument("subdomain", metavar="S")
@click.option("--reason", required=True, metavar="R", help="Why; kept with the event, not shown to visitors.")
@json_option
@with_appcontext
def suspend(subdomain: str, reason: str) -> None:
    """Lock a company out: its address answers 403 until it is activated."""
    _say(platform.suspend(registry.named(subdomain), reason=reason), "is suspended")


@tenant.command()
@click.argument("subdomain", metavar="S")
@json_option
@with_appcontext
def activate(subdomain: str) -> None:
    """Serve a company that was on trial, suspended or cancelled."""
    _say(platform.activate(registry.named(subdomain)), "is active")


@tenant.command()
@click.argument("subdomain", metavar="S")
@json_option
@with_appcontext
def cancel(subdomain: str) -> None:
    """Close a company: its address answers 410. Its data stays."""
    _say(platform.cancel(registry.named(subdomain)), "is cancelled")


@tenant.command()
@click.argument("old", metavar="S")
@click.option("--subdomain", required=True, metavar="NEW", help="The new subdomain.")
@json_option
@with_appcontext
def rename(old: str, subdomain: str) -> None:
    """Move a company to another subdomain. Nobody is at the old one from then on."""
    _say(platform.rename(registry.named(old), subdomain=subdomain), "has moved")


@tenant.command()
@_one_tenant
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 8), metavar="N",
              help="How many schemas at once.")
@json_option
@with_appcontext
def migrate(subdomain: str | None, jobs: int) -> None:
    """Bring all schemas to this release's version; those that fail are named and stay as they were."""
    chosen = registry.named(subdomain) if subdomain else None
    with progress("Migrating") as told:
        results = migrating.migrate(chosen, jobs=jobs, progress=told)
    failed = [result for result in results if result.outcome is Outcome.FAILED]
    data = {
        "head": templates.head_version(), "migrated": len(results) - len(failed), "failed": len(failed),
        "results": list(map(_outcome, results)),
    }
    lines = [f"{_label(result.tenant)}: {result.error}" for result in failed]
    answer(data, "\n".join([*lines, _total(len(results) - len(failed), len(failed))]))
    _exit(found=bool(failed))


@tenant.command()
@_one_tenant
@json_option
@with_appcontext
def verify(subdomain: str | None) -> None:
    """Look whether every schema is as it should be: owner, role, rights, references, version, shape."""
    findings = verification.verify(registry.named(subdomain) if subdomain else None)
    rows = [[found.subdomain or "-", found.schema, found.fault, found.detail] for found in findings]
    answer(
        {"ok": not findings, "findings": [asdict(found) for found in findings]},
        table(["TENANT", "SCHEMA", "FAULT", "FINDING"], rows) if findings else "Every schema is as it should be.",
    )
    _exit(found=bool(findings))


@tenant.command()
@click.option("--check", is_flag=True, help="Only say whether it is up to date; write nothing.")
def template(check: bool) -> None:
    """Write tenant_templates/schema.sql anew from the migrations."""
    script = templates.generated_schema_script()
    if templates.schema_script() == script:
        click.echo(f"{templates.SCHEMA_FILE.name} says what the migrations say.")
    elif check:
        click.echo(f"{templates.SCHEMA_FILE.name} is not what the migrations say: run `ispbill tenant template`.")
        _exit(found=True)
    else:
        templates.SCHEMA_FILE.write_text(script)
        click.echo(f"{templates.SCHEMA_FILE.name} is written.")


@tenant.command()
@click.argument("message")
@with_appcontext
def revision(message: str) -> None:
    """Draft the next migration of all tenants from what has changed in the models."""
    click.echo(f"{revising.draft_tenant_revision(message)} is drafted: read it, then run `ispbill tenant template`.")


def _password(file: IO[str] | None) -> str | None:
    return file.readline().rstrip("\r\n") if file else None


def _url(subdomain: str) -> str:
    return config.settings().tenant_url(subdomain)


def _summary(row: CompanyRow) -> dict[str, Any]:
    return {
        "code": row.code, "subdomain": row.subdomain, "name": row.name, "status": row.status,
        "url": _url(row.subdomain), "owner_email": row.owner_email, "timezone": row.timezone,
        "currency": row.currency, "trial_ends_on": row.trial_ends_on, "schema_version": row.schema_version,
        "created_at": row.created_at,
    }


def _migration(row: CompanyRow | None) -> dict[str, Any] | None:
    names = ("from_version", "to_version", "outcome", "error", "attempts", "finished_at")
    return {name: getattr(row, name) for name in names} if row else None


def _migration_text(migration: dict[str, Any] | None) -> str | None:
    return f"{migration['from_version']} to {migration['to_version']}: {migration['outcome']}" if migration else None


def _say(ref: TenantRef, what: str) -> None:
    row = queries.company_at(ref.subdomain)
    assert row is not None, "a verb returns the company it has changed"
    answer(_summary(row) | {"status_reason": row.status_reason}, f"“{ref.subdomain}” {what}: {_url(ref.subdomain)}")


def _outcome(result: Result) -> dict[str, Any]:
    return {
        "tenant": result.tenant.subdomain or None, "schema": result.tenant.schema, "from": result.from_version,
        "to": result.to_version, "outcome": result.outcome, "attempts": result.attempts,
        "seconds": round(result.seconds, 4), "error": result.error,
    }


def _label(ref: TenantRef) -> str:
    return ref.subdomain or f"spare {ref.schema}"


def _total(done: int, failed: int) -> str:
    if not done and not failed:
        return f"Every schema is at {templates.head_version()}; nothing to do."
    return f"{done} schemas are at {templates.head_version()}, {failed} failed."


def _exit(*, found: bool) -> None:
    if found:
        click.get_current_context().exit(1)
