"""A program with all rights at a fresh company, and a customer who owes an invoice."""
from __future__ import annotations

import pytest
from flask import Flask

from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef, current
from ispbill.core.unit_of_work import unit_of_work
from tests.make import offers, people
from tests.make.programs import Program, program


@pytest.fixture
def api(app: Flask, tenant: TenantRef) -> Program:
    """A program with every right."""
    return program(app, tenant)


@pytest.fixture
def debtor(tenant: TenantRef) -> str:
    """The id of a customer with one invoice over 1,000.00, as JSON writes it."""
    with unit_of_work():
        customer = people.register_customer("Dolores Debtor")
        offers.subscribe(customer, plans=[(offers.plan(100_000), 1, None)])
    jobs.bill_now(current.today())
    return str(customer.id)
