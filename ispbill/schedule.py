"""Everything that happens by itself: which tick, how often. A tick looks for what is due; rows are the truth."""
from __future__ import annotations

from datetime import date, timedelta

from ispbill.accounts import jobs as accounts
from ispbill.api import jobs as api
from ispbill.billing.collections.rounds import jobs as collections
from ispbill.billing.documents.prints import jobs as prints
from ispbill.billing.handovers import jobs as handovers
from ispbill.billing.prepaid.deferral import jobs as deferral
from ispbill.billing.prepaid.upkeep import jobs as upkeep
from ispbill.billing.proof import jobs as proof
from ispbill.billing.runs import jobs as runs
from ispbill.billing.statements.batches import jobs as statements
from ispbill.core.current import TenantRef, current
from ispbill.imports import jobs as imports
from ispbill.jobs.queue import take_up_abandoned
from ispbill.jobs.scheduler import Entry
from ispbill.jobs.sweeps import Sweep
from ispbill.notifications import jobs as messages
from ispbill.platform.jobs import fill_spares
from ispbill.reports.schedules import jobs as reports
from ispbill.subscriptions.pauses import jobs as pauses
from ispbill.support.tickets import jobs as tickets

# A tenant's day is billed from five past midnight by its own clock.
START_OF_BILLING = timedelta(minutes=5)
# When a tenant sleeps and the night's billing is done, its books are proven.
HOURS_OF_PROOF = range(3, 6)
# Reports that are due are in the mail when people come to work.
HOUR_OF_REPORTS = 6
# Customers are reminded and cut off in the morning, when the office is there to answer.
HOUR_OF_COLLECTING = 8
# What a queue and the registry ask for a job takes a sixth of the time in which a small company's day is billed.
COMPANIES_BILLED_IN_TURN = 20


def _billing_day(tenant: TenantRef) -> date:
    return (current.now() - START_OF_BILLING).astimezone(tenant.zone).date()


BILLING = Sweep(
    job=runs.open_run,
    is_due=lambda tenant: tenant.billed_on is None or tenant.billed_on < _billing_day(tenant),
    arguments_for=lambda tenant: (_billing_day(tenant).isoformat(),),
    together=COMPANIES_BILLED_IN_TURN,
)
RESUMING = Sweep(job=runs.resume_runs, is_due=lambda tenant: True, arguments_for=lambda tenant: ())
COLLECTING = Sweep(
    job=collections.go_round,
    is_due=lambda tenant: current.now().astimezone(tenant.zone).hour >= HOUR_OF_COLLECTING,
    arguments_for=lambda tenant: (current.now().astimezone(tenant.zone).date().isoformat(),),
)
IMPORTING = Sweep(job=imports.resume, is_due=lambda tenant: True, arguments_for=lambda tenant: ())
STATEMENTS = Sweep(job=statements.resume, is_due=lambda tenant: True, arguments_for=lambda tenant: ())
PRINTING = Sweep(job=prints.resume, is_due=lambda tenant: True, arguments_for=lambda tenant: ())
MAILING = Sweep(job=handovers.mail_invoices, is_due=lambda tenant: True, arguments_for=lambda tenant: (0,))
DELIVERY = Sweep(job=messages.deliver_due, is_due=lambda tenant: True, arguments_for=lambda tenant: ())
TARGETS = Sweep(job=tickets.mark_late, is_due=lambda tenant: True, arguments_for=lambda tenant: ())
PROOF = Sweep(
    job=proof.check_nightly, is_due=lambda tenant: current.now().astimezone(tenant.zone).hour in HOURS_OF_PROOF,
    arguments_for=lambda tenant: (),
)
LINES = Sweep(job=upkeep.look_at_lines, is_due=lambda tenant: True, arguments_for=lambda tenant: ())
PAUSING = Sweep(job=pauses.turn_due, is_due=lambda tenant: True, arguments_for=lambda tenant: ())
EARNING = Sweep(job=deferral.recognise, is_due=lambda tenant: True, arguments_for=lambda tenant: ())
REPORTS = Sweep(
    job=reports.send_due, is_due=lambda tenant: current.now().astimezone(tenant.zone).hour >= HOUR_OF_REPORTS,
    arguments_for=lambda tenant: (),
)
FORGETTING = Sweep(job=api.forget_old_keys, is_due=lambda tenant: True, arguments_for=lambda tenant: ())
TIDYING = Sweep(job=accounts.forget_ended, is_due=lambda tenant: True, arguments_for=lambda tenant: ())


def bill_due_tenants() -> int:
    """Open the day's run of every tenant whose day has begun and is not billed."""
    return BILLING.nudge()


def resume_billing() -> int:
    """Nudge again whatever an approved run has pending."""
    return RESUMING.nudge()


def collect() -> int:
    """Begin, or go on with, the collections round of every tenant whose morning has come."""
    return COLLECTING.nudge()


def resume_imports() -> int:
    """Nudge again what is being brought in or taken back."""
    return IMPORTING.nudge()


def resume_statements() -> int:
    """Nudge again the statements that wait to be queued."""
    return STATEMENTS.nudge()


def resume_printing() -> int:
    """Nudge again the files for the printer that wait to be made; forget those that are old."""
    return PRINTING.nudge()


def mail_invoices() -> int:
    """Queue the e-mails of what was issued, with the bill enclosed, to whoever agreed to that."""
    return MAILING.nudge()


def deliver_messages() -> int:
    """Nudge again whatever message is due."""
    return DELIVERY.nudge()


def mark_late_tickets() -> int:
    """Mark and announce the tickets that have missed a target."""
    return TARGETS.nudge()


def check_books() -> int:
    """Prove the books of every tenant whose night it is."""
    return PROOF.nudge()


def look_at_prepaid_lines() -> int:
    """Mark the prepaid lines whose time is over, and remind those whose is almost."""
    return LINES.nudge()


def turn_pauses() -> int:
    """Suspend what pauses from today on, and serve again whose last day without service is over."""
    return PAUSING.nudge()


def earn_prepaid_revenue() -> int:
    """Make revenue of the prepaid time that passed before each tenant's day began."""
    return EARNING.nudge()


def send_reports() -> int:
    """Send the reports that are due, where it is morning already."""
    return REPORTS.nudge()


def forget_old_keys() -> int:
    """Remove what the API remembers of requests long past."""
    return FORGETTING.nudge()


def forget_ended_sessions() -> int:
    """Remove sessions and password links that ended long ago."""
    return TIDYING.nudge()


ENTRIES = (
    Entry(bill_due_tenants, every_seconds=60),
    Entry(resume_billing, every_seconds=600),
    Entry(collect, every_seconds=1_800),
    Entry(resume_imports, every_seconds=600),
    Entry(resume_statements, every_seconds=600),
    Entry(resume_printing, every_seconds=600),
    Entry(mail_invoices, every_seconds=300),
    Entry(deliver_messages, every_seconds=600),
    Entry(mark_late_tickets, every_seconds=300),
    Entry(look_at_prepaid_lines, every_seconds=180),
    Entry(turn_pauses, every_seconds=600),
    Entry(earn_prepaid_revenue, every_seconds=3600),
    Entry(fill_spares, every_seconds=60),
    Entry(take_up_abandoned, every_seconds=20),
    Entry(check_books, every_seconds=1_800),
    Entry(send_reports, every_seconds=1_800),
    Entry(forget_old_keys, every_seconds=86_400),
    Entry(forget_ended_sessions, every_seconds=86_400),
)
