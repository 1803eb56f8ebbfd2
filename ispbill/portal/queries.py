"""Reads of the portal: whose account a link opens, and all that is shown of it. Nothing of another customer."""
from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, select

from ispbill.billing.invoices import queries as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.payments import queries as payments
from ispbill.billing.payments.models import Payment
from ispbill.billing.prepaid.services import queries as services
from ispbill.billing.prepaid.services.queries import Line
from ispbill.config import settings
from ispbill.core.bulk import any_key
from ispbill.core.crypto import derive
from ispbill.core.current import current
from ispbill.core.db import AnyRow, db
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer
from ispbill.portal import policy
from ispbill.portal.models import PortalLink
from ispbill.support.tickets import queries as tickets
from ispbill.support.tickets.models import TicketComment

DOCUMENTS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Account:
    """What a customer sees; `talks` are the answers that were written for them, by ticket."""

    customer: Customer
    standing: policy.Standing
    to_pay: Sequence[Invoice]
    open_minor: int
    credit_minor: int
    first_due_on: date | None
    lines: Sequence[Line]
    invoices: Sequence[Invoice]
    payments: Sequence[Payment]
    tickets: Sequence[AnyRow]
    talks: dict[int, list[TicketComment]]


def account(customer: Customer) -> Account:
    """All that is shown of an account, in a constant number of statements."""
    to_pay = invoices.open_of_customer(customer.id)
    open_minor = sum(invoice.open_minor for invoice in to_pay)
    credit_minor = sum(credit.free_minor for credit in payments.credits([customer.id]).get(customer.id, ()))
    first_due_on = min((invoice.due_on for invoice in to_pay), default=None)
    reported = tickets.of_customer(customer.id)
    return Account(
        customer, policy.standing(open_minor=open_minor, credit_minor=credit_minor, first_due_on=first_due_on,
                                  today=current.today()),
        to_pay, open_minor, credit_minor, first_due_on, services.of_customer(customer.id).lines,
        invoices.of_customer(customer.id, limit=DOCUMENTS_SHOWN),
        payments.of_customer(customer.id, limit=DOCUMENTS_SHOWN), reported,
        _talks([row.id for row in reported]),
    )


def link_of(customer_id: int) -> PortalLink | None:
    """The link of a customer."""
    return db.session.scalars(select(PortalLink).where(PortalLink.customer_id == customer_id)).one_or_none()


def token(link: PortalLink) -> str:
    """What the address of the account carries."""
    return policy.token_of(link.token_seed, key=_key())


def holder(token: str) -> Customer | None:
    """The customer whose account a token opens; of a merged record, the customer it went into."""
    seed = policy.seed_of(token, key=_key())
    link = db.session.scalars(select(PortalLink).where(PortalLink.token_seed == seed)).one_or_none() if seed else None
    customer = customers.get(link.customer_id) if link else None
    while customer is not None and customer.merged_into_id is not None:
        customer = customers.get(customer.merged_into_id)
    return customer


def who_asks(*, account_number: str, email: str) -> Customer | None:
    """The customer of an account number, if the e-mail address is theirs."""
    return db.session.scalars(
        select(Customer).where(
            Customer.account_number == account_number.strip().upper(), Customer.merged_into_id.is_(None),
            func.lower(Customer.email) == email.strip().lower(), Customer.email != "",
        )
    ).one_or_none()


def owns_invoice(customer: Customer, invoice_id: int) -> bool:
    """Whether a document is the customer's."""
    return bool(db.session.scalar(select(exists().where(
        Invoice.id == invoice_id, Invoice.customer_id == customer.id))))


def owns_payment(customer: Customer, payment_id: int) -> bool:
    """Whether a payment is the customer's."""
    return bool(db.session.scalar(select(exists().where(
        Payment.id == payment_id, Payment.customer_id == customer.id))))


def _talks(ticket_ids: Collection[int]) -> dict[int, list[TicketComment]]:
    found: dict[int, list[TicketComment]] = {}
    for comment in db.session.scalars(
        select(TicketComment).where(TicketComment.ticket_id == any_key(ticket_ids), TicketComment.is_public)
        .order_by(TicketComment.id)
    ):
        found.setdefault(comment.ticket_id, []).append(comment)
    return found


def _key() -> str:
    return derive(settings().secret_key, f"portal of {current.tenant.code}")
