"""The small company that the tests of reports share: every number of it is worked out by hand."""
from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from ispbill.billing.charges import service as charges
from ispbill.billing.charges.models import ChargeKind
from ispbill.billing.charges.service import ChargeFacts
from ispbill.billing.invoices import service as invoices
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment
from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef, at
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from tests.conftest import NOON_IN_MANILA
from tests.make import bills, loads, offers, people
from tests.notifications.conftest import mailbox as mailbox

TENTH = date(2026, 3, 10)
MONTH_LATER = NOON_IN_MANILA + timedelta(days=31)


@pytest.fixture
def story(tenant: TenantRef) -> Iterator[dict[str, int]]:
    """On 10 March Ana (in Cavite, VAT included) is billed 1,120, Ben 500, Cora 400, and Dan loads 1,000 in advance.

    Ana pays 500 and 200, Ben 600 by bank, Ben is credited 70. A month later Ana's 200 is reversed and Cora's invoice
    is void.
    """
    with unit_of_work():
        area = people.area("Luzon", "Cavite")
        area_id = area.id
    ana = bills.billed("Ana", price_minor=112_000, tax=lambda: offers.tax("12", name="VAT"), area_id=area_id)
    ben, cora = bills.billed("Ben", price_minor=50_000), bills.billed("Cora", price_minor=40_000)
    bills.paid(ana.customer_id, 50_000)
    bounced = bills.paid(ana.customer_id, 20_000)
    bills.paid(ben.customer_id, 60_000, method="bank", reference="BPI-1")
    with unit_of_work():
        charges.add(ChargeFacts(ben.customer_id, "Two days without service", -7_000, kind=ChargeKind.ADJUSTMENT))
    jobs.bill_now(TENTH)
    with unit_of_work():
        dan = loads.load(people.register_customer("Dan").id, plan=offers.plan(100_000)).subscription.customer_id
    with at(MONTH_LATER):
        with unit_of_work():
            payments.reverse(db.session.get_one(Payment, bounced.id), reason="Bounced")
            invoices.void(db.session.get_one(Invoice, cora.id), reason="Never installed")
        yield {"ana": ana.customer_id, "ben": ben.customer_id, "cora": cora.customer_id, "dan": dan, "area": area_id}
