"""Payments that come as a list, such as a bank's file: the same as one by one, all of them or none, each once."""
from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from ispbill.audit.models import AuditEntry
from ispbill.billing.invoices.models import Invoice
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.payments import queries
from ispbill.billing.payments import service as payments
from ispbill.billing.payments.models import Payment
from ispbill.billing.payments.service import Receipt
from ispbill.billing.runs import jobs
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.errors import Invalid, NotFound
from ispbill.core.unit_of_work import unit_of_work
from tests.make import offers, people

TODAY = date(2026, 3, 10)


def _billed_customers(count: int) -> list[int]:
    with unit_of_work():
        plan = offers.plan(100_000)
        customers = [people.register_customer() for _ in range(count)]
        for customer in customers:
            offers.subscribe(customer, plans=[(plan, 1, None)])
        ids = [customer.id for customer in customers]
    jobs.bill_now(TODAY)
    return ids


def _receipt(customer_id: int, amount_minor: int = 100_000, *, key: str | None = None) -> Receipt:
    return Receipt(customer_id=customer_id, amount_minor=amount_minor, method="bank", reference=f"ref {customer_id}",
                   idempotency_key=key or f"file line {customer_id}")


def _record(receipts: list[Receipt]) -> int:
    with unit_of_work():
        return payments.record_list(receipts, label="bank file of 10 March")


def test_a_list_settles_invoices_and_posts_as_single_payments_do(tenant: TenantRef) -> None:
    first, second, third = _billed_customers(3)
    assert _record([_receipt(first), _receipt(second, 150_000), _receipt(third, 40_000)]) == 3
    with unit_of_work():
        assert ledger.balances([first, second, third]) == {first: 0, second: -50_000, third: 60_000}
        assert [row.open_minor for row in queries.open_invoices([third])[third]] == [60_000]
        assert db.session.scalar(select(func.count()).where(Invoice.settled_on == TODAY)) == 2
        numbers = list(db.session.scalars(select(Payment.number).order_by(Payment.id)))
        assert numbers == ["CR-000001", "CR-000002", "CR-000003"]
        assert sum(int(row.balance_minor) for row in ledger.trial_balance()) == 0


def test_a_list_recorded_twice_counts_once(tenant: TenantRef) -> None:
    first, second = _billed_customers(2)
    assert _record([_receipt(first)]) == 1
    assert _record([_receipt(first), _receipt(second)]) == 1, "the line that is known is passed over"
    assert _record([_receipt(first), _receipt(second)]) == 0
    with unit_of_work():
        assert db.session.scalar(select(func.count()).select_from(Payment)) == 2


def test_one_bad_line_and_nothing_of_the_list_is_recorded(tenant: TenantRef) -> None:
    (customer_id,) = _billed_customers(1)
    with pytest.raises(Invalid):
        _record([_receipt(customer_id), _receipt(customer_id, 0, key="nothing")])
    with pytest.raises(NotFound):
        _record([_receipt(customer_id), _receipt(customer_id + 1000)])
    with unit_of_work():
        assert db.session.scalar(select(func.count()).select_from(Payment)) == 0


def test_the_audit_names_the_list_once(tenant: TenantRef) -> None:
    _record([_receipt(customer_id) for customer_id in _billed_customers(2)])
    with unit_of_work():
        note = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "payment_list")).one()
    assert note.label == "bank file of 10 March" and note.after is not None and note.after["total_minor"] == 200_000
