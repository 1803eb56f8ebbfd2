"""Statements for everybody a list shows: one job, each once with its paper, who cannot get one named."""
from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from ispbill import schedule
from ispbill.billing.statements.batches import queries, service
from ispbill.billing.statements.batches.jobs import work
from ispbill.core.current import TenantRef
from ispbill.core.db import db
from ispbill.core.errors import Invalid
from ispbill.core.unit_of_work import unit_of_work
from ispbill.customers import queries as customers
from ispbill.customers.queries import CustomerFilter
from ispbill.jobs.draining import drain
from ispbill.notifications.models import Message
from ispbill.web.requests import IspbillFlask
from tests.make import bills
from tests.make.browsers import signed_in

SPAN = {"since": date(2026, 3, 1), "until": date(2026, 3, 10)}


def order(wanted: CustomerFilter) -> int:
    with unit_of_work():
        return service.order(customers.listing(wanted), **SPAN).id


def people() -> None:
    for name in ("Ana Reyes", "Ben Cruz", "Cora Diaz"):
        bills.billed(name, email=f"{name.split()[0].lower()}@example.com")
    bills.billed("Dan Lim")


SENT = select(Message).where(Message.template == "statement_enclosed").order_by(Message.id)


def letters() -> list[tuple[str, str | None]]:
    with unit_of_work():
        return [(row.recipient, row.enclosure) for row in db.session.scalars(SENT)]


def test_each_customer_gets_one_and_who_has_no_address_is_counted(
    tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_AT_ONCE", 2)
    people()
    batch_id = order(CustomerFilter())
    for _ in range(2):
        drain([schedule.resume_statements], only={tenant.code})
        work.run(tenant, batch_id, 0)
    assert letters() == [(f"{name}@example.com", f"statement:{key}:2026-03-01:2026-03-10")
                         for key, name in enumerate(("ana", "ben", "cora"), start=1)]
    with unit_of_work():
        assert queries.progress(batch_id) == (4, 3, 1) and queries.working() == []


def test_only_those_the_filter_shows_get_one(tenant: TenantRef) -> None:
    people()
    order(CustomerFilter(term="reyes"))
    drain([schedule.resume_statements], only={tenant.code})
    assert [recipient for recipient, _ in letters()] == ["ana@example.com"]
    with pytest.raises(Invalid, match="Nobody"):
        order(CustomerFilter(term="nobody"))


def test_the_pages_order_show_and_send_again(app: IspbillFlask, tenant: TenantRef) -> None:
    people()
    browser = signed_in(app, tenant)
    assert "Send them statements" in browser.get("/customers").text
    assert "To 1 customer" in browser.get("/statements/send?q=reyes").text
    assert browser.post("/statements/send?q=reyes", {"since": "2026-03-09", "until": "2026-03-01"}).status_code == 422
    answer = browser.post("/statements/send?q=reyes", {"since": "2026-03-01", "until": "2026-03-10"})
    assert answer.status_code == 302
    drain([schedule.resume_statements], only={tenant.code})
    with unit_of_work():
        db.session.scalars(SENT).one().status = "failed"
    page = browser.get(answer.location)
    assert "Ana Reyes" in page.text and "Ben Cruz" not in page.text
    assert browser.post(f"{answer.location}/again").status_code == 302
    with unit_of_work():
        assert db.session.scalars(SENT).one().status == "queued"
    assert "ana@example.com" in browser.get(f"{answer.location}/export").text
    assert "Statements" in browser.get("/statements").text
