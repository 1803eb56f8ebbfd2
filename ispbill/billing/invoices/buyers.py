"""Customers as their documents name them, as of issue."""
from __future__ import annotations

from typing import NamedTuple

from ispbill.areas import queries as areas
from ispbill.core.errors import NotFound
from ispbill.core.i18n import gettext as _
from ispbill.customers import queries as customers
from ispbill.customers.models import Customer


class Buyer(NamedTuple):
    """The customer as the document names them, as of issue."""

    name: str
    address: str
    tax_identifier: str


def buyer_of(customer_id: int) -> Buyer:
    """A customer as a document issued now names them. Raises NotFound."""
    customer = customers.get(customer_id)
    if customer is None:
        raise NotFound(_("There is no such customer."))
    return named(customer)


def named(customer: Customer) -> Buyer:
    """A customer as a document issued now names them."""
    return Buyer(customer.name, areas.address(customer.street, customer.area), customer.tax_identifier)
