"""Reasons of suspensions say what the days mean, and what was agreed stays. Today is 10 March 2026 in Manila."""
from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ispbill.audit.models import AuditEntry
from ispbill.core.current import TenantRef, current
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import service as customers
from ispbill.customers.suspension_reasons import queries
from ispbill.customers.suspension_reasons import service as reasons
from ispbill.customers.suspension_reasons.models import SuspensionReason
from ispbill.subscriptions import service as subscriptions
from ispbill.subscriptions.models import Subscription
from ispbill.web.requests import IspbillFlask
from tests.make import offers, people
from tests.make.browsers import signed_in
from tests.make.programs import program

HERE = "/settings/suspension-reasons"


def named(name: str) -> SuspensionReason:
    return db.session.scalars(select(SuspensionReason).where(SuspensionReason.name == name)).one()


def test_a_company_is_born_with_the_usual_reasons(tenant: TenantRef) -> None:
    with unit_of_work():
        assert {(reason.name, reason.billing) for reason in queries.everything()} == {
            ("Non-payment", "skip"), ("Customer's holiday", "credit"), ("Technical fault", "credit"),
            ("At the customer's request", "skip"), ("Misuse of the line", "bill"),
        }


def test_the_reason_of_a_suspension_says_what_its_days_mean_and_the_pause_keeps_both(tenant: TenantRef) -> None:
    with unit_of_work():
        holiday = named("Customer's holiday")
        line = offers.subscribe()
        subscriptions.suspend(line, on=current.today(), because=holiday, reason=" Back in May ")
        (pause,) = line.pauses
        reasons.change(holiday, name="Leave", billing="bill", is_active=True)
        assert (pause.billing, pause.reason, pause.reason_id) == (
            "credit", "Customer's holiday: Back in May", holiday.id), "as agreed then"


def test_a_customer_is_suspended_for_a_reason_with_all_that_they_have(tenant: TenantRef) -> None:
    with unit_of_work():
        ana = people.register_customer()
        line = offers.subscribe(ana)
        customers.suspend(ana, because=named("Technical fault"))
        subscriptions.hold(line)
        (pause,) = line.pauses
        assert ana.status_reason == line.status_reason == "Technical fault"
        assert (pause.billing, pause.reason_id) == ("credit", named("Technical fault").id)


def test_a_retired_reason_is_not_offered_any_more_but_where_it_is_chosen(tenant: TenantRef) -> None:
    with unit_of_work():
        misuse = reasons.change(named("Misuse of the line"), name="Misuse", billing="bill", is_active=False)
        assert queries.offered(misuse.id) is None and misuse not in queries.on_offer()
        assert misuse in queries.on_offer(including=misuse.id)


def test_a_reason_has_a_name_of_its_own_and_a_meaning(tenant: TenantRef) -> None:
    with unit_of_work():
        for name, billing in ((" ", "skip"), ("x" * 61, "skip"), ("Storm", "free")):
            with pytest.raises(Invalid):
                reasons.add(name, billing=billing)
        assert reasons.add("  Typhoon  damage ", billing="credit").name == "Typhoon damage"
        with pytest.raises(IntegrityError), db.session.begin_nested():
            reasons.add("typhoon damage", billing="skip")
        with pytest.raises(Invalid, match="Say why"):
            subscriptions.suspend(offers.subscribe(), on=current.today())


def test_reasons_are_listed_added_changed_and_exported_by_their_pages(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert "holiday" in browser.get(HERE).text and HERE in browser.get("/settings").text
    assert browser.post(f"{HERE}/add", {"name": "", "billing": "credit"}).status_code == 422
    assert browser.post(f"{HERE}/add", {"name": "Typhoon", "billing": "credit"}).status_code == 302
    with unit_of_work():
        key = named("Typhoon").id
    assert browser.post(f"{HERE}/{key}", {"name": "Storm", "billing": "skip"}).status_code == 302
    browser.get(HERE)  # with what was said meanwhile
    page = browser.get(HERE).text
    assert "Storm" in page and "Retired" in page and "Typhoon" not in page
    assert "Storm,skip,False" in browser.get(f"{HERE}/export").text
    with unit_of_work():
        entries = db.session.scalars(select(AuditEntry.action).where(AuditEntry.entity == "suspension_reason"))
        assert len(list(entries)) == 2


def test_the_api_lists_adds_and_changes_reasons_and_suspends_for_them(app: IspbillFlask, tenant: TenantRef) -> None:
    api = program(app, tenant)
    added = api.post("suspension-reasons", name="Typhoon", billing="credit").json
    assert [item["name"] for item in api.get("suspension-reasons").json["items"]][-1] == "Typhoon"  # type: ignore[index]
    with unit_of_work():
        key = offers.subscribe().id
    line = api.post(f"subscriptions/{key}/suspend", reason_id=added["id"], reason="Barangay 5").json  # type: ignore[index]
    (pause,) = line["pauses"]  # type: ignore[index]
    assert (pause["billing"], pause["reason"], pause["reason_id"]) == (
        "credit", "Typhoon: Barangay 5", added["id"])  # type: ignore[index]
    retired = api.patch(f"suspension-reasons/{added['id']}", is_active=False).json  # type: ignore[index]
    assert (retired["name"], retired["is_active"]) == ("Typhoon", False)  # type: ignore[index]
    assert api.post(f"subscriptions/{key}/suspend", reason_id=added["id"]).status_code == 422, "retired"  # type: ignore[index]
    with unit_of_work():
        owner = db.session.get_one(Subscription, key).customer_id
        other = people.register_customer().id
    assert api.post(f"customers/{owner}/suspend").status_code == 422, "without a reason"
    suspended = api.post(f"customers/{other}/suspend", reason_id="2").json
    assert suspended["status"] == "suspended"  # type: ignore[index]


def test_a_program_is_told_that_a_name_is_taken(app: IspbillFlask, tenant: TenantRef) -> None:
    answer = program(app, tenant).post("suspension-reasons", name="non-payment", billing="skip")
    assert answer.status_code == 409 and "already a reason" in answer.text
