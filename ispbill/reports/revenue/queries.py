"""Reads of what was billed, earned and taxed. Void documents never count; credit notes lessen what they correct."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Date, Select, and_, case, column, func, literal, or_, select
from sqlalchemy.orm import aliased

from ispbill.billing.invoices.models import Invoice, InvoiceLine, InvoiceTax
from ispbill.billing.invoices.queries import IS_TAX_FREE, ISSUED
from ispbill.billing.ledger.models import JournalEntry, JournalPosting, LedgerAccount
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.catalogue.models import Plan, TaxRate
from ispbill.core.bulk import array_of
from ispbill.core.db import AnyRow, AnySelect, db
from ispbill.core.pagination import AnyColumn
from ispbill.reports.definitions.policy import Scope
from ispbill.reports.definitions.queries import agreed_tax, in_days, lasts, lives_in, step_of, total
from ispbill.reports.policy import PricedUnder
from ispbill.reports.prepaid_time import queries as prepaid_time
from ispbill.subscriptions.models import Subscription, SubscriptionComponent, SubscriptionPause
from ispbill.subscriptions.queries import MONTHLY_MINOR

PREPAID_SOURCES = ("prepaid_load", "prepaid_recognition")
_IS_EARNED = InvoiceLine.account != AccountPurpose.DEFERRED_REVENUE


def billed(scope: Scope) -> Sequence[AnyRow]:
    """Documents issued, by step: `step`, `documents`, `net_minor`, `tax_minor`, `total_minor`."""
    step = step_of(Invoice.issued_on, scope)
    return db.session.execute(
        select(step.label("step"), func.count().label("documents"), total(Invoice.net_minor).label("net_minor"),
               total(Invoice.tax_minor).label("tax_minor"), total(Invoice.total_minor).label("total_minor"))
        .where(ISSUED, in_days(Invoice.issued_on, scope), *lives_in(Invoice.customer_id, scope)).group_by(step)
    ).all()


def income_by_account(scope: Scope) -> Sequence[AnyRow]:
    """What lines of documents issued come to before discounts, by step and account, and the discounts on them.

    `step`, `purpose`, `net_minor`, `discount_minor`; a discount lessens income whatever the line is about, but for
    prepaid time, which is earned less its discount as it passes.
    """
    step = step_of(Invoice.issued_on, scope)
    gross = InvoiceLine.net_minor + InvoiceLine.discount_net_minor
    is_income = InvoiceLine.account.in_(_income_purposes())
    return db.session.execute(
        select(step.label("step"), InvoiceLine.account.label("purpose"), total(gross, is_income).label("net_minor"),
               total(InvoiceLine.discount_net_minor, _IS_EARNED).label("discount_minor"))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id).where(ISSUED, in_days(Invoice.issued_on, scope))
        .group_by(step, InvoiceLine.account)
    ).all()


def income_of_void(scope: Scope) -> AnyRow:
    """What void documents would bring on accounts of income: `issued` in the period, `voided` in it."""
    gross = InvoiceLine.net_minor + InvoiceLine.discount_net_minor
    off = case((_IS_EARNED, InvoiceLine.discount_net_minor), else_=0)
    net = case((InvoiceLine.account.in_(_income_purposes()), gross), else_=0) - off
    return db.session.execute(
        select(total(net, in_days(Invoice.issued_on, scope)).label("issued"),
               total(net, in_days(Invoice.voided_on, scope)).label("voided"))
        .select_from(InvoiceLine).join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(~ISSUED, or_(in_days(Invoice.issued_on, scope), in_days(Invoice.voided_on, scope)))
    ).one()


def prepaid_moved(scope: Scope) -> Sequence[AnyRow]:
    """What was owed in prepaid time, as the ledger has it, by step: `deferred` when bought, `earned` as it passed."""
    step, amount = step_of(JournalEntry.posted_on, scope), JournalPosting.amount_minor
    return db.session.execute(
        select(step.label("step"), (-total(amount, amount < 0)).label("deferred"),
               total(amount, amount > 0).label("earned"))
        .join(JournalEntry, JournalEntry.id == JournalPosting.entry_id)
        .join(LedgerAccount, LedgerAccount.id == JournalPosting.account_id)
        .where(in_days(JournalEntry.posted_on, scope), LedgerAccount.purpose == AccountPurpose.DEFERRED_REVENUE)
        .group_by(step)
    ).all()


def prepaid_income(scope: Scope) -> Sequence[AnyRow]:
    """What prepaid time adds to income, or takes from it until it has passed, by step: `step`, `amount_minor`."""
    step = step_of(JournalEntry.posted_on, scope)
    return db.session.execute(
        select(step.label("step"), (-total(JournalPosting.amount_minor)).label("amount_minor"))
        .join(JournalEntry, JournalEntry.id == JournalPosting.entry_id)
        .join(LedgerAccount, LedgerAccount.id == JournalPosting.account_id)
        .where(in_days(JournalEntry.posted_on, scope), LedgerAccount.kind == "income",
               JournalEntry.source.in_(PREPAID_SOURCES)).group_by(step)
    ).all()


def taxes(scope: Scope) -> Sequence[AnyRow]:
    """Taxes of documents issued, by `name`, `rate_percent` and `exemption`: `documents`, `base_minor`, `tax_minor`."""
    shape = (InvoiceTax.name, InvoiceTax.rate_percent, InvoiceTax.exemption)
    return db.session.execute(
        select(*shape,
               func.count(InvoiceTax.invoice_id.distinct()).label("documents"),
               total(InvoiceTax.base_minor).label("base_minor"), total(InvoiceTax.tax_minor).label("tax_minor"))
        .join(Invoice, Invoice.id == InvoiceTax.invoice_id)
        .where(ISSUED, in_days(Invoice.issued_on, scope), *lives_in(Invoice.customer_id, scope))
        .group_by(*shape).order_by(*shape)
    ).all()


def untaxed(scope: Scope) -> AnyRow:
    """Lines of documents issued that bear no tax: `documents`, `net_minor`."""
    return db.session.execute(
        select(func.count(InvoiceLine.invoice_id.distinct()).label("documents"),
               total(InvoiceLine.net_minor).label("net_minor"))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(ISSUED, in_days(Invoice.issued_on, scope), IS_TAX_FREE, *lives_in(Invoice.customer_id, scope))
    ).one()


def recurring(days: Sequence[date], scope: Scope) -> dict[date, list[PricedUnder]]:
    """What the subscriptions that run on each of the days cost a month as agreed, by the tax they bear; prepaid lines
    that have time left cost what a month of their plan does.

    One that is paused on the day, has not begun or has ended by then is left out.
    """
    day = func.unnest(array_of(days, Date)).table_valued(column("on", Date), name="days").render_derived()
    part = SubscriptionComponent
    rows = db.session.execute(
        select(day.c.on, TaxRate.id, TaxRate.name, TaxRate.rate_percent, TaxRate.mode, MONTHLY_MINOR, func.count())
        .select_from(day).join(part, lasts(part, day.c.on))
        .join(Subscription, Subscription.id == part.subscription_id)
        .join(Plan, Plan.id == part.plan_id).outerjoin(TaxRate, TaxRate.id == Plan.tax_rate_id)
        .where(_runs_on(day.c.on), *lives_in(Subscription.customer_id, scope))
        .group_by(day.c.on, TaxRate.id, MONTHLY_MINOR)
    )
    found: dict[date, list[PricedUnder]] = {on: [] for on in days}
    for on, key, name, rate, mode, amount_minor, services in rows:
        found[on].append(PricedUnder(agreed_tax(key, name, rate, mode), amount_minor, services))
    for on, price in prepaid_time.prices_on(days, scope):
        found[on].append(price)
    return found


def components_on(day: date) -> AnySelect:
    """What runs, postpaid, on a day: `kind`, `id`, `customer_id`, `service_id`, `plan_id`, `a_month`."""
    part, on = SubscriptionComponent, literal(day, Date)
    return (
        select(literal("postpaid").label("kind"), part.id.label("id"), Subscription.customer_id.label("customer_id"),
               Subscription.id.label("service_id"), part.plan_id.label("plan_id"), MONTHLY_MINOR.label("a_month"))
        .join(Subscription, Subscription.id == part.subscription_id)
        .where(lasts(part, on), _runs_on(on))
    )


def _runs_on(on: AnyColumn) -> ColumnElement[bool]:
    paused = aliased(SubscriptionPause)
    stopped = select(paused.id).where(paused.subscription_id == Subscription.id, lasts(paused, on)).exists()
    return and_(lasts(Subscription, on), ~stopped)


def _income_purposes() -> Select[str | None]:
    return select(LedgerAccount.purpose).where(LedgerAccount.kind == "income", LedgerAccount.purpose.is_not(None))
