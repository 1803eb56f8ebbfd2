"""Reads for a customer's timeline: what was made, and whose state changed, by the instant at which it did."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, select

from ispbill.audit import queries as audit
from ispbill.audit.models import AuditEntry
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.payments.models import Payment
from ispbill.core.db import db
from ispbill.core.pagination import Edge, earlier
from ispbill.customers.contacts.models import CustomerContact
from ispbill.customers.models import Customer
from ispbill.network.routers.models import Router, RouterAssignment
from ispbill.notifications.models import Message
from ispbill.subscriptions.models import Installation, Subscription


def installations(customer_id: int, edge: Edge | None, limit: int) -> Sequence[AuditEntry]:
    """When a customer's lines were planned, made and taken down."""
    return audit.touching("installation", _ids(Installation, customer_id), column="status", edge=edge, limit=limit)


def subscriptions(customer_id: int, edge: Edge | None, limit: int) -> Sequence[AuditEntry]:
    """When a customer's subscriptions began, were suspended, resumed and ended."""
    return audit.touching("subscription", _ids(Subscription, customer_id), column="status", edge=edge, limit=limit)


def voided_invoices(customer_id: int, edge: Edge | None, limit: int) -> Sequence[AuditEntry]:
    """When invoices of a customer were voided."""
    return audit.touching("invoice", _ids(Invoice, customer_id), column="voided_on", edge=edge, limit=limit,
                          beginnings=False)


def reversed_payments(customer_id: int, edge: Edge | None, limit: int) -> Sequence[AuditEntry]:
    """When payments of a customer were taken back."""
    return audit.touching("payment", _ids(Payment, customer_id), column="reversed_on", edge=edge, limit=limit,
                          beginnings=False)


def routers(customer_id: int, edge: Edge | None, limit: int) -> Sequence[AuditEntry]:
    """When routers were put at a customer's lines and taken back."""
    stays = select(RouterAssignment.id).join(RouterAssignment.installation).where(
        Installation.customer_id == customer_id
    )
    return audit.touching("router_assignment", stays, column="returned_on", edge=edge, limit=limit)


def router_names(assignment_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Id and name of the routers of some stays."""
    if not assignment_ids:
        return {}
    rows = db.session.execute(
        select(RouterAssignment.id, Router.id, Router.brand + " " + Router.model + " " + Router.serial_number)
        .join(RouterAssignment.router).where(RouterAssignment.id.in_(assignment_ids))
    )
    return {stay_id: (router_id, name) for stay_id, router_id, name in rows}


def invoices(customer_id: int, edge: Edge | None, limit: int) -> Sequence[Invoice]:
    """A customer's invoices by when they were issued."""
    statement = select(Invoice).where(Invoice.customer_id == customer_id)
    return db.session.scalars(earlier(statement, (Invoice.created_at, Invoice.id), edge, limit=limit)).all()


def payments(customer_id: int, edge: Edge | None, limit: int) -> Sequence[Payment]:
    """A customer's payments by when they were recorded."""
    statement = select(Payment).where(Payment.customer_id == customer_id)
    return db.session.scalars(earlier(statement, (Payment.recorded_at, Payment.id), edge, limit=limit)).all()


def messages(customer_id: int, edge: Edge | None, limit: int) -> Sequence[Message]:
    """The messages to a customer's addresses, those of their contacts included."""
    own = select(func.lower(Customer.email)).where(Customer.id == customer_id, Customer.email != "")
    others = select(func.lower(CustomerContact.email)).where(
        CustomerContact.customer_id == customer_id, CustomerContact.email != ""
    )
    statement = select(Message).where(func.lower(Message.recipient).in_(own.union_all(others)))
    return db.session.scalars(earlier(statement, (Message.created_at, Message.id), edge, limit=limit)).all()


def _ids(model: type[Installation | Subscription | Invoice | Payment], customer_id: int) -> Select[int]:
    return select(model.id).where(model.customer_id == customer_id)
