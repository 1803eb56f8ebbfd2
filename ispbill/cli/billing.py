"""`ispbill billing` and `ispbill payment`: bill a day by hand, record money that came in."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import click
from flask.cli import with_appcontext

from ispbill.billing.ledger import queries as ledger
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import PaymentMethod
from ispbill.billing.payments.service import Receipt
from ispbill.billing.proof import service as proof
from ispbill.billing.proof.policy import TITLES
from ispbill.billing.runs import jobs as runs
from ispbill.billing.runs.jobs import RunResult
from ispbill.cli.commands import OperatorGroup
from ispbill.cli.printing import answer, complain, json_option, progress
from ispbill.cli.surroundings import operator
from ispbill.core.current import TenantRef, bound, current
from ispbill.core.errors import Conflict, DomainError
from ispbill.core.money import format_money, to_minor
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import queries as customers
from ispbill.tenancy import registry, templates
from ispbill.tenancy.models import SERVED
from ispbill.web.requests import found


@click.group(cls=OperatorGroup)
def billing() -> None:
    """Bill a day, prove the books; the schedule does both."""


@click.group(cls=OperatorGroup)
def payment() -> None:
    """Record money that came in."""


@billing.command("run")
@click.option("--tenant", "subdomain", metavar="S", help="The company to bill.")
@click.option("--all", "everybody", is_flag=True, help="Every company that is served.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
              help="The day to bill; today in the company's time zone where not given.")
@click.option("--preview", is_flag=True, help="Only say what would be billed.")
@json_option
@with_appcontext
def run(subdomain: str | None, everybody: bool, day: datetime | None, preview: bool) -> None:
    """Bill what is due on a day. A second time for the same day bills nothing and says so."""
    if everybody == bool(subdomain):
        raise click.UsageError("Name a company with --tenant, or all with --all.")
    refused = [ref for ref in _chosen(subdomain) if not _billed(ref, day.date() if day else None, preview)]
    if refused:
        click.get_current_context().exit(1)


@billing.command()
@click.option("--tenant", "subdomain", metavar="S", help="The company whose books are proven.")
@click.option("--all", "everybody", is_flag=True, help="Every company that is served.")
@json_option
@with_appcontext
def audit(subdomain: str | None, everybody: bool) -> None:
    """Prove the books: everything that must always hold. Exits 1 where anything is found."""
    if everybody == bool(subdomain):
        raise click.UsageError("Name a company with --tenant, or all with --all.")
    clean = [_proven(ref) for ref in _chosen(subdomain)]
    if not all(clean):
        click.get_current_context().exit(1)


@payment.command()
@click.option("--tenant", "subdomain", required=True, metavar="S", help="The company that was paid.")
@click.option("--customer", "number", required=True, metavar="NO", help="The customer's account number.")
@click.option("--amount", required=True, metavar="A", help="Such as 1499.50, in the company's currency.")
@click.option("--method", required=True, type=click.Choice([method.value for method in PaymentMethod]),
              help="How it came in.")
@click.option("--reference", required=True, metavar="R", help="What makes it findable, and impossible twice.")
@json_option
@with_appcontext
def record(subdomain: str, number: str, amount: str, method: str, reference: str) -> None:
    """Record a payment and settle the oldest invoices with it."""
    ref = registry.named(subdomain)
    with bound(ref, operator()), unit_of_work():
        customer = found(customers.by_account_number(number), f"There is no customer {number}.")
        made = payments.record(Receipt(
            customer_id=customer.id, amount_minor=to_minor(amount, ref.currency, field="amount"), method=method,
            reference=reference,
        ))
        balance_minor = ledger.balance_of(customer.id)
        data = {
            "tenant": subdomain, "number": made.number, "customer": customer.account_number,
            "amount_minor": made.amount_minor, "currency": ref.currency, "method": made.method,
            "reference": made.reference, "received_on": made.received_on, "balance_minor": balance_minor,
        }
        text = f"{made.number}: {format_money(made.amount_minor, ref.currency)} from {customer.name}. " \
               f"Balance: {format_money(balance_minor, ref.currency)}."
    answer(data, text)


def _chosen(subdomain: str | None) -> Iterator[TenantRef]:
    return iter([registry.named(subdomain)]) if subdomain else registry.served()


def _proven(ref: TenantRef) -> bool:
    """Prove one company's books and say what was found; False where that is anything, or they cannot be read."""
    try:
        _refuse_other_version(ref)
        with bound(ref, operator()), unit_of_work():
            check = proof.check()
            findings, results, at = check.finding_count, list(check.results), check.checked_at
    except DomainError as error:
        complain(type(error)(f"{ref.subdomain}: {error.message}", field=error.field))
        return False
    faults = [result for result in results if result["count"]]
    lines = [f"  {TITLES[result['code']]}: {result['count']} found, such as {result['sample'][0]['label']}"
             for result in faults]
    state = f"{findings} found" if findings else f"all {len(results)} invariants hold"
    answer({"tenant": ref.subdomain, "checked_at": at, "clean": not findings, "findings": findings, "checks": results},
           "\n".join([f"{ref.subdomain}: {state}.", *lines]))
    return not findings


def _billed(ref: TenantRef, day: date | None, preview: bool) -> bool:
    """Bill one company and say so; False, with the reason said, where it is refused. The others go on."""
    try:
        _refuse_unfit(ref)
        with bound(ref, operator()), progress(ref.subdomain) as told:
            on = day or current.today()
            result = runs.preview(on) if preview else runs.bill_now(on, progress=told)
    except DomainError as error:
        complain(type(error)(f"{ref.subdomain}: {error.message}", field=error.field))
        return False
    answer(asdict(result), _text(result, currency=ref.currency, preview=preview))
    return True


def _refuse_unfit(ref: TenantRef) -> None:
    if ref.status not in SERVED or ref.trial_is_over(current.now()):
        raise Conflict("the company is not served, so it is not billed. Activate it first.")
    _refuse_other_version(ref)


def _refuse_other_version(ref: TenantRef) -> None:
    if not templates.is_current(ref):
        raise Conflict("its schema is at another version. Run `ispbill tenant migrate` first.")


def _text(result: RunResult, *, currency: str, preview: bool) -> str:
    exceptions: list[dict[str, Any]] = [*result.parked, *result.skipped]
    lines = [f"  {row.get('customer', row.get('subscription'))}: {row['reason']}" for row in exceptions]
    if not result.invoices and not result.parked:
        summary = f"nothing was due, {result.already_billed} subscriptions are billed already"
    else:
        verb = "would be issued" if preview else "issued"
        total = format_money(result.total_minor, currency)
        summary = f"{result.invoices} invoices {verb} over {total}, {len(result.parked)} customers parked"
    return "\n".join([f"{result.tenant}, {result.date}: {summary} ({result.seconds} s).", *lines])
