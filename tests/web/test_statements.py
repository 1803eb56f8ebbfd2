"""No list asks the database more often because it has more rows, nor a page of one thing because more belongs to it."""
from __future__ import annotations

import pytest
from sqlalchemy import select

from ispbill.accounts.models import User
from ispbill.accounts.roles import service as roles
from ispbill.billing.invoices import queries as invoices
from ispbill.billing.ledger import queries as ledger
from ispbill.billing.runs import jobs
from ispbill.billing.runs.models import BillingRun
from ispbill.core.current import TenantRef, current
from ispbill.core.db import db
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers.notes import service as notes
from ispbill.network.routers import service as routers
from ispbill.support.tickets import service as tickets
from ispbill.web import guards
from ispbill.web.requests import IspbillFlask
from tests.make import bills, equipment, offers, people, plants, support, tenants, uploads
from tests.make.browsers import Browser, colleague, signed_in
from tests.make.companies import furnish

pytestmark = pytest.mark.architecture


def test_a_list_sends_as_many_statements_for_many_rows_as_for_few(app: IspbillFlask, context: None) -> None:
    tenant = tenants.open_company()
    for part in (1, 2):
        company = furnish(tenant, canary="counted", part=part)
    few = counted(app, company.browser())
    for part in (3, 4):
        furnish(tenant, canary="counted", part=part)
    many = counted(app, company.browser())
    assert len(few) > 80, "most lists answered"
    assert {path: (few[path], many[path]) for path in few if many[path] > few[path]} == {}


def counted(app: IspbillFlask, browser: Browser) -> dict[str, int]:
    """How many statements each page without a key in its address sends, once what it remembers is warm."""
    found = {}
    for path in lists(app):
        if browser.get(path).status_code == 200:
            with bills.statements() as sent:
                browser.get(path)
            found[path] = len(sent)
    return found


def lists(app: IspbillFlask) -> list[str]:
    """The addresses of a company's pages that need no key."""
    return sorted({
        rule.rule for rule in app.url_map.iter_rules()
        if not rule.arguments and "GET" in (rule.methods or set())
        and (mark := guards.mark_of(app.view_functions[rule.endpoint], "GET")) and mark.code
    })

# How many children the small and the large ones have.
FEW, MANY = 2, 20


def test_a_page_of_one_sends_as_many_statements_however_much_belongs_to_it(
    app: IspbillFlask, tenant: TenantRef
) -> None:
    browser, small, large = signed_in(app, tenant), pages_of(FEW), pages_of(MANY)
    sent = {name: (statements_of(browser, small[name]), statements_of(browser, large[name])) for name in small}
    assert {name: counts for name, counts in sent.items() if counts[0] < counts[1]} == {}


def statements_of(browser: Browser, path: str) -> int:
    """How many statements a page sends once what it remembers is warm."""
    assert browser.get(path).status_code == 200, path
    with bills.statements() as sent:
        browser.get(path)
    return len(sent)


def pages_of(count: int) -> dict[str, str]:
    """The addresses of one of each, to which so many of everything belong."""
    with unit_of_work():
        area, plan = people.area(f"Area {count}"), offers.plan(10_000, code=f"PLAN-{count}")
        person = people.register_customer(f"Person {count}", area_id=area.id)
        nap = plants.nap(code=f"NAP-{count}", port_count=24)
        role = roles.add(f"Role {count}", permissions=["view_dashboard"])
        device = equipment.router(f"SERIAL-{count}")
        ticket = support.ticket(f"Report {count}", customer=person)
        for number in range(count):
            line = offers.installation(person)
            plants.connect(line, nap, number + 1)
            offers.photo(line, name=f"{count}-{number}.png")
            subscription = offers.subscribe(person, plans=[(plan, 1, None)], installation=line)
            notes.write(person, body=f"Call {number}")
            tickets.comment(ticket, text=f"Tried {number}", is_public=False)
            support.ticket(customer=person, nap_id=nap.id)
            people.register_customer(area_id=area.id)
            equipment.assigned(device, line=line)
            routers.take_back(device, on=current.today(), condition="returned", note="")
        found = {
            "customer": f"/customers/{person.id}", "timeline": f"/customers/{person.id}/timeline",
            "account": f"/customers/{person.id}/account",
            "plan": f"/subscriptions/plans/{plan.id}", "role": f"/roles/{role.id}", "ticket": f"/tickets/{ticket.id}",
            "NAP": f"/lcp/naps/{nap.id}", "router": f"/routers/{device.id}",
            "subscription": f"/customer-subscriptions/{subscription.id}", "installation": f"/installations/{line.id}",
            "statement": f"/ledger/customers/{person.id}",
        }
        person_id, role_id = person.id, role.id
    for number in range(count):
        colleague(f"user-{count}-{number}@example.com")
    with unit_of_work():
        for person_of_staff in db.session.scalars(select(User).where(User.email.like(f"user-{count}-%"))):
            roles.assign(person_of_staff.id, name=person_of_staff.full_name, role_ids=[role_id])
    jobs.bill_now(current.today())
    payment = bills.paid(person_id, 1_000_000)
    with unit_of_work():
        (invoice,) = invoices.of_customer(person_id)
        receivable = next(account for account in ledger.accounts() if account.purpose == "receivable")
        run = db.session.scalars(select(BillingRun)).one()
        found |= {
            "invoice": f"/invoices/{invoice.id}", "payment": f"/payments/{payment.id}",
            "account": f"/ledger/accounts/{receivable.id}", "run": f"/billing/runs/{run.id}",
        }
    names = "\n".join(["region", *(f"Region {count}-{number}" for number in range(count)), ""])
    return {**found, "batch": f"/imports/{uploads.brought_in('areas', names).id}"}
