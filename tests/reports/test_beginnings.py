"""The first steps of a new company: done by what is there, shown until they are done or put away."""
from __future__ import annotations

from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.reports.beginnings.policy import STEPS, progress
from ispbill.web.requests import IspbillFlask
from tests.make import bills, offers, people
from tests.make.browsers import signed_in


def test_the_next_step_is_the_first_without_which_one_cannot_bill() -> None:
    none = dict.fromkeys((step.key for step in STEPS), False)
    assert progress(none).next_key == "company"
    assert progress({**none, "company": True}).next_key == "taxes", "a logo can wait"
    needed = {step.key: not step.is_optional for step in STEPS}
    assert progress(needed).next_key == "logo"
    everything = progress(dict.fromkeys(none, True))
    assert everything.next_key is None and everything.done == len(STEPS)


def test_a_step_is_done_by_what_is_there(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "0 of 12 are done" in browser.get("/dashboard").text
    with unit_of_work():
        people.area("Luzon")
        offers.plan(tax=offers.tax("12"))
        people.register_customer()
    assert "4 of 12 are done" in browser.get("/dashboard").text


def test_they_stay_on_the_dashboard_until_they_are_put_away(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.billed()
    browser = signed_in(app, tenant)
    assert "First steps:" in browser.get("/dashboard").text
    assert "Show your logo" in browser.get("/dashboard/first-steps").text
    assert browser.post("/dashboard/first-steps/hide").location == "/dashboard"
    assert "First steps:" not in browser.get("/dashboard").text
    assert "Show your logo" in browser.get("/dashboard/first-steps").text


def test_quick_actions_are_those_one_may_do(app: IspbillFlask, tenant: TenantRef) -> None:
    page = signed_in(app, tenant, permissions=["view_customer_list", "record_payment"]).get("/profile").text
    assert "Record payment" in page and "Open ticket" not in page
    assert 'aria-label="Quick actions"' in page
