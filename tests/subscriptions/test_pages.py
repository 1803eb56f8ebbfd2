"""The pages of subscriptions and installations. Today is 10 March 2026 in Manila."""
from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from ispbill.core.current import TenantRef
from ispbill.core.unit_of_work import unit_of_work
from ispbill.subscriptions import queries
from ispbill.subscriptions.installations import queries as installations
from ispbill.web.requests import IspbillFlask
from tests.make import offers, people
from tests.make.browsers import signed_in

_SEEN = re.compile(r'name="seen"[^>]*value="([^"]*)"')


@pytest.fixture
def ana(tenant: TenantRef) -> int:
    """A customer, a plan of 1,499.00 (id 1) and an add-on (id 2) of 50.00."""
    with unit_of_work():
        offers.plan(149900, name="Fibre 50")
        offers.plan(5000, name="Static IP", kind="addon")
        return people.register_customer("Ana Cruz").id


def running(**arguments: object) -> int:
    with unit_of_work():
        return offers.billed(offers.subscribe(people.register_customer("Ben Cruz"), **arguments)).id


def wanted(**changes: str) -> dict[str, str]:
    return {"plan_id": "1", "quantity": "1", "unit_price": "", "start_on": "2026-03-15", "anchor_day": "1",
            "installation_id": "", "seen": "", **changes}


def count() -> int:
    with unit_of_work():
        return queries.count(queries.SubscriptionFilter())


def test_the_first_bill_is_shown_before_anything_is_saved(app: IspbillFlask, tenant: TenantRef, ana: int) -> None:
    browser, path = signed_in(app, tenant), f"/customers/{ana}/subscribe"
    assert "Fibre 50, ₱1,499.00 a month" in browser.get(path).text
    preview = browser.post(path, {**wanted(), "addon_ids": "2"})
    assert preview.status_code == 200 and count() == 0
    assert "₱1,499.00 × 17 ÷ 31 days" in preview.text and "₱822.03" in preview.text and "₱27.42" in preview.text
    seen = _SEEN.search(preview.text).group(1)
    answer = browser.post(path, {**wanted(seen=seen), "addon_ids": "2"})
    page = browser.get(answer.headers["Location"]).text
    assert count() == 1 and "₱1,549.00" in page and "Not billed yet" in page and "Static IP" in page


def test_other_values_are_shown_again_before_they_are_saved(app: IspbillFlask, tenant: TenantRef, ana: int) -> None:
    browser, path = signed_in(app, tenant), f"/customers/{ana}/subscribe"
    seen = _SEEN.search(browser.post(path, wanted()).text).group(1)
    again = browser.post(path, wanted(seen=seen, unit_price="1,000"))
    assert again.status_code == 200 and "₱1,000.00 × 17 ÷ 31 days" in again.text and count() == 0


@pytest.mark.parametrize(("changes", "words"), [
    ({"plan_id": ""}, "Choose a plan."), ({"plan_id": "77"}, "Choose one of the list."),
    ({"plan_id": "2"}, "Choose one of the list."), ({"quantity": "0"}, "A quantity lies between"),
    ({"anchor_day": "32"}, "A billing day lies between 1 and 31."), ({"start_on": ""}, "Say on which day"),
    ({"start_on": "2019-01-01"}, "no price on 2019-01-01"), ({"start_on": "2024-01-01"}, "within a year of today"),
    ({"unit_price": "1.234"}, "it has 2 decimals"), ({"installation_id": "5"}, "Choose one of the list."),
])
def test_what_is_wrong_is_told_and_nothing_previewed(
    app: IspbillFlask, tenant: TenantRef, ana: int, changes: dict[str, str], words: str
) -> None:
    answer = signed_in(app, tenant).post(f"/customers/{ana}/subscribe", wanted(**changes))
    assert answer.status_code == 422 and words in answer.text and "First bill" not in answer.text.split("<main")[1]


def test_a_trial_is_told_on_the_plan_and_in_the_first_bill_and_can_be_left_out(
    app: IspbillFlask, tenant: TenantRef, ana: int
) -> None:
    with unit_of_work():
        tried = offers.plan(31_000, trial_days=7).id
    browser, path = signed_in(app, tenant), f"/customers/{ana}/subscribe"
    assert "7 days" in browser.get(f"/subscriptions/plans/{tried}").text
    assert "22 Mar 2026 – 31 Mar 2026: ₱310.00 × 10 ÷ 31 days" in browser.post(path, wanted(plan_id=str(tried))).text
    charged = browser.post(path, wanted(plan_id=str(tried), without_trial="y"))
    assert "15 Mar 2026 – 31 Mar 2026: ₱310.00 × 17 ÷ 31 days" in charged.text


def test_a_subscription_is_suspended_resumed_ended_and_kept(app: IspbillFlask, tenant: TenantRef) -> None:
    path = f"/customer-subscriptions/{running()}"
    browser = signed_in(app, tenant)
    assert 'value="2026-03-10"' in browser.get(f"{path}/suspend").text
    browser.post(f"{path}/suspend", {"on": "2026-03-10", "reason_id": "2", "reason": "Boracay"})
    page = browser.get(path).text
    assert "Suspended since 10 Mar 2026" in page and "holiday: Boracay" in page
    browser.post(f"{path}/resume", {"on": "2026-03-10"})
    assert 'value="2026-04-10"' in browser.get(f"{path}/end").text, "the end of what is billed is proposed"
    refused = browser.post(f"{path}/end", {"on": "2026-03-01", "reason": "Moves"})
    assert refused.status_code == 422 and "cannot end before" in refused.text
    browser.post(f"{path}/end", {"on": "2026-04-10", "reason": "Moves"})
    assert "Ends on 10 Apr 2026" in browser.get(path).text
    browser.post(f"{path}/keep")
    assert "Ends on" not in browser.get(path).text
    assert browser.post(f"{path}/keep").status_code == 409


def test_the_list_is_searched_filtered_and_exported(app: IspbillFlask, tenant: TenantRef, ana: int) -> None:
    browser = signed_in(app, tenant)
    assert "No subscriptions yet" in browser.get("/customer-subscriptions/postpaid").text
    running(external_reference="OLD-1")
    assert "Ben Cruz" in browser.get("/customer-subscriptions/postpaid?q=ben&status=active").text
    assert "Nothing matches" in browser.get("/customer-subscriptions/postpaid?status=ended").text
    assert "Nothing matches" in browser.get("/customer-subscriptions/postpaid?plan=1").text
    exported = browser.get("/customer-subscriptions/postpaid/export").data.decode("utf-8-sig")
    assert "1499.00,2026-03-10,,10,2026-04-10,OLD-1" in exported


def test_who_makes_a_line_is_told_where_it_is(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer("Ana", latitude=Decimal("14.5"), longitude=Decimal("121"))
        line = offers.installation(ana).id
    assert "openstreetmap.org/?mlat=14.5" in signed_in(app, tenant).get(f"/installations/{line}").text


def test_a_line_is_planned_changed_completed_and_terminated(app: IspbillFlask, tenant: TenantRef, ana: int) -> None:
    browser = signed_in(app, tenant)
    assert "No installations yet" in browser.get("/installations").text
    planned = {"address": "7 Rizal Avenue", "scheduled_on": "2026-03-12", "technician_id": "", "notes": ""}
    assert browser.post(f"/customers/{ana}/installations/add", {**planned, "address": ""}).status_code == 422
    browser.post(f"/customers/{ana}/installations/add", planned)
    with unit_of_work():
        listing = installations.listing(installations.InstallationFilter())
        (line,) = [row.id for row in installations.everything(listing)]
    browser.post(f"/installations/{line}/change", {**planned, "address": "9 Rizal Avenue"})
    assert "9 Rizal Avenue" in browser.get("/installations?q=rizal&status=scheduled").text
    assert browser.post(f"/installations/{line}/complete", {"on": "2026-03-11"}).status_code == 422
    browser.post(f"/installations/{line}/complete", {"on": "2026-03-10"})
    assert "Since 10 Mar 2026" in browser.get(f"/customers/{ana}").text
    assert "9 Rizal Avenue,active" in browser.get("/installations/export").data.decode("utf-8-sig")
    browser.post(f"/installations/{line}/terminate", {"on": "2026-03-10"})
    assert "Taken down on 10 Mar 2026" in browser.get(f"/customers/{ana}").text


def test_who_lacks_a_right_is_refused(app: IspbillFlask, tenant: TenantRef, ana: int) -> None:
    line = running(start_on=date(2026, 3, 10))
    browser = signed_in(app, tenant, permissions=["view_subscription_list", "view_customer_detail"])
    page = browser.get(f"/customer-subscriptions/{line}").text
    assert "/suspend" not in page and "/end" not in page
    for path in (f"/customer-subscriptions/{line}/suspend", f"/customer-subscriptions/{line}/end",
                 f"/customer-subscriptions/{line}/keep", f"/customers/{ana}/subscribe"):
        assert browser.post(path).status_code == 403
    assert browser.get("/customer-subscriptions/postpaid/export").status_code == 403


def test_unknown_ids_are_not_found(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    for path in ("/customer-subscriptions/9", "/customer-subscriptions/9/end", "/installations/9/complete",
                 "/installations/9/change", "/customers/9/subscribe", "/customers/import/9"):
        assert browser.get(path).status_code == 404


def test_installations_that_are_due_are_those_of_the_dashboard(app: IspbillFlask, tenant: TenantRef) -> None:
    with unit_of_work():
        for name, day in (("Ana", "2026-03-09"), ("Ben", "2026-03-10"), ("Cora", "2026-03-11")):
            offers.installation(people.register_customer(name), scheduled_on=date.fromisoformat(day))
        assert installations.tallies(date(2026, 3, 10), None).due == 2
    browser = signed_in(app, tenant)
    page = browser.get("/installations?due=yes").text
    assert "Ana" in page and "Ben" in page and "Cora" not in page and "2 installations" in page
    assert browser.get("/installations/export?due=yes").text.count("\n") == 3
