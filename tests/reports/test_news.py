"""The bell: what long work has come to, for those who may see it, new until it was looked at."""
from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from ispbill.billing.runs import jobs as runs
from ispbill.core.current import Actor, TenantRef, acting_as, at, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.imports import service as imports
from ispbill.notifications.models import Message
from ispbill.subscriptions.installations import service as installations
from ispbill.subscriptions.installations.policy import InstallationFacts
from ispbill.support.tickets import service as tickets
from ispbill.web.requests import IspbillFlask
from tests.make import bills, offers, people, support, uploads
from tests.make.browsers import Browser, colleague, signed_in

INSTALLER = ("view_installation_list", "change_installation_status")


def bell(browser: Browser) -> str:
    """The number on it."""
    text = browser.get("/news/unseen").text
    return text.partition('"bell-count">')[2].partition("<")[0]


def test_a_run_that_ended_rings_until_somebody_looked(app: IspbillFlask, tenant: TenantRef) -> None:
    browser = signed_in(app, tenant)
    assert bell(browser) == "" and "Nothing yet" in browser.get("/news").text
    with at(current.now() + timedelta(minutes=1)):
        bills.billed()
        assert bell(browser) == "1"
        page = browser.get("/news").text
        assert "The billing of 10 Mar 2026 is done" in page and "1 invoice" in page and "New" in page
    with at(current.now() + timedelta(minutes=2)):
        assert bell(browser) == "" and "The billing of" in browser.get("/news").text


def test_a_run_with_parked_customers_says_so(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.unbillable()
    bills.billed()
    assert "1 customer could not be billed" in signed_in(app, tenant).get("/news").text


def test_an_import_is_told(app: IspbillFlask, tenant: TenantRef) -> None:
    batch = uploads.brought_in("areas", "region\nLuzon\nVisayas\n")
    browser = signed_in(app, tenant)
    page = browser.get("/news").text
    assert "areas.csv is imported" in page and "2 new of 2 rows" in page and f"/imports/{batch.id}" in page
    with at(current.now() + timedelta(minutes=1)):
        uploads.taken_back(batch.id)
        assert bell(browser) == "1" and "areas.csv is taken back" in browser.get("/news").text


def test_an_import_rings_when_it_ends_however_long_ago_it_was_uploaded(app: IspbillFlask, tenant: TenantRef) -> None:
    browser, batch_id = signed_in(app, tenant), uploads.uploaded("areas", "region\nLuzon\n")
    with at(current.now() + timedelta(minutes=1)):
        browser.get("/news")
    with at(current.now() + timedelta(minutes=2)):
        with bills.jobs_done(), unit_of_work():
            imports.run(batch_id)
        assert bell(browser) == "1"


def test_what_a_colleague_gives_one_to_do_rings_and_is_written(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = colleague("ana@example.com", permissions=["view_ticket_list", *INSTALLER])
    browser = Browser(app, tenant)
    browser.sign_in(ana.email)
    with at(current.now() + timedelta(minutes=1)):
        with unit_of_work():
            ticket_id = support.ticket("No light", assignee_id=ana.id).id
            offers.installation(people.register_customer("Ben"), technician_id=ana.id)
        assert bell(browser) == "2"
        page = browser.get("/news").text
        assert "TKT-2026-0001 is yours now" in page and f"/tickets/{ticket_id}" in page
        assert "The installation of Ben is yours now" in page
    with unit_of_work():
        letters = db.session.scalars(select(Message.template).order_by(Message.id)).all()
    assert letters == ["ticket_given", "installation_given"]


def test_what_one_takes_oneself_does_not_ring(app: IspbillFlask, tenant: TenantRef) -> None:
    ana = colleague("ana@example.com", permissions=["view_ticket_list", *INSTALLER])
    with acting_as(Actor("user", "Ana", user_id=ana.id, is_owner=True)), unit_of_work():
        line = offers.installation()
        installations.change(line, facts=InstallationFacts("12 Mabini Street", current.today(), ana.id))
        tickets.assign(support.ticket(), assignee_id=ana.id)
    browser = Browser(app, tenant)
    browser.sign_in(ana.email)
    assert bell(browser) == ""


def test_nobody_is_told_of_what_they_may_not_see(app: IspbillFlask, tenant: TenantRef) -> None:
    bills.billed()
    runs.bill_now(current.today())
    browser = signed_in(app, tenant, permissions=["view_dashboard"])
    assert "The billing of" not in browser.get("/news").text
    assert Browser(app, tenant).get("/news").status_code == 302
