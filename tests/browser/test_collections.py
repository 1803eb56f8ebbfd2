"""Who owes, one customer with why, the plan and its preview: at a desk and on a phone, drawn without a fault."""
from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from ispbill.billing.collections.concessions import service as concessions
from ispbill.billing.runs import jobs
from ispbill.core.current import SYSTEM, TenantRef, bound, current
from ispbill.core.unit_of_work import unit_of_work
from tests.browser.visiting import DESKTOP, PHONE, Visitor
from tests.make import bills, debts

BOTH = pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])


def in_days(days: int) -> str:
    """A day after today in Manila, as a form takes it."""
    return f"{datetime.now(debts.MANILA) + timedelta(days=days):%Y-%m-%d}"


@pytest.fixture
def owing(company: TenantRef) -> list[int]:
    """Three who were billed 22 days ago and due for a week: all are charged a fee, two are cut off, one disputes."""
    with bound(company, SYSTEM):
        debts.set_plan(no_cut_weekdays="")
        debts.set_step("Late fee", is_active=True, fee_flat_minor=5_000, fee_percent=2)
        billed_on = current.today() - timedelta(days=22)
        with debts.morning(billed_on):
            ids = [bills.subscriber(name, email="debtor@example.com")
                   for name in ("Ana Reyes", "Ben Cruz", "Cora Diaz")]
            jobs.bill_now(billed_on)
        for days in (12, 15, 16, 18):
            debts.round_on(billed_on + timedelta(days=days))
        with debts.morning(billed_on + timedelta(days=19)), unit_of_work():
            concessions.dispute(3, reason="Was offline for days after the storm")
        debts.round_on(billed_on + timedelta(days=20))
    return ids


@BOTH
def test_who_owes_is_found_understood_and_given_time(
    visit: Callable[..., Visitor], owing: list[int], viewport: dict[str, int]
) -> None:
    visitor = visit(viewport=viewport)
    visitor.sign_in()
    page = visitor.open("/collections")
    expect(page.get_by_role("main")).to_contain_text("3 customers late")
    visitor.press("Ana Reyes")
    expect(page.get_by_role("main")).to_contain_text("May not be online")
    visitor.press("Promise to pay")
    visitor.fill(until_on=in_days(5), note="Salary")
    visitor.press("Take the promise")
    expect(page.get_by_role("main")).to_contain_text("A promise to pay is in force")
    visitor.press("Waive")
    visitor.fill(reason="First time")
    visitor.press("Waive fee")
    expect(page.get_by_role("main")).to_contain_text("waived by")
    visitor.open("/collections/differences")
    visitor.open(f"/collections/customers/{owing[2]}")
    visitor.assert_content()


@BOTH
def test_the_plan_is_changed_and_tried_on_a_customer(
    visit: Callable[..., Visitor], owing: list[int], viewport: dict[str, int]
) -> None:
    visitor = visit(viewport=viewport)
    visitor.sign_in()
    page = visitor.open("/collections/plan")
    visitor.press("Add a step")
    visitor.fill(name="Second notice", days="4")
    visitor.press("Add step")
    expect(page.get_by_role("main")).to_contain_text("Second notice")
    visitor.press("Keep a day free")
    visitor.fill(day=in_days(9), name="Fiesta")
    visitor.press("Keep it free")
    expect(page.get_by_role("main")).to_contain_text("Fiesta")
    page.get_by_label("Account number").fill("AC-000001")
    visitor.press("Try")
    expect(page.get_by_role("main")).to_contain_text("To Ana Reyes, if nothing is paid")
    visitor.open("/collections/plan/terms")
    visitor.assert_content()
