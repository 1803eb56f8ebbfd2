"""The settings: seen with one permission, changed with another; numbers never go back."""
from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from ispbill.audit.models import AuditEntry
from ispbill.company import service as company
from ispbill.company.models import CompanyIdentity
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from tests.make.browsers import Browser, signed_in

IDENTITY = {"legal_name": "Luzon Fibre Inc.", "tax_identifier": "123-456-789", "address": "Quezon City",
            "phone": "+63 2 8123 4567", "email": "billing@luzon.example", "registration": "VAT registered"}


def identities() -> list[str]:
    with unit_of_work():
        return list(db.session.scalars(select(CompanyIdentity.legal_name).order_by(CompanyIdentity.id)))


def test_another_name_is_added_and_the_former_one_kept(app: Flask, tenant: TenantRef) -> None:
    with unit_of_work():
        company.adopt(tenant.name)
    browser = signed_in(app, tenant)
    for _ in range(2):
        assert browser.post("/settings/identity", IDENTITY).status_code == 302
    assert identities() == [tenant.name, "Luzon Fibre Inc."]
    page = browser.get("/settings").text
    assert "123-456-789" in page and "VAT registered" in page


def test_a_company_cannot_be_without_a_name(app: Flask, tenant: TenantRef) -> None:
    browser, before = signed_in(app, tenant), identities()
    for name in ("", "   "):
        assert browser.post("/settings/identity", {**IDENTITY, "legal_name": name}).status_code == 422
    assert identities() == before


def test_terms_are_changed_and_the_change_is_recorded(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    browser.post("/settings/billing", {
        "due_days": "30", "approve_after_hours": "0", "most_times_usual": "12", "mails_invoices": "y",
        "invoice_note": "GCash 0917…",
    })
    with unit_of_work():
        settings = company.settings()
        assert (settings.due_days, settings.auto_issue, settings.invoice_note) == (30, False, "GCash 0917…")
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "company_settings")).one()
        assert entry.before == {"due_days": 15, "auto_issue": True, "invoice_note": ""}
        assert entry.actor_name == "Olivia Owner"


@pytest.mark.parametrize("days", ["-1", "121", "x", ""])
def test_invoices_are_due_within_120_days(app: Flask, tenant: TenantRef, days: str) -> None:
    browser = signed_in(app, tenant)
    assert browser.post("/settings/billing", {"due_days": days}).status_code == 422


def test_the_colour_reaches_the_style_sheet_and_nothing_else_does(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    names = {"area_level_1": "State", "area_level_2": "County", "area_level_3": "Town"}
    assert browser.post("/settings/wording", {"accent_colour": "#AA3355", **names}).status_code == 302
    sheet = Browser(app, tenant).get("/branding.css")
    assert (sheet.text, sheet.mimetype) == (":root { --brand: #aa3355 }\n", "text/css")
    answer = browser.post("/settings/wording", {"accent_colour": "red } body { display: none", **names})
    assert answer.status_code == 422
    assert "#aa3355" in Browser(app, tenant).get("/branding.css").text


def test_who_may_only_look_sees_no_way_to_change(app: Flask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant, permissions=["view_settings"])
    page = browser.get("/settings")
    assert page.status_code == 200 and "/settings/billing" not in page.text
    assert browser.get("/settings/billing").status_code == 403
    assert browser.post("/settings/billing", {"due_days": "1"}).status_code == 403
