"""The chart of accounts: what the company adds is its own, what the system posts to stays."""
from __future__ import annotations

import pytest
from sqlalchemy import select

from ispbill.billing.chart import service as chart
from ispbill.billing.chart.policy import AccountFacts
from ispbill.billing.ledger.models import LedgerAccount
from ispbill.billing.ledger.policy import AccountPurpose
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web.requests import IspbillFlask
from tests.make import bills
from tests.make.browsers import signed_in


def account(purpose: AccountPurpose) -> LedgerAccount:
    return db.session.scalars(select(LedgerAccount).where(LedgerAccount.purpose == purpose)).one()


def test_every_purpose_has_an_account_from_birth(tenant: TenantRef) -> None:
    with unit_of_work():
        known = set(db.session.scalars(select(LedgerAccount.purpose)))
    assert known == {str(purpose) for purpose in AccountPurpose}


def test_what_the_system_posts_to_can_be_renamed_but_not_deactivated(tenant: TenantRef) -> None:
    with unit_of_work():
        chart.change(account(AccountPurpose.CASH), code="1-100", name="Drawer")
    with pytest.raises(Conflict, match="posted to by the system"), unit_of_work():
        chart.deactivate(account(AccountPurpose.CASH))
    with unit_of_work():
        cash = account(AccountPurpose.CASH)
        assert (cash.code, cash.name, cash.is_active) == ("1-100", "Drawer", True)


@pytest.mark.parametrize(("code", "name", "kind", "field"), [
    ("", "Rent", "expense", "code"), ("62 00", "Rent", "expense", "code"), ("6200", " ", "expense", "name"),
    ("6200", "Rent", "cost", "kind"),
])
def test_an_account_is_refused_with_the_field_that_is_wrong(
    tenant: TenantRef, code: str, name: str, kind: str, field: str
) -> None:
    with pytest.raises(Invalid) as refusal, unit_of_work():
        chart.add(AccountFacts(code, name, kind))
    assert refusal.value.field == field


def test_an_account_is_added_renamed_deactivated_and_activated_on_pages(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    facts = {"code": "6200", "name": "Rent", "kind": "expense"}
    assert browser.post("/ledger/accounts/add", facts).status_code == 302
    again = browser.post("/ledger/accounts/add", facts)
    assert again.status_code == 422 and "already an account with this code" in again.text
    with unit_of_work():
        key = db.session.scalars(select(LedgerAccount.id).where(LedgerAccount.code == "6200")).one()
    browser.post(f"/ledger/accounts/{key}/change", {"code": "6201", "name": "Office rent"})
    assert "Office rent" in browser.get("/ledger/accounts?q=6201").text
    assert browser.post(f"/ledger/accounts/{key}/deactivate").status_code == 302
    assert "6201,Office rent,expense,,no" in browser.get("/ledger/accounts/export?kind=expense").text
    assert browser.post(f"/ledger/accounts/{key}/activate").status_code == 302


def test_an_account_shows_its_postings_and_what_they_come_to(app: IspbillFlask, tenant: TenantRef) -> None:
    invoice = bills.billed("Ana Reyes", price_minor=149_900)
    bills.paid(invoice.customer_id, 50_000)
    browser = signed_in(app, tenant)
    with unit_of_work():
        key = account(AccountPurpose.RECEIVABLE).id
    page = browser.get(f"/ledger/accounts/{key}").text
    for text in (f"Invoice {invoice.number}", "Ana Reyes", "₱1,499.00", "₱500.00", "₱999.00"):
        assert text in page, text
    assert "Nothing matches" in browser.get(f"/ledger/accounts/{key}?since=2026-03-11").text
    assert "AC-000001,-500.00,PHP" in browser.get(f"/ledger/accounts/{key}/export").text


def test_who_may_only_look_changes_nothing(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant, permissions=["view_ledger"])
    assert browser.get("/ledger/accounts").status_code == 200
    assert browser.get("/ledger/accounts/add").status_code == 403
