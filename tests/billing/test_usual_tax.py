"""The tax that lines by hand bear: preselected, yielding to the catalogue and to deposits, never a retired one."""
from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from ispbill.audit.models import AuditEntry
from ispbill.billing.charges import queries as charges
from ispbill.billing.drafts.models import DraftInvoice
from ispbill.catalogue.models import TaxRate
from ispbill.catalogue.taxes import queries
from ispbill.catalogue.taxes import service as taxes
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.errors import Conflict, Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.web import constraints
from ispbill.web.requests import IspbillFlask
from tests.make import bills, offers, people
from tests.make.browsers import Browser, signed_in
from tests.make.programs import program

CHARGE = {"kind": "one_time", "quantity": "1", "bill_on": "2026-03-10", "description": "Cable", "unit_price": "100"}


@pytest.fixture
def vat(tenant: TenantRef) -> TaxRate:
    """The usual tax, beside another whose name comes first."""
    with unit_of_work():
        offers.tax("3", name="Amusement tax")
        tax = offers.tax("12", name="VAT")
        taxes.make_usual(tax.id)
        return tax


@pytest.fixture
def customer_id(tenant: TenantRef) -> int:
    with unit_of_work():
        return people.register_customer("Ana Reyes").id


def key_of(name: str) -> int:
    with unit_of_work():
        return db.session.scalars(select(TaxRate.id).where(TaxRate.name == name)).one()


def offered(browser: Browser, address: str, field: str) -> tuple[list[str], str]:
    """The choices of a tax field as a page shows them, and the one that is preselected."""
    select_of = re.search(rf'<select[^>]*name="{field}".*?</select>', browser.get(address).text, re.DOTALL)
    assert select_of is not None
    choices = [(bool(found[1]), found[2].strip()) for found in re.finditer(
        r"<option( selected)?[^>]*>([^<]*)<", select_of[0])]
    return [name for _, name in choices], next((name for is_chosen, name in choices if is_chosen), "")


def sent_as_shown(tax: TaxRate, **said: str) -> dict[str, str]:
    """The first line of a document as a browser without scripts sends it."""
    return {"kind_1": "one_time", "quantity_1": "1", "tax_1": str(tax.id), "tax_2": str(tax.id), **said}


def drafted() -> list[tuple[str, int | None]]:
    with unit_of_work():
        row = db.session.scalars(select(DraftInvoice).order_by(DraftInvoice.id.desc()).limit(1)).one()
        return [(line["description"], line["tax_rate_id"]) for line in row.lines]


def test_the_company_says_once_which_tax_lines_by_hand_bear(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    with unit_of_work():
        first, second = (offers.tax("12", name=name).id for name in ("VAT", "Sales tax"))
    assert offered(browser, "/settings/tax-by-hand", "tax_rate_id")[0] == ["No tax", "Sales tax", "VAT"]
    for chosen, usual in ((first, "VAT"), (second, "Sales tax"), (second, "Sales tax"), ("", None)):
        assert browser.post("/settings/tax-by-hand", {"tax_rate_id": str(chosen)}).status_code == 302
        with unit_of_work():
            tax = queries.usual()
            assert (tax and tax.name) == usual
        assert (usual or "No tax") in browser.get("/settings").text
    with unit_of_work():
        changes = db.session.scalars(select(AuditEntry).where(
            AuditEntry.entity == "tax_rate", AuditEntry.action == "changed").order_by(AuditEntry.id)).all()
        assert [(entry.entity_id, entry.after, entry.actor_name) for entry in changes] == [
            (key, {"is_usual": is_usual}, "Olivia Owner")
            for key, is_usual in ((first, True), (first, False), (second, True), (second, False))]


def test_who_may_not_change_settings_says_nothing_about_it(app: IspbillFlask, tenant: TenantRef) -> None:
    looker = signed_in(app, tenant, permissions=("view_settings",))
    assert "/settings/tax-by-hand" not in looker.get("/settings").text
    assert looker.post("/settings/tax-by-hand", {"tax_rate_id": ""}).status_code == 403


@pytest.mark.parametrize(("address", "field"), [
    ("/customers/{}/charges/add", "tax_rate_id"), ("/invoices/drafts/add/{}", "tax_1"),
    ("/proformas/issue/{}", "tax_5"), ("/customers/{}/debit", "tax_2"), ("/invoices/{}/debit", "tax_1"),
])
def test_every_form_offers_it_first_and_preselected(
    app: IspbillFlask, tenant: TenantRef, vat: TaxRate, customer_id: int, address: str, field: str
) -> None:
    subject = bills.billed("Ben Cruz").id if address.startswith("/invoices/{}") else customer_id
    with unit_of_work():
        taxes.retire(offers.tax("10", name="Old VAT"))
    browser, page = signed_in(app, tenant), address.format(subject)
    assert offered(browser, page, field) == (["VAT", "No tax", "Amusement tax"], "VAT")
    with unit_of_work():
        taxes.make_usual(None)
    names, chosen = offered(browser, page, field)
    assert names == ["No tax", "Amusement tax", "VAT"] and chosen in ("", "No tax")


def test_a_line_bears_it_or_none_or_another_as_somebody_chooses(
    app: IspbillFlask, tenant: TenantRef, vat: TaxRate, customer_id: int
) -> None:
    browser, other_id = signed_in(app, tenant), key_of("Amusement tax")
    for chosen in (vat.id, None, other_id):
        sent = sent_as_shown(vat, description_1="Cable", price_1="100", tax_1=str(chosen or ""))
        assert browser.post(f"/invoices/drafts/add/{customer_id}", sent).status_code == 302
        assert drafted() == [("Cable", chosen)]
        made = browser.post(f"/customers/{customer_id}/charges/add", {**CHARGE, "tax_rate_id": str(chosen or "")})
        assert made.status_code == 302
        with unit_of_work():
            assert charges.waiting(customer_id)[-1].tax_rate_id == chosen


@pytest.mark.parametrize("is_taxed", [True, False])
def test_what_is_picked_from_the_catalogue_brings_its_own_tax(
    app: IspbillFlask, tenant: TenantRef, vat: TaxRate, customer_id: int, is_taxed: bool
) -> None:
    browser, other_id = signed_in(app, tenant), key_of("Amusement tax")
    with unit_of_work():
        own = offers.tax("5", name="Reduced") if is_taxed else None
        fee = offers.plan(150_000, name="Installation", kind="one_time", tax=own)
    own_id = own.id if own else None
    for shown, borne in ((vat.id, own_id), (other_id, other_id)):
        sent = sent_as_shown(vat, item_1=str(fee.id), tax_1=str(shown))
        assert browser.post(f"/invoices/drafts/add/{customer_id}", sent).status_code == 302
        assert drafted() == [("Installation", borne)]
        sent = {**CHARGE, "description": "", "unit_price": "", "item_id": str(fee.id), "tax_rate_id": str(shown)}
        assert browser.post(f"/customers/{customer_id}/charges/add", sent).status_code == 302
        with unit_of_work():
            assert charges.waiting(customer_id)[-1].tax_rate_id == borne


def test_a_deposit_bears_none_whatever_is_preselected(
    app: IspbillFlask, tenant: TenantRef, vat: TaxRate, customer_id: int
) -> None:
    browser, address = signed_in(app, tenant), f"/customers/{customer_id}/charges/add"
    deposit = {**CHARGE, "kind": "deposit", "tax_rate_id": str(vat.id)}
    assert browser.post(address, deposit).status_code == 302
    with unit_of_work():
        assert charges.waiting(customer_id)[-1].tax_rate_id is None
    refused = browser.post(address, {**deposit, "tax_rate_id": str(key_of("Amusement tax"))})
    assert refused.status_code == 422 and "A deposit bears no tax" in refused.text


def test_a_draft_that_is_changed_keeps_what_its_lines_say(
    app: IspbillFlask, tenant: TenantRef, vat: TaxRate, customer_id: int
) -> None:
    browser, old_id = signed_in(app, tenant), key_of("Amusement tax")
    sent = sent_as_shown(vat, description_1="Cable", price_1="100", tax_1="", description_2="Show", price_2="50",
                         quantity_2="1", kind_2="one_time", tax_2=str(old_id))
    address = browser.post(f"/invoices/drafts/add/{customer_id}", sent).location + "/change"
    with unit_of_work():
        taxes.retire(db.session.get_one(TaxRate, old_id))
    assert [offered(browser, address, f"tax_{number}")[1] for number in (2, 3)] == ["Amusement tax", "VAT"]
    names, chosen = offered(browser, address, "tax_1")
    assert names == ["VAT", "No tax"] and chosen == "No tax"
    assert browser.post(address, sent).status_code == 302
    assert drafted() == [("Cable", None), ("Show", old_id)]
    assert browser.post(address, {**sent, "tax_1": str(old_id)}).status_code == 422


def test_a_retired_tax_is_not_the_usual_one(app: IspbillFlask, tenant: TenantRef, vat: TaxRate) -> None:
    browser, retired_id = signed_in(app, tenant), key_of("Amusement tax")
    for verb in (taxes.retire, taxes.remove):
        with pytest.raises(Conflict, match="Choose another tax"), unit_of_work():
            verb(db.session.get_one(TaxRate, vat.id))
    with unit_of_work():
        taxes.retire(db.session.get_one(TaxRate, retired_id))
    for tax_rate_id in (retired_id, 999_999):
        with pytest.raises(Invalid, match="taxes in use"), unit_of_work():
            taxes.make_usual(tax_rate_id)
        assert browser.post("/settings/tax-by-hand", {"tax_rate_id": str(tax_rate_id)}).status_code == 422
    with unit_of_work():
        taxes.make_usual(None)
        taxes.retire(db.session.get_one(TaxRate, vat.id))
        assert queries.by_hand().in_use == ()


def test_programs_say_themselves_what_a_line_bears(
    app: IspbillFlask, tenant: TenantRef, vat: TaxRate, customer_id: int
) -> None:
    line = {"description": "Cable", "unit_price_minor": 10_000}
    draft = program(app, tenant).post("invoice-drafts", customer_id=str(customer_id), lines=[line]).json
    assert draft is not None and draft["lines"][0]["tax_rate_id"] is None
    made = program(app, tenant).post("charges", customer_id=str(customer_id), tax_rate_id=None, **line)
    assert made.status_code == 201
    with unit_of_work():
        assert charges.waiting(customer_id)[-1].tax_rate_id is None


@pytest.mark.parametrize("values", [{"is_usual": True}, {"is_active": False}])
def test_what_two_people_choose_at_once_is_refused_by_the_database_and_said(
    tenant: TenantRef, vat: TaxRate, values: dict[str, bool]
) -> None:
    with pytest.raises(IntegrityError) as refused, unit_of_work():
        db.session.execute(update(TaxRate).values(**values))
    assert "at the same moment" in str(constraints.explain(refused.value))
