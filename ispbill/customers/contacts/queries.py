"""Reads of contacts."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ispbill.core.db import db
from ispbill.customers.contacts.models import CustomerContact


def of_customer(customer_id: int) -> Sequence[CustomerContact]:
    """A customer's contacts, in the order they were added."""
    return db.session.scalars(
        select(CustomerContact).where(CustomerContact.customer_id == customer_id).order_by(CustomerContact.id)
    ).all()


def get(contact_id: int) -> CustomerContact | None:
    """A contact."""
    return db.session.get(CustomerContact, contact_id)
