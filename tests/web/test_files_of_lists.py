"""Lists without filters have files, too: what the page shows, for who may see the page."""
from __future__ import annotations

from datetime import date

import pytest

from ispbill.billing.collections.plans import service as plans
from ispbill.catalogue import service as catalogue
from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.support.desk import service as desk
from ispbill.web.requests import IspbillFlask
from tests.make import bills, offers, people, plants
from tests.make.browsers import signed_in


@pytest.fixture
def furnished(tenant: TenantRef) -> int:
    """A company with something in each of the lists; the id of a plan with two prices."""
    with unit_of_work():
        for name in ("Ana", "Anna"):
            people.register_customer(name, phone="09171234567")
        plants.nap(code="N-1", latitude="14.5", longitude="121")
        desk.add_answer("Restart", body="Pull the plug for a minute.")
        plans.keep_free(date(2026, 12, 25), name="Christmas", area_id=None)
        plan = offers.plan(100_000)
        catalogue.set_price(plan, amount_minor=120_000, valid_from=date(2026, 4, 1))
        plan_id = plan.id
    bills.billed()
    return plan_id


def test_each_of_them_is_a_file_and_a_workbook(app: IspbillFlask, tenant: TenantRef, furnished: int) -> None:
    browser = signed_in(app, tenant)
    for page, file, known in (
        ("/customers/duplicates", "/customers/duplicates/export", "Phone,'+639171234567,"),
        ("/network/nearest?latitude=14.5&longitude=121", "/network/nearest/export?latitude=14.5&longitude=121", "N-1,"),
        ("/tickets/settings", "/tickets/settings/categories/export", "No connection,True"),
        ("/tickets/settings", "/tickets/settings/answers/export", "Restart,Pull the plug for a minute."),
        ("/collections/plan", "/collections/plan/steps/export", ",suspend,"),
        ("/collections/plan", "/collections/plan/days/export", "2026-12-25,Christmas,"),
        ("/news", "/news/export", "The billing of 10 Mar 2026 is done"),
        (f"/subscriptions/plans/{furnished}", f"/subscriptions/plans/{furnished}/prices/export", "2026-04-01,1200.00,"),
    ):
        assert known in browser.get(file).text, file
        assert browser.get(file + ("&" if "?" in file else "?") + "format=xlsx").data.startswith(b"PK"), file
        assert f'href="{file.replace("&", "&amp;")}"' in browser.get(page).text, page


def test_the_file_of_duplicates_is_for_who_may_export_customers(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant, permissions=["merge_duplicate_customers"])
    assert browser.get("/customers/duplicates").status_code == 200
    assert browser.get("/customers/duplicates/export").status_code == 403
