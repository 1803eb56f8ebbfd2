"""One-time fees of the catalogue: picked where something is charged, never subscribed to. Today is 10 March 2026."""
from __future__ import annotations

import html
import re
from datetime import date

import pytest

from ispbill.billing.charges import queries as charges
from ispbill.billing.invoices import queries as invoices
from ispbill.billing.prepaid import queries as prepaid
from ispbill.billing.runs import jobs
from ispbill.catalogue import queries, service
from ispbill.catalogue.bundles import service as bundles
from ispbill.catalogue.bundles.policy import PartFacts
from ispbill.catalogue.models import Plan
from ispbill.catalogue.policy import Fee, PlanFacts, Wanted
from ispbill.core.current import TenantRef, current
from ispbill.core.errors import Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.changes import service as changes
from ispbill.web.requests import IspbillFlask
from tests.make import offers, people
from tests.make.browsers import signed_in
from tests.make.programs import program


def installation(**facts: object) -> Plan:
    """An installation fee of 1,500.00 with VAT in it."""
    return offers.plan(150_000, name="Installation", kind="one_time", tax=offers.tax("12"), **facts)


@pytest.mark.parametrize(("said", "completed"), [
    (Wanted("", None, None), Wanted("Installation", 150_000, 7)),
    (Wanted("Second line", 0, 3), Wanted("Second line", 0, 3)),
    (Wanted("Second line", None, None), Wanted("Second line", 150_000, 7)),
])
def test_what_is_left_out_is_as_the_catalogue_says(said: Wanted, completed: Wanted) -> None:
    assert said.completed(Fee(1, "Installation", 150_000, 7)) == completed
    assert said.completed(None) == said


def test_a_fee_is_offered_to_be_charged_and_nowhere_to_be_subscribed_to(tenant: TenantRef) -> None:
    with unit_of_work():
        fee, plan = installation(), offers.plan(100_000, name="Fibre")
        assert [row.name for row in queries.fees(on=current.today())] == ["Installation"]
        assert [row.name for row in queries.offers(on=current.today())] == ["Fibre"]
        assert [name for _, name in prepaid.plan_names()] == ["Fibre"]
        with pytest.raises(Invalid, match="charged once"):
            offers.subscribe(plans=[(plan, 1, None), (fee, 1, 100)])
        with pytest.raises(Invalid, match="charged once"):
            changes.add(offers.subscribe(plans=[(plan, 1, None)]), plan=fee, on=current.today())
        with pytest.raises(Invalid, match="on sale"):
            bundles.add("Start", parts=[PartFacts(plan.id), PartFacts(fee.id)])
        service.retire(fee)
        assert queries.fees(on=current.today()) == []


def test_a_fee_has_the_price_of_the_day(tenant: TenantRef) -> None:
    with unit_of_work():
        service.set_price(installation(), amount_minor=180_000, valid_from=date(2026, 4, 1))
        assert [queries.fees(on=on)[0].amount_minor for on in (date(2026, 3, 31), date(2026, 4, 1))] == [
            150_000, 180_000]


def test_a_fee_stays_a_fee_without_speed_or_trial(tenant: TenantRef) -> None:
    with unit_of_work():
        fee, plan = installation(), offers.plan()
        for row, kind in ((fee, "internet"), (plan, "one_time")):
            with pytest.raises(Invalid, match="stays one"):
                service.change(row, facts=PlanFacts(row.code, row.name, kind=kind))
    for facts in (PlanFacts("F", "F", "one_time", download_mbps=5), PlanFacts("F", "F", "one_time", trial_days=5)):
        with pytest.raises(Invalid), unit_of_work():
            service.add(facts, amount_minor=100)


def test_staff_pick_a_fee_when_they_charge_and_when_they_draft(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    with unit_of_work():
        customer_id = people.register_customer("Ana Reyes").id
    address = f"/customers/{customer_id}/charges/add"
    assert "From the catalogue" not in browser.get(address).text
    with unit_of_work():
        fee = installation()
    assert "From the catalogue" in browser.get(address).text
    sent = {"kind": "one_time", "quantity": "1", "bill_on": "2026-03-10"}
    assert browser.post(address, sent).status_code == 422
    assert browser.post(address, {**sent, "item_id": str(fee.id)}).status_code == 302
    with unit_of_work():
        (charge,) = charges.waiting(customer_id)
        assert (charge.description, charge.amount_minor, charge.tax_rate_id) == (
            "Installation", 150_000, fee.tax_rate_id)
    page = browser.post(f"/invoices/drafts/add/{customer_id}", {"item_1": str(fee.id), "kind_1": "one_time"})
    assert page.status_code == 302 and "₱1,500.00" in browser.get(page.location).text
    shown = browser.get(f"/subscriptions/plans/{fee.id}").text
    assert "once" in shown and "Contract" not in shown


def test_programs_charge_a_fee_by_its_plan(app: IspbillFlask, tenant: TenantRef) -> None:
    api = program(app, tenant)
    with unit_of_work():
        customer, fee, plan = people.register_customer(), installation(), offers.plan()
    made = api.post("charges", customer_id=str(customer.id), plan_id=str(fee.id), quantity=2).json
    assert made is not None and (made["description"], made["amount_minor"]) == ("Installation", 300_000)
    assert api.post("charges", customer_id=str(customer.id), plan_id=str(plan.id)).status_code == 422
    assert api.post("charges", customer_id=str(customer.id)).status_code == 422


def test_lines_of_drafts_proformas_and_notes_name_a_fee_by_its_plan(app: IspbillFlask, tenant: TenantRef) -> None:
    api = program(app, tenant)
    with unit_of_work():
        customer, fee, plan = people.register_customer(), installation(), offers.plan()
        customer_id, fee_id = str(customer.id), str(fee.id)
    lines = [{"plan_id": fee_id}, {"plan_id": fee_id, "description": "Second line", "unit_price_minor": 50_000}]
    draft = api.post("invoice-drafts", customer_id=customer_id, lines=lines).json
    assert draft is not None and draft["total_minor"] == 200_000
    assert [(line["description"], line["tax_rate_id"]) for line in draft["lines"]] == [
        ("Installation", str(fee.tax_rate_id)), ("Second line", str(fee.tax_rate_id))]
    proforma = api.post("proformas", customer_id=customer_id, lines=lines).json
    assert proforma is not None and proforma["total_minor"] == 200_000
    invoice_id = api.post(f"invoice-drafts/{draft['id']}/issue").json["invoice_id"]
    note = api.post(f"invoices/{invoice_id}/debit-notes", reason="Forgotten", lines=lines[:1]).json
    assert note is not None and note["total_minor"] == 150_000
    refused = api.post("invoice-drafts", customer_id=customer_id, lines=[lines[0], {"plan_id": str(plan.id)}])
    assert refused.status_code == 422 and refused.json["errors"][0]["field"] == "lines.1.plan_id"
    for line in ({"description": "Cable"}, {"unit_price_minor": 100}):
        assert api.post("invoice-drafts", customer_id=customer_id, lines=[line]).status_code == 422


def test_who_subscribes_is_asked_the_fees_with_the_first_bill(app: IspbillFlask, tenant: TenantRef) -> None:
    browser, api = signed_in(app, tenant), program(app, tenant)
    with unit_of_work():
        fee, plan, customer_id = installation(), offers.plan(100_000), people.register_customer("Ana Reyes").id
        other_id = people.register_customer("Ben Cruz").id
    address = f"/customers/{customer_id}/subscribe"
    wanted = {"plan_id": str(plan.id), "quantity": "1", "start_on": "2026-03-10", "fee_ids": str(fee.id)}
    preview = browser.post(address, wanted)
    assert "Installation" in preview.text and "₱2,500.00" in preview.text
    seen = re.search(r'name="seen"[^>]*value="([^"]*)"', preview.text)
    assert seen is not None
    assert browser.post(address, {**wanted, "seen": html.unescape(seen[1])}).status_code == 302
    body = {"plans": [{"plan_id": str(plan.id)}], "start_on": "2026-03-10"}
    assert api.post("subscriptions", customer_id=str(other_id), fee_ids=[str(plan.id)], **body).status_code == 422
    assert api.post("subscriptions", customer_id=str(other_id), fee_ids=[str(fee.id)], **body).status_code == 201
    jobs.bill_now(current.today())
    for billed_id in (customer_id, other_id):
        with unit_of_work():
            (invoice,) = invoices.of_customer(billed_id)
            assert invoice.total_minor == 250_000 and charges.waiting(billed_id) == []


@pytest.mark.parametrize(("end_on", "waiting"), [(date(2026, 3, 20), []), (date(2026, 3, 21), [150_000])])
def test_no_fee_is_asked_for_the_beginning_of_what_never_begins(
    end_on: date, waiting: list[int], tenant: TenantRef
) -> None:
    with unit_of_work():
        fee = Fee(1, "Installation", 150_000, None)
        line = offers.subscribe(plans=[(offers.plan(100_000), 1, None)], start_on=date(2026, 3, 20), fees=[fee])
        subscriptions.end(line, on=end_on, reason="Moves elsewhere")
        assert [charge.amount_minor for charge in charges.waiting(line.customer_id)] == waiting
