"""The pages of collections through the test client: the list, one customer with why, forms, settings, differences."""
from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from ispbill.billing.collections import queries
from ispbill.billing.collections.models import CollectionStep, DisputeHold, NoCutDay, PromiseToPay
from ispbill.billing.collections.rounds import service as rounds
from ispbill.core.current import TenantRef, current
from ispbill.core.db import db
from ispbill.core.errors import Conflict
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.customers.models import Customer
from ispbill.web.requests import IspbillFlask
from tests.make import bills, debts, loads, offers
from tests.make.browsers import Browser, colleague, signed_in
from tests.make.programs import program

DUE, CUT_OFF = date(2026, 3, 25), date(2026, 3, 30)


def test_the_list_shows_who_owes_since_when_and_what_comes_next(app: IspbillFlask, tenant: TenantRef) -> None:
    debts.debtor("Ana Reyes"), debts.debtor("Ben Cruz", price_minor=50_000)
    browser = signed_in(app, tenant)
    assert "Nobody is late" in browser.get("/collections").text
    with debts.morning(date(2026, 3, 27)):
        browser.sign_in()
        page = browser.get("/collections").text
        for text in ("Ana Reyes", "Ben Cruz", "₱1,499.00", "25 Mar 2026", "2 days, 1 invoice", "Overdue notice",
                     "28 Mar 2026", "2 customers late"):
            assert text in page, text
        for query, expected in (("q=reyes", {"Ana"}), ("age=30", {"Ana", "Ben"}), ("age=60", set()),
                                ("state=promise", set()), ("state=suspended", set()), ("age=x", {"Ana", "Ben"})):
            page = browser.get(f"/collections?{query}").text
            assert {name for name in ("Ana", "Ben") if name in page} == expected, query
        assert browser.get("/collections?sort=amount").text.index("Ana") < \
            browser.get("/collections?sort=amount").text.index("Ben")


def test_the_list_is_exported_as_the_filters_show_it(app: IspbillFlask, tenant: TenantRef) -> None:
    debts.debtor("Ana Reyes"), debts.debtor("Ben Cruz")
    browser = signed_in(app, tenant)
    with debts.morning(date(2026, 3, 27)):
        browser.sign_in()
        lines = browser.get("/collections/export?q=ben").text.strip().splitlines()
    assert len(lines) == 2
    assert lines[1].endswith("Ben Cruz,,active,1499.00,PHP,2026-03-25,2,1,,Overdue notice,2026-03-28")


def test_a_customers_page_says_why_and_what_was_done(app: IspbillFlask, tenant: TenantRef) -> None:
    """R3: why am I suspended."""
    ana = debts.debtor("Ana Reyes")
    for day in (22, 25, 26, 30):
        debts.round_on(date(2026, 3, day))
    browser = signed_in(app, tenant)
    with debts.morning(date(2026, 4, 1)):
        browser.sign_in()
        page = browser.get(f"/collections/customers/{ana}").text
        for text in ("May not be online", "INV-000001: ₱1,499.00 open, due 25 Mar 2026, 7 days ago.",
                     "“Suspension” comes 5 days after the due day: 30 Mar 2026.", "Overdue notice", "Promise to pay"):
            assert text in page, text
        panel = browser.get(f"/customers/{ana}").text
        assert "May not be online" in panel and f"/collections/customers/{ana}" in panel


def test_a_promise_is_taken_on_the_page_and_refused_on_its_field(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = debts.debtor("Ana Reyes")
    debts.round_on(CUT_OFF)
    browser = signed_in(app, tenant)
    with debts.morning(date(2026, 3, 31)):
        browser.sign_in()
        path = f"/collections/customers/{ana}/promise"
        for wrong, field in (({"until_on": ""}, "until_on"), ({"until_on": "2026-03-01"}, "until_on"),
                             ({"until_on": "2026-04-02", "amount": "99999"}, "amount")):
            answer = browser.post(path, wrong)
            assert answer.status_code == 422 and f'id="{field}-error"' in answer.text, wrong
        answer = browser.post(path, {"until_on": "2026-04-07", "note": "Salary"})
        page = browser.get(answer.location).text
        assert "₱1,499.00 by 7 Apr 2026" in page and "Salary" in page and "May be online" in page
        with unit_of_work():
            promise = db.session.scalars(select(PromiseToPay)).one()
        browser.post(f"/collections/promises/{promise.id}/withdraw")
        assert "Withdrawn" in browser.get(answer.location).text


def test_an_invoice_or_a_line_of_it_is_disputed_and_the_dispute_closed(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = debts.debtor("Ana Reyes")
    browser = signed_in(app, tenant)
    assert browser.post("/collections/invoices/1/dispute", {"reason": ""}).status_code == 422
    answer = browser.post("/collections/invoices/1/dispute", {"reason": "Was offline", "line_id": "1"})
    assert answer.status_code == 302
    with unit_of_work():
        dispute = db.session.scalars(select(DisputeHold)).one()
        assert (dispute.line_id, dispute.ends_on - dispute.opened_on) == (1, timedelta(days=30))
    page = browser.get(f"/collections/customers/{ana}").text
    assert "Was offline" in page and "₱1,499.00 disputed" in page
    browser.post(f"/collections/disputes/{dispute.id}/close", {"outcome": "Traffic each day"})
    assert "Traffic each day" in browser.get(f"/collections/customers/{ana}").text


def test_a_hold_is_placed_and_lifted(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = debts.debtor("Ana Reyes")
    browser = signed_in(app, tenant)
    path = f"/collections/customers/{ana}/hold"
    assert browser.post(path, {"until_on": "2027-03-10", "reason": "The captain asked"}).status_code == 422
    browser.post(path, {"until_on": "2026-04-10", "reason": "The captain asked"})
    page = browser.get(f"/collections/customers/{ana}").text
    assert "The captain asked" in page and "10 Apr 2026" in page
    browser.post("/collections/holds/1/lift")
    assert "lifted by" in browser.get(f"/collections/customers/{ana}").text


def test_a_fee_is_waived_with_a_reason(app: IspbillFlask, tenant: TenantRef) -> None:
    debts.set_step("Late fee", is_active=True, fee_flat_minor=5_000)
    ana = debts.debtor("Ana Reyes")
    debts.round_on(date(2026, 3, 28))
    browser = signed_in(app, tenant)
    page = browser.get(f"/collections/customers/{ana}").text
    path = page.split('href="/collections/fees/')[1].split('"')[0]
    assert browser.post(f"/collections/fees/{path}", {"reason": ""}).status_code == 422
    browser.post(f"/collections/fees/{path}", {"reason": "First time"})
    assert "waived by Olivia Owner: First time" in browser.get(f"/collections/customers/{ana}").text


def test_paid_but_blocked_and_unpaid_but_open_are_listed_and_mended(app: IspbillFlask, tenant: TenantRef) -> None:
    """Pains 1 and 2: what billing says and what is, side by side, mended by one click."""
    ana, ben = debts.debtor("Ana Reyes"), debts.debtor("Ben Cruz")
    with unit_of_work():
        customers.suspend(db.session.get_one(Customer, ana), reason="Did not pay in February")
    bills.paid(ana, 149_900)
    browser = signed_in(app, tenant)
    with debts.morning(CUT_OFF):
        browser.sign_in()
        page = browser.get("/collections/differences").text
        assert "Paid but blocked" in page and "Did not pay in February" in page
        assert "Unpaid but open" in page and "Service is cut off from 30 Mar 2026 on." in page
        assert len(browser.get("/collections/differences/export").text.strip().splitlines()) == 3
        browser.post(f"/collections/customers/{ana}/restore")
        browser.post(f"/collections/customers/{ben}/cut-off")
        assert (debts.status(ana), debts.status(ben)) == ("active", "suspended")
        assert "No differences" in browser.get("/collections/differences").text
        refused = browser.post(f"/collections/customers/{ben}/restore")
        assert refused.status_code == 422 and "nothing to restore" in refused.text


def test_the_plan_is_shown_with_what_it_would_do(app: IspbillFlask, tenant: TenantRef) -> None:
    debts.debtor("Ana Reyes")
    browser = signed_in(app, tenant)
    page = browser.get("/collections/plan").text
    for text in ("Reminder before it is due", "Saturday, Sunday", "To an invoice issued today", "22 Mar 2026"):
        assert text in page, text
    assert "and 0 %" not in page, "a fee without a percentage says none"
    assert "To Ana Reyes, if nothing is paid" in browser.get("/collections/plan?account=AC-000001").text
    assert "No customer has this account number" in browser.get("/collections/plan?account=AC-9").text


def test_terms_are_changed_and_switching_on_counts_from_today(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    terms = {"minimum": "100", "grace_days": "2", "longest_promise_days": "7", "notice_days": "3",
             "suspension_reason_id": "3", "no_cut_weekdays": ["5", "6", "7"]}
    assert browser.post("/collections/plan/terms", terms).status_code == 302
    with unit_of_work():
        row = queries.policy()
        assert (row.is_enabled, row.minimum_minor, row.no_cut_weekdays) == (False, 10_000, "567")
    assert "Collections are switched off" in browser.get("/collections").text
    browser.post("/collections/plan/terms", {**terms, "is_enabled": "y", "needs_handover": "y"})
    with unit_of_work():
        assert queries.policy().counted_since == current.today()
    for wrong, field in (({"grace_days": "99"}, "grace_days"), ({"longest_promise_days": "0"}, "longest_promise_days"),
                         ({"no_cut_weekdays": list("1234567")}, "no_cut_weekdays"), ({"minimum": "x"}, "minimum")):
        answer = browser.post("/collections/plan/terms", {**terms, **wrong})
        assert answer.status_code == 422 and f'id="{field}-error"' in answer.text, wrong


def steps() -> dict[str, CollectionStep]:
    with unit_of_work():
        return {step.name: step for step in db.session.scalars(select(CollectionStep))}


def test_steps_are_added_changed_and_removed(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    second = {"name": "Second notice", "action": "remind", "days": "4", "counted_from": "due",
              "template": "bill_overdue", "is_active": "y", "repeat_every_days": "7", "most_times": "3"}
    browser.post("/collections/plan/steps/add", second)
    added = steps()["Second notice"]
    assert (added.days, added.repeat_every_days, added.most_times) == (4, 7, 3)
    browser.post(f"/collections/plan/steps/{added.id}", {**second, "days": "3"})
    assert steps()["Second notice"].days == 3
    for wrong, field in (({"days": "0", "action": "suspend"}, "days"), ({"action": "fee"}, "fee_flat"),
                         ({"fee_flat": "5"}, "fee_flat"), ({"name": ""}, "name"), ({"days": "9999"}, "days"),
                         ({"action": "suspend", "repeat_every_days": "", "most_times": ""}, "action")):
        answer = browser.post("/collections/plan/steps/add", {**second, **wrong})
        assert answer.status_code == 422 and f'id="{field}-error"' in answer.text, wrong
    browser.post(f"/collections/plan/steps/{added.id}/remove")
    assert "Second notice" not in steps()


def test_a_step_that_was_taken_is_kept(app: IspbillFlask, tenant: TenantRef) -> None:
    debts.debtor()
    debts.round_on(DUE)
    answer = signed_in(app, tenant).post(f"/collections/plan/steps/{steps()['Reminder on the due day'].id}/remove")
    assert answer.status_code == 422 and "still refers to this" in answer.text


def test_days_are_kept_free_once(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    fiesta = {"day": "2026-05-15", "name": "Fiesta of San Isidro"}
    browser.post("/collections/plan/days/add", fiesta)
    assert browser.post("/collections/plan/days/add", fiesta).status_code == 422
    assert "Fiesta of San Isidro" in browser.get("/collections/plan").text
    browser.post("/collections/plan/days/1/remove")
    with unit_of_work():
        assert db.session.scalars(select(NoCutDay)).all() == []


@pytest.mark.parametrize(("right", "path"), [
    ("view_collections", "/collections/customers/{}"), ("grant_extension", "/collections/customers/{}/promise"),
    ("grant_extension", "/collections/customers/{}/hold"), ("hold_dispute", "/collections/invoices/1/dispute"),
    ("suspend_service", "/collections/customers/{}/cut-off"), ("restore_service", "/collections/customers/{}/restore"),
    ("change_settings", "/collections/plan/terms"),
])
def test_each_page_opens_for_its_right_and_for_no_other(
    app: IspbillFlask, tenant: TenantRef, right: str, path: str
) -> None:
    ana = debts.debtor()
    assert signed_in(app, tenant, permissions=[right]).get(path.format(ana)).status_code == 200
    stranger = Browser(app, tenant)
    colleague("someone@example.com", permissions=["view_customer_list"])
    stranger.sign_in("someone@example.com")
    assert stranger.get(path.format(ana)).status_code == 403


def test_a_viewer_sees_no_button_that_they_may_not_press(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = debts.debtor()
    debts.round_on(CUT_OFF)
    with debts.morning(CUT_OFF):
        page = signed_in(app, tenant, permissions=["view_collections"]).get(f"/collections/customers/{ana}").text
    for path in ("promise", "hold", "dispute", "restore", "cut-off"):
        assert f"/{path}\"" not in page


def test_the_list_takes_a_constant_number_of_statements(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    counts = []
    for more in (2, 6):
        for _ in range(more):
            debts.debtor()
        with debts.morning(date(2026, 3, 27)):
            browser.sign_in()
            with bills.statements() as sent:
                assert browser.get("/collections").status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_the_dashboard_says_what_is_promised_and_the_timeline_what_was_done(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    ana = debts.debtor("Ana Reyes")
    debts.round_on(CUT_OFF)
    browser = signed_in(app, tenant)
    with debts.morning(CUT_OFF):
        browser.sign_in()
        browser.post(f"/collections/customers/{ana}/promise", {"until_on": "2026-03-30", "amount": "500"})
        page = browser.get("/dashboard").text
        assert "Promised by today" in page and "₱500.00" in page and "1 promise to be kept" in page
        assert "Overdue notice" in browser.get(f"/customers/{ana}/timeline").text


def test_a_round_under_way_shows_how_far_it_is(app: IspbillFlask, tenant: TenantRef) -> None:
    for _ in range(3):
        debts.debtor()
    browser = signed_in(app, tenant)
    with debts.morning(CUT_OFF):
        browser.sign_in()
        with unit_of_work():
            rounds.begin(CUT_OFF)
        with unit_of_work():
            rounds.pursue_next(CUT_OFF, size=2)
        assert "2 of 3" in browser.get("/collections").text
        debts.go_round()
        assert "3 customers looked at" in browser.get("/collections").text


def test_who_could_not_be_acted_on_is_announced_and_tried_again(
    app: IspbillFlask, tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = debts.debtor("Ana Reyes")
    browser = signed_in(app, tenant)
    with debts.morning(CUT_OFF):
        browser.sign_in()
        with monkeypatch.context() as broken:
            broken.setattr(customers, "suspend", refuse)
            debts.go_round()
            assert "1 customer could not be acted on" in browser.get("/collections").text
            assert "A line is stuck." in browser.get("/collections?state=trouble").text
        assert browser.get("/collections/rounds/retry").status_code == 200
        assert browser.post("/collections/rounds/retry").status_code == 302
        assert debts.status(ana) == "suspended"
        assert "could not be acted on" not in browser.get("/collections").text


def refuse(customer: Customer, **said: str) -> Customer:
    raise Conflict("A line is stuck.")


def test_the_api_tells_of_each_line_whether_it_may_be_online(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = debts.debtor("Ana Reyes")
    with unit_of_work():
        load = loads.load(ana, plan=offers.plan(60_000, name="Load"), kind="fifteen_days")
        upcoming = offers.subscribe(db.session.get_one(Customer, ana), start_on=date(2026, 3, 20))
    api = program(app, tenant)
    lines = api.get(f"customers/{ana}/entitlement").get_json()["lines"]
    assert [(line["kind"], line["id"], line["may_be_online"], line["reasons"][-1]) for line in lines] == [
        ("postpaid", "1", True, "subscribed"), ("postpaid", str(upcoming.id), False, "not_begun"),
        ("prepaid", str(load.subscription_id), True, "prepaid_time"),
    ]
    with debts.morning(date(2026, 4, 8)):
        lines = api.get(f"customers/{ana}/entitlement").get_json()["lines"]
        assert [line["may_be_online"] for line in lines] == [False, False, False], "the customer owes since March"
        bills.paid(ana, 149_900)
        lines = api.get(f"customers/{ana}/entitlement").get_json()["lines"]
    assert [line["reasons"][-1] for line in lines] == ["subscribed", "subscribed", "prepaid_expired"]


def test_the_api_tells_the_entitlement_with_its_trace(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = debts.debtor()
    debts.round_on(CUT_OFF)
    api = program(app, tenant)
    with debts.morning(CUT_OFF):
        answer = api.get(f"customers/{ana}/entitlement")
    assert answer.status_code == 200
    body = answer.get_json()
    assert (body["may_be_online"], body["service"], body["reasons"], body["since"], body["until"]) == (
        False, "suspended", ["overdue"], "2026-03-30", None)
    assert body["trace"][0].startswith("INV-000001: ₱1,499.00 open")
    assert api.get("customers/999/entitlement").status_code == 404
