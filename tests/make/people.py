"""Builders of customers and areas."""
from __future__ import annotations

import itertools
from typing import Any

from ispbill.areas import service as areas
from ispbill.areas.models import Area
from ispbill.customers import service as customers
from ispbill.customers.models import Customer, CustomerStatus
from ispbill.customers.policy import CustomerFacts

_numbers = itertools.count(1)


def register_customer(
    name: str | None = None, *, status: CustomerStatus = CustomerStatus.ACTIVE, **facts: Any
) -> Customer:
    """A customer, active unless said otherwise; `facts` are those of CustomerFacts."""
    known = CustomerFacts(name=name or f"Customer {next(_numbers)}", **facts)
    return customers.register(known, status=status)


def area(*names: str) -> Area:
    """A new area at the end of a path of new areas, such as `area("Luzon", "Manila", "Tondo")`."""
    parent: Area | None = None
    for name in names:
        parent = areas.add(name, parent=parent)
    assert parent is not None, "a path has at least one name"
    return parent
